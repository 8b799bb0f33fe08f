//! The kernel's socket tables, `sock_diag(7)`: one look-up takes microseconds.

use std::io;
use std::net::SocketAddr;

use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{
    ExtensionFlags, InetRequest, InetResponseHeader, SocketId, StateFlags, nlas::Nla,
};
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_SOCK_DIAG;

/// No cookie: the addresses alone say which socket is meant (`INET_DIAG_NOCOOKIE`).
const NO_COOKIE: [u8; 8] = [0xff; 8];
/// The buffer for one answer, in bytes.
const ANSWER: usize = 4096;
/// "No such file or directory": `sock_diag` answers this if there is no such socket.
const ENOENT: i32 = 2;

/// What the kernel says of a socket.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) header: InetResponseHeader,
    /// `struct tcp_info` of linux/tcp.h. Empty if there is none.
    tcp_info: Vec<u8>,
}

/// Where fields are in `struct tcp_info`, in bytes.
const RTO: usize = 8;
const SND_CWND: usize = 80;
const SND_WND: usize = 228;

impl Found {
    /// The timeout of a segment, in microseconds.
    pub(crate) fn rto(&self) -> Option<u32> {
        self.field(RTO)
    }

    /// The congestion window, in segments.
    pub(crate) fn congestion_window(&self) -> Option<u32> {
        self.field(SND_CWND)
    }

    /// The window that the peer has announced, in bytes. Since Linux 5.4.
    pub(crate) fn window(&self) -> Option<u32> {
        self.field(SND_WND)
    }

    fn field(&self, at: usize) -> Option<u32> {
        let bytes = self.tcp_info.get(at..at + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?))
    }
}

/// A connection to the kernel's socket tables.
#[derive(Debug)]
pub(crate) struct SockDiag(Socket);

impl SockDiag {
    /// Fails if the system does not let us ask.
    pub(crate) fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_SOCK_DIAG)?;
        socket.bind_auto()?;
        socket.connect(&netlink_sys::SocketAddr::new(0, 0))?;
        Ok(Self(socket))
    }

    /// What the kernel says of the TCP socket with these two addresses, which are of one family. `None`: it
    /// knows no such socket.
    pub(crate) fn find(&self, local: SocketAddr, peer: SocketAddr) -> io::Result<Option<Found>> {
        let socket_id = SocketId {
            source_port: local.port(),
            destination_port: peer.port(),
            source_address: local.ip(),
            destination_address: peer.ip(),
            interface_id: 0,
            cookie: NO_COOKIE,
        };
        let request = SockDiagMessage::InetRequest(InetRequest {
            family: if local.is_ipv4() { AF_INET } else { AF_INET6 },
            protocol: IPPROTO_TCP,
            extensions: ExtensionFlags::INFO,
            states: StateFlags::all(),
            socket_id,
        });
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(request));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.0.send(&bytes, 0)?;
        let mut answer = Vec::with_capacity(ANSWER);
        self.0.recv(&mut answer, 0)?;
        let answer = <NetlinkMessage<SockDiagMessage>>::deserialize(&answer);
        match answer.map(|answer| answer.payload) {
            Ok(NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response))) => {
                let tcp_info = response
                    .nlas
                    .into_iter()
                    .find_map(|one| if let Nla::TcpInfo(bytes) = one { Some(bytes) } else { None });
                let tcp_info = tcp_info.unwrap_or_default();
                Ok(Some(Found { header: response.header, tcp_info }))
            }
            Ok(NetlinkPayload::Error(error)) if error.raw_code() == -ENOENT => Ok(None),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

//! What the kernel says of the sockets of an experiment.
//!
//! On Linux it is asked through `sock_diag(7)`, which knows a connection by its two ports, also
//! after its descriptor is closed, which `getsockopt(TCP_INFO)` would not; and which looks one
//! connection up in microseconds, where reading `/proc/net/tcp` takes milliseconds. Elsewhere the
//! figures are absent.

/// Which socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// A listener, by its port.
    Listener { port: u16 },
    /// One end of a connection, by its own port and its peer's.
    Connection { port: u16, peer: u16 },
}

#[cfg(target_os = "linux")]
pub(super) use linux::Figures;
#[cfg(not(target_os = "linux"))]
pub(super) use none::Figures;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};

    use framescope_lab::{SocketFigures, TcpState};
    use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
    use netlink_packet_sock_diag::SockDiagMessage;
    use netlink_packet_sock_diag::constants::{AF_INET, IPPROTO_TCP};
    use netlink_packet_sock_diag::inet::{
        ExtensionFlags, InetRequest, InetResponseHeader, SocketId, StateFlags,
    };
    use netlink_sys::protocols::NETLINK_SOCK_DIAG;
    use netlink_sys::{Socket, SocketAddr};

    use super::Row;

    /// Any cookie: the ports say which socket is meant (`INET_DIAG_NOCOOKIE`).
    const NO_COOKIE: [u8; 8] = [0xff; 8];
    /// Room for one answer, in bytes.
    const ANSWER: usize = 4096;

    /// A line to the kernel's socket tables.
    #[derive(Debug)]
    pub(in super::super) struct Figures(Option<Socket>);

    impl Figures {
        /// Where the system does not let us ask, all figures are absent.
        pub(in super::super) fn new() -> Self {
            let open = || -> io::Result<Socket> {
                let mut socket = Socket::new(NETLINK_SOCK_DIAG)?;
                socket.bind_auto()?;
                socket.connect(&SocketAddr::new(0, 0))?;
                Ok(socket)
            };
            Self(open().ok())
        }

        /// What the kernel says of a socket; a connection that it does not know is closed.
        pub(in super::super) fn of(&self, row: Row) -> SocketFigures {
            let Some(socket) = &self.0 else { return SocketFigures::default() };
            let Ok(answer) = ask(socket, row) else { return SocketFigures::default() };
            let state = answer.as_ref().and_then(|answer| state(answer.state));
            match (row, answer) {
                (Row::Listener { .. }, _) => SocketFigures { state, ..SocketFigures::default() },
                // The look-up falls back to the listener at the same port.
                (Row::Connection { .. }, Some(answer)) if state != Some(TcpState::Listen) => {
                    let (unread, unacknowledged) = bytes(&answer, state);
                    SocketFigures {
                        state,
                        unread: Some(unread),
                        unacknowledged: Some(unacknowledged),
                    }
                }
                (Row::Connection { .. }, _) => SocketFigures {
                    state: Some(TcpState::Closed),
                    unread: Some(0),
                    unacknowledged: Some(0),
                },
            }
        }
    }

    /// Bytes unread and bytes unacknowledged. The kernel reports differences of sequence numbers,
    /// and SYN and FIN take one each (RFC 9293, section 3.4); they are not bytes.
    fn bytes(answer: &InetResponseHeader, state: Option<TcpState>) -> (u32, u32) {
        use TcpState::{CloseWait, Closing, FinWait1, LastAck, SynSent, TimeWait};
        let fin_received = matches!(state, Some(CloseWait | Closing | LastAck | TimeWait));
        let sent_alone = matches!(state, Some(SynSent | FinWait1 | Closing | LastAck));
        (
            answer.recv_queue.saturating_sub(fin_received.into()),
            answer.send_queue.saturating_sub(sent_alone.into()),
        )
    }

    /// The kernel's answer; `None` where it has no such socket.
    fn ask(socket: &Socket, row: Row) -> io::Result<Option<InetResponseHeader>> {
        let (port, peer) = match row {
            Row::Listener { port } => (port, 0),
            Row::Connection { port, peer } => (port, peer),
        };
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let socket_id = SocketId {
            source_port: port,
            destination_port: peer,
            source_address: loopback,
            destination_address: loopback,
            interface_id: 0,
            cookie: NO_COOKIE,
        };
        let request = SockDiagMessage::InetRequest(InetRequest {
            family: AF_INET,
            protocol: IPPROTO_TCP,
            extensions: ExtensionFlags::empty(),
            states: StateFlags::all(),
            socket_id,
        });
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(request));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        socket.send(&bytes, 0)?;
        let mut answer = Vec::with_capacity(ANSWER);
        socket.recv(&mut answer, 0)?;
        let answer = <NetlinkMessage<SockDiagMessage>>::deserialize(&answer);
        match answer.map(|answer| answer.payload) {
            Ok(NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response))) => {
                Ok(Some(response.header))
            }
            Ok(NetlinkPayload::Error(error)) if error.raw_code() == -ENOENT => Ok(None),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// "No such file or directory": how `sock_diag` says that there is no such socket.
    const ENOENT: i32 = 2;

    /// The state by its number in `linux/tcp_states.h`.
    const fn state(number: u8) -> Option<TcpState> {
        Some(match number {
            1 => TcpState::Established,
            2 => TcpState::SynSent,
            3 | 12 => TcpState::SynReceived,
            4 => TcpState::FinWait1,
            5 => TcpState::FinWait2,
            6 => TcpState::TimeWait,
            7 => TcpState::Closed,
            8 => TcpState::CloseWait,
            9 => TcpState::LastAck,
            10 => TcpState::Listen,
            11 => TcpState::Closing,
            _ => return None,
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use framescope_lab::SocketFigures;

    use super::Row;

    /// Nothing that could be asked.
    #[derive(Debug)]
    pub(in super::super) struct Figures;

    impl Figures {
        pub(in super::super) fn new() -> Self {
            Self
        }

        pub(in super::super) fn of(&self, _row: Row) -> SocketFigures {
            SocketFigures::default()
        }
    }
}

//! What the kernel says of the sockets of an experiment.
//!
//! On Linux it is asked through `sock_diag(7)`. That knows a connection by its two ports, also after its
//! descriptor is closed, which `getsockopt(TCP_INFO)` does not. It finds a connection in microseconds;
//! reading `/proc/net/tcp` takes milliseconds. On other systems nothing is known.

/// Which socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SocketKey {
    /// A listener, by its port.
    Listener { port: u16 },
    /// One end of a connection, by its own port and its peer's.
    Connection { port: u16, peer: u16 },
}

#[cfg(target_os = "linux")]
pub(super) use linux::TcpInfoReader;
#[cfg(not(target_os = "linux"))]
pub(super) use none::TcpInfoReader;

#[cfg(target_os = "linux")]
mod linux {
    use std::net::Ipv4Addr;

    use framescope_lab::{TcpInfo, TcpState};
    use netlink_packet_sock_diag::inet::InetResponseHeader;

    use super::SocketKey;
    use crate::net::SockDiag;

    /// Reads the kernel's socket tables.
    #[derive(Debug)]
    pub(in super::super) struct TcpInfoReader(Option<SockDiag>);

    impl TcpInfoReader {
        /// If the system does not let us ask, nothing is known.
        pub(in super::super) fn new() -> Self {
            Self(SockDiag::open().ok())
        }

        /// What the kernel says of a socket. A connection that it does not know is closed.
        pub(in super::super) fn of(&self, key: SocketKey) -> TcpInfo {
            let Some(system) = &self.0 else { return TcpInfo::default() };
            let (port, peer) = match key {
                SocketKey::Listener { port } => (port, 0),
                SocketKey::Connection { port, peer } => (port, peer),
            };
            let loopback = |port| (Ipv4Addr::LOCALHOST, port).into();
            let Ok(answer) = system.find(loopback(port), loopback(peer)) else {
                return TcpInfo::default();
            };
            let state = answer.as_ref().and_then(|answer| state(answer.state));
            match (key, answer) {
                (SocketKey::Listener { .. }, _) => TcpInfo { state, ..TcpInfo::default() },
                // The look-up falls back to the listener at the same port.
                (SocketKey::Connection { .. }, Some(answer)) if state != Some(TcpState::Listen) => {
                    let (unread, unacknowledged) = bytes(&answer, state);
                    TcpInfo { state, unread: Some(unread), unacknowledged: Some(unacknowledged) }
                }
                (SocketKey::Connection { .. }, _) => TcpInfo {
                    state: Some(TcpState::Closed),
                    unread: Some(0),
                    unacknowledged: Some(0),
                },
            }
        }
    }

    /// Bytes unread and bytes unacknowledged. The kernel reports differences of sequence numbers. SYN and FIN
    /// take one number each (RFC 9293, section 3.4) and are not bytes.
    fn bytes(answer: &InetResponseHeader, state: Option<TcpState>) -> (u32, u32) {
        use TcpState::{CloseWait, Closing, FinWait1, LastAck, SynSent, TimeWait};
        let fin_received = matches!(state, Some(CloseWait | Closing | LastAck | TimeWait));
        let sent_alone = matches!(state, Some(SynSent | FinWait1 | Closing | LastAck));
        (
            answer.recv_queue.saturating_sub(fin_received.into()),
            answer.send_queue.saturating_sub(sent_alone.into()),
        )
    }

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
    use framescope_lab::TcpInfo;

    use super::SocketKey;

    /// This system cannot be asked.
    #[derive(Debug)]
    pub(in super::super) struct TcpInfoReader;

    impl TcpInfoReader {
        pub(in super::super) fn new() -> Self {
            Self
        }

        pub(in super::super) fn of(&self, _key: SocketKey) -> TcpInfo {
            TcpInfo::default()
        }
    }
}

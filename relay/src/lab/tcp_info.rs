//! What the kernel says of the sockets of an experiment.
//!
//! On Linux it is asked through `sock_diag(7)`, which knows a connection by its two ports, also
//! after its descriptor is closed, which `getsockopt(TCP_INFO)` would not; and which looks one
//! connection up in microseconds, where reading `/proc/net/tcp` takes milliseconds. Elsewhere the
//! figures are absent.

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

    /// A line to the kernel's socket tables.
    #[derive(Debug)]
    pub(in super::super) struct TcpInfoReader(Option<SockDiag>);

    impl TcpInfoReader {
        /// Where the system does not let us ask, all figures are absent.
        pub(in super::super) fn new() -> Self {
            Self(SockDiag::open().ok())
        }

        /// What the kernel says of a socket; a connection that it does not know is closed.
        pub(in super::super) fn of(&self, row: SocketKey) -> TcpInfo {
            let Some(system) = &self.0 else { return TcpInfo::default() };
            let (port, peer) = match row {
                SocketKey::Listener { port } => (port, 0),
                SocketKey::Connection { port, peer } => (port, peer),
            };
            let loopback = |port| (Ipv4Addr::LOCALHOST, port).into();
            let Ok(answer) = system.find(loopback(port), loopback(peer)) else {
                return TcpInfo::default();
            };
            let state = answer.as_ref().and_then(|answer| state(answer.state));
            match (row, answer) {
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

    /// Nothing that could be asked.
    #[derive(Debug)]
    pub(in super::super) struct TcpInfoReader;

    impl TcpInfoReader {
        pub(in super::super) fn new() -> Self {
            Self
        }

        pub(in super::super) fn of(&self, _row: SocketKey) -> TcpInfo {
            TcpInfo::default()
        }
    }
}

//! macOS is asked by `getsockopt(TCP_CONNECTION_INFO)`.

use std::os::fd::AsFd as _;

use framescope_lab::{SendLimits, TcpState};
use framescope_sys::connection_info;
use rustix::io::ioctl_fionread;
use socket2::Socket;

use super::Report;

/// What the kernel says of a socket.
pub(super) fn report(socket: &Socket, is_connected: bool) -> Report {
    let Ok(info) = connection_info(socket.as_fd()) else { return Report::default() };
    let unread = ioctl_fionread(socket).ok().and_then(|count| u32::try_from(count).ok());
    Report {
        state: state(info.state),
        waiting: unread.filter(|_| is_connected),
        outstanding: Some(info.send_buffer).filter(|_| is_connected),
        limits: is_connected.then(|| SendLimits {
            window: info.window,
            cwnd: info.congestion_window / info.max_segment.max(1),
            rto_ms: info.rto_ms,
        }),
        awaits_ack: is_connected && info.send_buffer > 0,
    }
}

/// The state by its number in `netinet/tcp_fsm.h`.
const fn state(number: u8) -> Option<TcpState> {
    Some(match number {
        0 => TcpState::Closed,
        1 => TcpState::Listen,
        2 => TcpState::SynSent,
        3 => TcpState::SynReceived,
        4 => TcpState::Established,
        5 => TcpState::CloseWait,
        6 => TcpState::FinWait1,
        7 => TcpState::Closing,
        8 => TcpState::LastAck,
        9 => TcpState::FinWait2,
        10 => TcpState::TimeWait,
        _ => return None,
    })
}

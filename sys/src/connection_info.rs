//! What macOS knows of a connection: `netinet/tcp.h` of Darwin.

use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsRawFd as _, BorrowedFd};

/// What the kernel knows of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// Its state, as `netinet/tcp_fsm.h` numbers them.
    pub state: u8,
    /// How long a segment waits for its acknowledgement, in milliseconds.
    pub rto_ms: u32,
    /// The largest segment, in bytes.
    pub max_segment: u32,
    /// The congestion window, in bytes.
    pub congestion_window: u32,
    /// The window that the peer has announced, in bytes.
    pub window: u32,
    /// The bytes in the send buffer: those that the peer has not acknowledged, and those that have not left.
    pub send_buffer: u32,
}

/// Asks with `getsockopt(2)` and `TCP_CONNECTION_INFO`.
///
/// # Errors
///
/// Those of the system: `EINVAL` if the socket has no connection, `ENOPROTOOPT` if it is not one of TCP.
pub fn connection_info(socket: BorrowedFd<'_>) -> io::Result<ConnectionInfo> {
    let mut info = MaybeUninit::<libc::tcp_connection_info>::zeroed();
    let size = mem::size_of_val(&info);
    let mut length = libc::socklen_t::try_from(size).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open as long as it is borrowed. The system writes at most `length` bytes to `info`, which
    // has as many, and the length to `length`.
    let code = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_CONNECTION_INFO,
            info.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if code != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is made of integers, and was zeroed: whatever the system has written, it is a value.
    let info = unsafe { info.assume_init() };
    Ok(ConnectionInfo {
        state: info.tcpi_state,
        rto_ms: info.tcpi_rto,
        max_segment: info.tcpi_maxseg,
        congestion_window: info.tcpi_snd_cwnd,
        window: info.tcpi_snd_wnd,
        send_buffer: info.tcpi_snd_sbbytes,
    })
}

//! Socket options.

use framescope_syscall::SocketOption;
use std::io;
use std::time::Duration;

use socket2::Socket;

pub(super) fn set(socket: &Socket, option: SocketOption) -> io::Result<()> {
    match option {
        SocketOption::ReuseAddress(on) => socket.set_reuse_address(on),
        SocketOption::ReusePort(on) => {
            rustix::net::sockopt::set_socket_reuseport(socket, on).map_err(io::Error::from)
        }
        SocketOption::KeepAlive(on) => socket.set_keepalive(on),
        SocketOption::RecvBuffer(bytes) => socket.set_recv_buffer_size(bytes as usize),
        SocketOption::SendBuffer(bytes) => socket.set_send_buffer_size(bytes as usize),
        SocketOption::Linger { on, seconds } => {
            socket.set_linger(on.then_some(Duration::from_secs(seconds.into())))
        }
        SocketOption::Nodelay(on) => socket.set_tcp_nodelay(on),
        SocketOption::Error(_) | SocketOption::Type(_) | SocketOption::Listens(_) => {
            Err(io::Error::from(rustix::io::Errno::NOPROTOOPT))
        }
    }
}

/// `listens`: whether the socket does. Not every system says so.
pub(super) fn get(
    socket: &Socket,
    listens: bool,
    option: SocketOption,
) -> io::Result<SocketOption> {
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(match option {
        SocketOption::ReuseAddress(_) => SocketOption::ReuseAddress(socket.reuse_address()?),
        SocketOption::ReusePort(_) => {
            SocketOption::ReusePort(rustix::net::sockopt::socket_reuseport(socket)?)
        }
        SocketOption::KeepAlive(_) => SocketOption::KeepAlive(socket.keepalive()?),
        SocketOption::RecvBuffer(_) => SocketOption::RecvBuffer(small(socket.recv_buffer_size()?)),
        SocketOption::SendBuffer(_) => SocketOption::SendBuffer(small(socket.send_buffer_size()?)),
        SocketOption::Linger { .. } => {
            let linger = socket.linger()?;
            let seconds =
                linger.map_or(0, |linger| u32::try_from(linger.as_secs()).unwrap_or(u32::MAX));
            SocketOption::Linger { on: linger.is_some(), seconds }
        }
        SocketOption::Nodelay(_) => SocketOption::Nodelay(socket.tcp_nodelay()?),
        SocketOption::Error(_) => {
            let error = socket.take_error()?.and_then(|error| error.raw_os_error());
            SocketOption::Error(error.and_then(|error| u32::try_from(error).ok()).unwrap_or(0))
        }
        SocketOption::Type(_) => SocketOption::Type(1),
        SocketOption::Listens(_) => SocketOption::Listens(listens),
    })
}

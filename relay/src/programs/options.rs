//! Socket options.

use std::time::Duration;

use framescope_syscall::SocketOption;
use framescope_syscall::errno::ENOPROTOOPT;
use socket2::Socket;

use super::failed::{Failed, failed};

pub(super) fn set(socket: &Socket, option: SocketOption) -> Result<(), Failed> {
    match option {
        SocketOption::ReuseAddress(on) => socket.set_reuse_address(on),
        #[cfg(unix)]
        SocketOption::ReusePort(on) => socket.set_reuse_port(on),
        #[cfg(windows)]
        SocketOption::ReusePort(_) => return Err(failed(ENOPROTOOPT)),
        SocketOption::KeepAlive(on) => socket.set_keepalive(on),
        SocketOption::RecvBuffer(bytes) => socket.set_recv_buffer_size(bytes as usize),
        SocketOption::SendBuffer(bytes) => socket.set_send_buffer_size(bytes as usize),
        SocketOption::Linger { on, seconds } => {
            socket.set_linger(on.then_some(Duration::from_secs(seconds.into())))
        }
        SocketOption::Nodelay(on) => socket.set_tcp_nodelay(on),
        SocketOption::Error(_) | SocketOption::Type(_) | SocketOption::Listens(_) => {
            return Err(failed(ENOPROTOOPT));
        }
    }?;
    Ok(())
}

/// `listens`: whether the socket does. Not every system says so.
pub(super) fn get(
    socket: &Socket,
    listens: bool,
    option: SocketOption,
) -> Result<SocketOption, Failed> {
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(match option {
        SocketOption::ReuseAddress(_) => SocketOption::ReuseAddress(socket.reuse_address()?),
        #[cfg(unix)]
        SocketOption::ReusePort(_) => SocketOption::ReusePort(socket.reuse_port()?),
        #[cfg(windows)]
        SocketOption::ReusePort(_) => return Err(failed(ENOPROTOOPT)),
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
            let error = socket.take_error()?;
            SocketOption::Error(error.map_or(0, |error| Failed::from(error).0))
        }
        SocketOption::Type(_) => SocketOption::Type(1),
        SocketOption::Listens(_) => SocketOption::Listens(listens),
    })
}

//! What a descriptor of a program stands for: asked of a copy of it, which `pidfd_getfd(2)` makes.
//!
//! A copy that is held while the program closes its own would keep the socket open. So none is held for longer than a stop.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt as _;

use framescope_syscall::{Address, SocketOption};
use rustix::fs::{FileType, OFlags, Stat, fcntl_getfl, fstat, tell};
use rustix::net::{
    AddressFamily, SocketAddrAny, SocketType, getpeername, getsockname, ipproto, sockopt,
};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use super::terminal::Identity;

/// The descriptors of a process.
#[derive(Debug)]
pub(super) struct Descriptors(OwnedFd);

/// What a descriptor stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A socket of TCP.
    Tcp {
        /// What tells it from all other sockets.
        inode: u64,
        /// Whether its calls return at once.
        is_nonblocking: bool,
    },
    /// The terminal that this process was given.
    Terminal,
    /// Whatever else.
    Other,
}

/// A copy of a descriptor of a TCP socket.
#[derive(Debug)]
pub(super) struct TcpSocket {
    copy: OwnedFd,
    /// What tells it from all other sockets.
    pub(super) inode: u64,
}

impl Descriptors {
    /// Those of a process. `None` if it has gone.
    pub(super) fn of(process: i32) -> Option<Self> {
        let process = Pid::from_raw(process)?;
        pidfd_open(process, PidfdFlags::empty()).ok().map(Self)
    }

    /// What this descriptor stands for. `terminal` is the program's. `None`: it stands for nothing.
    pub(super) fn kind(&self, descriptor: i32, terminal: Identity) -> Option<Kind> {
        let (copy, status) = self.copy(descriptor)?;
        Some(if is_tcp(&copy, &status) {
            Kind::Tcp { inode: status.st_ino, is_nonblocking: is_nonblocking(&copy) }
        } else if terminal.is(&status) {
            Kind::Terminal
        } else {
            Kind::Other
        })
    }

    /// A copy of this descriptor, if it is that of a TCP socket.
    pub(super) fn tcp(&self, descriptor: i32) -> Option<TcpSocket> {
        let (copy, status) = self.copy(descriptor)?;
        is_tcp(&copy, &status).then_some(TcpSocket { copy, inode: status.st_ino })
    }

    /// What a regular file has from this offset on, or from where it is read next: at most `count` bytes, and at most one more
    /// than `limit`.
    pub(super) fn file(
        &self,
        descriptor: i32,
        offset: Option<u64>,
        count: u64,
        limit: usize,
    ) -> Option<Vec<u8>> {
        let (copy, status) = self.copy(descriptor)?;
        if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return None;
        }
        let at = offset.or_else(|| tell(&copy).ok())?;
        let file = File::from(copy);
        let length = usize::try_from(count).unwrap_or(usize::MAX).min(limit.saturating_add(1));
        let mut bytes = vec![0; length];
        let mut read = 0;
        while read < length {
            match file.read_at(&mut bytes[read..], at.checked_add(read as u64)?) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
        bytes.truncate(read);
        Some(bytes)
    }

    fn copy(&self, descriptor: i32) -> Option<(OwnedFd, Stat)> {
        if descriptor < 0 {
            return None;
        }
        let copy = pidfd_getfd(&self.0, descriptor, PidfdGetfdFlags::empty()).ok()?;
        let status = fstat(&copy).ok()?;
        Some((copy, status))
    }
}

fn is_tcp(socket: &OwnedFd, status: &Stat) -> bool {
    let is_socket = FileType::from_raw_mode(status.st_mode) == FileType::Socket;
    let family = sockopt::socket_domain(socket);
    is_socket
        && matches!(family, Ok(AddressFamily::INET | AddressFamily::INET6))
        && sockopt::socket_type(socket) == Ok(SocketType::STREAM)
        && matches!(sockopt::socket_protocol(socket), Ok(Some(ipproto::TCP)))
}

fn is_nonblocking(socket: &OwnedFd) -> bool {
    fcntl_getfl(socket).is_ok_and(|flags| flags.contains(OFlags::NONBLOCK))
}

impl TcpSocket {
    pub(super) fn local(&self) -> Option<SocketAddrV4> {
        getsockname(self.copy.as_fd()).ok().and_then(version4)
    }

    pub(super) fn peer(&self) -> Option<SocketAddrV4> {
        getpeername(self.copy.as_fd()).ok().flatten().and_then(version4)
    }

    pub(super) fn listens(&self) -> bool {
        sockopt::socket_acceptconn(&self.copy).unwrap_or(false)
    }

    /// The value of this option now.
    pub(super) fn option(&self, option: SocketOption) -> Option<SocketOption> {
        let socket = socket2::SockRef::from(&self.copy);
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Some(match option {
            SocketOption::ReuseAddress(_) => {
                SocketOption::ReuseAddress(socket.reuse_address().ok()?)
            }
            SocketOption::ReusePort(_) => SocketOption::ReusePort(socket.reuse_port().ok()?),
            SocketOption::KeepAlive(_) => SocketOption::KeepAlive(socket.keepalive().ok()?),
            SocketOption::RecvBuffer(_) => {
                SocketOption::RecvBuffer(number(socket.recv_buffer_size().ok()?))
            }
            SocketOption::SendBuffer(_) => {
                SocketOption::SendBuffer(number(socket.send_buffer_size().ok()?))
            }
            SocketOption::Linger { .. } => {
                let linger = socket.linger().ok()?;
                let seconds = linger.map_or(0, |time| u32::try_from(time.as_secs()).unwrap_or(0));
                SocketOption::Linger { on: linger.is_some(), seconds }
            }
            SocketOption::Nodelay(_) => SocketOption::Nodelay(socket.tcp_nodelay().ok()?),
            SocketOption::Type(_) => SocketOption::Type(1),
            SocketOption::Listens(_) => SocketOption::Listens(self.listens()),
            // Asking for it clears it, so the program's own answer is read.
            SocketOption::Error(_) => return None,
        })
    }
}

/// An address of IPv4, also one that IPv6 has mapped: RFC 4291, section 2.5.5.2. The address that means any is the same.
fn version4(address: SocketAddrAny) -> Option<SocketAddrV4> {
    match std::net::SocketAddr::try_from(address).ok()? {
        std::net::SocketAddr::V4(address) => Some(address),
        std::net::SocketAddr::V6(address) => {
            let ip = address.ip().to_ipv4_mapped();
            let any = address.ip().is_unspecified().then_some(Ipv4Addr::UNSPECIFIED);
            Some(SocketAddrV4::new(ip.or(any)?, address.port()))
        }
    }
}

/// An address as it stands in a trace.
pub(super) const fn shown(address: SocketAddrV4) -> Address {
    Address { ip: *address.ip(), port: address.port() }
}

//! The kernel of this machine, as the lab asks it: sockets that never block, and poll(2) to wait.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use framescope_lab::{Answer, BlockedOn, Errno, Kernel, Outcome, Side, SocketFigures, Syscall};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Socket, Type};

use super::figures::{Figures, Row};

/// How long a handshake on this machine may take before it is reported as blocked. It is over
/// within microseconds unless the backlog is full.
const HANDSHAKE_GRACE: Duration = Duration::from_millis(5);

/// Real sockets on the loopback interface.
#[derive(Debug)]
pub(super) struct SocketKernel {
    began: Instant,
    address: SocketAddr,
    /// Bound from the start, so that clients have an address; listens when it is told to.
    listener: Option<Socket>,
    sides: Vec<Sockets>,
    figures: Figures,
}

/// What a program has open.
#[derive(Debug, Default)]
struct Sockets {
    current: Option<Socket>,
    /// A server's connections before the current one: open until the program ends.
    earlier: Vec<Socket>,
    /// How the kernel knows the current connection, also when it is closed.
    row: Option<Row>,
    connecting: bool,
    recv_buffer: Option<u32>,
    send_buffer: Option<u32>,
    nodelay: bool,
}

impl SocketKernel {
    pub(super) fn new(clients: usize) -> io::Result<Self> {
        let listener = new_socket()?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = listener.local_addr()?.as_socket().ok_or(io::ErrorKind::Unsupported)?;
        let sides = (0..=clients).map(|_| Sockets::default()).collect();
        let figures = Figures::new();
        Ok(Self { began: Instant::now(), address, listener: Some(listener), sides, figures })
    }

    /// Waits until one of the blocked calls would go on, or `patience` is over.
    pub(super) fn wait(&self, blocked: &[(Side, BlockedOn)], patience: Duration) {
        let waiting = |(side, on): &(Side, BlockedOn)| {
            let socket = self.sides[usize::from(side.0)].current.as_ref();
            match on {
                BlockedOn::Client => self.listener.as_ref().map(|s| (s, PollFlags::IN)),
                BlockedOn::Bytes => socket.map(|s| (s, PollFlags::IN)),
                BlockedOn::Room | BlockedOn::Handshake => socket.map(|s| (s, PollFlags::OUT)),
                BlockedOn::Clock => None,
            }
        };
        let mut fds: Vec<PollFd<'_>> = blocked
            .iter()
            .filter_map(waiting)
            .map(|(socket, flags)| PollFd::from_borrowed_fd(socket.as_fd(), flags))
            .collect();
        let timeout = Timespec::try_from(patience).ok();
        // An interrupted wait is a short one; the caller looks at the clock.
        let _ = poll(&mut fds, timeout.as_ref());
    }

    fn connect(&mut self, side: usize) -> io::Result<Answer> {
        let address = self.address;
        let sockets = &mut self.sides[side];
        if sockets.current.is_none() {
            if sockets.row.is_some() {
                return Err(bad_file());
            }
            let socket = new_socket()?;
            sockets.configure(&socket)?;
            sockets.connecting = true;
            let connected = socket.connect(&address.into());
            let port = socket.local_addr()?.as_socket().map_or(0, |local| local.port());
            sockets.row = Some(Row::Connection { port, peer: address.port() });
            sockets.current = Some(socket);
            match connected {
                Ok(()) => sockets.connecting = false,
                Err(error) if is_in_progress(&error) => {
                    self.wait(&[(side_of(side), BlockedOn::Handshake)], HANDSHAKE_GRACE);
                }
                Err(error) => return Err(error),
            }
        } else if !sockets.connecting {
            return Err(rustix::io::Errno::ISCONN.into());
        }
        let sockets = &mut self.sides[side];
        let Some(socket) = &sockets.current else { return Err(io::ErrorKind::NotConnected.into()) };
        if let Some(error) = socket.take_error()? {
            return Err(error);
        }
        if sockets.connecting && socket.peer_addr().is_err() {
            return Ok(Answer::Blocked(BlockedOn::Handshake));
        }
        sockets.connecting = false;
        Ok(Answer::Done(Outcome::Done))
    }

    fn accept(&mut self, side: usize) -> io::Result<Answer> {
        let Some(listener) = &self.listener else { return Err(bad_file()) };
        let (socket, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(Answer::Blocked(BlockedOn::Client));
            }
            Err(error) => return Err(error),
        };
        socket.set_nonblocking(true)?;
        let sockets = &mut self.sides[side];
        socket.set_tcp_nodelay(sockets.nodelay)?;
        let peer = peer.as_socket().map_or(0, |peer| peer.port());
        let port = self.address.port();
        sockets.row = Some(Row::Connection { port, peer });
        sockets.earlier.extend(sockets.current.replace(socket));
        let client = Row::Connection { port: peer, peer: port };
        let side = self.sides.iter().position(|sockets| sockets.row == Some(client));
        Ok(Answer::Done(Outcome::Accepted(side.map(side_of))))
    }

    /// The socket that a side's next call acts on.
    fn socket(&mut self, side: usize) -> io::Result<&mut Socket> {
        let sockets = &mut self.sides[side];
        let was_open = sockets.row.is_some();
        sockets
            .current
            .as_mut()
            .ok_or_else(|| if was_open { bad_file() } else { io::ErrorKind::NotConnected.into() })
    }

    fn set_option(&mut self, side: usize, syscall: &Syscall) -> io::Result<Answer> {
        let sockets = &mut self.sides[side];
        match syscall {
            Syscall::SetNodelay(on) => sockets.nodelay = *on,
            Syscall::SetRecvBuffer(bytes) => sockets.recv_buffer = Some(*bytes),
            Syscall::SetSendBuffer(bytes) => sockets.send_buffer = Some(*bytes),
            _ => {}
        }
        match &sockets.current {
            Some(socket) => sockets.configure(socket)?,
            // A server's options are those of its listener, and so of what it accepts.
            None if side == 0 => {
                if let Some(listener) = &self.listener {
                    sockets.configure(listener)?;
                }
            }
            None => {}
        }
        Ok(Answer::Done(Outcome::Done))
    }

    fn try_call(&mut self, side: usize, syscall: &Syscall) -> io::Result<Answer> {
        let done = Answer::Done(Outcome::Done);
        match syscall {
            Syscall::Listen { backlog } => {
                let listener = self.listener.as_ref().ok_or_else(bad_file)?;
                listener.listen(i32::from(*backlog))?;
                self.sides[side].row = Some(Row::Listener { port: self.address.port() });
                Ok(done)
            }
            Syscall::Accept => self.accept(side),
            Syscall::Connect => self.connect(side),
            Syscall::Send(bytes) => match self.socket(side)?.write(bytes) {
                Ok(count) => Ok(Answer::Done(Outcome::Sent(count))),
                Err(error) => blocked_or(error, BlockedOn::Room),
            },
            Syscall::Recv(length) => {
                let mut buffer = vec![0; *length as usize];
                match self.socket(side)?.read(&mut buffer) {
                    Ok(count) => {
                        buffer.truncate(count);
                        Ok(Answer::Done(Outcome::Received(buffer)))
                    }
                    Err(error) => blocked_or(error, BlockedOn::Bytes),
                }
            }
            Syscall::Sleep { .. } => Ok(Answer::Blocked(BlockedOn::Clock)),
            Syscall::SetNodelay(_) | Syscall::SetRecvBuffer(_) | Syscall::SetSendBuffer(_) => {
                self.set_option(side, syscall)
            }
            Syscall::ShutdownWrite => {
                self.socket(side)?.shutdown(std::net::Shutdown::Write)?;
                Ok(done)
            }
            Syscall::Close | Syscall::Reset => {
                let own = &mut self.sides[side];
                let is_listener = side == 0 && !matches!(own.row, Some(Row::Connection { .. }));
                let socket = if is_listener { self.listener.take() } else { own.current.take() };
                if let (Some(socket), Syscall::Reset) = (socket, syscall) {
                    socket.set_linger(Some(Duration::ZERO))?;
                }
                Ok(done)
            }
        }
    }
}

impl Kernel for SocketKernel {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn call(&mut self, side: Side, syscall: &Syscall) -> Answer {
        match self.try_call(usize::from(side.0), syscall) {
            Ok(answer) => answer,
            Err(error) => Answer::Done(Outcome::Failed(errno(&error))),
        }
    }

    fn figures(&self, side: Side) -> SocketFigures {
        let row = self.sides.get(usize::from(side.0)).and_then(|sockets| sockets.row);
        row.map(|row| self.figures.of(row)).unwrap_or_default()
    }
}

impl Sockets {
    fn configure(&self, socket: &Socket) -> io::Result<()> {
        if let Some(bytes) = self.recv_buffer {
            socket.set_recv_buffer_size(bytes as usize)?;
        }
        if let Some(bytes) = self.send_buffer {
            socket.set_send_buffer_size(bytes as usize)?;
        }
        socket.set_tcp_nodelay(self.nodelay)
    }
}

fn new_socket() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn side_of(index: usize) -> Side {
    Side(u8::try_from(index).unwrap_or(u8::MAX))
}

fn blocked_or(error: io::Error, on: BlockedOn) -> io::Result<Answer> {
    if error.kind() == io::ErrorKind::WouldBlock { Ok(Answer::Blocked(on)) } else { Err(error) }
}

fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error())
}

fn bad_file() -> io::Error {
    rustix::io::Errno::BADF.into()
}

fn errno(error: &io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Errno::ConnectionRefused,
        io::ErrorKind::ConnectionReset => Errno::ConnectionReset,
        io::ErrorKind::BrokenPipe => Errno::BrokenPipe,
        io::ErrorKind::NotConnected => Errno::NotConnected,
        io::ErrorKind::TimedOut => Errno::TimedOut,
        _ if error.raw_os_error() == Some(rustix::io::Errno::ISCONN.raw_os_error()) => {
            Errno::IsConnected
        }
        _ if [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE]
            .iter()
            .any(|errno| error.raw_os_error() == Some(errno.raw_os_error())) =>
        {
            Errno::TooManyFiles
        }
        _ if error.raw_os_error() == Some(rustix::io::Errno::BADF.raw_os_error()) => Errno::BadFile,
        _ => Errno::Other,
    }
}

//! The sockets of one program of an experiment, and its system calls. The sockets never block.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd as _;
use std::time::Duration;

use framescope_engine::{Answer, Outcome, Syscall};
use framescope_lab::{BlockedOn, Errno};
use rustix::event::{PollFd, PollFlags};
use socket2::{Domain, Socket, Type};

use super::tcp_info::SocketKey;
use super::wait::wait;

/// How long a handshake on this machine may take before the call is reported as blocked. It takes
/// microseconds, unless the backlog is full.
const HANDSHAKE_GRACE: Duration = Duration::from_millis(5);

/// The sockets of one program, on the loopback interface. A socket that the program leaves open is reset when
/// this is dropped, so no port waits for a peer. A socket that the program closed itself is closed as TCP
/// closes it.
#[derive(Debug)]
pub(super) struct Sockets {
    /// The address at which the experiment's server listens.
    address: SocketAddr,
    /// The server's listener. It is bound from the start, so that clients have an address, and listens when the
    /// program says so.
    listener: Option<Socket>,
    current: Option<Socket>,
    /// A server's connections before the current one. They stay open until the program ends.
    earlier: Vec<Socket>,
    /// By what the kernel knows the current connection, also after its close.
    key: Option<SocketKey>,
    connecting: bool,
    recv_buffer: Option<u32>,
    send_buffer: Option<u32>,
    nodelay: bool,
}

impl Sockets {
    /// The sockets of a server and `clients` clients, the server's first, at a new port.
    pub(super) fn open(clients: usize) -> io::Result<Vec<Self>> {
        let listener = new_socket()?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = listener.local_addr()?.as_socket().ok_or(io::ErrorKind::Unsupported)?;
        let mut all = vec![Self::new(address, Some(listener))];
        all.extend((0..clients).map(|_| Self::new(address, None)));
        Ok(all)
    }

    fn new(address: SocketAddr, listener: Option<Socket>) -> Self {
        Self {
            address,
            listener,
            current: None,
            earlier: Vec::new(),
            key: None,
            connecting: false,
            recv_buffer: None,
            send_buffer: None,
            nodelay: false,
        }
    }

    /// By what the kernel knows the newest connection, or the listener if there is no connection yet.
    pub(super) const fn key(&self) -> Option<SocketKey> {
        self.key
    }

    /// What poll(2) must watch for a blocked call. `None`: no socket ends the wait.
    pub(super) fn awaited(&self, on: BlockedOn) -> Option<PollFd<'_>> {
        let (socket, flags) = match on {
            BlockedOn::Client => (&self.listener, PollFlags::IN),
            BlockedOn::Bytes => (&self.current, PollFlags::IN),
            BlockedOn::BufferSpace | BlockedOn::Handshake => (&self.current, PollFlags::OUT),
            BlockedOn::Clock => return None,
        };
        socket.as_ref().map(|socket| PollFd::from_borrowed_fd(socket.as_fd(), flags))
    }

    /// Makes a system call. An `accept` does not know which client it accepted.
    pub(super) fn call(&mut self, syscall: &Syscall) -> Answer {
        self.try_call(syscall).unwrap_or_else(|error| Answer::Done(Outcome::Failed(errno(&error))))
    }

    fn try_call(&mut self, syscall: &Syscall) -> io::Result<Answer> {
        let done = Answer::Done(Outcome::Done);
        match syscall {
            Syscall::Listen { backlog } => {
                self.listener.as_ref().ok_or_else(bad_file)?.listen(i32::from(*backlog))?;
                self.key = Some(SocketKey::Listener { port: self.address.port() });
                Ok(done)
            }
            Syscall::Accept => self.accept(),
            Syscall::Connect => self.connect(),
            Syscall::Send(bytes) => match self.connection()?.write(bytes) {
                Ok(count) => Ok(Answer::Done(Outcome::Sent(count))),
                Err(error) => blocked_or(error, BlockedOn::BufferSpace),
            },
            Syscall::Recv(length) => {
                let mut buffer = vec![0; *length as usize];
                match self.connection()?.read(&mut buffer) {
                    Ok(count) => {
                        buffer.truncate(count);
                        // It is kept in the record.
                        buffer.shrink_to_fit();
                        Ok(Answer::Done(Outcome::Received(buffer)))
                    }
                    Err(error) => blocked_or(error, BlockedOn::Bytes),
                }
            }
            Syscall::Sleep { .. } => Ok(Answer::Blocked(BlockedOn::Clock)),
            Syscall::SetNodelay(on) => {
                self.nodelay = *on;
                self.configure_open()
            }
            Syscall::SetRecvBuffer(bytes) => {
                self.recv_buffer = Some(*bytes);
                self.configure_open()
            }
            Syscall::SetSendBuffer(bytes) => {
                self.send_buffer = Some(*bytes);
                self.configure_open()
            }
            Syscall::ShutdownWrite => {
                self.connection()?.shutdown(std::net::Shutdown::Write)?;
                Ok(done)
            }
            Syscall::Close | Syscall::Reset => {
                let is_connection = matches!(self.key, Some(SocketKey::Connection { .. }));
                let own = if is_connection { &mut self.current } else { &mut self.listener };
                if let (Some(socket), Syscall::Reset) = (own.take(), syscall) {
                    socket.set_linger(Some(Duration::ZERO))?;
                }
                Ok(done)
            }
        }
    }

    fn connect(&mut self) -> io::Result<Answer> {
        if self.current.is_none() {
            if self.key.is_some() {
                return Err(bad_file());
            }
            let socket = new_socket()?;
            self.configure(&socket)?;
            self.connecting = true;
            let connected = socket.connect(&self.address.into());
            let port = socket.local_addr()?.as_socket().map_or(0, |local| local.port());
            self.key = Some(SocketKey::Connection { port, peer: self.address.port() });
            self.current = Some(socket);
            match connected {
                Ok(()) => self.connecting = false,
                Err(error) if is_in_progress(&error) => {
                    let mut handshake = Vec::from_iter(self.awaited(BlockedOn::Handshake));
                    wait(&mut handshake, Some(HANDSHAKE_GRACE));
                }
                Err(error) => return Err(error),
            }
        } else if !self.connecting {
            return Err(rustix::io::Errno::ISCONN.into());
        }
        let Some(socket) = &self.current else { return Err(rustix::io::Errno::NOTCONN.into()) };
        if let Some(error) = socket.take_error()? {
            return Err(error);
        }
        if self.connecting && socket.peer_addr().is_err() {
            return Ok(Answer::Blocked(BlockedOn::Handshake));
        }
        self.connecting = false;
        Ok(Answer::Done(Outcome::Done))
    }

    fn accept(&mut self) -> io::Result<Answer> {
        let listener = self.listener.as_ref().ok_or_else(bad_file)?;
        let (socket, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) => return blocked_or(error, BlockedOn::Client),
        };
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(self.nodelay)?;
        let peer = peer.as_socket().map_or(0, |peer| peer.port());
        self.key = Some(SocketKey::Connection { port: self.address.port(), peer });
        self.earlier.extend(self.current.replace(socket));
        Ok(Answer::Done(Outcome::Accepted(None)))
    }

    /// The connection that the next call acts on.
    fn connection(&mut self) -> io::Result<&mut Socket> {
        let was_open = self.key.is_some();
        self.current
            .as_mut()
            .ok_or_else(|| if was_open { bad_file() } else { rustix::io::Errno::NOTCONN.into() })
    }

    /// Sets the options on the open socket. A server's options are set on its listener, and so on the
    /// connections that it accepts.
    fn configure_open(&self) -> io::Result<Answer> {
        if let Some(socket) = self.current.as_ref().or(self.listener.as_ref()) {
            self.configure(socket)?;
        }
        Ok(Answer::Done(Outcome::Done))
    }

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

impl Drop for Sockets {
    fn drop(&mut self) {
        for socket in self.current.iter().chain(&self.earlier) {
            // If it cannot be set, the socket is closed in the usual way.
            let _ = socket.set_linger(Some(Duration::ZERO));
        }
    }
}

fn new_socket() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
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
    use rustix::io::Errno as Raw;
    match Raw::from_io_error(error) {
        Some(Raw::CONNREFUSED) => Errno::ConnectionRefused,
        Some(Raw::CONNRESET) => Errno::ConnectionReset,
        Some(Raw::PIPE) => Errno::BrokenPipe,
        Some(Raw::NOTCONN) => Errno::NotConnected,
        Some(Raw::TIMEDOUT) => Errno::TimedOut,
        Some(Raw::ISCONN) => Errno::IsConnected,
        Some(Raw::INVAL) => Errno::Invalid,
        Some(Raw::MFILE | Raw::NFILE) => Errno::TooManyFiles,
        Some(Raw::BADF) => Errno::BadFile,
        _ => Errno::Other,
    }
}

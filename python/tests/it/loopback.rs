//! A small loopback network for programs that connect to themselves or to each other. It has no packets: what
//! is sent is received at once.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;

use framescope_syscall::errno;
use framescope_syscall::{
    Address, Data, Fd, Ready, Returned, Shutdown, SocketOption, Syscall, Wait,
};

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
const IS_CONNECTED: u32 = 106;
const NOT_CONNECTED: u32 = 107;

/// Which end of a connection, of its two.
#[derive(Clone, Copy)]
struct End {
    connection: usize,
    side: usize,
}

#[derive(Default)]
struct Connection {
    addresses: [Option<Address>; 2],
    /// What each side has yet to receive.
    unread: [VecDeque<u8>; 2],
    /// Whether each side sends nothing more.
    is_finished: [bool; 2],
    is_closed: [bool; 2],
}

#[derive(Default)]
struct Socket {
    local: Option<Address>,
    /// The clients that wait for an `accept`.
    queue: Option<VecDeque<End>>,
    end: Option<End>,
    options: Vec<SocketOption>,
}

#[derive(Default)]
pub(crate) struct Loopback {
    sockets: BTreeMap<(usize, Fd), Socket>,
    connections: Vec<Connection>,
    ports: u16,
}

impl Loopback {
    /// What a call of a program returns. `None` if it waits.
    pub(crate) fn call(&mut self, program: usize, call: &Syscall) -> Option<Returned> {
        let waits = |wait: Wait| (wait == Wait::Never).then_some(Returned::Failed(errno::EAGAIN));
        let at = |fd: Fd| (program, fd);
        Some(match call {
            Syscall::Socket => {
                let socket = Socket::default();
                Returned::Opened(self.open(program, socket))
            }
            Syscall::Bind { fd, address } => {
                let taken = |one: &Socket| {
                    one.local.is_some_and(|local| local.port == address.port) && one.end.is_none()
                };
                if self.sockets.values().any(taken) {
                    return Some(Returned::Failed(errno::EADDRINUSE));
                }
                let port = if address.port == 0 { self.free_port() } else { address.port };
                self.sockets.get_mut(&at(*fd))?.local = Some(Address { ip: address.ip, port });
                Returned::Done
            }
            Syscall::Listen { fd, .. } => {
                self.sockets.get_mut(&at(*fd))?.queue.get_or_insert_default();
                Returned::Done
            }
            Syscall::Accept { fd, wait } => {
                let listener = self.sockets.get_mut(&at(*fd))?;
                let Some(end) = listener.queue.as_mut()?.pop_front() else { return waits(*wait) };
                let [local, peer] = [end.side, 1 - end.side]
                    .map(|side| self.connections[end.connection].addresses[side]);
                let fd = self.open(program, Socket { local, end: Some(end), ..Socket::default() });
                Returned::Accepted { fd, peer: peer? }
            }
            Syscall::Connect { fd, address, .. } => self.connect(at(*fd), *address)?,
            Syscall::Send { .. } | Syscall::Recv { .. } | Syscall::Shutdown { .. } => {
                return self.stream(program, call);
            }
            Syscall::Close { fd } => {
                let Some(socket) = self.sockets.remove(&at(*fd)) else {
                    return Some(Returned::Failed(errno::EBADF));
                };
                if let Some(End { connection, side }) = socket.end {
                    let connection = &mut self.connections[connection];
                    (connection.is_finished[side], connection.is_closed[side]) = (true, true);
                }
                Returned::Done
            }
            Syscall::SetOption { fd, option } => {
                self.sockets.get_mut(&at(*fd))?.options.push(*option);
                Returned::Done
            }
            Syscall::GetOption { fd, option } => {
                Returned::Option(self.sockets.get(&at(*fd))?.option(*option))
            }
            Syscall::LocalAddress { fd } => match self.sockets.get(&at(*fd)) {
                None => Returned::Failed(errno::EBADF),
                Some(socket) => {
                    let unbound = Address { ip: Ipv4Addr::UNSPECIFIED, port: 0 };
                    Returned::Address(socket.local.unwrap_or(unbound))
                }
            },
            Syscall::PeerAddress { fd } => {
                let end = self.sockets.get(&at(*fd)).and_then(|socket| socket.end);
                let peer =
                    end.and_then(|end| self.connections[end.connection].addresses[1 - end.side]);
                peer.map_or(Returned::Failed(NOT_CONNECTED), Returned::Address)
            }
            Syscall::Select { read, write, wait, .. } => {
                let ready = Ready {
                    read: read.iter().copied().filter(|fd| self.is_readable(at(*fd))).collect(),
                    write: write.iter().copied().filter(|fd| self.is_writable(at(*fd))).collect(),
                    except: Vec::new(),
                };
                if ready == Ready::default() && *wait != Wait::Never {
                    return None;
                }
                Returned::Ready(ready)
            }
            Syscall::Sleep { .. } | Syscall::Time(_) => return None,
        })
    }

    /// The calls that carry bytes.
    fn stream(&mut self, program: usize, call: &Syscall) -> Option<Returned> {
        let at = |fd: Fd| (program, fd);
        Some(match call {
            Syscall::Send { fd, bytes: Data(bytes), .. } => {
                let Some(socket) = self.sockets.get(&at(*fd)) else {
                    return Some(Returned::Failed(errno::EBADF));
                };
                let Some(End { connection, side }) = socket.end else {
                    return Some(Returned::Failed(errno::EPIPE));
                };
                let connection = &mut self.connections[connection];
                if connection.is_finished[side] || connection.is_closed[1 - side] {
                    return Some(Returned::Failed(errno::EPIPE));
                }
                connection.unread[1 - side].extend(bytes);
                Returned::Sent(u32::try_from(bytes.len()).unwrap())
            }
            Syscall::Recv { fd, length, peek, wait } => {
                let Some(End { connection, side }) = self.sockets.get(&at(*fd)).and_then(|s| s.end)
                else {
                    return Some(Returned::Failed(NOT_CONNECTED));
                };
                let connection = &mut self.connections[connection];
                let unread = &mut connection.unread[side];
                if unread.is_empty() && !connection.is_finished[1 - side] {
                    return (*wait == Wait::Never).then_some(Returned::Failed(errno::EAGAIN));
                }
                let count = unread.len().min(*length as usize);
                Returned::Received(if *peek {
                    Data(unread.iter().take(count).copied().collect())
                } else {
                    Data(unread.drain(..count).collect())
                })
            }
            Syscall::Shutdown { fd, how } => match self.sockets.get(&at(*fd))?.end {
                None => Returned::Failed(NOT_CONNECTED),
                Some(End { connection, side }) => {
                    self.connections[connection].is_finished[side] |= *how != Shutdown::Read;
                    Returned::Done
                }
            },
            _ => return None,
        })
    }

    fn open(&mut self, program: usize, socket: Socket) -> Fd {
        let fd = (3..1024).map(Fd).find(|fd| !self.sockets.contains_key(&(program, *fd))).unwrap();
        self.sockets.insert((program, fd), socket);
        fd
    }

    fn free_port(&mut self) -> u16 {
        self.ports += 1;
        40_000 + self.ports
    }

    fn connect(&mut self, at: (usize, Fd), address: Address) -> Option<Returned> {
        let listens = |one: &&mut Socket| {
            one.queue.is_some() && one.local.is_some_and(|local| local.port == address.port)
        };
        let connection = self.connections.len();
        if self.sockets.get(&at)?.end.is_some() {
            return Some(Returned::Failed(IS_CONNECTED));
        }
        let Some(listener) = self.sockets.values_mut().find(listens) else {
            return Some(Returned::Failed(errno::ECONNREFUSED));
        };
        listener.queue.get_or_insert_default().push_back(End { connection, side: 1 });
        let port = self.free_port();
        let client = self.sockets.get_mut(&at)?;
        let local = client.local.unwrap_or(Address { ip: LOOPBACK, port });
        (client.local, client.end) = (Some(local), Some(End { connection, side: 0 }));
        let addresses = [Some(local), Some(Address { ip: LOOPBACK, port: address.port })];
        self.connections.push(Connection { addresses, ..Connection::default() });
        Some(Returned::Done)
    }

    fn is_readable(&self, at: (usize, Fd)) -> bool {
        let Some(socket) = self.sockets.get(&at) else { return false };
        let connection = socket.end.map(|end| (&self.connections[end.connection], end.side));
        socket.queue.as_ref().is_some_and(|queue| !queue.is_empty())
            || connection.is_some_and(|(one, side)| {
                !one.unread[side].is_empty() || one.is_finished[1 - side]
            })
    }

    fn is_writable(&self, at: (usize, Fd)) -> bool {
        self.sockets.get(&at).is_some_and(|socket| socket.end.is_some())
    }
}

impl Socket {
    /// The value of an option, as it was set last.
    fn option(&self, asked: SocketOption) -> SocketOption {
        let kind = std::mem::discriminant(&asked);
        let set = self.options.iter().rev().find(|one| std::mem::discriminant(*one) == kind);
        match (asked, set) {
            (SocketOption::Type(_), _) => SocketOption::Type(1),
            (SocketOption::Error(_), _) => SocketOption::Error(0),
            (SocketOption::Listens(_), _) => SocketOption::Listens(self.queue.is_some()),
            (_, Some(SocketOption::RecvBuffer(size))) => SocketOption::RecvBuffer(2 * size),
            (_, Some(SocketOption::SendBuffer(size))) => SocketOption::SendBuffer(2 * size),
            (_, Some(set)) => *set,
            (asked, None) => asked,
        }
    }
}

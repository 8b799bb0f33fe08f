//! The real kernel, with the calls and addresses of the simulated one.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::AsFd as _;
use std::time::Duration;

use framescope_engine::sockets::ProgramId;
use framescope_syscall::errno::EBADF;
use framescope_syscall::{Address, Data, Fd, Ready, Returned, Shutdown, SocketOption, Syscall};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::RecvFlags;
use socket2::{Domain, Socket, Type};

/// What the tests look at between two calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) readable: bool,
    pub(super) writable: bool,
    pub(super) unread: u32,
}

/// A row of the kernel's table of sockets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) local: (Ipv4Addr, u16),
    pub(super) peer: (Ipv4Addr, u16),
    pub(super) state: String,
}

/// The states in `/proc/net/tcp`.
const STATES: [(&str, &str); 11] = [
    ("01", "ESTABLISHED"),
    ("02", "SYN_SENT"),
    ("03", "SYN_RECEIVED"),
    ("04", "FIN_WAIT1"),
    ("05", "FIN_WAIT2"),
    ("06", "TIME_WAIT"),
    ("07", "CLOSED"),
    ("08", "CLOSE_WAIT"),
    ("09", "LAST_ACK"),
    ("0A", "LISTEN"),
    ("0B", "CLOSING"),
];

/// Real sockets. None of them ever blocks.
#[derive(Default)]
pub(super) struct Linux {
    sockets: BTreeMap<(ProgramId, Fd), Socket>,
    /// The simulated port of each real one.
    ports: BTreeMap<u16, u16>,
    /// The addresses of the connections that were there before the test, as the kernel's table writes them.
    earlier: BTreeSet<String>,
}

impl Linux {
    /// Says which simulated port a real one is. Returns false if that says of a known port that it is a new one:
    /// Linux may choose a port twice, and the model does not.
    #[must_use]
    pub(super) fn learn_port(&mut self, real: u16, simulated: u16) -> bool {
        let is_new = self.ports.values().all(|known| *known != simulated);
        let known = *self.ports.entry(real).or_insert(simulated);
        assert!(known == simulated || is_new, "Linux has port {known}, the model {simulated}");
        known == simulated
    }

    /// The ports that a test may bind to. They are outside of the range that Linux chooses from, so that no other
    /// program gets one by chance.
    pub(super) fn take_ports(&mut self, simulated: &[u16], seed: u64) {
        let mut random = fastrand::Rng::with_seed(seed ^ u64::from(std::process::id()));
        self.earlier = kernel_table().lines().map(addresses).collect();
        for port in simulated {
            let real = std::iter::repeat_with(|| random.u16(12_000..32_000))
                .find(|port| is_unused(*port) && !self.ports.contains_key(port))
                .unwrap();
            self.ports.insert(real, *port);
        }
    }

    pub(super) fn descriptors(&self) -> Vec<(ProgramId, Fd)> {
        self.sockets.keys().copied().collect()
    }

    pub(super) fn local_port(&self, program: ProgramId, fd: Fd) -> u16 {
        let local = self.sockets[&(program, fd)].local_addr().unwrap();
        local.as_socket().map_or(0, |address| address.port())
    }

    pub(super) fn view(&self, program: ProgramId, fd: Fd) -> View {
        let socket = &self.sockets[&(program, fd)];
        let flags = poll_now(socket);
        let unread = rustix::io::ioctl_fionread(socket).map_or(0, number);
        View { readable: is_readable(flags), writable: is_writable(flags), unread }
    }

    /// Every socket at a port of the test, as the kernel's table has it, in order. A socket in `CLOSED` is not in
    /// the table.
    pub(super) fn table(&self) -> Vec<Row> {
        let text = kernel_table();
        let new = text.lines().filter(|line| !self.earlier.contains(&addresses(line)));
        let mut rows: Vec<Row> = new.filter_map(|line| self.row(line)).collect();
        rows.sort_unstable();
        rows
    }

    fn row(&self, line: &str) -> Option<Row> {
        let mut columns = line.split_whitespace().skip(1);
        let mut address = || {
            let (ip, port) = columns.next()?.split_once(':')?;
            let ip = u32::from_str_radix(ip, 16).ok()?.to_le_bytes();
            Some((Ipv4Addr::from(ip), u16::from_str_radix(port, 16).ok()?))
        };
        let (local, peer) = (address()?, address()?);
        let state = columns.next()?;
        let local = (local.0, *self.ports.get(&local.1)?);
        // A listener that was connected before keeps its peer's host there.
        let peer_ip = if peer.1 == 0 { Ipv4Addr::UNSPECIFIED } else { peer.0 };
        // An unknown peer is of an earlier test.
        let peer = (peer_ip, if peer.1 == 0 { 0 } else { *self.ports.get(&peer.1)? });
        Some(Row {
            local,
            peer,
            state: STATES.iter().find(|(code, _)| *code == state)?.1.to_owned(),
        })
    }

    pub(super) fn call(&mut self, program: ProgramId, syscall: &Syscall) -> Returned {
        self.try_call(program, syscall)
            .unwrap_or_else(|error| Returned::Failed(error.raw_os_error().unwrap().unsigned_abs()))
    }

    fn try_call(&mut self, program: ProgramId, syscall: &Syscall) -> io::Result<Returned> {
        match syscall {
            Syscall::Socket => {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
                Ok(Returned::Opened(self.open(program, socket)))
            }
            Syscall::Bind { fd, address } => {
                self.socket(program, *fd)?.bind(&self.real(*address).into())?;
                Ok(Returned::Done)
            }
            Syscall::Listen { fd, backlog } => {
                self.socket(program, *fd)?.listen(*backlog)?;
                Ok(Returned::Done)
            }
            Syscall::Accept { fd, .. } => {
                let (socket, peer) = self.socket(program, *fd)?.accept()?;
                let peer = self.simulated(&peer);
                Ok(Returned::Accepted { fd: self.open(program, socket), peer })
            }
            Syscall::Connect { fd, address, .. } => {
                self.socket(program, *fd)?.connect(&self.real(*address).into())?;
                Ok(Returned::Done)
            }
            Syscall::Send { fd, bytes, .. } => {
                Ok(Returned::Sent(number(self.socket(program, *fd)?.send(&bytes.0)?)))
            }
            Syscall::Recv { fd, length, peek, .. } => {
                let flags = if *peek { RecvFlags::PEEK } else { RecvFlags::empty() };
                let mut bytes = vec![0; *length as usize];
                let (count, _) =
                    rustix::net::recv(self.socket(program, *fd)?, &mut bytes[..], flags)?;
                bytes.truncate(count);
                Ok(Returned::Received(Data(bytes)))
            }
            Syscall::Shutdown { fd, how } => {
                self.socket(program, *fd)?.shutdown(match how {
                    Shutdown::Read => std::net::Shutdown::Read,
                    Shutdown::Write => std::net::Shutdown::Write,
                    Shutdown::Both => std::net::Shutdown::Both,
                })?;
                Ok(Returned::Done)
            }
            Syscall::Close { fd } => {
                self.sockets.remove(&(program, *fd)).ok_or_else(bad_file)?;
                Ok(Returned::Done)
            }
            Syscall::SetOption { fd, option } => {
                set_option(self.socket(program, *fd)?, *option)?;
                Ok(Returned::Done)
            }
            Syscall::GetOption { fd, option } => {
                Ok(Returned::Option(get_option(self.socket(program, *fd)?, *option)?))
            }
            Syscall::LocalAddress { fd } => {
                let address = self.socket(program, *fd)?.local_addr()?;
                Ok(Returned::Address(self.simulated(&address)))
            }
            Syscall::PeerAddress { fd } => {
                let address = self.socket(program, *fd)?.peer_addr()?;
                Ok(Returned::Address(self.simulated(&address)))
            }
            Syscall::Select { read, write, except, .. } => {
                let all = [read, write, except];
                for fd in all.into_iter().flatten() {
                    self.socket(program, *fd)?;
                }
                let ready = |fds: &[Fd], is_ready: fn(PollFlags) -> bool| {
                    let all = fds.iter().copied();
                    all.filter(|fd| is_ready(poll_now(&self.sockets[&(program, *fd)]))).collect()
                };
                Ok(Returned::Ready(Ready {
                    read: ready(read, is_readable),
                    write: ready(write, is_writable),
                    except: ready(except, |flags| flags.contains(PollFlags::PRI)),
                }))
            }
            Syscall::Sleep { .. } | Syscall::Time(_) => panic!("time differs"),
        }
    }

    fn socket(&self, program: ProgramId, fd: Fd) -> io::Result<&Socket> {
        self.sockets.get(&(program, fd)).ok_or_else(bad_file)
    }

    fn open(&mut self, program: ProgramId, socket: Socket) -> Fd {
        socket.set_nonblocking(true).unwrap();
        let fd = (3..1024).map(Fd).find(|fd| !self.sockets.contains_key(&(program, *fd))).unwrap();
        self.sockets.insert((program, fd), socket);
        fd
    }

    /// The real address of a simulated one. A port that stands for no real one is itself.
    fn real(&self, address: Address) -> SocketAddr {
        let known = self.ports.iter().find(|(_, simulated)| **simulated == address.port);
        let port = known.map_or(address.port, |(real, _)| *real);
        SocketAddr::V4(SocketAddrV4::new(address.ip, port))
    }

    fn simulated(&self, address: &socket2::SockAddr) -> Address {
        let address = address.as_socket_ipv4().unwrap();
        let port = self.ports.get(&address.port()).copied().unwrap_or(address.port());
        Address { ip: *address.ip(), port }
    }
}

fn kernel_table() -> String {
    std::fs::read_to_string("/proc/net/tcp").unwrap()
}

/// The two addresses in a row of the kernel's table.
fn addresses(line: &str) -> String {
    line.split_whitespace().skip(1).take(2).collect::<Vec<_>>().join(" ")
}

/// Whether a port has no socket at all, not even one in `TIME_WAIT`.
fn is_unused(port: u16) -> bool {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into()).is_ok()
}

fn set_option(socket: &Socket, option: SocketOption) -> io::Result<()> {
    match option {
        SocketOption::ReuseAddress(on) => socket.set_reuse_address(on)?,
        SocketOption::ReusePort(on) => {
            rustix::net::sockopt::set_socket_reuseport(socket, on)?;
        }
        SocketOption::KeepAlive(on) => socket.set_keepalive(on)?,
        SocketOption::RecvBuffer(bytes) => {
            socket.set_recv_buffer_size(bytes as usize)?;
        }
        SocketOption::SendBuffer(bytes) => {
            socket.set_send_buffer_size(bytes as usize)?;
        }
        SocketOption::Linger { on, seconds } => {
            let seconds = Duration::from_secs(u64::from(seconds));
            socket.set_linger(on.then_some(seconds))?;
        }
        SocketOption::Nodelay(on) => socket.set_tcp_nodelay(on)?,
        SocketOption::Error(_) | SocketOption::Type(_) | SocketOption::Listens(_) => {
            return Err(rustix::io::Errno::NOPROTOOPT.into());
        }
    }
    Ok(())
}

fn get_option(socket: &Socket, option: SocketOption) -> io::Result<SocketOption> {
    Ok(match option {
        SocketOption::ReuseAddress(_) => SocketOption::ReuseAddress(socket.reuse_address()?),
        SocketOption::ReusePort(_) => {
            SocketOption::ReusePort(rustix::net::sockopt::socket_reuseport(socket)?)
        }
        SocketOption::KeepAlive(_) => SocketOption::KeepAlive(socket.keepalive()?),
        SocketOption::RecvBuffer(_) => SocketOption::RecvBuffer(number(socket.recv_buffer_size()?)),
        SocketOption::SendBuffer(_) => SocketOption::SendBuffer(number(socket.send_buffer_size()?)),
        SocketOption::Linger { .. } => {
            let linger = socket.linger()?;
            let seconds = linger.map_or(0, |linger| number(linger.as_secs()));
            SocketOption::Linger { on: linger.is_some(), seconds }
        }
        SocketOption::Nodelay(_) => SocketOption::Nodelay(socket.tcp_nodelay()?),
        SocketOption::Error(_) => SocketOption::Error(
            socket.take_error()?.map_or(0, |error| error.raw_os_error().unwrap().unsigned_abs()),
        ),
        SocketOption::Type(_) => SocketOption::Type(number(i32::from(socket.r#type()?))),
        SocketOption::Listens(_) => {
            SocketOption::Listens(rustix::net::sockopt::socket_acceptconn(socket)?)
        }
    })
}

fn poll_now(socket: &Socket) -> PollFlags {
    let events = PollFlags::IN | PollFlags::OUT | PollFlags::PRI;
    let mut fds = [PollFd::from_borrowed_fd(socket.as_fd(), events)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).unwrap();
    fds[0].revents()
}

/// As `select(2)` counts it.
fn is_readable(flags: PollFlags) -> bool {
    flags.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR)
}

/// As `select(2)` counts it.
fn is_writable(flags: PollFlags) -> bool {
    flags.intersects(PollFlags::OUT | PollFlags::ERR)
}

fn number<T: TryInto<u32, Error: std::fmt::Debug>>(value: T) -> u32 {
    value.try_into().unwrap()
}

fn bad_file() -> io::Error {
    io::Error::from_raw_os_error(EBADF.cast_signed())
}

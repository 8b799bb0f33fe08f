//! What a program asks for when it enters a call: from its number, its arguments, and the memory of its process.

use std::net::{Ipv4Addr, Ipv6Addr};

use framescope_syscall::{Address, BlockedOn, Data, Fd, Shutdown, SocketOption, Syscall, Wait};
use rustix::time::{ClockId, clock_gettime};

use super::called::{Called, Polled};
use super::descriptor::Kind;
use super::epoll::Interest;
use super::memory::{MAX_CALL, Memory, Piece, length};
use super::process::Process;

/// The most descriptors of a `poll` or `select` that are looked at.
const MAX_POLLED: u64 = 1024;

/// What is asked for.
#[derive(Debug)]
pub(super) enum Entered {
    /// What the lab's programs ask for too.
    Call(Called),
    /// To write these bytes to the terminal.
    Print { bytes: Vec<u8>, to_stderr: bool },
    /// To read from the terminal.
    Read(Vec<Piece>),
    /// To wait for a socket that is folded: one that this thread or another has tried in vain.
    WaitFor,
    /// To wait until something can be read from the terminal, or what epoll(7) waits for besides.
    AwaitsInput,
    /// To have something happen after this time, in microseconds, which is no part of the call. `None`: again and again, or
    /// nobody knows when.
    Timer(Option<u64>),
    /// To have calls on a socket fail after this time, in microseconds.
    TimeLimit(u64),
    /// To be told of this socket by epoll(7).
    Polled(u64),
    /// To have another descriptor of what one stands for. What this descriptor has stood for until then is closed.
    Duplicate(Option<i32>),
    /// To close several descriptors: from the first to the second.
    ClosesMany(i32, i32),
    /// To change how the calls of this descriptor wait.
    SetsFlags(i32),
    /// To send more than [`MAX_CALL`].
    TooLong,
    /// Nothing that is shown.
    Other,
}

/// What the call at whose entry a thread has stopped asks for. `number` is one of `libc::SYS_*`. `raw`: a wait of epoll(7) is
/// a call too.
pub(super) fn entered(process: &Process, number: i64, arguments: [u64; 6], raw: bool) -> Entered {
    let memory = process.memory();
    let [first, second, third, fourth, ..] = arguments;
    let buffer = || vec![Piece { address: second, length: third }];
    match number {
        libc::SYS_socket => {
            let (family, kind) = (int(first), int(second) & 0xf);
            let is_tcp = [libc::AF_INET, libc::AF_INET6].contains(&family)
                && kind == libc::SOCK_STREAM
                && [0, libc::IPPROTO_TCP].contains(&int(third));
            if is_tcp { call(Syscall::Socket, None) } else { Entered::Other }
        }
        libc::SYS_read => receive(process, int(first), buffer(), 0),
        libc::SYS_readv => receive(process, int(first), memory.pieces(second, third), 0),
        libc::SYS_recvfrom => receive(process, int(first), buffer(), int(fourth)),
        libc::SYS_recvmsg => receive(process, int(first), memory.message(second), int(third)),
        libc::SYS_write => send(process, int(first), &buffer(), 0),
        libc::SYS_writev => send(process, int(first), &memory.pieces(second, third), 0),
        libc::SYS_sendto => send(process, int(first), &buffer(), int(fourth)),
        libc::SYS_sendmsg => send(process, int(first), &memory.message(second), int(third)),
        libc::SYS_sendfile => send_file(process, arguments),
        libc::SYS_dup => Entered::Duplicate(None),
        libc::SYS_dup3 => duplicate(process, int(first), int(second)),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_dup2 => duplicate(process, int(first), int(second)),
        libc::SYS_close_range => {
            process.changes_all();
            let closes = third & u64::from(libc::CLOSE_RANGE_CLOEXEC) == 0;
            let last = i32::try_from(second & u64::from(u32::MAX)).unwrap_or(i32::MAX);
            if closes { Entered::ClosesMany(int(first), last) } else { Entered::Other }
        }
        libc::SYS_fcntl if int(second) == libc::F_SETFL => Entered::SetsFlags(int(first)),
        libc::SYS_ioctl => Entered::SetsFlags(int(first)),
        libc::SYS_fcntl => Entered::Duplicate(None),
        libc::SYS_epoll_ctl => {
            let (descriptor, is_over) = (int(third), int(second) == libc::EPOLL_CTL_DEL);
            let interest = if is_over { None } else { interest(memory, fourth) };
            process.polls(int(first), descriptor, interest);
            match process.kind(descriptor) {
                Kind::Tcp { inode, .. } => Entered::Polled(inode),
                Kind::Terminal | Kind::Other => Entered::Other,
            }
        }
        libc::SYS_epoll_pwait => epoll_wait(process, arguments, raw),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait => epoll_wait(process, arguments, raw),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_alarm => Entered::Timer(Some(u64::from(seconds(first)) * 1_000_000)),
        libc::SYS_setitimer => timer(|at| timeval(memory, at), second),
        libc::SYS_timer_settime | libc::SYS_timerfd_settime => {
            // At a time of a clock, if there is any flag.
            if int(second) == 0 {
                timer(|at| memory.microseconds(at), third)
            } else {
                Entered::Timer(None)
            }
        }
        libc::SYS_ppoll => {
            let wait = if third == 0 { None } else { memory.microseconds(third) };
            poll(process, first, second, wait)
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll => {
            let wait = u64::try_from(int(third)).ok().map(|ms| ms * 1000);
            poll(process, first, second, wait)
        }
        libc::SYS_pselect6 => {
            let wait = timeout(arguments[4], |address| memory.microseconds(address));
            select(process, first, [second, third, fourth], wait)
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select => {
            let wait = timeout(arguments[4], |address| timeval(memory, address));
            select(process, first, [second, third, fourth], wait)
        }
        libc::SYS_clock_nanosleep => sleep(memory, int(first), int(second), third),
        number => {
            let kind = process.kind(int(first));
            if number == libc::SYS_close {
                process.closes(int(first));
            }
            match kind {
                Kind::Tcp { inode, is_nonblocking } => {
                    of_socket(process, number, arguments, inode, is_nonblocking)
                }
                Kind::Terminal | Kind::Other => Entered::Other,
            }
        }
    }
}

/// `dup2(2)`: the second one becomes another descriptor of what the first one stands for.
fn duplicate(process: &Process, first: i32, second: i32) -> Entered {
    if first == second {
        return Entered::Other;
    }
    let is_closed = matches!(process.kind(second), Kind::Tcp { .. }) && process.has(first);
    process.closes(second);
    Entered::Duplicate(is_closed.then_some(second))
}

/// A call that has one socket.
fn of_socket(
    process: &Process,
    number: i64,
    arguments: [u64; 6],
    inode: u64,
    is_nonblocking: bool,
) -> Entered {
    let memory = process.memory();
    let [descriptor, second, third, fourth, ..] = arguments;
    let descriptor = int(descriptor);
    let fd = shown(descriptor);
    let wait = waits(is_nonblocking, 0);
    let asked = match number {
        libc::SYS_bind => match address(memory, second, third) {
            Some(address) => Syscall::Bind { fd, address },
            None => return Entered::Other,
        },
        libc::SYS_connect => match address(memory, second, third) {
            Some(address) => Syscall::Connect { fd, address, wait },
            None => return Entered::Other,
        },
        libc::SYS_listen => Syscall::Listen { fd, backlog: int(second) },
        libc::SYS_accept | libc::SYS_accept4 => Syscall::Accept { fd, wait },
        libc::SYS_shutdown => match shutdown(int(second)) {
            Some(how) => Syscall::Shutdown { fd, how },
            None => return Entered::Other,
        },
        libc::SYS_close => Syscall::Close { fd },
        libc::SYS_getsockname => Syscall::LocalAddress { fd },
        libc::SYS_getpeername => Syscall::PeerAddress { fd },
        libc::SYS_setsockopt
            if int(second) == libc::SOL_SOCKET
                && [libc::SO_RCVTIMEO, libc::SO_SNDTIMEO].contains(&int(third)) =>
        {
            return Entered::TimeLimit(timeval(memory, fourth).unwrap_or(0));
        }
        libc::SYS_setsockopt => {
            let value = memory.int(fourth).unwrap_or(0);
            let seconds = fourth.checked_add(4).and_then(|at| memory.int(at)).unwrap_or(0);
            match option(int(second), int(third), value, seconds) {
                Some(option) => Syscall::SetOption { fd, option },
                None => return Entered::Other,
            }
        }
        libc::SYS_getsockopt => match option(int(second), int(third), 0, 0) {
            Some(option) => {
                let pieces = vec![Piece { address: fourth, length: 4 }];
                let call = Syscall::GetOption { fd, option };
                return called(call, Some((descriptor, inode)), pieces, None);
            }
            None => return Entered::Other,
        },
        _ => return Entered::Other,
    };
    call(asked, Some((descriptor, inode)))
}

fn called(
    call: Syscall,
    socket: Option<(i32, u64)>,
    pieces: Vec<Piece>,
    polled: Option<Polled>,
) -> Entered {
    Entered::Call(Called { call, socket, pieces, polled, awaits_input: false })
}

fn call(call: Syscall, socket: Option<(i32, u64)>) -> Entered {
    called(call, socket, Vec::new(), None)
}

fn receive(process: &Process, descriptor: i32, pieces: Vec<Piece>, flags: i32) -> Entered {
    match process.kind(descriptor) {
        Kind::Tcp { inode, is_nonblocking } => {
            let call = Syscall::Recv {
                fd: shown(descriptor),
                length: u32::try_from(length(&pieces)).unwrap_or(u32::MAX),
                peek: flags & libc::MSG_PEEK != 0,
                wait: waits(is_nonblocking, flags),
            };
            called(call, Some((descriptor, inode)), pieces, None)
        }
        Kind::Terminal => Entered::Read(pieces),
        Kind::Other => Entered::Other,
    }
}

fn send(process: &Process, descriptor: i32, pieces: &[Piece], flags: i32) -> Entered {
    let bytes = || process.memory().bytes(pieces, length(pieces));
    match process.kind(descriptor) {
        Kind::Tcp { .. } if length(pieces) > MAX_CALL as u64 => Entered::TooLong,
        Kind::Tcp { inode, is_nonblocking } => {
            let wait = waits(is_nonblocking, flags);
            let call = Syscall::Send { fd: shown(descriptor), bytes: Data(bytes()), wait };
            called(call, Some((descriptor, inode)), Vec::new(), None)
        }
        Kind::Terminal => Entered::Print { bytes: bytes(), to_stderr: descriptor == 2 },
        Kind::Other => Entered::Other,
    }
}

/// `sendfile(2)`: what is sent is in a file.
fn send_file(process: &Process, [descriptor, file, offset, count, ..]: [u64; 6]) -> Entered {
    let Kind::Tcp { inode, is_nonblocking } = process.kind(int(descriptor)) else {
        return Entered::Other;
    };
    let at = (offset != 0).then(|| process.memory().words::<1>(offset)).flatten();
    let Some(bytes) = process.file(int(file), at.map(|[at]| at), count) else {
        return Entered::Other;
    };
    if bytes.len() > MAX_CALL {
        return Entered::TooLong;
    }
    let (fd, wait) = (shown(int(descriptor)), waits(is_nonblocking, 0));
    call(Syscall::Send { fd, bytes: Data(bytes), wait }, Some((int(descriptor), inode)))
}

/// How long a call waits at this socket.
fn waits(is_nonblocking: bool, flags: i32) -> Wait {
    if flags & libc::MSG_DONTWAIT != 0 || is_nonblocking { Wait::Never } else { Wait::Forever }
}

fn wait_of(us: Option<u64>) -> Wait {
    match us {
        None => Wait::Forever,
        Some(0) => Wait::Never,
        Some(us) => Wait::For(us),
    }
}

fn poll(process: &Process, at: u64, count: u64, us: Option<u64>) -> Entered {
    let (mut read, mut write) = (Vec::new(), Vec::new());
    for (descriptor, asked, _) in pollfds(process.memory(), at, count) {
        if asked & libc::POLLIN != 0 {
            read.push(descriptor);
        }
        if asked & libc::POLLOUT != 0 {
            write.push(descriptor);
        }
    }
    ready(process, &read, &write, us, Polled::Poll { address: at, count })
}

/// The descriptors of a `poll`, what is asked of each, and what was answered.
pub(super) fn pollfds(
    memory: Memory,
    address: u64,
    count: u64,
) -> impl Iterator<Item = (i32, i16, i16)> {
    (0..count.min(MAX_POLLED)).map_while(move |index| {
        let at = address.checked_add(index * 8)?;
        let flags = |after: u64| memory.array(at + after).map(i16::from_ne_bytes);
        Some((memory.int(at)?, flags(4)?, flags(6)?))
    })
}

fn select(process: &Process, end: u64, sets: [u64; 3], us: Option<u64>) -> Entered {
    let [read, write, _] = sets.map(|set| members(process.memory(), set, end));
    ready(process, &read, &write, us, Polled::Select { sets, end })
}

/// The descriptors in an `fd_set`.
pub(super) fn members(memory: Memory, set: u64, end: u64) -> Vec<i32> {
    if set == 0 {
        return Vec::new();
    }
    let is_in = |descriptor: &i32| {
        let byte = u64::try_from(descriptor / 8).ok().and_then(|at| set.checked_add(at));
        let byte = byte.and_then(|at| memory.array(at));
        byte.is_some_and(|[byte]: [u8; 1]| byte & (1 << (descriptor % 8)) != 0)
    };
    (0..int(end.min(MAX_POLLED))).filter(is_in).collect()
}

/// A wait for several descriptors. Only sockets are shown.
fn ready(
    process: &Process,
    read: &[i32],
    write: &[i32],
    us: Option<u64>,
    polled: Polled,
) -> Entered {
    let is_folded = read.iter().chain(write).any(|descriptor| process.has_folded(*descriptor));
    let awaits_input = read.iter().any(|one| process.kind(*one) == Kind::Terminal);
    if is_folded {
        return if awaits_input { Entered::AwaitsInput } else { Entered::WaitFor };
    }
    let sockets = |all: &[i32]| -> Vec<Fd> {
        let is_tcp = |one: &i32| matches!(process.kind(*one), Kind::Tcp { .. });
        all.iter().copied().filter(is_tcp).map(shown).collect()
    };
    let (read, write) = (sockets(read), sockets(write));
    if read.is_empty() && write.is_empty() {
        return if awaits_input { Entered::AwaitsInput } else { Entered::Other };
    }
    let call = Syscall::Select { read, write, except: Vec::new(), wait: wait_of(us) };
    let (pieces, polled) = (Vec::new(), Some(polled));
    Entered::Call(Called { call, socket: None, pieces, polled, awaits_input })
}

fn epoll_wait(process: &Process, arguments: [u64; 6], raw: bool) -> Entered {
    let [epoll, address, _, timeout, ..] = arguments;
    let polled = process.polled(int(epoll));
    let awaits_input = polled.iter().any(|(one, _)| process.kind(*one) == Kind::Terminal);
    if !raw {
        return if awaits_input { Entered::AwaitsInput } else { Entered::WaitFor };
    }
    let asks = |flag: i32| -> Vec<i32> {
        let asked =
            polled.iter().filter(|(_, interest)| interest.events & flag.unsigned_abs() != 0);
        asked.map(|(descriptor, _)| *descriptor).collect()
    };
    let us = u64::try_from(int(timeout)).ok().map(|ms| ms * 1000);
    let (read, write) = (asks(libc::EPOLLIN), asks(libc::EPOLLOUT));
    ready(process, &read, &write, us, Polled::Epoll { epoll: int(epoll), address })
}

/// The size of a `struct epoll_event`, which is packed on x86-64, and where its `data` is.
const EPOLL_EVENT: (u64, u64) = if cfg!(target_arch = "x86_64") { (12, 4) } else { (16, 8) };

/// A `struct epoll_event`.
fn interest(memory: Memory, address: u64) -> Option<Interest> {
    let events = memory.array(address).map(u32::from_ne_bytes)?;
    let data = memory.array(address.checked_add(EPOLL_EVENT.1)?).map(u64::from_ne_bytes)?;
    Some(Interest { events, data })
}

/// What `epoll_wait` has answered: this many of these structures.
pub(super) fn answers(memory: Memory, address: u64, count: u64) -> Vec<Interest> {
    let at = |index: u64| address.checked_add(index * EPOLL_EVENT.0);
    (0..count.min(MAX_POLLED)).map_while(|index| interest(memory, at(index)?)).collect()
}

/// A timer: at this address are the time after which it goes off again, and the one after which it goes off first.
fn timer(time: impl Fn(u64) -> Option<u64>, at: u64) -> Entered {
    let again = time(at).unwrap_or(0);
    let first = at.checked_add(16).and_then(time).unwrap_or(0);
    Entered::Timer(if first > 0 && again > 0 { None } else { Some(first) })
}

/// A `struct timeval` in microseconds.
fn timeval(memory: Memory, address: u64) -> Option<u64> {
    let [seconds, us] = memory.words(address)?;
    seconds.checked_mul(1_000_000)?.checked_add(us)
}

/// The limit of a call that has none if the address is 0.
fn timeout(address: u64, read: impl FnOnce(u64) -> Option<u64>) -> Option<u64> {
    if address == 0 { None } else { read(address) }
}

/// `clock_nanosleep(2)`, for a time or up to one.
fn sleep(memory: Memory, clock: i32, flags: i32, address: u64) -> Entered {
    let Some(us) = memory.microseconds(address) else { return Entered::Other };
    let us = if flags & libc::TIMER_ABSTIME == 0 {
        us
    } else {
        let clock =
            if clock == libc::CLOCK_REALTIME { ClockId::Realtime } else { ClockId::Monotonic };
        let now = clock_gettime(clock);
        let now = u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000
            + u64::try_from(now.tv_nsec).unwrap_or(0) / 1000;
        us.saturating_sub(now)
    };
    call(Syscall::Sleep { us }, None)
}

/// A `struct sockaddr_in` or `sockaddr_in6` of this length. `None` if it is another, or no address of IPv4.
fn address(memory: Memory, at: u64, length: u64) -> Option<Address> {
    let family = u16::from_ne_bytes(memory.array(at)?);
    let port = u16::from_be_bytes(memory.array(at.checked_add(2)?)?);
    match i32::from(family) {
        libc::AF_INET if length >= 16 => {
            let ip = Ipv4Addr::from(memory.array::<4>(at.checked_add(4)?)?);
            Some(Address { ip, port })
        }
        libc::AF_INET6 if length >= 28 => {
            let ip = Ipv6Addr::from(memory.array::<16>(at.checked_add(8)?)?);
            let any = ip.is_unspecified().then_some(Ipv4Addr::UNSPECIFIED);
            Some(Address { ip: ip.to_ipv4_mapped().or(any)?, port })
        }
        _ => None,
    }
}

const fn shutdown(how: i32) -> Option<Shutdown> {
    match how {
        libc::SHUT_RD => Some(Shutdown::Read),
        libc::SHUT_WR => Some(Shutdown::Write),
        libc::SHUT_RDWR => Some(Shutdown::Both),
        _ => None,
    }
}

/// An option that is shown, with its value.
pub(super) fn option(level: i32, name: i32, value: i32, seconds: i32) -> Option<SocketOption> {
    let (on, number) = (value != 0, u32::try_from(value).unwrap_or(0));
    Some(match (level, name) {
        (libc::SOL_SOCKET, libc::SO_REUSEADDR) => SocketOption::ReuseAddress(on),
        (libc::SOL_SOCKET, libc::SO_REUSEPORT) => SocketOption::ReusePort(on),
        (libc::SOL_SOCKET, libc::SO_KEEPALIVE) => SocketOption::KeepAlive(on),
        (libc::SOL_SOCKET, libc::SO_RCVBUF) => SocketOption::RecvBuffer(number),
        (libc::SOL_SOCKET, libc::SO_SNDBUF) => SocketOption::SendBuffer(number),
        (libc::SOL_SOCKET, libc::SO_LINGER) => {
            SocketOption::Linger { on, seconds: u32::try_from(seconds).unwrap_or(0) }
        }
        (libc::IPPROTO_TCP, libc::TCP_NODELAY) => SocketOption::Nodelay(on),
        (libc::SOL_SOCKET, libc::SO_ERROR) => SocketOption::Error(number),
        (libc::SOL_SOCKET, libc::SO_TYPE) => SocketOption::Type(number),
        (libc::SOL_SOCKET, libc::SO_ACCEPTCONN) => SocketOption::Listens(on),
        _ => return None,
    })
}

/// What a call waits for.
pub(super) const fn waits_for(call: &Syscall) -> Option<BlockedOn> {
    match call {
        Syscall::Accept { .. } => Some(BlockedOn::Client),
        Syscall::Connect { .. } => Some(BlockedOn::Handshake),
        Syscall::Send { .. } => Some(BlockedOn::BufferSpace),
        Syscall::Recv { .. } => Some(BlockedOn::Bytes),
        Syscall::Select { .. } => Some(BlockedOn::Readiness),
        Syscall::Sleep { .. } => Some(BlockedOn::Clock),
        Syscall::Socket
        | Syscall::Bind { .. }
        | Syscall::Listen { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Close { .. }
        | Syscall::SetOption { .. }
        | Syscall::GetOption { .. }
        | Syscall::LocalAddress { .. }
        | Syscall::PeerAddress { .. }
        | Syscall::Time(_) => None,
    }
}

/// A C `unsigned int` among the arguments: the lower half.
#[cfg(target_arch = "x86_64")]
#[expect(clippy::cast_possible_truncation, reason = "as the kernel reads it")]
const fn seconds(argument: u64) -> u32 {
    argument as u32
}

/// A C `int` among the arguments: the lower half.
#[expect(clippy::cast_possible_truncation, reason = "as the kernel reads it")]
pub(super) const fn int(argument: u64) -> i32 {
    argument as i32
}

/// A descriptor as it stands in a trace.
pub(super) fn shown(descriptor: i32) -> Fd {
    Fd(u32::try_from(descriptor).unwrap_or(u32::MAX))
}

//! What a call has returned: from its number, and the memory of its process.

use std::net::Ipv4Addr;

use framescope_syscall::{Address, Data, Fd, Ready, Returned, SocketOption, Syscall};

use super::called::{Called, Polled};
use super::descriptor::shown as shown_address;
use super::entered::{answers, int, members, pollfds, shown};
use super::epoll::Interest;
use super::process::Process;

/// What a call has returned. `value` is its result, or the negative errno.
pub(super) fn returned(process: &Process, called: &Called, value: i64) -> Returned {
    if let Ok(errno) = u32::try_from(value.wrapping_neg())
        && errno > 0
    {
        return Returned::Failed(errno);
    }
    let descriptor = int(value.unsigned_abs());
    let count = u32::try_from(value).unwrap_or(0);
    let socket = || called.socket.and_then(|(descriptor, _)| process.tcp(descriptor));
    match &called.call {
        Syscall::Socket => Returned::Opened(shown(descriptor)),
        Syscall::Accept { .. } => {
            let peer = process.tcp(descriptor).and_then(|socket| socket.peer());
            // It may have reset the connection already.
            let unknown = Address { ip: Ipv4Addr::UNSPECIFIED, port: 0 };
            let peer = peer.map_or(unknown, shown_address);
            Returned::Accepted { fd: shown(descriptor), peer }
        }
        Syscall::Send { .. } => Returned::Sent(count),
        Syscall::Recv { .. } => {
            Returned::Received(Data(process.memory().bytes(&called.pieces, value.unsigned_abs())))
        }
        Syscall::GetOption { option: SocketOption::Error(_), .. } => {
            let value = called.pieces.first().and_then(|one| process.memory().int(one.address));
            let errno = value.and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
            Returned::Option(SocketOption::Error(errno))
        }
        Syscall::GetOption { option, .. } => {
            let now = socket().and_then(|socket| socket.option(*option));
            Returned::Option(now.unwrap_or(*option))
        }
        Syscall::LocalAddress { .. } => socket()
            .and_then(|socket| socket.local())
            .map_or(Returned::Done, |address| Returned::Address(shown_address(address))),
        Syscall::PeerAddress { .. } => socket()
            .and_then(|socket| socket.peer())
            .map_or(Returned::Done, |address| Returned::Address(shown_address(address))),
        Syscall::Select { read, write, .. } => ready(process, called, read, write, count),
        Syscall::Connect { .. }
        | Syscall::Bind { .. }
        | Syscall::Listen { .. }
        | Syscall::Shutdown { .. }
        | Syscall::Close { .. }
        | Syscall::SetOption { .. }
        | Syscall::Sleep { .. }
        | Syscall::Time(_) => Returned::Done,
    }
}

/// The sockets that are ready, of those that a `poll` or `select` was asked about.
fn ready(process: &Process, called: &Called, read: &[Fd], write: &[Fd], count: u32) -> Returned {
    if count == 0 {
        return Returned::Ready(Ready::default());
    }
    let memory = process.memory();
    let (readable, writable) = match called.polled {
        Some(Polled::Poll { address, count }) => {
            let all: Vec<_> = pollfds(memory, address, count).collect();
            let with = |flags: i16| {
                let is = move |(_, _, now): &&(i32, i16, i16)| now & flags != 0;
                all.iter().filter(is).map(|(one, ..)| *one).collect::<Vec<_>>()
            };
            let ends = libc::POLLHUP | libc::POLLERR;
            (with(libc::POLLIN | ends), with(libc::POLLOUT | ends))
        }
        Some(Polled::Select { sets: [read, write, _], end }) => {
            (members(memory, read, end), members(memory, write, end))
        }
        Some(Polled::Epoll { epoll, address }) => {
            let (polled, answers) = (process.polled(epoll), answers(memory, address, count.into()));
            let with = |flags: i32| {
                let is = |data: u64| {
                    let own = |one: &&Interest| one.data == data;
                    answers
                        .iter()
                        .find(own)
                        .is_some_and(|one| one.events & flags.unsigned_abs() != 0)
                };
                let ready = polled.iter().filter(|(_, interest)| is(interest.data));
                ready.map(|(descriptor, _)| *descriptor).collect::<Vec<_>>()
            };
            let ends = libc::EPOLLHUP | libc::EPOLLERR;
            (with(libc::EPOLLIN | ends), with(libc::EPOLLOUT | ends))
        }
        None => (Vec::new(), Vec::new()),
    };
    let among = |all: &[i32], asked: &[Fd]| -> Vec<Fd> {
        all.iter().copied().map(shown).filter(|fd| asked.contains(fd)).collect()
    };
    let (read, write) = (among(&readable, read), among(&writable, write));
    Returned::Ready(Ready { read, write, except: Vec::new() })
}

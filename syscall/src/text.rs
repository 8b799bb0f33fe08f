//! The text of system calls and of what they return: a call as a C program would write it.

use std::fmt;

use framescope_record::{Data, python_repr};

use crate::errno;
use crate::syscall::{Clock, Fd, Returned, Shutdown, SocketOption, Syscall};

/// How many bytes of a send or a receive are shown.
const SHOWN_BYTES: usize = 40;

fn bytes_text(Data(bytes): &Data) -> String {
    match bytes.get(..SHOWN_BYTES) {
        Some(start) if bytes.len() > SHOWN_BYTES => {
            format!("{}... {} bytes", python_repr(start), bytes.len())
        }
        Some(_) | None => python_repr(bytes),
    }
}

fn list(fds: &[Fd]) -> String {
    let numbers: Vec<String> = fds.iter().map(|fd| fd.0.to_string()).collect();
    format!("[{}]", numbers.join(", "))
}

fn seconds(us: u64) -> String {
    format!("{}.{:03} s", us / 1_000_000, us / 1000 % 1000)
}

impl fmt::Display for SocketOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |on: &bool| u32::from(*on);
        match self {
            Self::ReuseAddress(value) => write!(f, "SO_REUSEADDR, {}", on(value)),
            Self::ReusePort(value) => write!(f, "SO_REUSEPORT, {}", on(value)),
            Self::KeepAlive(value) => write!(f, "SO_KEEPALIVE, {}", on(value)),
            Self::RecvBuffer(bytes) => write!(f, "SO_RCVBUF, {bytes}"),
            Self::SendBuffer(bytes) => write!(f, "SO_SNDBUF, {bytes}"),
            Self::Linger { on: value, seconds } => {
                write!(f, "SO_LINGER, {}, {seconds} s", on(value))
            }
            Self::Nodelay(value) => write!(f, "TCP_NODELAY, {}", on(value)),
            Self::Error(number) => write!(f, "SO_ERROR, {number}"),
            Self::Type(number) => write!(f, "SO_TYPE, {number}"),
            Self::Listens(value) => write!(f, "SO_ACCEPTCONN, {}", on(value)),
        }
    }
}

impl fmt::Display for Syscall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket => write!(f, "socket()"),
            Self::Bind { fd, address } => write!(f, "bind({}, {address})", fd.0),
            Self::Listen { fd, backlog } => write!(f, "listen({}, {backlog})", fd.0),
            Self::Accept { fd, .. } => write!(f, "accept({})", fd.0),
            Self::Connect { fd, address, .. } => write!(f, "connect({}, {address})", fd.0),
            Self::Send { fd, bytes, .. } => write!(f, "send({}, {})", fd.0, bytes_text(bytes)),
            Self::Recv { fd, length, peek, .. } => {
                write!(f, "recv({}, {length}{})", fd.0, if *peek { ", MSG_PEEK" } else { "" })
            }
            Self::Shutdown { fd, how } => {
                let how = match how {
                    Shutdown::Read => "SHUT_RD",
                    Shutdown::Write => "SHUT_WR",
                    Shutdown::Both => "SHUT_RDWR",
                };
                write!(f, "shutdown({}, {how})", fd.0)
            }
            Self::Close { fd } => write!(f, "close({})", fd.0),
            Self::SetOption { fd, option } => write!(f, "setsockopt({}, {option})", fd.0),
            Self::GetOption { fd, option } => {
                let text = option.to_string();
                write!(f, "getsockopt({}, {})", fd.0, text.split(',').next().unwrap_or_default())
            }
            Self::LocalAddress { fd } => write!(f, "getsockname({})", fd.0),
            Self::PeerAddress { fd } => write!(f, "getpeername({})", fd.0),
            Self::Select { read, write, except, .. } => {
                write!(f, "select({}, {}, {})", list(read), list(write), list(except))
            }
            Self::Sleep { us } => write!(f, "sleep({})", seconds(*us)),
            Self::Time(Clock::Real) => write!(f, "time()"),
            Self::Time(Clock::Monotonic) => write!(f, "monotonic()"),
        }
    }
}

impl fmt::Display for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => write!(f, "0"),
            Self::Opened(fd) => write!(f, "{}", fd.0),
            Self::Accepted { fd, peer } => write!(f, "{}, from {peer}", fd.0),
            Self::Sent(count) => write!(f, "{count}"),
            Self::Received(bytes) => write!(f, "{}", bytes_text(bytes)),
            Self::Option(option) => {
                let text = option.to_string();
                write!(f, "{}", text.split_once(", ").map_or("", |(_, value)| value))
            }
            Self::Address(address) => write!(f, "{address}"),
            Self::Ready(ready) => {
                write!(f, "{}, {}, {}", list(&ready.read), list(&ready.write), list(&ready.except))
            }
            Self::Time(ns) => write!(f, "{}", seconds(ns / 1000)),
            Self::TimedOut => write!(f, "timed out"),
            Self::Failed(number) => match errno::find(*number) {
                Some(errno) => write!(f, "{}: {}", errno.name, errno.message),
                None => write!(f, "errno {number}"),
            },
        }
    }
}

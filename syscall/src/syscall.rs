//! The system calls of a program, and what they return.

use std::fmt;
use std::net::Ipv4Addr;

use framescope_record::Data;
use serde::{Deserialize, Serialize};

/// A file descriptor. 0, 1 and 2 are the standard streams, so the first socket is 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fd(pub u32);

/// An address of a TCP socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The host.
    pub ip: Ipv4Addr,
    /// The port. In `bind`, 0 asks the kernel for a free one.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.ip, self.port)
    }
}

/// How long a call waits if it cannot return at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Until it can return.
    Forever,
    /// Not at all: it returns `EAGAIN`, or `EINPROGRESS` if it is a connect.
    Never,
    /// At most this long, in microseconds. Then [`Returned::TimedOut`].
    For(u64),
}

/// A system call. All of them are about TCP over IPv4, or about time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Syscall {
    /// `socket(2)`: makes a TCP socket. Returns [`Returned::Opened`].
    Socket,
    /// `bind(2)`.
    Bind {
        /// The socket.
        fd: Fd,
        /// Its own address.
        address: Address,
    },
    /// `listen(2)`. A negative backlog is the largest, as on Linux.
    Listen {
        /// The socket.
        fd: Fd,
        /// How many connections may wait for an `accept`, less one.
        backlog: i32,
    },
    /// `accept(2)`. Returns [`Returned::Accepted`].
    Accept {
        /// The listening socket.
        fd: Fd,
        /// How long it waits for a client.
        wait: Wait,
    },
    /// `connect(2)`.
    Connect {
        /// The socket.
        fd: Fd,
        /// The address of the server.
        address: Address,
        /// How long it waits for the handshake.
        wait: Wait,
    },
    /// `send(2)`. Returns [`Returned::Sent`].
    Send {
        /// The socket.
        fd: Fd,
        /// The bytes. The kernel may take only the first of them.
        bytes: Data,
        /// How long it waits for space in the send buffer.
        wait: Wait,
    },
    /// `recv(2)`. Returns [`Returned::Received`]; no bytes mean the end of the stream.
    Recv {
        /// The socket.
        fd: Fd,
        /// The most bytes to return.
        length: u32,
        /// Whether the bytes stay in the receive buffer (`MSG_PEEK`).
        peek: bool,
        /// How long it waits for the first byte.
        wait: Wait,
    },
    /// `shutdown(2)`.
    Shutdown {
        /// The socket.
        fd: Fd,
        /// Which direction ends.
        how: Shutdown,
    },
    /// `close(2)`.
    Close {
        /// The socket.
        fd: Fd,
    },
    /// `setsockopt(2)`.
    SetOption {
        /// The socket.
        fd: Fd,
        /// The option and its value.
        option: SocketOption,
    },
    /// `getsockopt(2)`. Returns [`Returned::Option`].
    GetOption {
        /// The socket.
        fd: Fd,
        /// The option. Its value is not used.
        option: SocketOption,
    },
    /// `getsockname(2)`. Returns [`Returned::Address`].
    LocalAddress {
        /// The socket.
        fd: Fd,
    },
    /// `getpeername(2)`. Returns [`Returned::Address`].
    PeerAddress {
        /// The socket.
        fd: Fd,
    },
    /// `select(2)`. Returns [`Returned::Ready`].
    Select {
        /// The sockets to read from.
        read: Vec<Fd>,
        /// The sockets to write to.
        write: Vec<Fd>,
        /// The sockets with out-of-band data. The kernels here never have any.
        except: Vec<Fd>,
        /// How long it waits for one of them. After that, none is ready.
        wait: Wait,
    },
    /// Sleeps.
    Sleep {
        /// How long, in microseconds.
        us: u64,
    },
    /// Reads a clock. Returns [`Returned::Time`].
    Time(Clock),
}

impl Syscall {
    /// How long it waits if it cannot return at once. `None`: it never waits for others.
    #[must_use]
    pub const fn wait(&self) -> Option<Wait> {
        match self {
            Self::Accept { wait, .. }
            | Self::Connect { wait, .. }
            | Self::Send { wait, .. }
            | Self::Recv { wait, .. }
            | Self::Select { wait, .. } => Some(*wait),
            Self::Socket
            | Self::Bind { .. }
            | Self::Listen { .. }
            | Self::Shutdown { .. }
            | Self::Close { .. }
            | Self::SetOption { .. }
            | Self::GetOption { .. }
            | Self::LocalAddress { .. }
            | Self::PeerAddress { .. }
            | Self::Sleep { .. }
            | Self::Time(_) => None,
        }
    }

    /// Whether it makes, uses or ends a connection, or waits for one.
    #[must_use]
    pub const fn is_about_a_connection(&self) -> bool {
        match self {
            Self::Listen { .. }
            | Self::Accept { .. }
            | Self::Connect { .. }
            | Self::Send { .. }
            | Self::Recv { .. }
            | Self::Shutdown { .. }
            | Self::Close { .. } => true,
            Self::Socket
            | Self::Bind { .. }
            | Self::SetOption { .. }
            | Self::GetOption { .. }
            | Self::LocalAddress { .. }
            | Self::PeerAddress { .. }
            | Self::Select { .. }
            | Self::Sleep { .. }
            | Self::Time(_) => false,
        }
    }
}

/// A direction of a connection, in `shutdown(2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shutdown {
    /// `SHUT_RD`.
    Read,
    /// `SHUT_WR`: a FIN follows what was sent.
    Write,
    /// `SHUT_RDWR`.
    Both,
}

/// An option of a socket, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocketOption {
    /// `SO_REUSEADDR`.
    ReuseAddress(bool),
    /// `SO_REUSEPORT`.
    ReusePort(bool),
    /// `SO_KEEPALIVE`.
    KeepAlive(bool),
    /// `SO_RCVBUF`, in bytes. Linux keeps twice the number that is set.
    RecvBuffer(u32),
    /// `SO_SNDBUF`, in bytes. Linux keeps twice the number that is set.
    SendBuffer(u32),
    /// `SO_LINGER`: whether a close waits, and for how many seconds. On, with 0 seconds, a close sends a
    /// reset.
    Linger {
        /// Whether it is on.
        on: bool,
        /// In seconds.
        seconds: u32,
    },
    /// `TCP_NODELAY`.
    Nodelay(bool),
    /// `SO_ERROR`: the error of a connect that did not wait, as an errno. Reading it clears it.
    Error(u32),
    /// `SO_TYPE`. 1 is `SOCK_STREAM`.
    Type(u32),
    /// `SO_ACCEPTCONN`: whether the socket listens.
    Listens(bool),
}

/// A clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Since 1970, in UTC.
    Real,
    /// Never goes back. Its zero has no meaning.
    Monotonic,
}

/// What a system call returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returned {
    /// It succeeded, and has no value.
    Done,
    /// The new socket of `Socket`.
    Opened(Fd),
    /// The new connection of `Accept`.
    Accepted {
        /// The socket.
        fd: Fd,
        /// The client's address.
        peer: Address,
    },
    /// The number of bytes that `Send` took.
    Sent(u32),
    /// The bytes of `Recv`.
    Received(Data),
    /// The option of `GetOption`.
    Option(SocketOption),
    /// The address of `LocalAddress` or `PeerAddress`.
    Address(Address),
    /// The sockets of `Select`.
    Ready(Ready),
    /// The time of `Time`, in nanoseconds.
    Time(u64),
    /// The time in [`Wait::For`] was over.
    TimedOut,
    /// It failed. The number is one of [`crate::errno`]: Linux's, or Winsock's on real sockets of Windows.
    Failed(u32),
}

/// The sockets that are ready, in the order of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// To read from: bytes, the end of the stream, an error, or a client to accept.
    pub read: Vec<Fd>,
    /// To write to.
    pub write: Vec<Fd>,
    /// With out-of-band data.
    pub except: Vec<Fd>,
}

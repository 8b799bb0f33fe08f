//! The calls that programs are made of.

use framescope_record::Data;
use serde::{Deserialize, Serialize};

/// One call of a program, as a student would write it.
///
/// After an `accept`, the server's calls act on the connection that it accepted last. Its earlier
/// connections stay open until the program ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// `server.listen(backlog)`, after `socket()` and `bind()`.
    Listen {
        /// The length of the accept queue. Linux keeps one connection more.
        backlog: u16,
    },
    /// `server.accept()`.
    Accept,
    /// `client.connect(ADDRESS)`.
    Connect,
    /// `sendall(bytes)`: as many `send` calls as are needed.
    Send(Data),
    /// A header and its payload in one `sendall`.
    SendMessage(Data),
    /// Only a header. The number in it need not be a payload's length.
    SendHeader(i64),
    /// `recv(n)`: at most `n` bytes.
    Recv(u32),
    /// `recv` until there are `n` bytes.
    RecvExact(u32),
    /// The wrong way that many tutorials teach: `recv(4)`, then one `recv(length)`.
    RecvNaive,
    /// The right way: `recv` until a message is complete, and keep the bytes after it.
    RecvMessage,
    /// `time.sleep`.
    Sleep {
        /// Milliseconds.
        ms: u32,
    },
    /// `TCP_NODELAY` on or off.
    SetNodelay(bool),
    /// `SO_RCVBUF` in bytes. A server sets it on its listening socket, and accepted connections
    /// inherit it.
    SetRecvBuffer(u32),
    /// `SO_SNDBUF` in bytes.
    SetSendBuffer(u32),
    /// `shutdown(SHUT_WR)`: ends the sending direction.
    ShutdownWrite,
    /// `close()`.
    Close,
    /// `SO_LINGER` with a timeout of 0, then `close()`: the peer gets a reset.
    Reset,
}

/// What a call does with the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Traffic {
    None,
    Sends,
    SendsHeader,
    Receives,
    ReadsHeader,
}

impl Call {
    const fn traffic(&self) -> Traffic {
        match self {
            Self::Listen { .. }
            | Self::Accept
            | Self::Connect
            | Self::Sleep { .. }
            | Self::SetNodelay(_)
            | Self::SetRecvBuffer(_)
            | Self::SetSendBuffer(_)
            | Self::ShutdownWrite
            | Self::Close
            | Self::Reset => Traffic::None,
            Self::Send(_) => Traffic::Sends,
            Self::SendMessage(_) | Self::SendHeader(_) => Traffic::SendsHeader,
            Self::Recv(_) | Self::RecvExact(_) => Traffic::Receives,
            Self::RecvNaive | Self::RecvMessage => Traffic::ReadsHeader,
        }
    }

    /// Whether it sends bytes.
    #[must_use]
    pub const fn sends(&self) -> bool {
        matches!(self.traffic(), Traffic::Sends | Traffic::SendsHeader)
    }

    /// Whether it sends a header. Then it sends more bytes than its Python text shows.
    #[must_use]
    pub const fn sends_header(&self) -> bool {
        matches!(self.traffic(), Traffic::SendsHeader)
    }

    /// Whether it receives bytes.
    #[must_use]
    pub const fn receives(&self) -> bool {
        matches!(self.traffic(), Traffic::Receives | Traffic::ReadsHeader)
    }

    /// Whether it reads a header.
    #[must_use]
    pub const fn reads_header(&self) -> bool {
        matches!(self.traffic(), Traffic::ReadsHeader)
    }
}

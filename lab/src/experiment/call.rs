//! The calls that programs are made of.

use framescope_record::Data;
use serde::{Deserialize, Serialize};

/// One call of a program, as a student would write it.
///
/// A server's calls after an `accept` act on the connection accepted last; earlier ones stay open
/// until the program ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// `server.listen(backlog)`, after `socket()` and `bind()`.
    Listen {
        /// How many connections may wait; Linux keeps one more.
        backlog: u16,
    },
    /// `server.accept()`.
    Accept,
    /// `client.connect(ADDRESS)`.
    Connect,
    /// `sendall(bytes)`: as many sends as it takes.
    Send(Data),
    /// Header and payload in one `sendall`.
    SendMessage(Data),
    /// A header alone, with this number in it, true or not.
    SendHeader(i64),
    /// `recv(n)`: at most `n` bytes.
    Recv(u32),
    /// `recv` until there are `n` bytes.
    RecvExact(u32),
    /// What most tutorials teach: `recv(4)`, then one `recv(length)`.
    RecvNaive,
    /// What is right: `recv` until a message is whole, and keep what is left over.
    RecvMessage,
    /// `time.sleep`.
    Sleep {
        /// Milliseconds.
        ms: u32,
    },
    /// `TCP_NODELAY` on or off.
    SetNodelay(bool),
    /// `SO_RCVBUF` in bytes; on a server, of the listener, and so of what it accepts.
    SetRecvBuffer(u32),
    /// `SO_SNDBUF` in bytes.
    SetSendBuffer(u32),
    /// `shutdown(SHUT_WR)`: no more will be sent.
    ShutdownWrite,
    /// `close()`.
    Close,
    /// `SO_LINGER` with zero seconds, then `close()`: the peer gets a reset.
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

    /// Does it send?
    #[must_use]
    pub const fn sends(&self) -> bool {
        matches!(self.traffic(), Traffic::Sends | Traffic::SendsHeader)
    }

    /// Does it send a header, so that more bytes leave than its text shows?
    #[must_use]
    pub const fn sends_header(&self) -> bool {
        matches!(self.traffic(), Traffic::SendsHeader)
    }

    /// Does it receive?
    #[must_use]
    pub const fn receives(&self) -> bool {
        matches!(self.traffic(), Traffic::Receives | Traffic::ReadsHeader)
    }

    /// Does it look for a header in what it receives?
    #[must_use]
    pub const fn reads_header(&self) -> bool {
        matches!(self.traffic(), Traffic::ReadsHeader)
    }
}

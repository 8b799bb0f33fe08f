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

//! What a server does next.

use std::fmt;
use std::time::Duration;

use framescope_framing::{DecodeError, EncodeError, Truncated};

/// What a server does next. When it has done that, it asks again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// One `recv()`. The conversation has to be told what it returned.
    Recv,
    /// Waits until a `recv()` would return something.
    AwaitReadable,
    /// Sends all of these bytes.
    Send(&'a [u8]),
    /// Does nothing for this time.
    Pause(Duration),
    /// Closes the connection. There is no next action.
    Close(End),
}

/// Why a server closes a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The client closed its side.
    ClientClosed,
    /// The client closed its side in the middle of a message.
    Truncated(Truncated),
    /// The client asked for it with `/die`.
    Died,
    /// The client sent a header that is none.
    BadHeader(DecodeError),
    /// A reply does not fit its header.
    ReplyTooLong(EncodeError),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientClosed => write!(f, "the client closed"),
            Self::Truncated(truncated) => write!(f, "{truncated}"),
            Self::Died => write!(f, "the client asked for it with /die"),
            Self::BadHeader(error) => write!(f, "{error}"),
            Self::ReplyTooLong(error) => write!(f, "{error}"),
        }
    }
}

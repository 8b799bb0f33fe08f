//! The errors of socket calls.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An error of a system call. Serialized as its name in errno(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errno {
    /// No program listens on the address.
    #[serde(rename = "ECONNREFUSED")]
    ConnectionRefused,
    /// The peer sent a reset.
    #[serde(rename = "ECONNRESET")]
    ConnectionReset,
    /// A send on a connection that the peer has reset, or that this side has shut down.
    #[serde(rename = "EPIPE")]
    BrokenPipe,
    /// The socket is connected already.
    #[serde(rename = "EISCONN")]
    IsConnected,
    /// The socket is not connected.
    #[serde(rename = "ENOTCONN")]
    NotConnected,
    /// The socket is closed, or there is none.
    #[serde(rename = "EBADF")]
    BadFile,
    /// The socket's state does not allow the call, such as `accept` before `listen`.
    #[serde(rename = "EINVAL")]
    Invalid,
    /// The peer did not answer.
    #[serde(rename = "ETIMEDOUT")]
    TimedOut,
    /// The process or the system is at its limit of open sockets.
    #[serde(rename = "EMFILE")]
    TooManyFiles,
    /// Any other error.
    #[serde(rename = "EIO")]
    Other,
}

impl Errno {
    /// The name in errno(3).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConnectionRefused => "ECONNREFUSED",
            Self::ConnectionReset => "ECONNRESET",
            Self::BrokenPipe => "EPIPE",
            Self::IsConnected => "EISCONN",
            Self::NotConnected => "ENOTCONN",
            Self::BadFile => "EBADF",
            Self::Invalid => "EINVAL",
            Self::TimedOut => "ETIMEDOUT",
            Self::TooManyFiles => "EMFILE",
            Self::Other => "EIO",
        }
    }
}

impl Errno {
    /// The text of strerror(3).
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::ConnectionRefused => "Connection refused",
            Self::ConnectionReset => "Connection reset by peer",
            Self::BrokenPipe => "Broken pipe",
            Self::IsConnected => "Transport endpoint is already connected",
            Self::NotConnected => "Transport endpoint is not connected",
            Self::BadFile => "Bad file descriptor",
            Self::Invalid => "Invalid argument",
            Self::TimedOut => "Connection timed out",
            Self::TooManyFiles => "Too many open files",
            Self::Other => "Input/output error",
        }
    }
}

/// The name and the text: `ECONNRESET: Connection reset by peer`.
impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.text())
    }
}

//! The errors that socket calls end in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An error of a system call, by its name in errno(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errno {
    /// Nobody listens at the address.
    #[serde(rename = "ECONNREFUSED")]
    ConnectionRefused,
    /// The peer sent a reset.
    #[serde(rename = "ECONNRESET")]
    ConnectionReset,
    /// A send on a connection that the peer has reset, or that we have shut down.
    #[serde(rename = "EPIPE")]
    BrokenPipe,
    /// The socket is connected already.
    #[serde(rename = "EISCONN")]
    IsConnected,
    /// The socket is not connected.
    #[serde(rename = "ENOTCONN")]
    NotConnected,
    /// The socket is closed, or there never was one.
    #[serde(rename = "EBADF")]
    BadFile,
    /// The socket is in no state for this: `accept` before `listen`.
    #[serde(rename = "EINVAL")]
    Invalid,
    /// The peer did not answer.
    #[serde(rename = "ETIMEDOUT")]
    TimedOut,
    /// The process, or the system, has as many sockets as it may have.
    #[serde(rename = "EMFILE")]
    TooManyFiles,
    /// Any other.
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
    /// What strerror(3) says of it.
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

/// Name and text, as in `ECONNRESET: Connection reset by peer`.
impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.text())
    }
}

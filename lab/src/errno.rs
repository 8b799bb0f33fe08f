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

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

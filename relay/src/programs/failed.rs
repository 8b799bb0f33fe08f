//! The error of a system call that failed.

use std::io;

/// The error with this number of errno(3).
pub(super) fn failed(number: u32) -> io::Error {
    io::Error::from_raw_os_error(i32::try_from(number).unwrap_or(0))
}

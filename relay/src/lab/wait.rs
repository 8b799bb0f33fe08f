//! Waiting for sockets and for the clock at once.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Waits until one of `fds` is as it is awaited, or has failed; no longer than `patience`, where
/// there is one. Says whether that was over.
pub(super) fn wait(fds: &mut [PollFd<'_>], patience: Option<Duration>) -> bool {
    let timeout = patience.and_then(|patience| Timespec::try_from(patience).ok());
    // An interrupted wait is a short one; the caller looks at the clock.
    poll(fds, timeout.as_ref()) == Ok(0)
}

/// Awaits something to read.
pub(super) fn readable(fd: BorrowedFd<'_>) -> PollFd<'_> {
    PollFd::from_borrowed_fd(fd, PollFlags::IN)
}

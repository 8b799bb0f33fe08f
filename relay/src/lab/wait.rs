//! Waiting for sockets, with a timeout.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Waits until one of `fds` is ready or has failed, or the timeout has passed. Returns true if it has.
pub(super) fn wait(fds: &mut [PollFd<'_>], limit: Option<Duration>) -> bool {
    let timeout = limit.and_then(|limit| Timespec::try_from(limit).ok());
    // An interrupted wait is a short one. The caller looks at the clock.
    poll(fds, timeout.as_ref()) == Ok(0)
}

/// Waits for something to read.
pub(super) fn readable(fd: BorrowedFd<'_>) -> PollFd<'_> {
    PollFd::from_borrowed_fd(fd, PollFlags::IN)
}

//! Waiting for sockets and for the clock at once.

use std::time::Duration;

use rustix::event::{PollFd, Timespec, poll};

/// Waits until one of `fds` is as it is awaited, or has failed; no longer than `patience`, where
/// there is one.
pub(super) fn wait(fds: &mut [PollFd<'_>], patience: Option<Duration>) {
    let timeout = patience.and_then(|patience| Timespec::try_from(patience).ok());
    // An interrupted wait is a short one; the caller looks at the clock.
    let _ = poll(fds, timeout.as_ref());
}

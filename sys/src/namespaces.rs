//! Namespaces: `unshare(2)`, `user_namespaces(7)`, `network_namespaces(7)`.

use std::io;

use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Moves this process into a new user namespace and a new network namespace. In them it has every capability,
/// until its user and group are mapped and it drops them.
///
/// # Errors
///
/// `EINVAL` if the process has more than one thread. `EPERM` or `ENOSPC` if the system allows no new
/// namespaces.
pub fn unshare_user_and_network() -> io::Result<()> {
    // SAFETY: unshare is unsafe because with CLONE_FILES a descriptor that another thread has could be closed under
    // it. These two flags leave the table of descriptors as it is.
    unsafe { unshare_unsafe(UnshareFlags::NEWUSER | UnshareFlags::NEWNET) }?;
    Ok(())
}

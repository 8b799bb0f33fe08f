//! Enters the namespaces.

use std::fs;

use framescope_sys::unshare_user_and_network;
use rustix::process::{getegid, geteuid};

use super::error::{SetupError, SetupStep};

/// Enters a new user namespace and a new network namespace, as the same user. See `user_namespaces(7)`.
pub(super) fn enter() -> Result<(), SetupError> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare_user_and_network().map_err(SetupStep::Namespaces.failed())?;
    let maps = [
        // Without it an unprivileged process may not map its group.
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("{user} {user} 1")),
        ("/proc/self/gid_map", format!("{group} {group} 1")),
    ];
    for (file, text) in maps {
        fs::write(file, text).map_err(SetupStep::UserMap.failed())?;
    }
    Ok(())
}

//! Enters the namespaces.

use std::fs;

use framescope_sys::unshare_user_and_network;
use rustix::process::{DumpableBehavior, getegid, geteuid, set_dumpable_behavior};

use super::error::{SetupError, SetupStep};

/// Enters a new user namespace and a new network namespace, as the same user. See `user_namespaces(7)`.
pub(super) fn enter() -> Result<(), SetupError> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare_user_and_network().map_err(SetupStep::Namespaces.failed())?;
    // The files below belong to root while nobody may dump it, as with a file that has capabilities: prctl(2),
    // PR_SET_DUMPABLE.
    set_dumpable_behavior(DumpableBehavior::Dumpable)
        .map_err(|error| SetupStep::UserMap.failed()(error.into()))?;
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

//! A copy of this process: fork(2).

use std::{fs, io};

/// Makes a copy of this process. Returns its id, and `None` in the copy.
///
/// # Errors
///
/// This process has more than one thread, of which the copy would have only this one, or the system has no room for
/// another process.
pub fn fork() -> io::Result<Option<i32>> {
    if fs::read_dir("/proc/self/task")?.count() > 1 {
        return Err(io::Error::other("only a process of one thread can be copied"));
    }
    // SAFETY: there is no other thread that could hold a lock, so the copy may do all that this process may.
    match unsafe { libc::fork() } {
        0 => Ok(None),
        child if child < 0 => Err(io::Error::last_os_error()),
        child => Ok(Some(child)),
    }
}

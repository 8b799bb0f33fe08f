//! How many descriptors this process may have. Usually 1024, which is enough for any one test, but
//! not for several of the large ones at the same time.

/// Raises the limit to the most that this process may set. Returns it, or `None` if there is none.
#[cfg(target_os = "linux")]
pub(crate) fn raise_limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("a process may raise its limit to the hard limit");
    limit.maximum
}

/// On other systems the limit stays: the tests that need most of them run on Linux only.
#[cfg(not(target_os = "linux"))]
pub(crate) fn raise_limit() -> Option<u64> {
    None
}

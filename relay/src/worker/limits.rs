//! What a worker may use. It limits itself before it reads its first message.

use std::io;

#[cfg(unix)]
use super::unix_limits;

/// The address space of a worker, in bytes: 1 GiB. On Windows, the memory that it has.
///
/// The interpreter gives each of 16 programs 32 MiB of live values, which is 512 MiB. It counts values and not
/// what the allocator needs for them; a program's text, its code, its output and the messages about it come
/// on top.
const MEMORY: u64 = 1024 * 1024 * 1024;

/// The processor time of a worker, in seconds: 5 minutes. It is half of the longest run. The budget of 8
/// programs is used up before.
const CPU_SECONDS: u64 = 300;

/// The limits of a worker that differ in tests. The others are constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The address space, in bytes, on Linux. On Windows, the memory that it has.
    pub memory: u64,
    /// The processor time, in seconds.
    pub cpu_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: MEMORY, cpu_seconds: CPU_SECONDS }
    }
}

impl Limits {
    /// The arguments that tell a worker its limits.
    pub(super) fn arguments(&self) -> [String; 3] {
        let Self { memory, cpu_seconds } = self;
        [
            "lab-worker".to_owned(),
            format!("--memory={memory}"),
            format!("--cpu-seconds={cpu_seconds}"),
        ]
    }

    /// Limits this process.
    #[cfg(unix)]
    pub(super) fn set(&self) -> io::Result<()> {
        unix_limits::set(self.memory, self.cpu_seconds)
    }

    /// Limits this process. How many handles and threads it has is not limited here: 16 programs have 64 sockets each,
    /// and nothing that they can do starts a thread.
    #[cfg(windows)]
    pub(super) fn set(&self) -> io::Result<()> {
        framescope_sys::limit_process(self.memory, self.cpu_seconds)
    }
}

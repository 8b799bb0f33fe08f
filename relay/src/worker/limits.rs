//! What a worker may use. It limits itself before it reads its first message.

use std::io;

use rustix::process::{Resource, Rlimit, getpriority_process, setpriority_process};
use rustix::process::{getrlimit, setrlimit};
#[cfg(target_os = "linux")]
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// The address space of a worker, in bytes: 1 GiB.
///
/// The interpreter gives each of 8 programs 32 MiB of live values, which is 256 MiB. It counts values and not
/// what the allocator needs for them; a program's text, its code, its output and the messages about it come
/// on top.
const MEMORY: u64 = 1024 * 1024 * 1024;

/// The processor time of a worker, in seconds: 5 minutes. It is half of the longest run. The budget of 8
/// programs is used up before.
const CPU_SECONDS: u64 = 300;

/// After this time more, in seconds, the system kills the worker if SIGXCPU has not ended it.
const CPU_GRACE_SECONDS: u64 = 5;

/// The descriptors of a worker. 8 programs have 64 sockets each. Each port that they name has one more.
const DESCRIPTORS: u64 = 2048;

/// The nice value, where there is nothing lower than that.
const NICE: i32 = 10;

/// The limits of a worker that differ in tests. The others are constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The address space, in bytes.
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
    pub(super) fn set(&self) -> io::Result<()> {
        end_with_parent()?;
        let_others_go_first()?;
        if getpriority_process(None)? < NICE {
            setpriority_process(None, NICE)?;
        }
        // A crash leaves no file, and nothing is written to any.
        limit(Resource::Core, 0, 0)?;
        limit(Resource::Fsize, 0, 0)?;
        // No process and no thread begins here. The system does not apply this to root.
        limit(Resource::Nproc, 0, 0)?;
        limit(Resource::Nofile, DESCRIPTORS, 0)?;
        limit(Resource::Cpu, self.cpu_seconds, CPU_GRACE_SECONDS)?;
        limit_memory(self.memory)
    }
}

/// Sets a limit, and a hard limit that is higher by `grace`. No limit is raised.
fn limit(resource: Resource, most: u64, grace: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let lower = |now: Option<u64>, most: u64| now.map_or(most, |now| now.min(most));
    let maximum = lower(now.maximum, most + grace);
    let current = lower(now.current, most).min(maximum);
    setrlimit(resource, Rlimit { current: Some(current), maximum: Some(maximum) })?;
    Ok(())
}

/// The system kills this process when the relay ends, and gives it no privileges.
#[cfg(target_os = "linux")]
fn end_with_parent() -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

/// Only Linux has this. Elsewhere the worker sees that its channel has ended, when its programs wait.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
fn end_with_parent() -> io::Result<()> {
    Ok(())
}

/// The relay and the rest of the machine go first, so that programs that compute make nobody wait. See `SCHED_IDLE`
/// in sched(7).
#[cfg(target_os = "linux")]
fn let_others_go_first() -> io::Result<()> {
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle)
        .map_err(io::Error::other)
}

/// Only Linux has this. The nice value does something like it elsewhere.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
fn let_others_go_first() -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn limit_memory(bytes: u64) -> io::Result<()> {
    limit(Resource::As, bytes, 0)
}

/// Other systems do not limit the address space reliably. The interpreter's budgets hold there.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
fn limit_memory(_: u64) -> io::Result<()> {
    Ok(())
}

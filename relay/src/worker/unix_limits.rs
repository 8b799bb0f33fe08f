//! How a worker limits itself on Unix.

use std::io;

use rustix::process::{Resource, Rlimit, getpriority_process, setpriority_process};
use rustix::process::{getrlimit, setrlimit};
#[cfg(target_os = "linux")]
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id, thread_schedule_policy,
};

/// After this time more, in seconds, the system kills the worker if SIGXCPU has not ended it.
const CPU_GRACE_SECONDS: u64 = 5;

/// The descriptors of a worker. 16 programs have 64 sockets each. Each port that they name has one more.
const DESCRIPTORS: u64 = 2048;

/// The nice value, where there is nothing lower than that.
const NICE: i32 = 10;

/// Limits this process: its address space in bytes, and its processor time in seconds.
pub(super) fn set(memory: u64, cpu_seconds: u64) -> io::Result<()> {
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
    limit(Resource::Cpu, cpu_seconds, CPU_GRACE_SECONDS)?;
    limit_memory(memory)
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
    let set = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle);
    // Then it sets the nice value, which fails if the relay has a higher one. The policy counts.
    if thread_schedule_policy().is_ok_and(|policy| policy == idle) {
        return Ok(());
    }
    set.map_err(io::Error::other)
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

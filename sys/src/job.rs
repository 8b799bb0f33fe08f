//! A job object: what Windows lets a process use. See "Job Objects" in Microsoft's documentation.

use std::io;
use std::mem::size_of;
use std::ptr::{from_ref, null};

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
    JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION, JOB_OBJECT_LIMIT_PRIORITY_CLASS,
    JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOB_OBJECT_LIMIT_PROCESS_TIME,
    JOBOBJECT_BASIC_LIMIT_INFORMATION, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, IDLE_PRIORITY_CLASS};

/// The exit code of a process that Windows has ended because its processor time was over:
/// `ERROR_NOT_ENOUGH_QUOTA`.
pub const OVER_PROCESSOR_TIME: i32 = 1816;

/// Windows counts time in 100 nanoseconds.
const PER_SECOND: u64 = 10_000_000;

/// What is bounded.
const BOUNDED: JOB_OBJECT_LIMIT = JOB_OBJECT_LIMIT_PROCESS_MEMORY
    | JOB_OBJECT_LIMIT_PROCESS_TIME
    | JOB_OBJECT_LIMIT_ACTIVE_PROCESS
    | JOB_OBJECT_LIMIT_PRIORITY_CLASS
    | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;

/// Limits this process for the rest of its life: its memory in bytes, and its processor time in seconds. It starts no
/// other process, and all others go first. More memory is not given, and more time ends it with
/// [`OVER_PROCESSOR_TIME`].
///
/// # Errors
///
/// Any of `CreateJobObject`, `SetInformationJobObject` and `AssignProcessToJobObject`.
pub fn limit_process(memory: u64, seconds: u64) -> io::Result<()> {
    let time = i64::try_from(seconds.saturating_mul(PER_SECOND)).unwrap_or(i64::MAX);
    let limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION {
        BasicLimitInformation: JOBOBJECT_BASIC_LIMIT_INFORMATION {
            PerProcessUserTimeLimit: time,
            LimitFlags: BOUNDED,
            ActiveProcessLimit: 1,
            PriorityClass: IDLE_PRIORITY_CLASS,
            ..JOBOBJECT_BASIC_LIMIT_INFORMATION::default()
        },
        ProcessMemoryLimit: usize::try_from(memory).unwrap_or(usize::MAX),
        ..JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default()
    };
    let length = u32::try_from(size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>())
        .map_err(io::Error::other)?;
    // SAFETY: no attributes and no name are allowed, and mean a job that nobody else finds.
    let job = Job(unsafe { CreateJobObjectW(null(), null()) });
    if job.0.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: this class of information is read as the structure that `limits` is, and is `length` bytes long.
    succeeded(unsafe {
        SetInformationJobObject(
            job.0,
            JobObjectExtendedLimitInformation,
            from_ref(&limits).cast(),
            length,
        )
    })?;
    // SAFETY: both are handles of this process. The job lives on without a handle, while the process does.
    succeeded(unsafe { AssignProcessToJobObject(job.0, GetCurrentProcess()) })
}

fn succeeded(result: i32) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// A handle of a job. It is closed when this is dropped.
struct Job(HANDLE);

impl Drop for Job {
    fn drop(&mut self) {
        // SAFETY: nobody else has this handle. If there is none, the call fails, and nothing is closed.
        unsafe { CloseHandle(self.0) };
    }
}

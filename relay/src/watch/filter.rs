//! The filter that makes a program stop at its calls: `seccomp(2)`.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

use seccompiler::{BpfProgram, Error, SeccompAction, SeccompFilter, TargetArch, apply_filter};

/// The calls at which a program stops.
const TRACED: &[libc::c_long] = &[
    libc::SYS_socket,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_connect,
    libc::SYS_shutdown,
    libc::SYS_close,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_setsockopt,
    libc::SYS_getsockopt,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_clock_nanosleep,
    // What the kernel makes of a call with a time that a signal has interrupted.
    libc::SYS_restart_syscall,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_dup2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_select,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_wait,
];

/// The calls that this system does not have for the program: what they do is seen by nobody.
const MISSING: &[libc::c_long] = &[libc::SYS_io_uring_setup];

/// Puts this process, and all that it starts, under the filter. It cannot be taken back, and gives up every way to more
/// rights (`no_new_privs`).
pub(super) fn install() -> Result<(), Error> {
    apply_filter(&program(TRACED, SeccompAction::Trace(0))?)?;
    apply_filter(&program(MISSING, SeccompAction::Errno(libc::ENOSYS.unsigned_abs()))?)
}

/// What is done at these calls. A call of another architecture, such as that of a 32-bit program, ends the process.
fn program(calls: &[libc::c_long], action: SeccompAction) -> Result<BpfProgram, Error> {
    let rules: BTreeMap<i64, _> = calls.iter().map(|call| (*call, Vec::new())).collect();
    let architecture = TargetArch::try_from(ARCH)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, architecture)?;
    Ok(BpfProgram::try_from(filter)?)
}

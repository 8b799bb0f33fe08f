//! The filter that makes a program stop at its calls: `seccomp(2)`.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

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
    libc::SYS_sendfile,
    libc::SYS_setsockopt,
    libc::SYS_getsockopt,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_close_range,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_clock_nanosleep,
    libc::SYS_setitimer,
    libc::SYS_timer_settime,
    libc::SYS_timerfd_settime,
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
    #[cfg(target_arch = "x86_64")]
    libc::SYS_alarm,
];

/// The calls at which it stops if their second argument is one of these: another descriptor, and whether calls wait.
const TRACED_IF: &[(libc::c_long, &[u64])] =
    &[(libc::SYS_fcntl, &[F_DUPFD, F_DUPFD_CLOEXEC, F_SETFL]), (libc::SYS_ioctl, &[FIONBIO])];

const F_DUPFD: u64 = libc::F_DUPFD.unsigned_abs() as u64;
const F_DUPFD_CLOEXEC: u64 = libc::F_DUPFD_CLOEXEC.unsigned_abs() as u64;
const F_SETFL: u64 = libc::F_SETFL.unsigned_abs() as u64;
const FIONBIO: u64 = libc::FIONBIO;

/// The calls that this system does not have for the program: what they do is seen by nobody.
const MISSING: &[libc::c_long] = &[libc::SYS_io_uring_setup];

/// Puts this process, and all that it starts, under the filter. It cannot be taken back, and gives up every way to more
/// rights (`no_new_privs`).
pub(super) fn install() -> Result<(), Error> {
    let mut traced = always(TRACED);
    for (call, arguments) in TRACED_IF {
        let rules = arguments.iter().map(|argument| SeccompRule::new(vec![second_is(*argument)?]));
        traced.insert(*call, rules.collect::<Result<_, _>>()?);
    }
    apply_filter(&program(traced, SeccompAction::Trace(0))?)?;
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    apply_filter(&program(always(MISSING), missing)?)
}

/// The calls of a filter, and when it is for each. Without a rule: always.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn always(calls: &[libc::c_long]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

fn second_is(argument: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, argument)
}

/// What is done at these calls. A call of another architecture, such as that of a 32-bit program, ends the process.
fn program(rules: Rules, action: SeccompAction) -> Result<BpfProgram, Error> {
    let architecture = TargetArch::try_from(ARCH)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, architecture)?;
    Ok(BpfProgram::try_from(filter)?)
}

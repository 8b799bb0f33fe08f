//! Tracing other processes: ptrace(2), with what `PTRACE_SEIZE` brings, and waitpid(2).
//!
//! A thread that is traced is named by its id, as the kernel names it. All calls about it must come from the thread that
//! has seized it.

use std::io;
use std::mem;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd as _, OwnedFd};
use std::ptr;

/// A stop of a thread that is traced, or its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It enters a system call that the filter traces (`PTRACE_EVENT_SECCOMP`).
    Enters,
    /// The call that it was let into is over (`PTRACE_SYSCALL`).
    Leaves,
    /// It has started a thread or a process: this one.
    Starts(i32),
    /// Another program takes its place. The thread had this id until now.
    Execs(i32),
    /// It is about to end. Its descriptors are open still.
    Ends,
    /// The first stop of a new thread, or one that it was asked for. If there is a signal, its process is stopped by that
    /// signal.
    Halts(Option<i32>),
    /// It is about to get this signal.
    Signal(i32),
    /// It has ended with this status.
    Exited(i32),
    /// This signal has ended it.
    Killed(i32),
}

/// A system call at one of its two stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemCall {
    /// Before it: its number and its arguments.
    Entry {
        /// The number.
        number: u64,
        /// The arguments.
        arguments: [u64; 6],
    },
    /// After it: what it returned, or the negative errno.
    Exit(i64),
    /// It is at neither.
    Neither,
}

/// The registers of a thread that say where it is in its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// The address of its next instruction.
    pub instruction: u64,
    /// The address of the end of its stack.
    pub stack: u64,
    /// The frame pointer, if its program has one.
    pub frame: u64,
    /// On aarch64 the link register, which may have the address to return to. 0 elsewhere.
    pub link: u64,
}

/// Says when a thread that is traced may have stopped: signalfd(2) of `SIGCHLD`, which this thread gets in no other way.
#[derive(Debug)]
pub struct Notices {
    descriptor: OwnedFd,
    /// The signals that were blocked before.
    former: libc::sigset_t,
}

impl Notices {
    /// Blocks `SIGCHLD` in this thread, which must be the only one of its process, and the one that traces.
    ///
    /// # Errors
    ///
    /// The system has nothing left.
    pub fn new() -> io::Result<Self> {
        // SAFETY: zeros are a `sigset_t`, all of whose fields are numbers, and the calls write into those lent to them.
        unsafe {
            let (mut child, mut former): (libc::sigset_t, libc::sigset_t) = mem::zeroed();
            libc::sigemptyset(&raw mut child);
            libc::sigaddset(&raw mut child, libc::SIGCHLD);
            let flags = libc::SFD_NONBLOCK | libc::SFD_CLOEXEC;
            let descriptor = libc::signalfd(-1, &raw const child, flags);
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            libc::sigprocmask(libc::SIG_BLOCK, &raw const child, &raw mut former);
            Ok(Self { descriptor: OwnedFd::from_raw_fd(descriptor), former })
        }
    }

    /// Does this with the signals blocked that were blocked before: what is started meanwhile has those. A notice of this time
    /// may be lost.
    pub fn as_before<T>(&self, act: impl FnOnce() -> T) -> T {
        // SAFETY: zeros are a `sigset_t`, and the calls write into that one only.
        let own = unsafe {
            let mut own: libc::sigset_t = mem::zeroed();
            libc::sigprocmask(libc::SIG_SETMASK, &raw const self.former, &raw mut own);
            own
        };
        let done = act();
        // SAFETY: the call reads the set that is lent to it.
        unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const own, ptr::null_mut()) };
        done
    }
}

impl AsFd for Notices {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// Begins to trace a process of one thread, and all that it will start. If the tracer ends, it is killed.
///
/// # Errors
///
/// `EPERM` if it may not be traced, `ESRCH` if there is none.
pub fn seize(process: i32) -> io::Result<()> {
    let options: i32 = libc::PTRACE_O_TRACESECCOMP
        | libc::PTRACE_O_TRACESYSGOOD
        | libc::PTRACE_O_TRACECLONE
        | libc::PTRACE_O_TRACEFORK
        | libc::PTRACE_O_TRACEVFORK
        | libc::PTRACE_O_TRACEEXEC
        | libc::PTRACE_O_TRACEEXIT
        | libc::PTRACE_O_EXITKILL;
    request(libc::PTRACE_SEIZE, process, 0, number(options))
}

/// Lets a thread that has stopped go on, with this signal. 0 is none.
///
/// # Errors
///
/// `ESRCH` if it has not stopped, or was killed meanwhile.
pub fn go_on(thread: i32, signal: i32) -> io::Result<()> {
    request(libc::PTRACE_CONT, thread, 0, number(signal))
}

/// The same, up to the end of the system call that it is about to make.
///
/// # Errors
///
/// As [`go_on`].
pub fn go_through_call(thread: i32) -> io::Result<()> {
    request(libc::PTRACE_SYSCALL, thread, 0, 0)
}

/// Leaves a thread stopped whose process a signal has stopped. It says when that changes.
///
/// # Errors
///
/// As [`go_on`].
pub fn stay_stopped(thread: i32) -> io::Result<()> {
    request(libc::PTRACE_LISTEN, thread, 0, 0)
}

/// The system call at whose entry or exit a thread has stopped.
///
/// # Errors
///
/// As [`go_on`].
pub fn system_call(thread: i32) -> io::Result<SystemCall> {
    // SAFETY: zeros are a `ptrace_syscall_info`, all of whose fields are numbers.
    let mut info: libc::ptrace_syscall_info = unsafe { mem::zeroed() };
    let size = mem::size_of_val(&info);
    request(libc::PTRACE_GET_SYSCALL_INFO, thread, size, (&raw mut info) as usize)?;
    // SAFETY: the member of the union that `op` says is the one that the kernel has written.
    let call = unsafe {
        match info.op {
            libc::PTRACE_SYSCALL_INFO_SECCOMP => {
                SystemCall::Entry { number: info.u.seccomp.nr, arguments: info.u.seccomp.args }
            }
            libc::PTRACE_SYSCALL_INFO_EXIT => SystemCall::Exit(info.u.exit.sval),
            _ => SystemCall::Neither,
        }
    };
    Ok(call)
}

/// The registers of a thread that has stopped.
///
/// # Errors
///
/// As [`go_on`].
pub fn registers(thread: i32) -> io::Result<Registers> {
    // SAFETY: zeros are a `user_regs_struct`, all of whose fields are numbers.
    let mut all: libc::user_regs_struct = unsafe { mem::zeroed() };
    let mut lent = libc::iovec { iov_base: (&raw mut all).cast(), iov_len: mem::size_of_val(&all) };
    let kind = number(libc::NT_PRSTATUS);
    request(libc::PTRACE_GETREGSET, thread, kind, (&raw mut lent) as usize)?;
    #[cfg(target_arch = "x86_64")]
    let registers = Registers { instruction: all.rip, stack: all.rsp, frame: all.rbp, link: 0 };
    #[cfg(target_arch = "aarch64")]
    let registers =
        Registers { instruction: all.pc, stack: all.sp, frame: all.regs[29], link: all.regs[30] };
    Ok(registers)
}

/// The next stop or end of any thread that is traced, without waiting. `None`: nothing has happened.
///
/// # Errors
///
/// `ECHILD` if nothing is traced any more.
pub fn next_stop() -> io::Result<Option<(i32, Stop)>> {
    let mut status = 0;
    // SAFETY: the status is one number, which the kernel may write.
    let thread = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::WNOHANG) };
    match thread {
        0 => Ok(None),
        thread if thread < 0 => Err(io::Error::last_os_error()),
        thread => Ok(Some((thread, stop(thread, status)))),
    }
}

/// Waits until a child that is not traced has stopped itself, or has ended. Returns whether it has stopped.
///
/// # Errors
///
/// `ECHILD` if it is no child.
pub fn wait_until_stopped(child: i32) -> io::Result<bool> {
    let mut status = 0;
    loop {
        // SAFETY: the status is one number, which the kernel may write.
        let waited = unsafe { libc::waitpid(child, &raw mut status, libc::WUNTRACED) };
        if waited >= 0 {
            return Ok(libc::WIFSTOPPED(status));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Reads memory of another process into `buffer`: `process_vm_readv(2)`. Returns how much could be read: memory that is not
/// there ends it.
pub fn read_memory(process: i32, address: u64, buffer: &mut [u8]) -> usize {
    let Ok(address) = usize::try_from(address) else { return 0 };
    let (base, length) = (buffer.as_mut_ptr(), buffer.len());
    let local = libc::iovec { iov_base: base.cast(), iov_len: length };
    let remote = libc::iovec { iov_base: ptr::without_provenance_mut(address), iov_len: length };
    // SAFETY: the kernel writes into `buffer` and nowhere else. It checks the address in the other process.
    let read =
        unsafe { libc::process_vm_readv(process, &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(read).unwrap_or(0)
}

fn stop(thread: i32, status: i32) -> Stop {
    if libc::WIFEXITED(status) {
        return Stop::Exited(libc::WEXITSTATUS(status));
    }
    if libc::WIFSIGNALED(status) {
        return Stop::Killed(libc::WTERMSIG(status));
    }
    let signal = libc::WSTOPSIG(status);
    match status >> 16 {
        libc::PTRACE_EVENT_SECCOMP => Stop::Enters,
        libc::PTRACE_EVENT_CLONE | libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK => {
            Stop::Starts(message(thread))
        }
        libc::PTRACE_EVENT_EXEC => Stop::Execs(message(thread)),
        libc::PTRACE_EVENT_EXIT => Stop::Ends,
        libc::PTRACE_EVENT_STOP => Stop::Halts((signal != libc::SIGTRAP).then_some(signal)),
        _ if signal == libc::SIGTRAP | 0x80 => Stop::Leaves,
        _ => Stop::Signal(signal),
    }
}

/// The id that an event is about. 0 if the thread was killed meanwhile.
fn message(thread: i32) -> i32 {
    let mut message: libc::c_ulong = 0;
    let asked = request(libc::PTRACE_GETEVENTMSG, thread, 0, (&raw mut message) as usize);
    asked.ok().and_then(|()| i32::try_from(message).ok()).unwrap_or(0)
}

fn request(request: libc::c_uint, thread: i32, address: usize, data: usize) -> io::Result<()> {
    // SAFETY: none of the requests here changes memory of this process, but that which its caller has lent by the last
    // argument: a `ptrace_syscall_info`, whose size is the argument before, an `iovec` that says its own, or a number.
    if unsafe { libc::ptrace(request, thread, address, data) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A signal or options, as an argument.
fn number(value: i32) -> usize {
    usize::try_from(value).unwrap_or(0)
}

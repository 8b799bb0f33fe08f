//! The interface between programs and a kernel, real or simulated.

use framescope_lab::TcpState;
use framescope_syscall::{Address, BlockedOn, Fd, Returned, Syscall};

/// A program of a run, by its place in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramId(pub u8);

/// A kernel that programs make their system calls on. No call waits. If a call would wait, the answer is
/// [`Answer::Blocked`], and the caller makes the same call again later.
///
/// The caller measures the time of `Wait::For` and of `Sleep`. A kernel only looks at `Wait::Never`: then
/// the call fails with `EAGAIN` or `EINPROGRESS` instead of blocking.
pub trait Kernel {
    /// Microseconds since the run began.
    fn now(&self) -> u64;

    /// Makes a system call for a program.
    fn call(&mut self, program: ProgramId, syscall: &Syscall) -> Answer;

    /// Says that a call that was blocked is not made again, because its time was over. A `connect` goes on
    /// without its caller, so the next `connect` is a new call.
    fn cancel(&mut self, program: ProgramId, syscall: &Syscall);

    /// Ends a program. All its descriptors are closed, as `exit(2)` does.
    fn end(&mut self, program: ProgramId);
}

/// What a kernel answers to a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The call has returned.
    Done(Returned),
    /// The call would wait. The caller makes it again later.
    Blocked(BlockedOn),
}

/// What a kernel reports about a socket. `None` for what it does not report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketInfo {
    /// The descriptor. `None` if the program has closed it, or has not accepted it yet.
    pub fd: Option<Fd>,
    /// The state of TCP.
    pub state: TcpState,
    /// Its own address, `0.0.0.0:0` before it has one.
    pub local: Address,
    /// The address of the peer, from `connect` or `accept` on.
    pub peer: Option<Address>,
    /// The number of bytes that have arrived and that no `recv` has returned.
    pub unread: Option<u32>,
    /// The number of bytes that `send` took and that the peer's kernel has not acknowledged.
    pub unacknowledged: Option<u32>,
    /// The connections that wait for an `accept`, if the socket listens.
    pub backlog: Option<Backlog>,
}

/// The accept queue of a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The number of connections that wait for an `accept`.
    pub waiting: u32,
    /// The backlog of `listen`. The queue holds one connection more.
    pub limit: u32,
}

//! The interface between programs and a kernel, real or simulated.

use framescope_lab::{Network, Socket, WireCommand};
use framescope_syscall::{BlockedOn, Returned, Syscall};

use crate::wire::Crossed;

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

    /// A number that nobody can guess, as `getrandom(2)` returns it. A kernel may return the same one in each run.
    fn random(&mut self) -> u64;

    /// Makes a system call for a program.
    fn call(&mut self, program: ProgramId, syscall: &Syscall) -> Answer;

    /// Says that a call that was blocked is not made again, because its time was over. A `connect` goes on
    /// without its caller, so the next `connect` is a new call.
    fn cancel(&mut self, program: ProgramId, syscall: &Syscall);

    /// What it reports about the sockets of a program. A connection that was closed is among them as long as the
    /// kernel keeps it, and so is one that waits for an `accept`.
    fn sockets(&self, program: ProgramId) -> Vec<Socket>;

    /// The network between its sockets.
    fn network(&self) -> Network;

    /// What has happened next to segments by being sent, or by a command. `None` if nothing has, or if this kernel has no
    /// wire.
    fn next_sent(&mut self) -> Option<Crossed>;

    /// Delivers the next segment that is due now. `None` if none is.
    fn deliver_next(&mut self) -> Option<Crossed>;

    /// Obeys a command about the wire. What comes of it is said by the two functions before.
    fn command_wire(&mut self, command: WireCommand);

    /// What TCP does without a program.
    fn activity(&self) -> Activity;

    /// Whether its wire keeps a segment until a command says what becomes of it.
    fn holds_segments(&self) -> bool;

    /// Ends a program. All its descriptors are closed, as `exit(2)` does.
    fn end(&mut self, program: ProgramId);
}

/// What TCP does without a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing that a program could notice.
    Rests,
    /// Something was sent that is not acknowledged. It is sent again if no acknowledgement comes.
    AwaitsAck,
    /// A segment is on its way, and will arrive.
    Delivers,
}

/// What a kernel answers to a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The call has returned.
    Done(Returned),
    /// The call would wait. The caller makes it again later.
    Blocked(BlockedOn),
}

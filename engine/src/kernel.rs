//! The interface between a run and a kernel, real or simulated.

use framescope_lab::{BlockedOn, Errno, Side, TcpInfo};

/// A kernel that a run makes its system calls on. No call waits. If a call would wait, the answer is
/// [`Answer::Blocked`], and the run makes the call again later.
pub trait Kernel {
    /// Microseconds since the experiment began.
    fn now(&self) -> u64;

    /// Makes a system call for a side.
    fn call(&mut self, side: Side, syscall: &Syscall) -> Answer;

    /// What the kernel reports about a side's socket. For a server that is the newest connection, or
    /// the listening socket if it has no connection.
    fn tcp_info(&self, side: Side) -> TcpInfo;
}

/// What a kernel answers to a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The call has returned.
    Done(Outcome),
    /// The call would wait. The run has to make it again later.
    Blocked(BlockedOn),
}

/// A system call that a process wants to make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are the system calls of the same names")]
pub enum Syscall {
    Listen {
        backlog: u16,
    },
    Accept,
    Connect,
    /// The bytes to send. A kernel may take fewer of them.
    Send(Vec<u8>),
    Recv(u32),
    Sleep {
        ms: u32,
    },
    SetNodelay(bool),
    SetRecvBuffer(u32),
    SetSendBuffer(u32),
    ShutdownWrite,
    Close,
    Reset,
}

/// The outcome of a system call that has returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded, and returns nothing.
    Done,
    /// A connection was accepted. The client's side, if the kernel knows it.
    Accepted(Option<Side>),
    /// The number of bytes that the kernel took.
    Sent(usize),
    /// The bytes that were received. Empty at the end of the stream.
    Received(Vec<u8>),
    /// It failed with this `errno`.
    Failed(Errno),
}

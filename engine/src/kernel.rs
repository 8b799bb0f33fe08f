//! What a run asks of a kernel, real or simulated.

use framescope_lab::{BlockedOn, Errno, Side, TcpInfo};

/// A kernel that a run makes its system calls on. No call waits: one that would is answered with
/// [`Answer::Blocked`] and made again later.
pub trait Kernel {
    /// Microseconds since the experiment began.
    fn now(&self) -> u64;

    /// Makes a system call for a side.
    fn call(&mut self, side: Side, syscall: &Syscall) -> Answer;

    /// What the kernel says of a side's socket: a client's, a server's newest connection, or while
    /// it has none, its listener.
    fn tcp_info(&self, side: Side) -> TcpInfo;
}

/// What a kernel answers to a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The call is over.
    Done(Outcome),
    /// It has to be made again later.
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
    /// Bytes that are still to be sent; a kernel may take fewer.
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

/// What came of a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// A connection was accepted, of this client where it is known.
    Accepted(Option<Side>),
    /// So many bytes were taken.
    Sent(usize),
    /// These bytes were got; none is the end of the stream.
    Received(Vec<u8>),
    /// It failed.
    Failed(Errno),
}

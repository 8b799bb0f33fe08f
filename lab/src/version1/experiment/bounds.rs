//! The bounds of an experiment.

use std::fmt;

use framescope_record::MAX_RECV;

use super::call::Call;
use super::side::Side;

/// The most programs of an experiment: a server and its clients.
pub(super) const MAX_PROGRAMS: usize = 16;
/// The most clients of an experiment.
pub(super) const MAX_CLIENTS: usize = MAX_PROGRAMS - 1;
/// The most calls of a program.
pub(super) const MAX_CALLS: usize = 256;
/// The most steps of an order: one for every call of every program.
pub(super) const MAX_STEPS: usize = MAX_PROGRAMS * MAX_CALLS;
/// The most bytes of one send: 64 KiB.
pub(super) const MAX_SEND: usize = 64 * 1024;
/// The most bytes of all sends of an experiment: 960 KiB, so that the experiment fits in a command.
pub(super) const MAX_DATA: usize = 960 * 1024;
/// The longest sleep, in milliseconds: one minute.
pub(crate) const MAX_SLEEP_MS: u32 = 60_000;

/// The bound that an experiment is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutOfBounds {
    /// There are more than `MAX_CLIENTS` clients.
    Clients {
        /// The number of clients.
        count: usize,
    },
    /// A program has more than `MAX_CALLS` calls.
    Calls {
        /// The number of calls.
        count: usize,
    },
    /// A send has more than `MAX_SEND` bytes.
    Send {
        /// The number of bytes.
        length: usize,
    },
    /// All sends together have more than `MAX_DATA` bytes.
    Data {
        /// The number of bytes.
        length: usize,
    },
    /// A `recv()` asks for 0 bytes, or for more than `MAX_RECV`.
    Recv {
        /// The number of bytes that it asks for.
        length: u32,
    },
    /// A sleep is longer than `MAX_SLEEP_MS`.
    Sleep {
        /// Its duration, in milliseconds.
        ms: u32,
    },
    /// The order has more than `MAX_STEPS` steps.
    Steps {
        /// The number of steps.
        count: usize,
    },
    /// The order names a program that does not exist.
    Order {
        /// The number of the program.
        side: u8,
    },
}

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clients { count } => {
                write!(f, "{count} clients are over the limit of {MAX_CLIENTS}")
            }
            Self::Calls { count } => {
                write!(f, "a program of {count} calls is over the limit of {MAX_CALLS}")
            }
            Self::Send { length } => {
                write!(f, "a send of {length} bytes is over the limit of {MAX_SEND}")
            }
            Self::Data { length } => {
                write!(f, "all sends together have {length} bytes, over the limit of {MAX_DATA}")
            }
            Self::Recv { length } => {
                write!(f, "recv({length}) is not within 1 to {MAX_RECV}")
            }
            Self::Sleep { ms } => {
                write!(f, "a sleep of {ms} ms is over the limit of {MAX_SLEEP_MS}")
            }
            Self::Steps { count } => {
                write!(f, "an order of {count} steps is over the limit of {MAX_STEPS}")
            }
            Self::Order { side } => {
                write!(f, "the order names program {side}, which does not exist")
            }
        }
    }
}

impl std::error::Error for OutOfBounds {}

/// Checks every bound of an experiment: of its programs, the server first, and of its order.
pub(super) fn check(programs: &[&[Call]], order: &[Side]) -> Result<(), OutOfBounds> {
    let clients = programs.len() - 1;
    if clients > MAX_CLIENTS {
        return Err(OutOfBounds::Clients { count: clients });
    }
    programs.iter().copied().try_for_each(check_program)?;
    let length = programs.iter().copied().map(sent_bytes).sum();
    if length > MAX_DATA {
        return Err(OutOfBounds::Data { length });
    }
    if order.len() > MAX_STEPS {
        return Err(OutOfBounds::Steps { count: order.len() });
    }
    match order.iter().find(|side| usize::from(side.0) > clients) {
        Some(side) => Err(OutOfBounds::Order { side: side.0 }),
        None => Ok(()),
    }
}

/// The number of bytes of all sends together.
fn sent_bytes(program: &[Call]) -> usize {
    let length = |call: &Call| match call {
        Call::Send(data) | Call::SendMessage(data) => data.0.len(),
        Call::Listen { .. }
        | Call::Accept
        | Call::Connect
        | Call::SendHeader(_)
        | Call::Recv(_)
        | Call::RecvExact(_)
        | Call::RecvNaive
        | Call::RecvMessage
        | Call::Sleep { .. }
        | Call::SetNodelay(_)
        | Call::SetRecvBuffer(_)
        | Call::SetSendBuffer(_)
        | Call::ShutdownWrite
        | Call::Close
        | Call::Reset => 0,
    };
    program.iter().map(length).sum()
}

fn check_program(program: &[Call]) -> Result<(), OutOfBounds> {
    if program.len() > MAX_CALLS {
        return Err(OutOfBounds::Calls { count: program.len() });
    }
    for call in program {
        match call {
            Call::Send(data) | Call::SendMessage(data) if data.0.len() > MAX_SEND => {
                return Err(OutOfBounds::Send { length: data.0.len() });
            }
            Call::Recv(length) | Call::RecvExact(length) if !(1..=MAX_RECV).contains(length) => {
                return Err(OutOfBounds::Recv { length: *length });
            }
            Call::Sleep { ms } if *ms > MAX_SLEEP_MS => {
                return Err(OutOfBounds::Sleep { ms: *ms });
            }
            Call::Listen { .. }
            | Call::Accept
            | Call::Connect
            | Call::Send(_)
            | Call::SendMessage(_)
            | Call::SendHeader(_)
            | Call::Recv(_)
            | Call::RecvExact(_)
            | Call::RecvNaive
            | Call::RecvMessage
            | Call::Sleep { .. }
            | Call::SetNodelay(_)
            | Call::SetRecvBuffer(_)
            | Call::SetSendBuffer(_)
            | Call::ShutdownWrite
            | Call::Close
            | Call::Reset => {}
        }
    }
    Ok(())
}

//! The lab: two or more small socket programs, run call by call, every call recorded.
//!
//! A [`Program`] is a list of socket [`Call`]s, an [`Experiment`] a server and its clients. A
//! [`Process`] carries one program out: it says which system call it wants next and is told what
//! came of it, so that the same programs run on real sockets, which the relay does, and on the
//! [`SimulatedKernel`]. Both record the same [`Event`]s in a [`Trace`].
//!
//! This crate does no I/O and reads no clock: time is an argument, in microseconds.

mod bounds;
mod call;
mod cuts;
mod data;
mod errno;
mod experiment;
mod kept_file;
mod kernel;
mod lessons;
mod process;
mod protocol;
mod python;
mod record;
mod recording;
mod replay;
mod run;
mod simulated_kernel;
mod stream;
mod tcp_state;
mod texts;
mod timeline;
mod trace;

pub use bounds::{
    MAX_CALLS, MAX_CLIENTS, MAX_DATA, MAX_EVENTS, MAX_RECV, MAX_SEND, MAX_SLEEP_MS, MAX_STEPS,
    OutOfBounds,
};
pub use call::Call;
pub use cuts::Cuts;
pub use data::{Data, python_repr};
pub use errno::Errno;
pub use experiment::{Experiment, Program, Side};
pub use kept_file::{KeptFile, KeptFileError};
pub use kernel::{Answer, BlockedOn, Kernel};
pub use lessons::{Lesson, Variant};
pub use process::{CallError, Outcome, Process, Syscall, Value};
pub use protocol::{
    Command, CommandError, LAB_SUBPROTOCOL, MAX_COMMAND, MAX_SERIES, MIN_SERIES, Report,
};
pub use python::ParseProgramError;
pub use record::{Direction, Moment, Record};
pub use recording::{
    Bridge, Crossed, Crossing, MAX_RECORDED_BYTES, MAX_RECORDED_EVENTS, Recording, RecordingError,
    json_tail,
};
pub use replay::{Replay, replay};
pub use run::{MAX_RUN_US, Next, Run, deadlock_us, simulate, simulate_freely};
pub use simulated_kernel::SimulatedKernel;
pub use stream::{Chunk, KEPT_BYTES, KEPT_CHUNKS, Message, Rest, Stream};
pub use tcp_state::{SocketFigures, TcpState};
pub use texts::Texts;
pub use timeline::{CallState, Flow, Standing, Timeline, next_side, returned, standing};
pub use trace::{End, Event, Happened, Source, Trace, TraceError};

//! What a session steps.

use std::fmt;

use framescope_lab::{CompileProblem, Event, Experiment, Network, Turn, WireCommand};
use framescope_syscall::{BlockedOn, Syscall};

use crate::sockets::ProgramId;

/// What the driver of [`Steppable::advance`] does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Driven {
    /// Something has happened; call it again.
    Again,
    /// All wait. Call it again when one of these calls may return, and at this time at the latest, in
    /// microseconds. If none of them returns and there is no such time, call [`Steppable::rest`].
    Wait(Waiting),
    /// All wait, and this program for a line that somebody types: call [`Steppable::type_line`].
    Reads(usize),
    /// All have ended.
    Over,
}

/// What programs wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The calls that wait.
    pub calls: Vec<(ProgramId, Syscall, BlockedOn)>,
    /// When the first time is over that one waits for, in microseconds.
    pub until: Option<u64>,
}

/// Programs that run by themselves, or stand still until somebody steps them. Which programs they are, and what runs them, is
/// not the session's business.
pub trait Steppable {
    /// Why they cannot go on.
    type Error: fmt::Display;

    /// What is wrong with the texts of an experiment's programs.
    fn problems(experiment: &Experiment) -> Vec<CompileProblem>;

    /// Microseconds since the run began.
    fn now(&self) -> u64;

    /// The network that they are on.
    fn network(&self) -> Network;

    /// Lets something happen.
    ///
    /// # Errors
    ///
    /// The run is over.
    fn advance(&mut self) -> Result<Driven, Self::Error>;

    /// What programs wait for.
    fn waiting(&self) -> Waiting;

    /// What happened since the last call of this function.
    fn take_events(&mut self) -> Vec<Event>;

    /// Programs do not run by themselves: each stands still until a step of it, or until [`Steppable::play`].
    fn hold(&mut self);

    /// All programs run, and those that have not started start when their time comes.
    fn play(&mut self);

    /// Whether all programs run by themselves.
    fn plays(&self) -> bool;

    /// Lets a thread that stands still take a step. Starts its program if that has not started. Returns whether it could.
    fn step(&mut self, turn: Turn) -> bool;

    /// Whether a thread stands still and can take a step, or its program can start.
    fn can_step(&self, program: usize, thread: usize) -> bool;

    /// Whether a program has started, or starts now if programs start by themselves.
    fn is_due(&self, program: usize) -> bool;

    /// The number of programs.
    fn count(&self) -> usize;

    /// The number of a program's threads, 1 before it has started.
    fn threads(&self, program: usize) -> usize;

    /// Whether a program waits for a line that somebody types.
    fn reads(&self) -> bool;

    /// A line was typed for a program, without its end. `None` is the end of the input.
    fn type_line(&mut self, program: usize, line: Option<String>);

    /// Ctrl+C is pressed for a program.
    fn interrupt(&mut self, program: usize);

    /// Obeys a command about the wire.
    fn command_wire(&mut self, command: WireCommand);

    /// Whether the wire keeps a segment until a command says what becomes of it.
    fn holds_segments(&self) -> bool;

    /// When nothing will happen any more if nothing new happens until then, in microseconds. `None`: something will.
    fn rest_at(&self, waiting: &Waiting) -> Option<u64>;

    /// Nothing moves any more. Programs that wait end there, with their sockets open; those that are to be interrupted
    /// are.
    fn rest(&mut self);
}

//! A lesson, and the experiments that answer its question.

use super::outcome;
use crate::experiment::Experiment;
use crate::trace::Trace;

/// A lesson: one question about sockets.
#[derive(Debug)]
pub struct Lesson {
    /// The number in the course, from 1.
    pub number: u8,
    /// The experiments that answer the question, in the order to run them.
    pub variants: &'static [Variant],
}

/// One experiment of a lesson.
#[derive(Debug)]
pub struct Variant {
    /// The lesson's number and a letter: `4a`.
    pub name: &'static str,
    pub(super) experiment: fn() -> Experiment,
    pub(super) outcome: fn(&Trace) -> Option<usize>,
    /// Whether the question asks for the time of a round trip.
    pub(super) asks_for_round_trip: bool,
    /// The choice, from 0, that a run in the lesson's own order confirms. The explanation explains it.
    pub expected: usize,
}

impl Variant {
    /// The experiment.
    #[must_use]
    pub fn experiment(&self) -> Experiment {
        (self.experiment)()
    }

    /// The median round trip in a trace, in microseconds. `None` if the lesson does not ask for it, or
    /// if a program paused between two calls.
    #[must_use]
    pub fn round_trip(&self, trace: &Trace) -> Option<u64> {
        if self.asks_for_round_trip { outcome::median_round_trip(trace) } else { None }
    }

    /// Which of the choices in [`Texts`](super::Texts) a trace of the experiment confirms, from 0.
    /// `None` if it confirms none of them, or is not far enough.
    #[must_use]
    pub fn outcome(&self, trace: &Trace) -> Option<usize> {
        (self.outcome)(trace)
    }
}

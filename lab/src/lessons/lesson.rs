//! A lesson, and the experiments that answer its question.

use super::outcome;
use crate::experiment::Experiment;
use crate::trace::Trace;

/// A lesson: one question about sockets.
#[derive(Debug)]
pub struct Lesson {
    /// From 1.
    pub number: u8,
    /// The experiments that answer it, the first of them first.
    pub variants: &'static [Variant],
}

/// One experiment of a lesson.
#[derive(Debug)]
pub struct Variant {
    /// The lesson's number and a letter: `4a`.
    pub name: &'static str,
    pub(super) experiment: fn() -> Experiment,
    pub(super) outcome: fn(&Trace) -> Option<usize>,
    /// Is the time of a round trip a part of the answer?
    pub(super) asks_for_round_trip: bool,
    /// The choice that the lesson's own order bears out, from 0: what its explanation explains.
    pub expected: usize,
}

impl Variant {
    /// The experiment.
    #[must_use]
    pub fn experiment(&self) -> Experiment {
        (self.experiment)()
    }

    /// The median of the round trips in a run of a lesson that asks for it, in microseconds; `None`
    /// if the lesson does not, or its calls were not made without a pause.
    #[must_use]
    pub fn round_trip(&self, trace: &Trace) -> Option<u64> {
        if self.asks_for_round_trip { outcome::median_round_trip(trace) } else { None }
    }

    /// Which of the choices in [`Texts`](super::Texts), from 0, a run of the experiment bears out;
    /// `None` where it went another way, or not far enough.
    #[must_use]
    pub fn outcome(&self, trace: &Trace) -> Option<usize> {
        (self.outcome)(trace)
    }
}

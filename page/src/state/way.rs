//! The way to a moment of a run: the steps that were taken.

use framescope_lab::{Command, WireCommand};

/// The steps of a run, as far as the same steps lead to the same moment again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// By the steps of the order, the number of events before each.
    steps: Vec<usize>,
    /// Whether something else was done with the run.
    is_lost: bool,
}

impl Way {
    /// This command is sent, when the run has `events` events.
    pub fn note(&mut self, command: &Command, events: usize) {
        match command {
            Command::StepNext(_) => self.steps.push(events),
            Command::Load(_) | Command::Reset | Command::Wire(WireCommand::Rules(_)) => {}
            Command::Step(_)
            | Command::Play
            | Command::Hold
            | Command::Type(..)
            | Command::Interrupt(_)
            | Command::Wire(_) => self.is_lost = true,
        }
    }

    /// The steps go further or less far than those before.
    pub fn change(&mut self) {
        self.is_lost |= !self.steps.is_empty();
    }

    /// How many steps have led to the moment at which the run has `events` events. `None` if something else has led there.
    #[must_use]
    pub fn steps(&self, events: usize) -> Option<u32> {
        let steps = self.steps.partition_point(|before| *before < events);
        (!self.is_lost).then(|| u32::try_from(steps).unwrap_or(u32::MAX))
    }
}

//! Which connection each event of a trace belongs to.

use super::event::{Event, EventKind};
use crate::experiment::Side;

/// Whose connection each side's calls act on, as far as a trace has come. A client has one connection; a
/// server's calls act on the one that it accepted last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connections {
    accepted: Option<Side>,
}

impl Connections {
    /// How it is after these events, which are a trace's first.
    #[must_use]
    pub fn after(events: &[Event]) -> Self {
        let mut connections = Self::default();
        for event in events {
            connections.push(event);
        }
        connections
    }

    /// Takes in the next event. Returns the client whose connection it belongs to; `None` where it belongs
    /// to none, or to nobody's here.
    pub fn push(&mut self, event: &Event) -> Option<Side> {
        if let EventKind::Accepted(client) = event.kind {
            self.accepted = client;
        }
        self.of(event.side)
    }

    /// The client whose connection a side's calls act on now.
    #[must_use]
    pub fn of(&self, side: Side) -> Option<Side> {
        if side == Side::SERVER { self.accepted } else { Some(side) }
    }
}

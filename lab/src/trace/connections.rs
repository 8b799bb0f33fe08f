//! The connection that each event of a trace belongs to.

use super::event::{Event, EventKind};
use crate::experiment::Side;

/// The connection that each side's calls act on after the events so far. A client has one connection.
/// The server's calls act on the connection that it accepted last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connections {
    accepted: Option<Side>,
}

impl Connections {
    /// The state after these events, which are the first events of a trace.
    #[must_use]
    pub fn after(events: &[Event]) -> Self {
        let mut connections = Self::default();
        for event in events {
            connections.push(event);
        }
        connections
    }

    /// Adds the next event. Returns the client whose connection the event belongs to. `None` if it
    /// belongs to no connection, or to one whose client is not in the experiment.
    pub fn push(&mut self, event: &Event) -> Option<Side> {
        if let EventKind::Accepted(client) = event.kind {
            self.accepted = client;
        }
        self.of(event.side)
    }

    /// The client whose connection the side's calls act on now.
    #[must_use]
    pub fn of(&self, side: Side) -> Option<Side> {
        if side == Side::SERVER { self.accepted } else { Some(side) }
    }
}

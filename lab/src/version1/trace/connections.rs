//! The connection that each event of a trace belongs to.

use super::event::{Event, EventKind};
use crate::version1::experiment::Side;

/// The connection that each side's calls act on after the events so far. A client has one connection.
/// The server's calls act on the connection that it accepted last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Connections {
    accepted: Option<Side>,
}

impl Connections {
    /// Adds the next event. Returns the client whose connection the event belongs to. `None` if it
    /// belongs to no connection, or to one whose client is not in the experiment.
    pub(crate) fn push(&mut self, event: &Event) -> Option<Side> {
        if let EventKind::Accepted(client) = event.kind {
            self.accepted = client;
        }
        self.of(event.side)
    }

    /// The client whose connection the side's calls act on now.
    #[must_use]
    pub(crate) fn of(self, side: Side) -> Option<Side> {
        if side == Side::SERVER { self.accepted } else { Some(side) }
    }
}

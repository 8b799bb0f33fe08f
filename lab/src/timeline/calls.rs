//! The calls of a trace: when each was made, when it waited, and when it returned.

use super::pending::Call;
use crate::trace::{Event, EventKind};

/// A system call of a trace, as indices of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallHistory {
    /// The event at which it was made.
    pub called: usize,
    /// The event at which it began to wait. `None` if it never waited.
    pub blocked: Option<usize>,
    /// The event at which it returned. `None` if it has not.
    pub returned: Option<usize>,
}

/// The calls so far, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Vec<CallHistory>);

impl Calls {
    pub(super) fn all(&self) -> &[CallHistory] {
        &self.0
    }

    /// Adds an event, and the call that it is about.
    pub(super) fn push(&mut self, index: usize, event: &Event, call: Option<&Call>) {
        let Some(call) = call else { return };
        if call.index == index {
            self.0.push(CallHistory { called: index, blocked: None, returned: None });
            return;
        }
        let Ok(at) = self.0.binary_search_by_key(&call.index, |known| known.called) else { return };
        let known = &mut self.0[at];
        if let EventKind::Blocked(_) = &event.kind {
            known.blocked.get_or_insert(index);
        } else if let EventKind::Returned(_) = &event.kind {
            known.returned = Some(index);
        }
    }
}

//! How many pages a participant has open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use framescope_class::ParticipantId;

/// The most pages of one participant.
const MAX_PAGES: u8 = 4;

/// The open pages of each participant.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections(Arc<Mutex<HashMap<ParticipantId, u8>>>);

impl Connections {
    /// Counts one more page, until it is dropped. `None` if there are too many.
    pub(super) fn open(&self, participant: ParticipantId) -> Option<Connection> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = pages.entry(participant).or_default();
        if *count >= MAX_PAGES {
            return None;
        }
        *count += 1;
        Some(Connection { connections: self.clone(), participant })
    }
}

/// A page that is counted.
#[derive(Debug)]
pub(super) struct Connection {
    connections: Connections,
    participant: ParticipantId,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut pages = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = pages.get_mut(&self.participant) {
            *count -= 1;
            if *count == 0 {
                pages.remove(&self.participant);
            }
        }
    }
}

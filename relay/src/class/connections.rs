//! How many pages and programs a participant has at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use framescope_class::ParticipantId;

/// The connections of each participant.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    open: Arc<Mutex<HashMap<ParticipantId, u8>>>,
    most: u8,
}

impl Connections {
    /// At most `most` of each participant.
    pub(super) fn at_most(most: u8) -> Self {
        Self { open: Arc::default(), most }
    }

    /// Counts one more, until it is dropped. `None` if there are too many.
    pub(super) fn open(&self, participant: ParticipantId) -> Option<Connection> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(participant).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Connection { connections: self.clone(), participant })
    }
}

/// A connection that is counted.
#[derive(Debug)]
pub(super) struct Connection {
    connections: Connections,
    participant: ParticipantId,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.participant) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.participant);
            }
        }
    }
}

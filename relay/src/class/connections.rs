//! How many pages and programs a participant has at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use framescope_class::{ParticipantId, Refused};

/// The connections of all participants.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    open: Arc<Mutex<Open>>,
    most_of_one: u8,
    most: usize,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    of: HashMap<ParticipantId, u8>,
}

impl Connections {
    /// At most `most_of_one` of each participant, and `most` altogether.
    pub(super) fn at_most(most_of_one: u8, most: usize) -> Self {
        Self { open: Arc::default(), most_of_one, most }
    }

    /// Counts one more, until it is dropped.
    pub(super) fn open(&self, participant: ParticipantId) -> Result<Connection, Refused> {
        let mut open = self.count();
        if open.all >= self.most {
            return Err(Refused::Full);
        }
        let of_one = open.of.entry(participant).or_default();
        if *of_one >= self.most_of_one {
            return Err(Refused::TooMany);
        }
        *of_one += 1;
        open.all += 1;
        Ok(Connection { connections: self.clone(), participant })
    }

    /// Nothing panics while it holds the lock.
    fn count(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut open = self.connections.count();
        open.all -= 1;
        if let Some(of_one) = open.of.get_mut(&self.participant) {
            *of_one -= 1;
            if *of_one == 0 {
                open.of.remove(&self.participant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_bounded_for_each_participant_and_altogether() {
        let connections = Connections::at_most(2, 3);
        let [one, other] = [1, 2].map(ParticipantId);
        let first = connections.open(one).unwrap();
        let _second = connections.open(one).unwrap();
        assert_eq!(connections.open(one).unwrap_err(), Refused::TooMany);
        let _third = connections.open(other).unwrap();
        assert_eq!(connections.open(other).unwrap_err(), Refused::Full);
        drop(first);
        connections.open(other).unwrap();
    }
}

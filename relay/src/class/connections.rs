//! How many pages and programs a participant has at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use framescope_class::{ParticipantId, Refused};
use tokio::sync::Notify;

/// The connections of all participants.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    open: Arc<Mutex<Open>>,
    /// Says that one is not counted any more.
    ended: Arc<Notify>,
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
        Self { open: Arc::default(), ended: Arc::default(), most_of_one, most }
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

    /// The same. If the participant has too many, it waits for the end of one.
    pub(super) async fn open_next(
        &self,
        participant: ParticipantId,
    ) -> Result<Connection, Refused> {
        loop {
            let ended = self.ended.notified();
            match self.open(participant) {
                Err(Refused::TooMany) => ended.await,
                opened => return opened,
            }
        }
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
        drop(open);
        self.connections.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

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

    #[tokio::test]
    async fn one_too_many_waits_until_another_of_the_same_participant_ends() {
        let connections = Connections::at_most(1, 3);
        let [one, other] = [1, 2].map(ParticipantId);
        let first = connections.open_next(one).await.unwrap();
        let others = connections.open_next(other).await.unwrap();
        let mut waits = pin!(connections.open_next(one));
        assert!(waits.as_mut().now_or_never().is_none());
        drop(others);
        assert!(waits.as_mut().now_or_never().is_none());
        drop(first);
        waits.now_or_never().unwrap().unwrap();
    }
}

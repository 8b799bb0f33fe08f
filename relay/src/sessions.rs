//! Counts sessions, in total and for each address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The number of open sessions, and its bounds.
#[derive(Clone, Debug)]
pub(crate) struct Sessions(Arc<Mutex<Open>>);

#[derive(Debug)]
struct Open {
    max: usize,
    max_per_address: usize,
    total: usize,
    /// The largest total since somebody asked.
    most: usize,
    /// An address without a session has no entry.
    by_address: HashMap<IpAddr, usize>,
}

impl Sessions {
    pub(crate) fn new(max: usize, max_per_address: usize) -> Self {
        let by_address = HashMap::new();
        Self(Arc::new(Mutex::new(Open { max, max_per_address, total: 0, most: 0, by_address })))
    }

    /// Changes the bounds. Sessions over them stay open.
    pub(crate) fn bound(&self, max: usize, max_per_address: usize) {
        let mut open = self.lock();
        (open.max, open.max_per_address) = (max, max_per_address);
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.lock().total
    }

    /// How many were open at most since this was asked last.
    pub(crate) fn take_most(&self) -> usize {
        let mut open = self.lock();
        let total = open.total;
        mem::replace(&mut open.most, total)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // Nothing panics while it holds the lock, and counts are never half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one more session for `address`, until the session is dropped.
    pub(crate) fn open(&self, address: IpAddr) -> Result<Session, NoSession> {
        let address = address.to_canonical();
        let mut open = self.lock();
        if open.total >= open.max {
            return Err(NoSession::Relay);
        }
        let most = open.max_per_address;
        let count = open.by_address.entry(address).or_default();
        if *count >= most {
            return Err(NoSession::Address);
        }
        *count += 1;
        open.total += 1;
        open.most = open.most.max(open.total);
        Ok(Session { sessions: self.clone(), address })
    }
}

/// A session that is counted.
#[derive(Debug)]
pub(crate) struct Session {
    sessions: Sessions,
    address: IpAddr,
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut open = self.sessions.lock();
        open.total -= 1;
        if let Entry::Occupied(mut count) = open.by_address.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Why no session may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSession {
    #[error("the relay has reached its limit of sessions; try again when one has closed")]
    Relay,
    #[error("your address has reached its limit of sessions; close one first")]
    Address,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_bounded_altogether_and_by_address() {
        let [one, two, mapped]: [IpAddr; 3] =
            ["192.0.2.1", "192.0.2.2", "::ffff:192.0.2.1"].map(|text| text.parse().unwrap());
        let sessions = Sessions::new(3, 2);
        let first = sessions.open(one).unwrap();
        let _second = sessions.open(mapped).unwrap();
        assert_eq!(sessions.open(one).unwrap_err(), NoSession::Address);
        let _third = sessions.open(two).unwrap();
        assert_eq!(sessions.open(two).unwrap_err(), NoSession::Relay);
        drop(first);
        assert_eq!([sessions.take_most(), sessions.take_most(), sessions.count()], [3, 2, 2]);
        assert!(sessions.open(one).is_ok());
        sessions.bound(2, 2);
        assert_eq!(sessions.open(two).unwrap_err(), NoSession::Relay);
        sessions.bound(4, 2);
        assert!(sessions.open(two).is_ok());
    }
}

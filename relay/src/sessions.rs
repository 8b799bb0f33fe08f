//! Counts sessions, in total and for each address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The number of open sessions, and its bounds.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    max: usize,
    max_per_address: usize,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    /// An address without a session has no entry.
    by_address: HashMap<IpAddr, usize>,
}

impl Sessions {
    pub(crate) fn new(max: usize, max_per_address: usize) -> Self {
        Self { max, max_per_address, open: Arc::default() }
    }

    /// Counts one more session for `address`, until the session is dropped.
    pub(crate) fn open(&self, address: IpAddr) -> Result<Session, NoSession> {
        let address = address.to_canonical();
        // Nothing panics while it holds the lock, and counts are never half-changed.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.total >= self.max {
            return Err(NoSession::Relay);
        }
        let count = open.by_address.entry(address).or_default();
        if *count >= self.max_per_address {
            return Err(NoSession::Address);
        }
        *count += 1;
        open.total += 1;
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
        let mut open = self.sessions.open.lock().unwrap_or_else(PoisonError::into_inner);
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
        assert!(sessions.open(one).is_ok());
    }
}

//! What the descriptors of epoll(7) wait for.

use std::collections::BTreeMap;

/// The most descriptors that are waited for.
const MAX_INTERESTS: usize = 4096;

/// What is waited for at one descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interest {
    /// `EPOLLIN` and its like.
    pub(super) events: u32,
    /// What the program has given to tell it from others.
    pub(super) data: u64,
}

/// The interests of a process: by the descriptor of epoll, and the one that is waited for.
#[derive(Clone, Debug, Default)]
pub(super) struct Interests(BTreeMap<(i32, i32), Interest>);

impl Interests {
    /// `None`: it is waited for no more.
    pub(super) fn note(&mut self, epoll: i32, descriptor: i32, interest: Option<Interest>) {
        self.0.remove(&(epoll, descriptor));
        if let Some(interest) = interest.filter(|_| self.0.len() < MAX_INTERESTS) {
            self.0.insert((epoll, descriptor), interest);
        }
    }

    /// This descriptor is closed.
    pub(super) fn forget(&mut self, closed: i32) {
        self.0.retain(|(epoll, descriptor), _| *epoll != closed && *descriptor != closed);
    }

    pub(super) fn of(&self, epoll: i32) -> Vec<(i32, Interest)> {
        let own = self.0.range((epoll, i32::MIN)..=(epoll, i32::MAX));
        own.map(|((_, descriptor), interest)| (*descriptor, *interest)).collect()
    }
}

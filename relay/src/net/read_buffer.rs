//! Room for the bytes of one read, shared by all connections of a thread.
//!
//! A session needs it only while it is polled, and a thread polls one at a time: what a read brings is
//! written on at once, and only what the other side does not take is kept, in the session. So an
//! idle session holds no buffer.

use std::cell::RefCell;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends `length` bytes, whatever they hold. What a thread has is as long as the longest that it lent.
pub(crate) fn with<R>(length: usize, work: impl FnOnce(&mut [u8]) -> R) -> R {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < length {
            scratch.resize(length, 0);
        }
        work(&mut scratch[..length])
    })
}

//! A buffer for the bytes of one read, shared by all connections of a thread.
//!
//! A session needs a read buffer only while it is polled, and a thread polls one session at a time. The
//! session writes the bytes on at once. It copies only those that the other side does not take. So an idle
//! session holds no buffer.

use std::cell::RefCell;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends `length` bytes to `work`. They hold the bytes of earlier reads. The thread keeps a buffer as long as
/// the longest that was asked for.
pub(crate) fn with<R>(length: usize, work: impl FnOnce(&mut [u8]) -> R) -> R {
    BUFFER.with_borrow_mut(|buffer| {
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        work(&mut buffer[..length])
    })
}

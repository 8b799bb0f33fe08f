//! How long a run waits before it ends because its programs wait for ever.

use framescope_lab::BlockedOn;

/// A run ends if all its programs wait and no event has happened for this time, in microseconds. By
/// then the kernel's timers have sent every packet that was still to be sent.
const DEADLOCK_US: u64 = 300_000;

/// The same time if a program waits for its handshake: Linux sends a lost SYN again after 1, 2 and 4
/// seconds.
const HANDSHAKE_US: u64 = 8_000_000;

/// The time without an event after which a run is at a deadlock, in microseconds. `blocked` is what its
/// programs wait for.
pub fn deadlock_us(blocked: impl IntoIterator<Item = BlockedOn>) -> u64 {
    if blocked.into_iter().any(|on| on == BlockedOn::Handshake) {
        HANDSHAKE_US
    } else {
        DEADLOCK_US
    }
}

//! When programs that wait have waited for long enough.

use framescope_lab::BlockedOn;

/// How long nothing may happen, in microseconds, before a run is over whose programs all wait: no
/// packet is under way then that a timer of the kernel would not send by that time.
const DEADLOCK_US: u64 = 300_000;

/// The same while a handshake is open: Linux sends a lost SYN again after 1, 2 and 4 seconds.
const HANDSHAKE_US: u64 = 8_000_000;

/// How long nothing may happen, in microseconds, before programs that wait for all this wait for
/// ever.
pub fn deadlock_us(blocked: impl IntoIterator<Item = BlockedOn>) -> u64 {
    if blocked.into_iter().any(|on| on == BlockedOn::Handshake) {
        HANDSHAKE_US
    } else {
        DEADLOCK_US
    }
}

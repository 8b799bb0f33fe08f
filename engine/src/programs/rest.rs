//! When nothing will happen any more.

use framescope_syscall::BlockedOn;

use super::driver::{Programs, Waiting};
use crate::sockets::{Activity, Kernel};

/// If all programs wait and nothing new has happened for this time, nothing will: the kernel's timers have sent
/// every packet that was still to be sent. In microseconds.
const REST_US: u64 = 300_000;
/// The same if something is sent again and again: Linux sends a lost SYN again after 1, 2, 3, 4, 5 and 7 seconds, and lost
/// bytes after 0.2, 0.6, 1.4, 3 and 6.2. On a wire that loses more, nobody in a class wants to wait longer.
const REPEATS_REST_US: u64 = 8_000_000;

/// When nothing will happen any more if nothing new happens until then, in microseconds. `None` while a segment is on
/// its way.
#[must_use]
pub fn rest_at<K: Kernel>(programs: &Programs<K>, waiting: &Waiting) -> Option<u64> {
    // Not every system says what TCP does.
    let handshake = waiting.calls.iter().any(|(_, _, on)| *on == BlockedOn::Handshake);
    let rest = match programs.activity() {
        Activity::Delivers => return None,
        Activity::AwaitsAck => REPEATS_REST_US,
        Activity::Rests if handshake => REPEATS_REST_US,
        Activity::Rests => REST_US,
    };
    Some(programs.progress() + rest)
}

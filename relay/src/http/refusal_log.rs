//! A line of the log for a refused request or TLS handshake, with who was refused what and why. Of thousands, most are at the level `info`, so
//! that the log of warnings stays readable.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use tracing::{info, warn};

use super::peer::Peer;
use super::refusal::Told;

/// The most lines at once, and how long after each another may follow.
const BURST: u32 = 20;
const EACH: Duration = Duration::from_secs(1);

/// The longest path that is logged, in characters.
const MAX_PATH: usize = 200;

/// Which refusals are logged.
#[derive(Debug)]
pub(crate) struct RefusalLog(Mutex<Lines>);

#[derive(Debug)]
struct Lines {
    /// How many may be written now.
    left: u32,
    /// When one more was allowed last.
    since: Instant,
    /// How many refusals had no line since the last one.
    unsaid: u64,
}

impl RefusalLog {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Lines { left: BURST, since: Instant::now(), unsaid: 0 }))
    }

    pub(super) fn log(&self, peer: &Peer, path: &str, status: StatusCode, told: &Told) {
        let unsaid = self.next();
        let (client_certificate, peer) = (peer.certificate(), peer.address());
        let path: String = path.chars().take(MAX_PATH).collect();
        let (status, reason) = (status.as_u16(), told.reason);
        if let Some(unsaid) = unsaid {
            warn!(%peer, client_certificate, path, status, reason, unsaid, "request refused: {}", told.sentence);
        } else {
            info!(%peer, client_certificate, path, status, reason, "request refused: {}", told.sentence);
        }
    }

    /// A line for a client whose certificate is not accepted.
    pub(super) fn log_handshake(&self, peer: IpAddr, reason: &str, sentence: &str) {
        if let Some(unsaid) = self.next() {
            warn!(%peer, reason, unsaid, "TLS handshake refused: {sentence}");
        } else {
            info!(%peer, reason, "TLS handshake refused: {sentence}");
        }
    }

    /// As [`Lines::next`] has it.
    fn next(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next(Instant::now())
    }
}

impl Lines {
    /// Whether a line may be written now, and how many were not written before it.
    fn next(&mut self, now: Instant) -> Option<u64> {
        while self.left < BURST && now.duration_since(self.since) >= EACH {
            self.left += 1;
            self.since += EACH;
        }
        if self.left == BURST {
            self.since = now;
        }
        let Some(left) = self.left.checked_sub(1) else {
            self.unsaid += 1;
            return None;
        };
        self.left = left;
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_has_twenty_lines_and_then_one_a_second_that_says_how_many_there_were() {
        let start = Instant::now();
        let mut lines = Lines { left: BURST, since: start, unsaid: 0 };
        let written = (0..1000).filter(|_| lines.next(start) == Some(0)).count();
        assert_eq!(written, 20);
        assert_eq!(lines.next(start + EACH), Some(980));
        assert_eq!(lines.next(start + EACH), None);
        assert_eq!(lines.next(start + EACH * 2), Some(1));
        // After a quiet hour there are as many at once as at the start, and no more.
        let later = start + Duration::from_hours(1);
        assert_eq!((0..1000).filter(|_| lines.next(later).is_some()).count(), 20);
    }
}

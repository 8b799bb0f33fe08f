//! What crossed while a case was played.

use framescope_record::{Crossed, Crossing, Data};
use tokio::time::Instant;

/// The most events of a tape. A client that answers byte by byte makes one of each byte; what follows is not on the tape.
const MAX_EVENTS: usize = 10_000;

/// What crossed, as a client sees it, on the server's clock: what the server sent at once is received, and what it got at once
/// is sent.
#[derive(Debug)]
pub struct Tape {
    began: Instant,
    events: Vec<Crossing>,
    is_cut: bool,
}

impl Tape {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), events: Vec::new(), is_cut: false }
    }

    pub(super) fn server_sent(&mut self, bytes: &[u8]) {
        self.add(Crossed::Received(Data(bytes.to_vec())));
    }

    /// The server sends no more.
    pub(super) fn server_ended(&mut self) {
        self.server_sent(&[]);
    }

    pub(super) fn client_sent(&mut self, bytes: &[u8]) {
        self.add(Crossed::Sent(Data(bytes.to_vec())));
    }

    fn add(&mut self, what: Crossed) {
        if self.events.len() >= MAX_EVENTS {
            self.is_cut = true;
            return;
        }
        let at = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.events.push(Crossing { at, what });
    }

    /// The events, in order.
    #[must_use]
    pub fn into_events(self) -> Vec<Crossing> {
        self.events
    }

    /// Whether there were more events than a tape holds.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }
}

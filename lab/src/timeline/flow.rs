//! One direction of a connection: what was sent, and what was received of it.

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};
use framescope_record::{Direction, Record};

/// One direction of one connection.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The index of the connection.
    pub connection: usize,
    /// The program that sends. `None` if it is not known.
    pub from: Option<usize>,
    /// The program that receives. `None` if it is not known.
    pub to: Option<usize>,
    /// Whether it goes to the server.
    pub to_server: bool,
    /// The header before each message, as the programs' texts say. `None` if they have none.
    pub header: Option<HeaderFormat>,
    /// What was sent and what was received.
    pub record: Record,
    /// The bytes of the `send` that waits, which the kernel has not taken.
    rest: Vec<u8>,
}

impl Flow {
    pub(super) fn new(
        connection: usize,
        to_server: bool,
        (from, to): (Option<usize>, Option<usize>),
        header: Option<HeaderFormat>,
    ) -> Self {
        let record = Record::new(header.unwrap_or_default(), DEFAULT_MAX_PAYLOAD);
        Self { connection, from, to, to_server, header, record, rest: Vec::new() }
    }

    /// Whether anything was sent.
    #[must_use]
    pub fn has_bytes(&self) -> bool {
        self.record.stream(Direction::Sent).end() > 0
    }

    /// A `send` waits with these bytes.
    pub(super) fn wait(&mut self, bytes: &[u8]) {
        bytes.clone_into(&mut self.rest);
    }

    /// The kernel has taken this many bytes of all that were sent, some of them of the `send` that waits.
    pub(super) fn take_until(&mut self, number: usize, end: u64, at: u64) {
        let sent = self.record.stream(Direction::Sent).end();
        let count = usize::try_from(end.saturating_sub(sent)).unwrap_or(usize::MAX);
        self.take(number, count, at);
    }

    /// A `send` with these bytes has returned; the kernel has taken the first `count` of them.
    pub(super) fn sent(&mut self, number: usize, bytes: &[u8], count: usize, at: u64) {
        let count = count.min(bytes.len());
        // A part was seen to be taken while it waited. The `send` of another thread may be the one that waits.
        let seen =
            if self.rest.is_empty() { 0 } else { bytes.len().saturating_sub(self.rest.len()) };
        self.rest = bytes[seen.min(count)..count].to_vec();
        self.take(number, usize::MAX, at);
    }

    fn take(&mut self, number: usize, count: usize, at: u64) {
        let count = count.min(self.rest.len());
        let taken: Vec<u8> = self.rest.drain(..count).collect();
        if !taken.is_empty() {
            let given = u32::try_from(count).unwrap_or(u32::MAX);
            self.record.push(number, Direction::Sent, &taken, given, at);
        }
    }

    /// A `recv` has returned these bytes, none at the end of the stream.
    pub(super) fn received(&mut self, number: usize, asked: u32, bytes: &[u8], at: u64) {
        let end = self.record.stream(Direction::Received).end() + bytes.len() as u64;
        self.take_until(number, end, at);
        if bytes.is_empty() {
            self.record.end(number);
        } else {
            self.record.push(number, Direction::Received, bytes, asked, at);
        }
    }
}

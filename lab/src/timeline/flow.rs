//! One direction of a connection: what was sent, and what was received of it.

use std::ops::Range;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};
use framescope_record::{Direction, Record};

use super::framing::{Framing, Sends};

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
    /// The header before each message, as the programs' texts say, and their calls bear out. `None` if there is none.
    pub header: Option<HeaderFormat>,
    /// What was sent and what was received.
    pub record: Record,
    /// The index of the event at which the receiver has closed its socket.
    closed: Option<usize>,
    /// The bytes of the `send` that waits, which the kernel has not taken, and the index of that call's event.
    rest: (usize, Vec<u8>),
    /// Where the bytes end that a call has sent, and the index of its event.
    calls: Vec<(u64, usize)>,
    framing: Framing,
}

impl Flow {
    pub(super) fn new(
        connection: usize,
        to_server: bool,
        (from, to): (Option<usize>, Option<usize>),
        header: Option<HeaderFormat>,
    ) -> Self {
        let record = Record::new(header.unwrap_or_default(), DEFAULT_MAX_PAYLOAD);
        let (closed, rest, calls) = (None, (0, Vec::new()), Vec::new());
        let framing = Framing::new(header);
        Self { connection, from, to, to_server, header, record, closed, rest, calls, framing }
    }

    /// The header that the programs' texts have, whether or not it frames this flow. `None` if they have none.
    pub(crate) const fn header_in_texts(&self) -> Option<HeaderFormat> {
        self.framing.said
    }

    fn judge(&mut self) {
        let sends = Sends { ends: &self.calls, rest: (self.rest.0, self.rest.1.len() as u64) };
        self.header = self.framing.judge(&self.record, &sends);
    }

    /// Whether the receiver had closed its socket after `number` events. Nobody reads what has arrived since then.
    #[must_use]
    pub fn is_closed(&self, number: usize) -> bool {
        self.closed.is_some_and(|event| event < number)
    }

    pub(super) fn close(&mut self, number: usize) {
        self.closed = self.closed.or(Some(number));
    }

    /// Whether anything was sent, or has come from a sender that is not known.
    #[must_use]
    pub fn has_bytes(&self) -> bool {
        let end = |direction| self.record.stream(direction).end();
        end(Direction::Sent).max(end(Direction::Received)) > 0
    }

    /// The calls that have sent some of these bytes, as indices of events, in order.
    pub fn senders(&self, bytes: Range<u64>) -> impl Iterator<Item = usize> + '_ {
        let first = self.calls.partition_point(|(end, _)| *end <= bytes.start);
        let starts = [0].into_iter().chain(self.calls.iter().map(|(end, _)| *end));
        let with_starts = self.calls.iter().zip(starts).skip(first);
        with_starts.take_while(move |(_, start)| *start < bytes.end).map(|((_, call), _)| *call)
    }

    /// The `send` of this event waits with these bytes.
    pub(super) fn wait(&mut self, call: usize, bytes: &[u8]) {
        self.rest = (call, bytes.to_vec());
    }

    /// The kernel has taken this many bytes of all that were sent, some of them of the `send` that waits.
    pub(super) fn take_until(&mut self, number: usize, end: u64, at: u64) {
        let sent = self.record.stream(Direction::Sent).end();
        let count = usize::try_from(end.saturating_sub(sent)).unwrap_or(usize::MAX);
        self.take(number, count, at);
    }

    /// The `send` of this event with these bytes has returned; the kernel has taken the first `count` of them.
    pub(super) fn sent(&mut self, number: usize, call: usize, bytes: &[u8], count: usize, at: u64) {
        let count = count.min(bytes.len());
        // A part was seen to be taken while it waited. The `send` of another thread may be the one that waits.
        let seen =
            if self.rest.1.is_empty() { 0 } else { bytes.len().saturating_sub(self.rest.1.len()) };
        self.rest = (call, bytes[seen.min(count)..count].to_vec());
        self.take(number, usize::MAX, at);
    }

    fn take(&mut self, number: usize, count: usize, at: u64) {
        let (call, rest) = &mut self.rest;
        let count = count.min(rest.len());
        let taken: Vec<u8> = rest.drain(..count).collect();
        if taken.is_empty() {
            return;
        }
        let given = u32::try_from(count).unwrap_or(u32::MAX);
        self.record.push(number, Direction::Sent, &taken, given, at);
        let end = self.record.stream(Direction::Sent).end();
        match self.calls.last_mut() {
            Some((last, of)) if of == call => *last = end,
            Some(_) | None => self.calls.push((end, *call)),
        }
        self.judge();
    }

    /// A `recv` has returned these bytes, none at the end of the stream.
    pub(super) fn received(&mut self, number: usize, asked: u32, bytes: &[u8], at: u64) {
        let end = self.record.stream(Direction::Received).end() + bytes.len() as u64;
        self.take_until(number, end, at);
        if bytes.is_empty() {
            self.record.end(number);
        } else {
            self.record.push(number, Direction::Received, bytes, asked, at);
            self.judge();
        }
    }
}

//! Both directions of one connection, and their state after each event.

use std::collections::VecDeque;

use framescope_framing::HeaderFormat;

use crate::message::Rest;
use crate::stream::{KEPT_CHUNKS, Stream};

/// The two directions of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What `recv()` returned.
    Received,
    /// The bytes that `send()` was called with.
    Sent,
}

/// The state of a record after an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark {
    /// The event's number, from 1.
    number: usize,
    /// The number of chunks received so far.
    received: usize,
    /// The number of sends so far.
    sent: usize,
    /// Whether the end of the stream has been received.
    ended: bool,
}

/// The state of a record after one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    mark: Mark,
    received_end: u64,
    sent_end: u64,
    /// Whether it is the state after the newest event.
    pub newest: bool,
}

impl Moment {
    /// The number of chunks of a direction so far. In the sent direction, of sends.
    #[must_use]
    pub const fn chunks(&self, direction: Direction) -> usize {
        match direction {
            Direction::Received => self.mark.received,
            Direction::Sent => self.mark.sent,
        }
    }

    /// The number of bytes of a direction so far.
    #[must_use]
    pub const fn end(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Received => self.received_end,
            Direction::Sent => self.sent_end,
        }
    }

    /// Whether `recv()` has returned `b''`.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.mark.ended
    }
}

/// The record of one connection: what was received, what was sent, and the state after each event that
/// is kept.
#[derive(Clone, Debug)]
pub struct Record {
    received: Stream,
    sent: Stream,
    ended: bool,
    /// The state after each event that changed the record, oldest first.
    marks: VecDeque<Mark>,
    /// The state before the first of `marks`.
    before: Mark,
    /// The number of the newest event.
    last: usize,
}

impl Record {
    /// An empty record whose headers are read as `format`, with payloads of at most `max_payload`
    /// bytes.
    #[must_use]
    pub fn new(format: HeaderFormat, max_payload: usize) -> Self {
        Self::with(|| Stream::new(format, max_payload))
    }

    /// An empty record of streams without headers.
    #[must_use]
    pub fn unframed() -> Self {
        Self::with(Stream::unframed)
    }

    fn with(stream: impl Fn() -> Stream) -> Self {
        Self {
            received: stream(),
            sent: stream(),
            ended: false,
            marks: VecDeque::new(),
            before: Mark::default(),
            last: 0,
        }
    }

    /// The stream of one direction.
    #[must_use]
    pub const fn stream(&self, direction: Direction) -> &Stream {
        match direction {
            Direction::Received => &self.received,
            Direction::Sent => &self.sent,
        }
    }

    /// Adds a chunk or a send to event `number`, which is the newest event or the next one. `asked` is
    /// the number of bytes that the call asked for, and `at` its time in microseconds.
    pub fn push(&mut self, number: usize, direction: Direction, bytes: &[u8], asked: u32, at: u64) {
        match direction {
            Direction::Received => self.received.push(bytes, asked, at),
            Direction::Sent => self.sent.push(bytes, asked, at),
        }
        self.mark(number);
    }

    /// Adds the end of the received stream to event `number`: `recv()` returned `b''`.
    pub fn end(&mut self, number: usize) {
        self.ended = true;
        self.mark(number);
    }

    /// Decodes the received stream from its current end: the next byte is the first byte of a header.
    pub fn frame_received_from_here(&mut self) {
        self.received.frame_from(self.received.end());
    }

    /// Counts event `number`, which did not change the record.
    pub const fn pass(&mut self, number: usize) {
        self.last = number;
    }

    fn mark(&mut self, number: usize) {
        self.last = number;
        let mark = Mark {
            number,
            received: self.received.chunk_numbers().end,
            sent: self.sent.chunk_numbers().end,
            ended: self.ended,
        };
        match self.marks.back_mut() {
            Some(last) if last.number == number => *last = mark,
            _ => self.marks.push_back(mark),
        }
        // A moment can be shown only if every chunk since then is kept.
        let received = self.received.chunk_numbers().start;
        let sent = self.sent.chunk_numbers().start;
        while self.marks.len() > KEPT_CHUNKS
            || self.before.received < received
            || self.before.sent < sent
        {
            let Some(dropped) = self.marks.pop_front() else { break };
            self.before = dropped;
        }
    }

    /// Decodes the kept bytes of a direction again, with another header format and limit.
    pub fn reread(&mut self, direction: Direction, format: HeaderFormat, max_payload: usize) {
        match direction {
            Direction::Received => self.received.reread(format, max_payload),
            Direction::Sent => self.sent.reread(format, max_payload),
        }
    }

    /// The event numbers that [`Record::moment`] can show. 0 is before the first event. Events whose
    /// chunks were dropped are not in the range.
    #[must_use]
    pub const fn event_numbers(&self) -> std::ops::RangeInclusive<usize> {
        self.before.number..=self.last
    }

    /// The state after event `number`. If `number` is `None` or has not happened, the newest state. If
    /// the event was dropped, the oldest state that can be shown.
    #[must_use]
    pub fn moment(&self, number: Option<usize>) -> Moment {
        let number = number.filter(|number| *number < self.last);
        let Some(number) = number else {
            let mark = Mark {
                number: self.last,
                received: self.received.chunk_numbers().end,
                sent: self.sent.chunk_numbers().end,
                ended: self.ended,
            };
            let (received_end, sent_end) = (self.received.end(), self.sent.end());
            return Moment { mark, received_end, sent_end, newest: true };
        };
        let next = self.marks.partition_point(|mark| mark.number <= number);
        let mark = match next.checked_sub(1) {
            Some(index) => self.marks.get(index).copied().unwrap_or_default(),
            None => self.before,
        };
        let end = |stream: &Stream, chunks: usize| {
            let last = chunks.checked_sub(1).and_then(|number| stream.chunk(number));
            last.map_or(stream.start(), |chunk| chunk.range.end)
        };
        Moment {
            mark,
            received_end: end(&self.received, mark.received),
            sent_end: end(&self.sent, mark.sent),
            newest: false,
        }
    }

    /// The time of the last chunk or send up to `moment`, in microseconds since the record began.
    #[must_use]
    pub fn time(&self, moment: &Moment) -> Option<u64> {
        let last = |direction| {
            let number = moment.chunks(direction).checked_sub(1)?;
            self.stream(direction).chunk(number).map(|chunk| chunk.at)
        };
        match (last(Direction::Received), last(Direction::Sent)) {
            (Some(received), Some(sent)) => Some(received.max(sent)),
            (received, sent) => received.or(sent),
        }
    }

    /// Whether the received stream had ended inside a message at `moment`.
    #[must_use]
    pub fn is_truncated(&self, moment: &Moment) -> bool {
        moment.has_ended()
            && matches!(self.received.rest(moment.received_end), Rest::Incomplete { .. })
    }
}

#[cfg(test)]
mod tests {
    use framescope_framing::DEFAULT_MAX_PAYLOAD;

    use super::*;

    fn record() -> Record {
        Record::new(HeaderFormat::LITTLE_SIGNED, DEFAULT_MAX_PAYLOAD)
    }

    #[test]
    fn a_moment_has_what_was_recorded_up_to_its_event() {
        let mut record = record();
        record.push(1, Direction::Sent, b"\x02\0\0\0hi", 6, 0);
        record.push(2, Direction::Received, b"\x02\0", 2, 1);
        record.pass(3);
        record.push(4, Direction::Received, b"\0\0hi", 4, 25);
        let seen = |number| {
            let moment = record.moment(number);
            (moment.end(Direction::Sent), moment.end(Direction::Received), record.time(&moment))
        };
        assert_eq!(seen(Some(0)), (0, 0, None));
        assert_eq!(seen(Some(1)), (6, 0, Some(0)));
        assert_eq!(seen(Some(2)), (6, 2, Some(1)));
        assert_eq!(seen(Some(3)), (6, 2, Some(1)));
        assert_eq!(seen(Some(4)), (6, 6, Some(25)));
        assert_eq!(seen(None), (6, 6, Some(25)));
        assert!(record.moment(Some(4)).newest && !record.moment(Some(3)).newest);
    }

    #[test]
    fn an_event_of_two_parts_is_one_moment() {
        let mut record = record();
        record.push(1, Direction::Sent, b"a", 1, 0);
        record.push(1, Direction::Received, b"a", 1, 0);
        record.push(2, Direction::Received, b"b", 1, 0);
        assert_eq!(record.event_numbers(), 0..=2);
        assert_eq!(record.moment(Some(1)).end(Direction::Received), 1);
    }

    #[test]
    fn a_stream_that_ends_inside_a_message_is_truncated() {
        let mut record = record();
        record.push(1, Direction::Received, b"\x05\0\0\0he", 1024, 0);
        assert!(!record.is_truncated(&record.moment(None)));
        record.end(2);
        assert!(record.is_truncated(&record.moment(None)));
        assert!(!record.is_truncated(&record.moment(Some(1))));
    }

    #[test]
    fn the_list_of_events_is_bounded() {
        let mut record = record();
        for number in 1..=KEPT_CHUNKS + 10 {
            record.push(number, Direction::Received, b"x", 1, 0);
        }
        assert_eq!(record.event_numbers(), 10..=KEPT_CHUNKS + 10);
        assert_eq!(record.moment(Some(20)).end(Direction::Received), 20);
    }

    #[test]
    fn a_moment_whose_chunks_were_dropped_cannot_be_shown() {
        let mut record = record();
        for number in 0..2 * KEPT_CHUNKS {
            record.push(2 * number + 1, Direction::Sent, b"y", 1, 0);
            record.push(2 * number + 2, Direction::Received, b"x", 1, 0);
        }
        let first = *record.event_numbers().start();
        assert!(first > 0);
        let moment = record.moment(Some(first));
        let chunks = moment.chunks(Direction::Received);
        assert!(chunks >= record.stream(Direction::Received).chunk_numbers().start);
        assert_eq!(moment.end(Direction::Received), chunks as u64);
        assert_eq!(moment.end(Direction::Sent), moment.chunks(Direction::Sent) as u64);
    }
}

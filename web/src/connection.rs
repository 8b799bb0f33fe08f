//! One connection to a target, from the first byte to the end, and the moment of it on screen.

use std::collections::VecDeque;

use framescope_framing::HeaderFormat;

use crate::levers::Levers;
use crate::stream::{KEPT_CHUNKS, Rest, Stream};

/// The two directions, each with an axis of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the target to the page.
    Received,
    /// From the page to the target.
    Sent,
}

/// Why the relay refused a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The relay's words, in English.
    pub reason: String,
}

/// The close code, of those that RFC 6455 leaves to applications, for a connection that the page
/// gave up because the relay did not take what was to be sent.
pub const NOT_TAKEN: u16 = 4000;

/// Where a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The WebSocket is being opened, and behind it the TCP connection.
    Connecting,
    /// Bytes may flow.
    Open,
    /// It never opened.
    Refused {
        /// What the relay answered to a plain request for the same.
        answer: Option<Refusal>,
    },
    /// The target closed its side: what `recv()` shows as `b''`.
    EndOfStream,
    /// The page closed it.
    Closed,
    /// It broke: the relay, the network or the target went away.
    Lost {
        /// The WebSocket close code, RFC 6455, section 7.4.1.
        code: u16,
        /// What the relay said, if it could.
        reason: String,
    },
}

impl State {
    /// Is it over?
    #[must_use]
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Connecting | Self::Open)
    }
}

/// How many chunks each direction had when an event had happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark {
    received: usize,
    sent: usize,
}

/// What the picture shows: everything up to one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    mark: Mark,
    received_end: u64,
    sent_end: u64,
    /// Is it the newest? Then what has no event of its own, like the end, is part of it.
    pub newest: bool,
}

impl Moment {
    /// How many chunks of a direction have been.
    #[must_use]
    pub const fn chunks(&self, direction: Direction) -> usize {
        match direction {
            Direction::Received => self.mark.received,
            Direction::Sent => self.mark.sent,
        }
    }

    /// How many bytes of a direction have been.
    #[must_use]
    pub const fn end(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Received => self.received_end,
            Direction::Sent => self.sent_end,
        }
    }
}

/// One connection and its record.
#[derive(Clone, Debug)]
pub struct Connection {
    /// From 1, in the order in which they were opened.
    pub number: u32,
    /// The target's name.
    pub target: String,
    /// How the relay reads from the target.
    pub levers: Levers,
    /// Where it stands.
    pub state: State,
    /// The page's clock, in milliseconds, at the first event.
    began: Option<f64>,
    /// From the target to the page.
    pub received: Stream,
    /// From the page to the target.
    pub sent: Stream,
    events: VecDeque<Mark>,
    forgotten_events: usize,
    /// How things stood before the first event that is kept.
    before: Mark,
}

impl Connection {
    /// A connection that is being opened.
    #[must_use]
    pub fn new(
        number: u32,
        target: String,
        levers: Levers,
        (format, max_payload): (HeaderFormat, usize),
    ) -> Self {
        Self {
            number,
            target,
            levers,
            state: State::Connecting,
            began: None,
            received: Stream::new(format, max_payload),
            sent: Stream::new(format, max_payload),
            events: VecDeque::new(),
            forgotten_events: 0,
            before: Mark::default(),
        }
    }

    /// The record of one direction.
    #[must_use]
    pub const fn stream(&self, direction: Direction) -> &Stream {
        match direction {
            Direction::Received => &self.received,
            Direction::Sent => &self.sent,
        }
    }

    /// Adds a chunk that arrived, or a send, at the page's time `now`.
    pub fn record(&mut self, direction: Direction, bytes: &[u8], now: f64) {
        let at = now - *self.began.get_or_insert(now);
        match direction {
            Direction::Received => self.received.push(bytes, at),
            Direction::Sent => self.sent.push(bytes, at),
        }
        self.events.push_back(Mark {
            received: self.received.chunk_numbers().end,
            sent: self.sent.chunk_numbers().end,
        });
        // A moment can be shown only while every chunk since then is kept.
        let received = self.received.chunk_numbers().start;
        let sent = self.sent.chunk_numbers().start;
        while self.events.len() > KEPT_CHUNKS
            || self.before.received < received
            || self.before.sent < sent
        {
            let Some(forgotten) = self.events.pop_front() else { break };
            self.before = forgotten;
            self.forgotten_events += 1;
        }
    }

    /// Has anything been sent or received?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The numbers of events after which the picture can be shown: 0 is before the first. Moments
    /// whose chunks are forgotten cannot.
    #[must_use]
    pub fn event_numbers(&self) -> std::ops::RangeInclusive<usize> {
        self.forgotten_events..=self.forgotten_events + self.events.len()
    }

    /// The picture after event `number`, from 1; the newest where `number` is `None` or gone.
    #[must_use]
    pub fn moment(&self, number: Option<usize>) -> Moment {
        let newest = Mark {
            received: self.received.chunk_numbers().end,
            sent: self.sent.chunk_numbers().end,
        };
        let last = *self.event_numbers().end();
        let Some(number) = number.filter(|number| *number < last) else {
            return Moment {
                mark: newest,
                received_end: self.received.end(),
                sent_end: self.sent.end(),
                newest: true,
            };
        };
        let index = number.saturating_sub(self.forgotten_events);
        let mark = match index.checked_sub(1) {
            Some(index) => self.events.get(index).copied().unwrap_or_default(),
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

    /// When the last event up to `moment` happened, in milliseconds since the first.
    #[must_use]
    pub fn time(&self, moment: &Moment) -> Option<f64> {
        let last = |direction| {
            let number = moment.chunks(direction).checked_sub(1)?;
            self.stream(direction).chunk(number).map(|chunk| chunk.at)
        };
        match (last(Direction::Received), last(Direction::Sent)) {
            (Some(received), Some(sent)) => Some(received.max(sent)),
            (received, sent) => received.or(sent),
        }
    }

    /// Did the target's end of stream cut a message, and is that end part of `moment`?
    #[must_use]
    pub fn is_truncated(&self, moment: &Moment) -> bool {
        self.state == State::EndOfStream
            && moment.newest
            && matches!(self.received.rest(moment.received_end), Rest::Incomplete { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use framescope_framing::DEFAULT_MAX_PAYLOAD;

    fn connection() -> Connection {
        let reading = (HeaderFormat::LITTLE_SIGNED, DEFAULT_MAX_PAYLOAD);
        Connection::new(1, "demo".into(), Levers::default(), reading)
    }

    #[test]
    fn every_moment_is_what_had_been_recorded_by_then() {
        let mut connection = connection();
        connection.record(Direction::Sent, b"\x02\0\0\0hi", 1001.0);
        connection.record(Direction::Received, b"\x02\0", 1002.0);
        connection.record(Direction::Received, b"\0\0hi", 1003.5);
        let seen = |number| {
            let moment = connection.moment(number);
            (moment.end(Direction::Sent), moment.end(Direction::Received), connection.time(&moment))
        };
        assert_eq!(seen(Some(0)), (0, 0, None));
        assert_eq!(seen(Some(1)), (6, 0, Some(0.0)));
        assert_eq!(seen(Some(2)), (6, 2, Some(1.0)));
        assert_eq!(seen(Some(3)), (6, 6, Some(2.5)));
        assert_eq!(seen(None), (6, 6, Some(2.5)));
        assert!(connection.moment(Some(3)).newest && !connection.moment(Some(2)).newest);
    }

    #[test]
    fn an_end_inside_a_message_is_a_truncation() {
        let mut connection = connection();
        connection.record(Direction::Received, b"\x05\0\0\0he", 1001.0);
        assert!(!connection.is_truncated(&connection.moment(None)));
        connection.state = State::EndOfStream;
        assert!(connection.is_truncated(&connection.moment(None)));
        assert!(!connection.is_truncated(&connection.moment(Some(0))));
        connection.record(Direction::Received, b"llo", 1002.0);
        assert!(!connection.is_truncated(&connection.moment(None)));
    }

    #[test]
    fn the_list_of_events_is_bounded() {
        let mut connection = connection();
        for _ in 0..KEPT_CHUNKS + 10 {
            connection.record(Direction::Received, b"x", 1001.0);
        }
        assert_eq!(connection.event_numbers(), 10..=KEPT_CHUNKS + 10);
        assert_eq!(connection.moment(Some(20)).end(Direction::Received), 20);
    }

    #[test]
    fn a_moment_whose_chunks_are_forgotten_is_not_offered() {
        let mut connection = connection();
        for _ in 0..2 * KEPT_CHUNKS {
            connection.record(Direction::Sent, b"y", 1001.0);
            connection.record(Direction::Received, b"x", 1001.0);
        }
        let first = *connection.event_numbers().start();
        assert!(first > 0);
        let moment = connection.moment(Some(first));
        assert!(moment.chunks(Direction::Received) >= connection.received.chunk_numbers().start);
        assert_eq!(moment.end(Direction::Received), moment.chunks(Direction::Received) as u64);
        assert_eq!(moment.end(Direction::Sent), moment.chunks(Direction::Sent) as u64);
    }
}

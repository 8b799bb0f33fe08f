//! One connection to a target, from the first byte to the end: the page's own, or one that a relay
//! recorded.

use framescope_framing::HeaderFormat;
use framescope_protocol::ReadOptions;
use framescope_record::{Crossed, Direction, Record, Recording, Stream};

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
pub enum ConnectionState {
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
    /// It was somebody's, is over, and was read from a file.
    Recorded {
        /// Why the session ended, or the recording before it: the relay's words, in English.
        end: String,
    },
}

impl ConnectionState {
    /// Is it over?
    #[must_use]
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Connecting | Self::Open)
    }
}

/// One connection and its record.
#[derive(Clone, Debug)]
pub struct Connection {
    /// From 1, in the order in which they were opened; a recording has one too.
    pub number: u32,
    /// The target's name.
    pub target: String,
    /// How the relay reads from the target.
    pub read_options: ReadOptions,
    /// Where it stands.
    pub state: ConnectionState,
    /// The page's clock, in milliseconds, at the first event.
    began: Option<f64>,
    /// What was sent and received.
    pub record: Record,
}

impl Connection {
    /// A connection that is being opened.
    #[must_use]
    pub fn new(
        number: u32,
        target: String,
        read_options: ReadOptions,
        (format, max_payload): (HeaderFormat, usize),
    ) -> Self {
        Self {
            number,
            target,
            read_options,
            state: ConnectionState::Connecting,
            began: None,
            record: Record::new(format, max_payload),
        }
    }

    /// A session that a relay recorded. Its times are those of the file, and its headers are read as
    /// the file says.
    #[must_use]
    pub fn recorded(number: u32, recording: Recording, max_payload: usize) -> Self {
        let bridge = recording.bridge;
        let mut record = Record::new(bridge.header, max_payload);
        for (event, number) in recording.events.iter().zip(1..) {
            match &event.what {
                Crossed::Received(data) if data.0.is_empty() => record.end(number),
                Crossed::Received(data) => {
                    record.push(number, Direction::Received, &data.0, bridge.recv, event.at);
                }
                Crossed::Sent(data) => {
                    let given = u32::try_from(data.0.len()).unwrap_or(u32::MAX);
                    record.push(number, Direction::Sent, &data.0, given, event.at);
                }
            }
        }
        Self {
            number,
            target: bridge.target,
            read_options: ReadOptions {
                recv: bridge.recv,
                delay_ms: bridge.delay_ms,
                nodelay: bridge.nodelay,
            },
            state: ConnectionState::Recorded { end: recording.end },
            began: None,
            record,
        }
    }

    /// Was it read from a file?
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        matches!(self.state, ConnectionState::Recorded { .. })
    }

    /// What was received.
    #[must_use]
    pub const fn received(&self) -> &Stream {
        self.record.stream(Direction::Received)
    }

    /// Adds a chunk that arrived, or a send, at the page's time `now`.
    pub fn record(&mut self, direction: Direction, bytes: &[u8], now: f64) {
        let since = now - *self.began.get_or_insert(now);
        // The page's clock never runs backwards, and not for long enough to pass 2^53.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "as said above"
        )]
        let at = (since * 1000.0) as u64;
        let asked = match direction {
            Direction::Received => self.read_options.recv,
            Direction::Sent => u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        };
        let number = self.record.event_numbers().end() + 1;
        self.record.push(number, direction, bytes, asked, at);
    }

    /// The target closed its side.
    pub fn end(&mut self) {
        self.state = ConnectionState::EndOfStream;
        self.record.end(*self.record.event_numbers().end());
    }

    /// Has anything been sent or received?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self.record.event_numbers().end() == 0
    }
}

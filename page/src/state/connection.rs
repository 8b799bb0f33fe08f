//! One connection to a target: the page's own, or one that a relay recorded.

use framescope_protocol::{
    DEMO_TARGET, PLAIN_TARGET, READS_SUBPROTOCOL, ReadOptions, TimedReads, TimedReadsError,
};
use framescope_record::{Crossed, Crossing, Direction, Record, Recording, Source, Stream};

/// Why the relay refused a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The relay's text, in English.
    pub reason: String,
}

/// The page's close code for a connection that it gave up, because too many bytes waited to be sent.
/// RFC 6455, section 7.4.2, reserves 4000 to 4999 for private use.
pub const NOT_TAKEN: u16 = 4000;

/// The page's close code for a connection that it gave up, because the relay broke its subprotocol.
pub const UNREADABLE: u16 = 4001;

/// Whose clock says when a chunk was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The relay's, in microseconds since the session began.
    Relay,
    /// The page's: when the chunk arrived here. The relay is older than `framescope.reads.v1`.
    Page,
}

/// The state of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// The WebSocket is being opened. The relay opens the TCP connection first.
    Connecting,
    /// Bytes can be sent and received.
    Open,
    /// It never opened.
    Refused {
        /// The relay's answer to a request without an upgrade, when it is known.
        answer: Option<Refusal>,
    },
    /// The target closed its side: `recv()` returned `b''`.
    EndOfStream,
    /// The page closed it.
    Closed,
    /// The connection to the relay, the network or the target failed.
    Lost {
        /// The WebSocket close code: RFC 6455, section 7.4.1.
        code: u16,
        /// The reason in the close frame. Empty if there was none.
        reason: String,
    },
    /// A recorded session that was read from a file.
    Recorded {
        /// Why the session ended, or why the recording ended before it. The relay's text, in English.
        end: String,
    },
}

impl ConnectionState {
    /// Whether the connection has ended.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Connecting | Self::Open)
    }
}

/// One connection and its record.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The number, from 1, in the order of opening. A recording has one too.
    pub number: u32,
    /// The target's name.
    pub target: String,
    /// Whether it is on real sockets or on the simulated kernel.
    pub source: Source,
    /// How the relay reads from the target.
    pub read_options: ReadOptions,
    /// The state.
    pub state: ConnectionState,
    /// Whose clock times the chunks. The page asks for the relay's.
    pub clock: Clock,
    /// The zero of the times on the page's clock, in milliseconds: when the session was opened. With
    /// [`Clock::Page`], the first event.
    began: Option<f64>,
    /// What was sent and received.
    pub record: Record,
}

impl Connection {
    /// A connection that is being opened, and its empty record.
    #[must_use]
    pub fn new(
        number: u32,
        target: String,
        source: Source,
        read_options: ReadOptions,
        record: Record,
    ) -> Self {
        Self {
            number,
            target,
            source,
            read_options,
            state: ConnectionState::Connecting,
            clock: Clock::Relay,
            began: None,
            record,
        }
    }

    /// A session that a relay recorded, before its first event. Its header format is that of the file. It has no number
    /// yet.
    #[must_use]
    pub fn recorded(recording: Recording, max_payload: usize) -> Self {
        let bridge = recording.bridge;
        let record = Record::new(bridge.header, max_payload);
        Self {
            number: 0,
            target: bridge.target,
            source: Source::Measured,
            read_options: ReadOptions {
                recv: bridge.recv,
                delay_ms: bridge.delay_ms,
                nodelay: bridge.nodelay,
            },
            state: ConnectionState::Recorded { end: recording.end },
            clock: Clock::Relay,
            began: None,
            record,
        }
    }

    /// Adds event `number` of a recording, from 1.
    pub fn cross(&mut self, number: usize, event: &Crossing) {
        let record = &mut self.record;
        match &event.what {
            Crossed::Received(data) if data.0.is_empty() => record.end(number),
            Crossed::Received(data) => {
                let asked = self.read_options.recv;
                record.push(number, Direction::Received, &data.0, asked, event.at);
            }
            Crossed::Sent(data) => {
                let given = u32::try_from(data.0.len()).unwrap_or(u32::MAX);
                record.push(number, Direction::Sent, &data.0, given, event.at);
            }
        }
    }

    /// Whether it was read from a file.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        matches!(self.state, ConnectionState::Recorded { .. })
    }

    /// Whether it leads to a server that the relay has built in.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        [DEMO_TARGET, PLAIN_TARGET].contains(&self.target.as_str())
    }

    /// What was received.
    #[must_use]
    pub const fn received(&self) -> &Stream {
        self.record.stream(Direction::Received)
    }

    /// The WebSocket was opened with this subprotocol, at the page's time `now`.
    pub fn opened(&mut self, subprotocol: &str, now: f64) {
        self.state = ConnectionState::Open;
        if subprotocol == READS_SUBPROTOCOL {
            self.began = Some(now);
        } else {
            self.clock = Clock::Page;
        }
    }

    /// Adds a message that arrived at the page's time `now`: one chunk, or more with [`Clock::Relay`].
    ///
    /// # Errors
    ///
    /// [`TimedReadsError`] if the relay broke its subprotocol. Nothing of the message was added.
    pub fn receive(&mut self, message: &[u8], now: f64) -> Result<(), TimedReadsError> {
        match self.clock {
            Clock::Relay => {
                let asked = self.read_options.recv;
                for read in TimedReads::decode(message)?.in_session(self.newest_read(), asked)? {
                    self.push(Direction::Received, read.bytes, asked, read.at);
                }
            }
            Clock::Page => {
                let at = self.page_time(now);
                self.push(Direction::Received, message, self.read_options.recv, at);
            }
        }
        Ok(())
    }

    /// Adds a send at the page's time `now`. Its time is not before that of a chunk which arrived before it: the relay's
    /// clock may have begun earlier.
    pub fn send(&mut self, bytes: &[u8], now: f64) {
        let at = self.page_time(now).max(self.newest_read());
        self.push(Direction::Sent, bytes, u32::try_from(bytes.len()).unwrap_or(u32::MAX), at);
    }

    /// The time of the newest chunk that was received.
    fn newest_read(&self) -> u64 {
        let received = self.received();
        let newest = received.chunk_numbers().next_back().and_then(|last| received.chunk(last));
        newest.map_or(0, |chunk| chunk.at)
    }

    fn push(&mut self, direction: Direction, bytes: &[u8], asked: u32, at: u64) {
        let number = self.record.event_numbers().end() + 1;
        self.record.push(number, direction, bytes, asked, at);
    }

    /// Microseconds since the zero of the times.
    fn page_time(&mut self, now: f64) -> u64 {
        let since = now - *self.began.get_or_insert(now);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the page's clock never runs backwards, and stays below 2^53"
        )]
        let at = (since * 1000.0) as u64;
        at
    }

    /// The target closed its side.
    pub fn end(&mut self) {
        self.state = ConnectionState::EndOfStream;
        self.record.end(*self.record.event_numbers().end());
    }

    /// Whether nothing was sent or received.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self.record.event_numbers().end() == 0
    }
}

//! The rows of the list of chunks and of the list of messages.

use std::ops::Range;

use framescope_framing::DecodeError;
use framescope_record::{Chunk, Direction, Message, Moment, Record, Rest, Source};

use crate::state::{Clock, List, State, Tab};
use crate::text::bytes::{exact_milliseconds, milliseconds};

/// A row of the list of chunks.
#[derive(Clone, Debug, PartialEq)]
pub enum ChunkRow<'a> {
    /// A chunk.
    Chunk {
        /// Its number, from 0.
        number: usize,
        /// Its offsets and time.
        chunk: &'a Chunk,
    },
    /// The `recv()` that returned `b''`.
    EndOfStream,
}

/// A row of the list of messages.
#[derive(Clone, Debug, PartialEq)]
pub enum MessageRow<'a> {
    /// A complete message.
    Message {
        /// Its number, from 0.
        number: usize,
        /// Its offsets.
        message: &'a Message,
    },
    /// The first bytes of a message that is not complete.
    Incomplete {
        /// The bytes that have arrived.
        range: Range<u64>,
        /// The length in the header, if the header is complete.
        declared: Option<usize>,
        /// The number of bytes that are missing.
        missing: usize,
        /// Whether the stream has ended, so that they will not arrive.
        truncated: bool,
    },
    /// A bad header.
    Broken {
        /// What is wrong with it.
        error: DecodeError,
        /// The number of bytes after it, which cannot be decoded.
        unread: u64,
    },
}

/// The number of rows of a list at the moment on screen.
#[must_use]
pub fn rows(state: &State, list: List) -> usize {
    let Some(record) = state.record() else { return 0 };
    let moment = state.moment();
    match list {
        List::Ladder => state.lab.rungs(state.event()),
        List::Chunks => chunk_numbers(record, &moment).len() + usize::from(moment.has_ended()),
        List::Messages => {
            let end = moment.end(Direction::Received);
            let rest = record.stream(Direction::Received).rest(end) != Rest::Nothing;
            record.stream(Direction::Received).messages_until(end).len() + usize::from(rest)
        }
    }
}

/// The row with this index, from 0, of the list of chunks.
#[must_use]
pub fn chunk_row<'a>(record: &'a Record, moment: &Moment, index: usize) -> Option<ChunkRow<'a>> {
    let numbers = chunk_numbers(record, moment);
    if index < numbers.len() {
        let number = numbers.start + index;
        return Some(ChunkRow::Chunk {
            number,
            chunk: record.stream(Direction::Received).chunk(number)?,
        });
    }
    (index == numbers.len() && moment.has_ended()).then_some(ChunkRow::EndOfStream)
}

/// The row with this index, from 0, of the list of messages.
#[must_use]
pub fn message_row<'a>(
    record: &'a Record,
    moment: &Moment,
    index: usize,
) -> Option<MessageRow<'a>> {
    let end = moment.end(Direction::Received);
    let numbers = record.stream(Direction::Received).messages_until(end);
    if index < numbers.len() {
        let number = numbers.start + index;
        return Some(MessageRow::Message {
            number,
            message: record.stream(Direction::Received).message(number)?,
        });
    }
    if index > numbers.len() {
        return None;
    }
    let rest = record.stream(Direction::Received).rest(end);
    let (_, after_header) = rest.header_and_payload();
    let unread = after_header.end - after_header.start;
    match rest {
        Rest::Nothing => None,
        Rest::Incomplete { range, declared, missing } => {
            let truncated = record.is_truncated(moment);
            Some(MessageRow::Incomplete { range, declared, missing, truncated })
        }
        Rest::Broken { error, .. } => Some(MessageRow::Broken { error, unread }),
    }
}

/// The time of a chunk in its list. The page's own clock has fewer digits than a relay's.
#[must_use]
pub fn chunk_time(state: &State, chunk: &Chunk) -> String {
    let time = match received_clock(state) {
        Some(Clock::Relay) => exact_milliseconds(chunk.at),
        Some(Clock::Page) | None => milliseconds(chunk.at),
    };
    format!("{time} ms")
}

/// What a chunk of a connection is, and whose its time is.
#[must_use]
pub fn received_note(state: &State) -> &str {
    let connection = state.connection().filter(|_| state.tab == Tab::Live);
    if connection.is_some_and(|connection| connection.source == Source::Simulated) {
        return state.locale.text("received-note-simulated");
    }
    match received_clock(state) {
        Some(Clock::Relay) | None => state.locale.text("received-note"),
        Some(Clock::Page) => state.locale.text("received-note-page-times"),
    }
}

/// The clock of the chunks on screen. `None` if they are not those of a connection.
fn received_clock(state: &State) -> Option<Clock> {
    match state.tab {
        Tab::Live => state.connection().map(|connection| connection.clock),
        Tab::Lab => None,
    }
}

/// The numbers of the kept chunks that were received up to `moment`.
fn chunk_numbers(record: &Record, moment: &Moment) -> Range<usize> {
    let kept = record.stream(Direction::Received).chunk_numbers();
    kept.start..moment.chunks(Direction::Received).max(kept.start)
}

//! Whether the header that the programs' texts have frames a flow, as its reads and sends tell.

use framescope_framing::{HEADER_LEN, HeaderFormat};
use framescope_record::{Direction, Record, Rest, Stream};

/// The header of a flow, and what is known of it.
///
/// A text that unpacks a header once need not put one before each message: what follows may have a length that is told
/// in another way. So each boundary between two messages is judged. A reader that asks for the four bytes of a header
/// there says that it is one. A reader that took the last header with such a `recv`, and asks for another number here,
/// says that it is none, unless it has lost its way: then the sends tell, of which one begins here and ends with a
/// message.
#[derive(Clone, Debug)]
pub(super) struct Framing {
    /// What the texts say.
    pub(super) said: Option<HeaderFormat>,
    /// The number of the first message whose beginning no `recv` has read.
    next: usize,
    /// The number of the first message at whose beginning a send says that there is no header, or that was not sent.
    unsent: usize,
    /// Whether a header was looked for where none is.
    is_refuted: bool,
}

/// The sends of a flow.
pub(super) struct Sends<'a> {
    /// Where the bytes of each call end that the kernel has taken.
    pub(super) ends: &'a [(u64, usize)],
    /// The call that waits, and how many of its bytes the kernel has not taken.
    pub(super) rest: (usize, u64),
}

/// What some calls say about a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Header,
    NoHeader,
    Nothing,
}

impl Framing {
    pub(super) const fn new(said: Option<HeaderFormat>) -> Self {
        Self { said, next: 0, unsent: 0, is_refuted: false }
    }

    /// The header, after some bytes were added to the flow. `None` if it does not frame it.
    pub(super) fn judge(&mut self, record: &Record, sends: &Sends<'_>) -> Option<HeaderFormat> {
        let said = self.said?;
        let both = [Direction::Received, Direction::Sent].map(|side| record.stream(side));
        let stream = both.into_iter().max_by_key(|stream| stream.end())?;
        let received = record.stream(Direction::Received);
        while let Some(at) = beginning(stream, self.next).filter(|at| *at < received.end()) {
            if self.is_refuted {
                return None;
            }
            self.is_refuted = match reads_say(received, stream, self.next, at) {
                Says::Header => false,
                Says::NoHeader => sends.say(stream, self.next, at) != Says::Header,
                Says::Nothing => sends.say(stream, self.next, at) == Says::NoHeader,
            };
            self.next += 1;
        }
        // The sends alone tell of what nobody has read.
        self.unsent = self.unsent.max(self.next);
        while let Some(at) = beginning(stream, self.unsent) {
            if sends.say(stream, self.unsent, at) == Says::NoHeader {
                return None;
            }
            self.unsent += 1;
        }
        (!self.is_refuted).then_some(said)
    }
}

/// The offset at which the message with this number begins. `None` if there is no byte of it.
fn beginning(stream: &Stream, number: usize) -> Option<u64> {
    if let Some(message) = stream.message(number) {
        return Some(message.header.start);
    }
    let is_next = stream.messages_until(u64::MAX).end == number;
    match stream.rest(stream.end()) {
        Rest::Incomplete { range, .. } | Rest::Broken { range, .. } => {
            is_next.then_some(range.start)
        }
        Rest::Nothing => None,
    }
}

/// What the `recv` says that has the byte `at`, where the message with this number would begin.
fn reads_say(received: &Stream, stream: &Stream, number: usize, at: u64) -> Says {
    let asks_for_header = |at| {
        let read = received.chunk(received.chunks_in(&(at..at + 1)).start)?;
        (read.range.start == at).then(|| usize::try_from(read.asked) == Ok(HEADER_LEN))
    };
    let last = number.checked_sub(1).and_then(|last| stream.message(last));
    let was_header = last.is_some_and(|last| asks_for_header(last.header.start) == Some(true));
    match asks_for_header(at) {
        Some(true) => Says::Header,
        Some(false) if was_header => Says::NoHeader,
        // It reads as much as there is, and finds the messages in it.
        Some(false) | None => Says::Nothing,
    }
}

impl Sends<'_> {
    /// What the send says that begins at `at`, where the message with this number would begin.
    fn say(&self, stream: &Stream, number: usize, at: u64) -> Says {
        let index = self.ends.partition_point(|(end, _)| *end <= at);
        let start = index.checked_sub(1).map_or(0, |last| self.ends[last].0);
        let Some((taken, call)) = self.ends.get(index).filter(|_| start == at) else {
            return Says::Nothing;
        };
        let waits = if self.rest.0 == *call { self.rest.1 } else { 0 };
        let end = taken + waits;
        let length = end - at;
        if length < HEADER_LEN as u64 {
            return Says::Nothing;
        }
        if length == HEADER_LEN as u64 {
            return Says::Header;
        }
        let payload = match stream.message(number) {
            Some(message) => message.payload.end,
            None => match stream.rest(stream.end()) {
                Rest::Incomplete { declared: Some(length), .. } => {
                    at + HEADER_LEN as u64 + length as u64
                }
                Rest::Broken { .. } => return Says::NoHeader,
                Rest::Incomplete { declared: None, .. } | Rest::Nothing => return Says::Nothing,
            },
        };
        let ends_with_call = |offset: u64| {
            offset == end || self.ends.binary_search_by_key(&offset, |(end, _)| *end).is_ok()
        };
        let ends_with_message = || {
            let last = stream.messages_until(end).end.checked_sub(1);
            last.and_then(|last| stream.message(last)).is_some_and(|last| last.payload.end == end)
        };
        if ends_with_call(payload) || (payload < end && ends_with_message()) {
            Says::Header
        } else if payload < end && stream.end() < end {
            // More of its messages may come.
            Says::Nothing
        } else {
            Says::NoHeader
        }
    }
}

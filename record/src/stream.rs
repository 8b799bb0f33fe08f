//! One direction of one connection: its bytes, their chunks, and their messages.

use std::collections::VecDeque;
use std::ops::Range;

use framescope_framing::{DecodeError, Decoder, HEADER_LEN, HeaderFormat};

use crate::chunk::Chunk;
use crate::message::{Message, Rest};

/// The number of bytes kept of one direction: 4 MiB, or twice the longest payload if that is more, so
/// that a message in progress is never dropped. The oldest bytes are dropped first.
pub const KEPT_BYTES: usize = 4 * 1024 * 1024;
/// The number of chunks kept of one direction. The oldest chunks are dropped first.
pub const KEPT_CHUNKS: usize = 100_000;
/// A stream may be over its bound by one part in this number. Dropping moves all bytes that are kept,
/// so it should be rare.
const SLACK: usize = 8;

/// The record of one direction.
#[derive(Clone, Debug)]
pub struct Stream {
    bytes: Vec<u8>,
    /// The offset of the first byte that is kept.
    start: u64,
    chunks: VecDeque<Chunk>,
    dropped_chunks: usize,
    messages: VecDeque<Message>,
    dropped_messages: usize,
    /// The offset at which the first kept message begins, or would begin.
    boundary: u64,
    /// `None` if the stream has no headers.
    decoder: Option<Decoder>,
    /// The offset at which the decoder began.
    decoded_from: u64,
    error: Option<DecodeError>,
}

impl Stream {
    /// An empty stream whose headers are read as `format`, with payloads of at most `max_payload`.
    #[must_use]
    pub fn new(format: HeaderFormat, max_payload: usize) -> Self {
        Self::with(Some(Decoder::with_max_payload(format, max_payload)), 0)
    }

    /// An empty stream without headers. It has chunks and no messages.
    #[must_use]
    pub fn unframed() -> Self {
        Self::with(None, u64::MAX)
    }

    fn with(decoder: Option<Decoder>, boundary: u64) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            chunks: VecDeque::new(),
            dropped_chunks: 0,
            messages: VecDeque::new(),
            dropped_messages: 0,
            boundary,
            decoder,
            decoded_from: 0,
            error: None,
        }
    }

    /// Adds the bytes of one `recv()` or `send()`. `asked` is [`Chunk::asked`]. `at` is the time in
    /// microseconds since the record began.
    pub fn push(&mut self, chunk: &[u8], asked: u32, at: u64) {
        let range = self.end()..self.end() + chunk.len() as u64;
        self.bytes.extend_from_slice(chunk);
        self.chunks.push_back(Chunk { range, asked, at });
        self.decode(chunk);
        self.drop_oldest();
    }

    /// Decodes the kept bytes again, with another header format and limit. A stream without headers stays one.
    pub fn reread(&mut self, format: HeaderFormat, max_payload: usize) {
        if self.is_framed() {
            self.decode_again(Decoder::with_max_payload(format, max_payload), self.start);
        }
    }

    /// Whether messages have headers.
    #[must_use]
    pub const fn is_framed(&self) -> bool {
        self.decoder.is_some()
    }

    /// Decodes the kept bytes again, from this offset: the first header begins there.
    pub fn frame_from(&mut self, offset: u64) {
        if let Some(decoder) = &self.decoder {
            let decoder = Decoder::with_max_payload(decoder.format(), decoder.max_payload());
            self.decode_again(decoder, offset);
        }
    }

    fn decode_again(&mut self, decoder: Decoder, offset: u64) {
        let from = offset.clamp(self.start, self.end());
        self.decoder = Some(decoder);
        self.decoded_from = from;
        self.boundary = from;
        self.error = None;
        self.messages.clear();
        let bytes = std::mem::take(&mut self.bytes);
        self.decode(&bytes[usize_of(from - self.start)..]);
        self.bytes = bytes;
    }

    /// The header format. `None` if the stream has no headers.
    #[must_use]
    pub fn format(&self) -> Option<HeaderFormat> {
        self.decoder.as_ref().map(Decoder::format)
    }

    /// The offset at which the first kept message begins, or would begin. `u64::MAX` if the stream has no headers.
    #[must_use]
    pub const fn framed_from(&self) -> u64 {
        self.boundary
    }

    fn decode(&mut self, mut chunk: &[u8]) {
        let Some(decoder) = &mut self.decoder else { return };
        loop {
            match decoder.decode(&mut chunk) {
                Ok(Some(message)) => {
                    let shift = |range: Range<u64>| {
                        range.start + self.decoded_from..range.end + self.decoded_from
                    };
                    let (header, payload) = (message.header_range(), message.payload_range());
                    self.messages
                        .push_back(Message { header: shift(header), payload: shift(payload) });
                }
                Ok(None) => return,
                Err(error) => {
                    self.error = Some(shifted(error, self.decoded_from));
                    return;
                }
            }
        }
    }

    fn drop_oldest(&mut self) {
        let over = |length: usize, kept: usize| length > kept + kept / SLACK;
        let longest = self.decoder.as_ref().map_or(0, Decoder::max_payload);
        let kept_bytes = KEPT_BYTES.max(2 * longest);
        if !over(self.bytes.len(), kept_bytes) && !over(self.chunks.len(), KEPT_CHUNKS) {
            return;
        }
        let by_bytes = self.end().saturating_sub(kept_bytes as u64);
        let surplus = self.chunks.len().saturating_sub(KEPT_CHUNKS);
        let by_chunks = self.chunks.get(surplus).map_or(0, |chunk| chunk.range.start);
        let wanted = by_bytes.max(by_chunks);
        // Cut at the start of a message, so that the kept bytes can be decoded again.
        let next = self.messages.partition_point(|message| message.header.start < wanted);
        let cut = self.messages.get(next).map_or(wanted, |message| message.header.start);
        let gone = self.chunks.partition_point(|chunk| chunk.range.end <= cut);
        self.chunks.drain(..gone);
        self.dropped_chunks += gone;
        if let Some(last) = self.messages.drain(..next).next_back() {
            self.boundary = last.payload.end;
        }
        self.dropped_messages += next;
        self.bytes.drain(..usize_of(cut - self.start));
        self.start = cut;
    }

    /// The offset of the first byte that is kept.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The number of bytes that were added to the stream: the offset after its last byte.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// The bytes of `range` that are kept.
    #[must_use]
    pub fn bytes(&self, range: Range<u64>) -> &[u8] {
        let from = usize_of(range.start.clamp(self.start, self.end()) - self.start);
        let to = usize_of(range.end.clamp(self.start, self.end()) - self.start);
        &self.bytes[from..to.max(from)]
    }

    /// The numbers, from 0, of the chunks that are kept.
    #[must_use]
    pub fn chunk_numbers(&self) -> Range<usize> {
        self.dropped_chunks..self.dropped_chunks + self.chunks.len()
    }

    /// The chunk with this number, from 0. `None` if it was dropped or does not exist.
    #[must_use]
    pub fn chunk(&self, number: usize) -> Option<&Chunk> {
        self.chunks.get(number.checked_sub(self.dropped_chunks)?)
    }

    /// The message with this number, from 0. `None` if it was dropped or does not exist.
    #[must_use]
    pub fn message(&self, number: usize) -> Option<&Message> {
        self.messages.get(number.checked_sub(self.dropped_messages)?)
    }

    /// The numbers of the chunks that have bytes in `range`.
    #[must_use]
    pub fn chunks_in(&self, range: &Range<u64>) -> Range<usize> {
        let first = self.chunks.partition_point(|chunk| chunk.range.end <= range.start);
        let last = self.chunks.partition_point(|chunk| chunk.range.start < range.end);
        self.dropped_chunks + first..self.dropped_chunks + last.max(first)
    }

    /// The numbers of the messages that have bytes in `range`, header included.
    #[must_use]
    pub fn messages_in(&self, range: &Range<u64>) -> Range<usize> {
        let first = self.messages.partition_point(|message| message.payload.end <= range.start);
        let last = self.messages.partition_point(|message| message.header.start < range.end);
        self.dropped_messages + first..self.dropped_messages + last.max(first)
    }

    /// The numbers of the kept messages that were complete when the stream had `end` bytes.
    #[must_use]
    pub fn messages_until(&self, end: u64) -> Range<usize> {
        let whole = self.messages.partition_point(|message| message.payload.end <= end);
        self.dropped_messages..self.dropped_messages + whole
    }

    /// The bytes after the last complete message when the stream had `end` bytes.
    #[must_use]
    pub fn rest(&self, end: u64) -> Rest {
        let last = self.messages_until(end).end.checked_sub(1);
        let last = last.and_then(|number| self.message(number));
        let from = last.map_or(self.boundary, |message| message.payload.end);
        let range = from.max(self.start)..end.max(from);
        let have = usize_of(range.end - from);
        if have == 0 {
            return Rest::Nothing;
        }
        let Some(header) = self.bytes(from..end).first_chunk::<HEADER_LEN>() else {
            return Rest::Incomplete { range, declared: None, missing: HEADER_LEN - have };
        };
        if let Some(error) = &self.error
            && error.offset() == from
        {
            return Rest::Broken { error: error.clone(), range };
        }
        let declared = self.format().map_or(0, |format| format.read(*header));
        let declared = usize::try_from(declared).unwrap_or(0);
        let missing = (HEADER_LEN + declared).saturating_sub(have);
        Rest::Incomplete { range, declared: Some(declared), missing }
    }
}

/// The error of a decoder that began at offset `by`, with the offset in the stream.
fn shifted(mut error: DecodeError, by: u64) -> DecodeError {
    match &mut error {
        DecodeError::Negative { offset, .. } | DecodeError::TooLong { offset, .. } => *offset += by,
    }
    error
}

/// A distance between two kept offsets as `usize`. It fits, because the kept bytes are in memory.
fn usize_of(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use framescope_framing::{DEFAULT_MAX_PAYLOAD, encode};
    use proptest::prelude::*;

    use super::*;

    const LITTLE: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

    fn stream(chunks: &[&[u8]]) -> Stream {
        let mut stream = Stream::new(LITTLE, DEFAULT_MAX_PAYLOAD);
        for chunk in chunks {
            stream.push(chunk, 0, 0);
        }
        stream
    }

    #[test]
    fn three_messages_in_chunks_of_five_bytes_are_six_chunks_and_three_messages() {
        let wire = b"\x05\0\0\0hello\x05\0\0\0hello\x05\0\0\0hello";
        let chunks: Vec<&[u8]> = wire.chunks(5).collect();
        let stream = stream(&chunks);
        assert_eq!(stream.chunk_numbers(), 0..6);
        assert_eq!(stream.messages_until(27), 0..3);
        assert_eq!(stream.message(1).unwrap().payload, 13..18);
        assert_eq!(stream.bytes(13..18), b"hello");
        assert_eq!(stream.chunks_in(&(9..18)), 1..4);
        assert_eq!(stream.messages_in(&(5..10)), 0..2);
        assert_eq!(stream.rest(27), Rest::Nothing);
    }

    #[test]
    fn the_rest_says_how_many_bytes_are_missing() {
        let stream = stream(&[b"\x05\0\0\0hello\x05\0", b"\0\0he", b"l"]);
        let incomplete = |range, declared, missing| Rest::Incomplete { range, declared, missing };
        assert_eq!(stream.rest(11), incomplete(9..11, None, 2));
        assert_eq!(stream.rest(13), incomplete(9..13, Some(5), 5));
        assert_eq!(stream.rest(16), incomplete(9..16, Some(5), 2));
        assert_eq!(stream.rest(4), incomplete(0..4, Some(5), 5));
        assert_eq!(stream.messages_until(8), 0..0);
        assert_eq!(stream.messages_until(9), 0..1);
    }

    #[test]
    fn a_bad_header_breaks_the_stream_at_its_offset_and_the_bytes_after_it_are_kept() {
        let stream = stream(&[b"\x01\0\0\0a\xff\xff", b"\xff\xffmore", b"still"]);
        let error = DecodeError::Negative { declared: -1, offset: 5 };
        assert_eq!(stream.rest(18), Rest::Broken { error, range: 5..18 });
        assert_eq!(stream.rest(7), Rest::Incomplete { range: 5..7, declared: None, missing: 2 });
        assert_eq!(stream.bytes(9..18), b"morestill");
    }

    #[test]
    fn a_stream_without_headers_has_chunks_and_no_messages() {
        let mut stream = Stream::unframed();
        for chunk in [&b"\x05\0\0\0hello"[..], b"\xff\xff\xff\xff"] {
            stream.push(chunk, 0, 0);
        }
        stream.reread(LITTLE, DEFAULT_MAX_PAYLOAD);
        assert!(!stream.is_framed());
        assert_eq!(stream.chunk_numbers(), 0..2);
        assert_eq!(stream.messages_until(13), 0..0);
        assert_eq!(stream.rest(13), Rest::Nothing);
        for _ in 0..2 * KEPT_CHUNKS {
            stream.push(&[0; 64], 0, 0);
        }
        assert!(stream.bytes.len() <= KEPT_BYTES + KEPT_BYTES / SLACK, "{}", stream.bytes.len());
        assert_eq!(stream.rest(stream.end()), Rest::Nothing);
    }

    #[test]
    fn the_same_bytes_decode_differently_with_another_header_format() {
        let mut stream = stream(&[b"\x05\0\0\0hello"]);
        stream.reread(HeaderFormat::NETWORK_UNSIGNED, DEFAULT_MAX_PAYLOAD);
        assert!(matches!(
            stream.rest(9),
            Rest::Broken { error: DecodeError::TooLong { declared: 83_886_080, .. }, .. }
        ));
        stream.reread(LITTLE, DEFAULT_MAX_PAYLOAD);
        assert_eq!(stream.rest(9), Rest::Nothing);
        assert_eq!(stream.messages_until(9), 0..1);
    }

    #[test]
    fn the_oldest_bytes_are_dropped_and_the_stream_stays_within_its_bound() {
        let mut stream = Stream::new(LITTLE, DEFAULT_MAX_PAYLOAD);
        let mut wire = Vec::new();
        encode(LITTLE, &vec![b'x'; 60_000], &mut wire).unwrap();
        for _ in 0..200 {
            for chunk in wire.chunks(32 * 1024) {
                stream.push(chunk, 0, 0);
            }
        }
        let limit = KEPT_BYTES + KEPT_BYTES / SLACK;
        assert!(stream.bytes.len() <= limit, "{}", stream.bytes.len());
        assert_eq!(stream.end(), 200 * wire.len() as u64);
        assert_eq!(stream.messages_until(stream.end()).end, 200);
        assert_eq!(stream.rest(stream.end()), Rest::Nothing);
        let start = stream.start();
        stream.push(b"\xff\xff\xff\xff", 0, 0);
        let broken = stream.rest(stream.end());
        let kept = stream.messages_until(stream.end());
        stream.reread(LITTLE, DEFAULT_MAX_PAYLOAD);
        let first = stream.messages_until(stream.end()).start;
        assert_eq!(first, kept.start, "messages keep their numbers");
        assert_eq!(stream.message(first).unwrap().header.start, start);
        assert_eq!(stream.messages_until(stream.end()).len(), kept.len());
        assert_eq!(stream.rest(stream.end()), broken);
    }

    #[test]
    fn a_broken_stream_stays_broken_after_its_bad_header_is_dropped() {
        let mut stream = stream(&[b"\x01\0\0\0a\xff\xff\xff\xff"]);
        for _ in 0..100 {
            stream.push(&vec![7; 64 * 1024], 0, 0);
        }
        assert!(stream.start() > 9);
        let end = stream.end();
        assert!(matches!(stream.rest(end), Rest::Broken { range, .. } if range.end == end));
    }

    #[test]
    fn the_number_of_chunks_stays_within_its_bound() {
        let mut stream = Stream::new(LITTLE, DEFAULT_MAX_PAYLOAD);
        let count = 2 * KEPT_CHUNKS;
        for _ in 0..count {
            stream.push(&[0], 0, 0);
        }
        assert!(stream.chunks.len() <= KEPT_CHUNKS + KEPT_CHUNKS / SLACK);
        assert_eq!(stream.chunk_numbers().end, count);
        assert_eq!(stream.messages_until(stream.end()).end, count / 4);
    }

    proptest! {
        #[test]
        fn every_byte_is_in_one_chunk_and_in_one_message_or_the_rest(
            wire in proptest::collection::vec(prop_oneof![3 => Just(0), 1 => 0_u8..9, 1 => any::<u8>()], 1..200),
            size in 1_usize..40,
        ) {
            let chunks: Vec<&[u8]> = wire.chunks(size).collect();
            let stream = stream(&chunks);
            for at in 0..stream.end() {
                prop_assert_eq!(stream.chunks_in(&(at..at + 1)).len(), 1);
                let messages = stream.messages_in(&(at..at + 1)).len();
                let in_rest = match stream.rest(stream.end()) {
                    Rest::Nothing => false,
                    Rest::Incomplete { range, .. } | Rest::Broken { range, .. } => range.contains(&at),
                };
                prop_assert_eq!(messages + usize::from(in_rest), 1);
            }
        }
    }
}

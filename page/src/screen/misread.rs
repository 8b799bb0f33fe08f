//! Bytes that a reader took for a header, and that are none.

use framescope_framing::HEADER_LEN;
use framescope_record::{Rest, Stream};

/// The number that the reader took these bytes for. `None` if it did not take the chunk for a header, or if it is one.
/// `chunks` is the number of chunks that are known.
///
/// A reader takes four bytes for a header if it asks for four, and then for as many as they say.
#[must_use]
pub fn misread(stream: &Stream, number: usize, chunks: usize) -> Option<i64> {
    let chunk = stream.chunk(number)?;
    let bytes: [u8; HEADER_LEN] = stream.bytes(chunk.range.clone()).try_into().ok()?;
    let next = stream.chunk(number + 1).filter(|_| number + 1 < chunks)?;
    let length = stream.format()?.read(bytes);
    let is_length = i64::from(next.asked) == length;
    let is_taken = usize::try_from(chunk.asked) == Ok(HEADER_LEN) && is_length;
    let mut messages = stream.messages_in(&chunk.range).filter_map(|at| stream.message(at));
    let is_header = messages.any(|message| message.header == chunk.range)
        || begins_what_is_incomplete(stream, chunk.range.start);
    (is_taken && !is_header).then_some(length)
}

/// Whether a header begins at this offset, and not all of its payload has arrived.
fn begins_what_is_incomplete(stream: &Stream, offset: u64) -> bool {
    match stream.rest(stream.end()) {
        Rest::Incomplete { range, declared, .. } => declared.is_some() && range.start == offset,
        Rest::Nothing | Rest::Broken { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};

    use super::*;

    #[test]
    fn four_bytes_of_a_payload_that_a_reader_asks_with_were_taken_for_a_header() {
        let mut stream = Stream::new(HeaderFormat::NETWORK_UNSIGNED, DEFAULT_MAX_PAYLOAD);
        for (chunk, asked) in
            [(&b"\0\0\0\x0c"[..], 4), (b"hello ", 12), (b"worl", 4), (b"d!", 0x776f_726c)]
        {
            stream.push(chunk, asked, 0);
        }
        let all = |known| (0..4).map(|number| misread(&stream, number, known)).collect::<Vec<_>>();
        assert_eq!(all(4), [None, None, Some(0x776f_726c), None]);
        assert_eq!(all(3), [None; 4], "it has not asked for the number yet");
        let mut begun = Stream::new(HeaderFormat::NETWORK_UNSIGNED, DEFAULT_MAX_PAYLOAD);
        begun.push(b"\0\0\0\x0c", 4, 0);
        begun.push(b"hello ", 12, 0);
        assert_eq!(misread(&begun, 0, 2), None, "it is a header before its payload is whole");
    }

    #[test]
    fn a_reader_that_asks_for_the_last_four_bytes_of_a_payload_misreads_nothing() {
        let mut stream = Stream::new(HeaderFormat::NETWORK_UNSIGNED, DEFAULT_MAX_PAYLOAD);
        for (chunk, asked) in
            [(&b"\0\0\0\x08"[..], 4), (b"abcd", 8), (b"efgh", 4), (b"\0\0\0\0", 4)]
        {
            stream.push(chunk, asked, 0);
        }
        assert!((0..4).all(|number| misread(&stream, number, 4).is_none()));
    }
}

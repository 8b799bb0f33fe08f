//! Any bytes decode to the same messages in any chunks, and the messages encode to the same bytes.
#![no_main]

use framescope_framing::{DecodeError, Decoder, HeaderFormat, encode};
use libfuzzer_sys::fuzz_target;

/// The longest payload that is accepted, in bytes. Short, so that inputs reach the limit.
const MAX_PAYLOAD: usize = 300;

fn decode(format: HeaderFormat, chunks: &[&[u8]]) -> (Vec<Vec<u8>>, Result<(), DecodeError>) {
    let mut decoder = Decoder::with_max_payload(format, MAX_PAYLOAD);
    let mut messages = Vec::new();
    for chunk in chunks {
        let mut rest = *chunk;
        loop {
            match decoder.decode(&mut rest) {
                Ok(Some(message)) => messages.push(message.payload.to_vec()),
                Ok(None) => break,
                Err(error) => return (messages, Err(error)),
            }
        }
    }
    (messages, Ok(()))
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (format, size, bytes) = input;
    let format = HeaderFormat::ALL[usize::from(format) % HeaderFormat::ALL.len()];
    let chunks: Vec<&[u8]> = bytes.chunks(usize::from(size).max(1)).collect();
    let (messages, end) = decode(format, &[bytes]);
    assert_eq!(decode(format, &chunks), (messages.clone(), end));

    let mut wire = Vec::new();
    for message in &messages {
        assert!(message.len() <= MAX_PAYLOAD);
        encode(format, message, &mut wire).expect("its length was decoded from such a header");
    }
    assert!(bytes.starts_with(&wire));
});

//! The specification of the codec, one test for each sentence. Runs natively and on wasm32.

use framescope_framing::{
    DEFAULT_MAX_PAYLOAD, DecodeError, Decoder, HEADER_LEN, HeaderFormat, Truncated, Wanted, encode,
};
use proptest::collection::vec;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const LITTLE: HeaderFormat = HeaderFormat::LITTLE_SIGNED;

fn wire(format: HeaderFormat, payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut wire = Vec::new();
    for payload in payloads {
        encode(format, payload, &mut wire).expect("test payloads are short");
    }
    wire
}

/// Decodes `stream` in chunks that end at the offsets `chunk_ends`. Returns the messages, and the error if
/// there is one.
fn decode_in_chunks(
    decoder: &mut Decoder,
    stream: &[u8],
    chunk_ends: &[usize],
) -> (Vec<(u64, Vec<u8>)>, Option<DecodeError>) {
    let mut messages = Vec::new();
    let mut start = 0;
    for &end in chunk_ends.iter().chain([&stream.len()]) {
        let mut chunk = &stream[start..end];
        start = end;
        loop {
            match decoder.decode(&mut chunk) {
                Ok(Some(message)) => messages.push((message.offset, message.payload.to_vec())),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
            assert!(decoder.buffered() <= decoder.max_payload());
        }
    }
    (messages, None)
}

#[test]
fn header_formats_print_as_they_were_written() {
    for notation in ["i", "<i", ">i", "!i", "I", "<I", ">I", "!I"] {
        let format: HeaderFormat = notation.parse().unwrap();
        assert_eq!(format.to_string(), notation);
        assert_eq!(format.notation(), notation);
    }
}

#[test]
fn an_unknown_notation_is_refused_and_the_error_lists_the_known_ones() {
    for text in ["", "q", "<q", "<i ", "<<i", "@i", "=I", "4", "<\u{131}"] {
        let error = text.parse::<HeaderFormat>().unwrap_err();
        assert_eq!(error.to_string(), "not a header format; known are i <i >i !i I <I >I !I");
    }
}

#[test]
fn a_header_has_the_bytes_that_python_struct_pack_returns() {
    let packed = [
        ("<i", 5, [5, 0, 0, 0]),
        ("<i", -1, [0xff, 0xff, 0xff, 0xff]),
        ("!I", 5, [0, 0, 0, 5]),
        (">i", -2, [0xff, 0xff, 0xff, 0xfe]),
        ("!i", 0x7fff_ffff, [0x7f, 0xff, 0xff, 0xff]),
        ("<I", 0xffff_fffe, [0xfe, 0xff, 0xff, 0xff]),
        (">I", 0x0102_0304, [1, 2, 3, 4]),
    ];
    for (notation, number, bytes) in packed {
        let format: HeaderFormat = notation.parse().unwrap();
        assert_eq!(format.write(number), Some(bytes), "pack({notation:?}, {number})");
        assert_eq!(format.read(bytes), number, "unpack({notation:?}, {bytes:?})");
    }
}

#[test]
fn native_formats_use_the_order_of_this_machine() {
    assert_eq!("i".parse::<HeaderFormat>().unwrap().write(-5), Some((-5_i32).to_ne_bytes()));
    assert_eq!("I".parse::<HeaderFormat>().unwrap().write(5), Some(5_u32.to_ne_bytes()));
}

#[test]
fn a_little_endian_five_read_in_network_order_is_83886080() {
    assert_eq!(HeaderFormat::NETWORK_UNSIGNED.read([5, 0, 0, 0]), 83_886_080);
}

#[test]
fn text_read_as_a_header_is_a_very_long_length() {
    assert_eq!(LITTLE.read(*b"hell"), 1_819_043_176);
}

#[test]
fn numbers_that_a_format_has_no_bytes_for_are_refused() {
    assert_eq!(LITTLE.write(1 << 31), None);
    assert_eq!(HeaderFormat::NETWORK_UNSIGNED.write(-1), None);
    assert_eq!(HeaderFormat::NETWORK_UNSIGNED.write(1 << 32), None);
}

#[test]
fn encoding_appends_header_and_payload() {
    let mut wire = b"before".to_vec();
    encode(LITTLE, b"hello", &mut wire).unwrap();
    assert_eq!(wire, b"before\x05\x00\x00\x00hello");
}

#[cfg(target_pointer_width = "64")]
#[test]
fn a_payload_too_long_for_its_header_is_refused_and_nothing_is_appended() {
    // 2 GiB of zero pages. The encoder must refuse the payload before it reads or copies it.
    let payload = vec![0; i32::MAX as usize + 1];
    let mut wire = b"before".to_vec();
    assert_eq!(
        encode(LITTLE, &payload, &mut wire),
        Err(framescope_framing::EncodeError::TooLong {
            length: payload.len(),
            limit: i32::MAX as u32
        }),
    );
    assert_eq!(wire, b"before");
}

#[test]
fn three_messages_in_one_chunk_are_decoded_one_by_one() {
    let stream = wire(LITTLE, &vec![b"hello".to_vec(); 3]);
    let mut decoder = Decoder::new(LITTLE);
    let (messages, error) = decode_in_chunks(&mut decoder, &stream, &[]);
    assert_eq!(error, None);
    assert_eq!(messages, [(0, b"hello".to_vec()), (9, b"hello".to_vec()), (18, b"hello".to_vec())]);
    assert_eq!(decoder.offset(), 27);
}

#[test]
fn a_message_in_chunks_of_one_byte_is_decoded() {
    let stream = wire(LITTLE, &[b"hello".to_vec()]);
    let chunk_ends: Vec<usize> = (1..stream.len()).collect();
    let (messages, _) = decode_in_chunks(&mut Decoder::new(LITTLE), &stream, &chunk_ends);
    assert_eq!(messages, [(0, b"hello".to_vec())]);
}

#[test]
fn a_message_has_the_stream_offsets_of_its_header_and_payload() {
    let stream = wire(LITTLE, &[b"ab".to_vec(), b"cde".to_vec()]);
    let mut chunk = &stream[..];
    let mut decoder = Decoder::new(LITTLE);
    decoder.decode(&mut chunk).unwrap().unwrap();
    let message = decoder.decode(&mut chunk).unwrap().unwrap();
    assert_eq!(message.header_range(), 6..10);
    assert_eq!(message.payload_range(), 10..13);
}

#[test]
fn a_message_in_one_chunk_is_not_copied() {
    let stream = wire(LITTLE, &[b"hello".to_vec()]);
    let mut decoder = Decoder::new(LITTLE);
    let mut chunk = &stream[..];
    let message = decoder.decode(&mut chunk).unwrap().unwrap();
    assert_eq!(message.payload.as_ptr(), stream[HEADER_LEN..].as_ptr());
    assert_eq!(decoder.buffered(), 0);
}

#[test]
fn an_empty_payload_is_a_message() {
    let stream = wire(LITTLE, &[vec![], vec![], b"x".to_vec(), vec![]]);
    for cut in 0..=stream.len() {
        let (messages, error) = decode_in_chunks(&mut Decoder::new(LITTLE), &stream, &[cut]);
        assert_eq!(error, None);
        let lengths: Vec<usize> = messages.iter().map(|(_, payload)| payload.len()).collect();
        assert_eq!(lengths, [0, 0, 1, 0]);
    }
}

#[test]
fn a_negative_header_is_an_error_with_its_offset_and_number() {
    let mut stream = wire(LITTLE, &[b"ok".to_vec()]);
    stream.extend_from_slice(b"\xff\xff\xff\xffrest");
    let mut decoder = Decoder::new(LITTLE);
    let (messages, error) = decode_in_chunks(&mut decoder, &stream, &[8]);
    assert_eq!(messages, [(0, b"ok".to_vec())]);
    assert_eq!(error, Some(DecodeError::Negative { declared: -1, offset: 6 }));
    assert_eq!(
        error.unwrap().to_string(),
        "the header at byte 6 says -1, and no payload is shorter than 0 bytes"
    );
}

#[test]
fn a_header_over_the_limit_is_an_error_and_nothing_is_reserved() {
    let mut decoder = Decoder::new(LITTLE);
    let mut chunk: &[u8] = b"\xff\xff\xff\x7f";
    assert_eq!(
        decoder.decode(&mut chunk),
        Err(DecodeError::TooLong { declared: 0x7fff_ffff, limit: DEFAULT_MAX_PAYLOAD, offset: 0 }),
    );
    assert_eq!(decoder.buffered(), 0);
}

#[test]
fn a_payload_of_the_limit_is_accepted_and_one_byte_more_is_not() {
    let mut decoder = Decoder::with_max_payload(LITTLE, 3);
    let mut chunk: &[u8] = b"\x03\x00\x00\x00abc\x04\x00\x00\x00abcd";
    assert_eq!(decoder.decode(&mut chunk).unwrap().unwrap().payload, b"abc");
    assert_eq!(
        decoder.decode(&mut chunk),
        Err(DecodeError::TooLong { declared: 4, limit: 3, offset: 7 }),
    );
}

#[test]
fn an_error_is_repeated_and_no_more_bytes_are_taken() {
    for cut in 0..4 {
        let mut decoder = Decoder::new(LITTLE);
        let header = b"\xfe\xff\xff\xff";
        let mut early = &header[..cut];
        assert_eq!(decoder.decode(&mut early), Ok(None));
        let mut late = &[&header[cut..], b"after"].concat()[..];
        let error = decoder.decode(&mut late).unwrap_err();
        assert_eq!(decoder.decode(&mut late), Err(error));
        assert_eq!(late, b"after");
        assert_eq!(decoder.offset(), 4);
        assert_eq!(decoder.wanted(), Wanted::Nothing);
        assert_eq!(decoder.finish(), Ok(()));
    }
}

#[test]
fn finish_is_ok_only_between_messages() {
    let stream = wire(LITTLE, &[b"hello".to_vec()]);
    let mut ends = Vec::new();
    for end in 0..=stream.len() {
        let mut decoder = Decoder::new(LITTLE);
        decode_in_chunks(&mut decoder, &stream[..end], &[]);
        ends.push(decoder.finish());
    }
    let cut_header = |have| Err(Truncated::Header { have });
    let cut_payload = |have| Err(Truncated::Payload { declared: 5, have });
    assert_eq!(
        ends,
        [
            Ok(()),
            cut_header(1),
            cut_header(2),
            cut_header(3),
            cut_payload(0),
            cut_payload(1),
            cut_payload(2),
            cut_payload(3),
            cut_payload(4),
            Ok(()),
        ]
    );
    assert_eq!(
        cut_payload(4).unwrap_err().to_string(),
        "the stream ended inside a message: 4 of 5 bytes arrived"
    );
}

#[test]
fn a_reader_that_asks_for_what_is_missing_gets_one_message_at_a_time() {
    let stream = wire(LITTLE, &[b"hello".to_vec(), vec![], b"!".to_vec()]);
    let mut decoder = Decoder::new(LITTLE);
    let (mut at, mut asked, mut messages) = (0, Vec::new(), 0);
    while at < stream.len() {
        let ask = decoder.wanted().missing();
        asked.push(ask);
        let mut chunk = &stream[at..at + ask];
        at += ask;
        messages += usize::from(decoder.decode(&mut chunk).unwrap().is_some());
        assert!(chunk.is_empty());
    }
    assert_eq!((asked, messages), (vec![4, 5, 4, 4, 1], 3));
}

#[test]
fn memory_is_reserved_for_the_bytes_that_arrived_and_not_for_the_declared_length() {
    let mut decoder = Decoder::new(LITTLE);
    let mut chunk: &[u8] = &[&(1_000_000_i32.to_le_bytes())[..], &[7; 1000]].concat();
    assert_eq!(decoder.decode(&mut chunk), Ok(None));
    assert!(decoder.buffered() <= 2000, "{} bytes reserved for 1000", decoder.buffered());
}

#[test]
fn the_buffer_of_a_large_message_is_freed() {
    let mut decoder = Decoder::new(LITTLE);
    let stream = wire(LITTLE, &[vec![7; 1_000_000], b"small".to_vec()]);
    decode_in_chunks(&mut decoder, &stream, &[500_000, 1_000_006]);
    assert!(decoder.buffered() < 100_000, "{} bytes still held", decoder.buffered());
}

fn any_format() -> impl Strategy<Value = HeaderFormat> {
    proptest::sample::select(HeaderFormat::ALL.to_vec())
}

fn any_chunk_ends(length: usize) -> impl Strategy<Value = Vec<usize>> {
    vec(0..=length, 0..20).prop_map(|mut chunk_ends| {
        chunk_ends.sort_unstable();
        chunk_ends
    })
}

fn payloads_and_chunk_ends() -> impl Strategy<Value = (HeaderFormat, Vec<Vec<u8>>, Vec<usize>)> {
    (any_format(), vec(vec(any::<u8>(), 0..40), 0..12)).prop_flat_map(|(format, payloads)| {
        let length = payloads.iter().map(|payload| payload.len() + HEADER_LEN).sum();
        (Just(format), Just(payloads), any_chunk_ends(length))
    })
}

proptest! {
    #[test]
    fn every_split_of_every_stream_decodes_to_what_was_encoded(
        (format, payloads, chunk_ends) in payloads_and_chunk_ends()
    ) {
        let stream = wire(format, &payloads);
        let mut decoder = Decoder::new(format);
        let (messages, error) = decode_in_chunks(&mut decoder, &stream, &chunk_ends);
        prop_assert_eq!(error, None);
        prop_assert_eq!(decoder.finish(), Ok(()));
        prop_assert_eq!(decoder.offset(), stream.len() as u64);
        let decoded: Vec<Vec<u8>> = messages.iter().map(|(_, payload)| payload.clone()).collect();
        prop_assert_eq!(decoded, payloads);
        let mut end = 0;
        for (offset, payload) in messages {
            prop_assert_eq!(offset, end);
            end += (HEADER_LEN + payload.len()) as u64;
        }
    }

    #[test]
    fn any_bytes_decode_the_same_in_any_chunks_and_the_buffer_stays_within_its_limit(
        (format, limit, stream, chunk_ends) in (any_format(), 0_usize..64, vec(prop_oneof![Just(0), any::<u8>()], 0..300))
            .prop_flat_map(|(format, limit, stream)| {
                let length = stream.len();
                (Just(format), Just(limit), Just(stream), any_chunk_ends(length))
            })
    ) {
        let mut whole = Decoder::with_max_payload(format, limit);
        let expected = decode_in_chunks(&mut whole, &stream, &[]);
        let mut cut = Decoder::with_max_payload(format, limit);
        prop_assert_eq!(decode_in_chunks(&mut cut, &stream, &chunk_ends), expected);
        prop_assert_eq!(cut.wanted(), whole.wanted());
        prop_assert_eq!(cut.offset(), whole.offset());
        prop_assert!(cut.buffered() <= limit);
    }

    #[test]
    fn a_number_reads_back_from_its_header((format, number) in (any_format(), any::<i32>())) {
        let number = if format.max_payload() == u32::MAX {
            i64::from(number.cast_unsigned())
        } else {
            i64::from(number)
        };
        prop_assert_eq!(format.read(format.write(number).unwrap()), number);
    }
}

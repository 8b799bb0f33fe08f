//! What a client may send, compared with what tungstenite reads.

use std::io::{self, Read, Write};

use proptest::prelude::*;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig, WebSocketContext};

use super::*;

const MAX_MESSAGE: usize = 300;

/// Something that was received, with its own copy of the bytes.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Message(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    Close,
    /// For any reason: if a frame has two faults, either may be named.
    Refused,
}

/// Everything in `bytes`, given in pieces of these lengths, again and again.
fn decoded(bytes: &[u8], pieces: &[usize]) -> Vec<Seen> {
    let (mut frames, mut seen) = (FrameReader::new(MAX_MESSAGE), Vec::new());
    let (mut bytes, mut pieces) = (bytes.to_vec(), pieces.iter().cycle());
    while !bytes.is_empty() {
        let mut piece: Vec<u8> =
            bytes.drain(..bytes.len().min(*pieces.next().expect("an endless list"))).collect();
        let mut input = &mut piece[..];
        loop {
            seen.push(match frames.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(Received::Message(payload))) => Seen::Message(payload.to_vec()),
                Ok(Some(Received::Ping(payload))) => Seen::Ping(payload.to_vec()),
                Ok(Some(Received::Pong)) => Seen::Pong,
                Ok(Some(Received::Close(_))) => {
                    seen.push(Seen::Close);
                    return seen;
                }
                Err(_) => {
                    seen.push(Seen::Refused);
                    return seen;
                }
            });
        }
        assert!(input.is_empty(), "what is not needed yet is kept");
        assert!(frames.message.len() <= MAX_MESSAGE && frames.control.len() <= MAX_CONTROL);
    }
    seen
}

/// Reads come from a buffer; writes are thrown away.
struct Wire<'a>(&'a [u8]);

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            length => Ok(length),
        }
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything in `bytes`, as tungstenite reads it.
fn decoded_by_tungstenite(bytes: &[u8]) -> Vec<Seen> {
    let config = WebSocketConfig::default()
        .max_frame_size(Some(MAX_MESSAGE))
        .max_message_size(Some(MAX_MESSAGE));
    let mut context = WebSocketContext::new(Role::Server, Some(config));
    let (mut wire, mut seen) = (Wire(bytes), Vec::new());
    loop {
        seen.push(match context.read(&mut wire) {
            Ok(Message::Binary(payload)) => Seen::Message(payload.to_vec()),
            Ok(Message::Ping(payload)) => Seen::Ping(payload.to_vec()),
            Ok(Message::Pong(_)) => Seen::Pong,
            Ok(Message::Close(Some(close))) if close.code == CloseCode::Protocol => {
                // How it reports a code that may not be sent, and 1002 itself.
                seen.push(Seen::Refused);
                return seen;
            }
            Ok(Message::Close(_)) => {
                seen.push(Seen::Close);
                return seen;
            }
            Ok(other) => panic!("not among the frames of this test: {other:?}"),
            Err(Error::Io(_)) => return seen,
            Err(_) => {
                seen.push(Seen::Refused);
                return seen;
            }
        });
    }
}

prop_compose! {
    /// A frame, mostly a good one, but never text: text is refused here as soon as it begins.
    fn any_frame()(
        head in prop_oneof![
            8 => prop::sample::select(&[0x82_u8, 0x02, 0x00, 0x80, 0x89, 0x8a][..]),
            1 => (0_u8..=255).prop_filter("text", |head| head & 0x0f != 1),
        ],
        payload in prop::collection::vec(any::<u8>(), 0..200),
        mask in any::<[u8; 4]>(),
        is_masked in prop::bool::weighted(0.98),
        length in prop_oneof![
            30 => Just(None),
            1 => prop::sample::select(&[126_u64, 301, 65_536, 1 << 63, u64::MAX][..]).prop_map(Some),
        ],
    ) -> Vec<u8> {
        let mut bytes = vec![head];
        let mask_bit = if is_masked { 0x80 } else { 0 };
        match (length, u8::try_from(payload.len())) {
            (None, Ok(short @ 0..=125)) => bytes.push(mask_bit | short),
            (None, _) => {
                bytes.push(mask_bit | 0x7e);
                bytes.extend(u16::try_from(payload.len()).expect("under 200").to_be_bytes());
            }
            (Some(length), _) => {
                bytes.push(mask_bit | 0x7f);
                bytes.extend(length.to_be_bytes());
            }
        }
        if is_masked {
            bytes.extend(mask);
        }
        bytes.extend(payload);
        bytes
    }
}

proptest! {
    #[test]
    fn any_frames_in_any_pieces_are_what_tungstenite_reads(
        frames in prop::collection::vec(any_frame(), 0..12),
        pieces in prop::collection::vec(1_usize..400, 1..8),
    ) {
        let mut bytes = frames.concat();
        let seen = decoded(&bytes, &pieces);
        prop_assert_eq!(&seen, &decoded(&bytes, &[usize::MAX]));
        if let Some(Seen::Refused) = seen.last() {
            // tungstenite refuses most frames only after their payload has come.
            bytes.resize(bytes.len() + MAX_MESSAGE, 0);
        }
        prop_assert_eq!(seen, decoded_by_tungstenite(&bytes));
    }

    #[test]
    fn any_bytes_in_any_pieces_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        pieces in prop::collection::vec(1_usize..40, 1..8),
    ) {
        decoded(&bytes, &pieces);
    }

    #[test]
    fn unmasking_is_a_mask_byte_for_each_byte(
        payload in prop::collection::vec(any::<u8>(), 0..100),
        mask in any::<[u8; 4]>(),
    ) {
        let masked = |(byte, mask): (&u8, &u8)| byte ^ mask;
        let expected: Vec<u8> = payload.iter().zip(mask.iter().cycle()).map(masked).collect();
        let mut unmasked = payload;
        unmask(&mut unmasked, mask);
        prop_assert_eq!(unmasked, expected);
    }
}

/// A long message between two short ones, in fragments of these lengths, with pings between them.
fn long_message(fragments: &[usize]) -> (Vec<u8>, Vec<u8>) {
    let (mut bytes, mut payload) = (b"\x82\x81\0\0\0\0a".to_vec(), vec![b'a']);
    let last = fragments.len() - 1;
    for (index, length) in fragments.iter().enumerate() {
        let opcode = if index == 0 { 2 } else { 0 };
        let is_final = if index == last { 0x80 } else { 0 };
        bytes.extend([is_final | opcode, 0xff]);
        bytes.extend((*length as u64).to_be_bytes());
        bytes.extend([1, 2, 3, 4]);
        let part: Vec<u8> = (0..=250).cycle().take(*length).collect();
        let masked = part.iter().zip([1, 2, 3, 4].iter().cycle()).map(|(byte, mask)| byte ^ mask);
        bytes.extend(masked);
        bytes.extend(b"\x89\x80\0\0\0\0");
        payload.extend(part);
    }
    bytes.extend(b"\x82\x81\0\0\0\0z");
    payload.push(b'z');
    (bytes, payload)
}

proptest! {
    #[test]
    fn a_long_message_is_lent_in_parts_and_never_kept(
        fragments in prop::collection::vec(prop_oneof![0..100_usize, 0..60_000_usize], 1..5),
        piece in 1_usize..70_000,
    ) {
        let (mut bytes, payload) = long_message(&fragments);
        let mut frames = FrameReader::new(usize::MAX);
        let (mut read, mut pings) = (Vec::new(), 0);
        for piece in bytes.chunks_mut(piece) {
            let longest = MAX_WHOLE + piece.len();
            let mut input = piece;
            while let Some(received) = frames.decode(&mut input).expect("it is in order") {
                match received {
                    Received::Message(part) => read.extend_from_slice(part),
                    Received::Ping(_) => pings += 1,
                    Received::Pong | Received::Close(_) => panic!("nobody has sent this"),
                }
            }
            prop_assert!(frames.message.len() <= longest);
        }
        prop_assert!(read == payload, "other bytes, or in another order");
        prop_assert_eq!(pings, fragments.len());
    }
}

#[test]
fn a_message_that_is_not_long_is_one() {
    for length in [MAX_WHOLE, MAX_WHOLE + 1] {
        let mut bytes = b"\x82\xff".to_vec();
        bytes.extend((length as u64).to_be_bytes());
        bytes.extend([0; 4]);
        bytes.resize(bytes.len() + length, b'x');
        let mut frames = FrameReader::new(usize::MAX);
        let mut parts = 0;
        for piece in bytes.chunks_mut(1000) {
            let mut input = piece;
            while frames.decode(&mut input).expect("it is in order").is_some() {
                parts += 1;
            }
        }
        assert_eq!(parts == 1, length == MAX_WHOLE, "{parts} parts of {length} bytes");
    }
}

#[test]
fn a_whole_message_is_lent_from_the_input() {
    let mut bytes = b"\x82\x82\0\0\0\0hi".to_vec();
    let place = bytes[6..].as_ptr();
    let (mut frames, mut input) = (FrameReader::new(MAX_MESSAGE), &mut bytes[..]);
    let Ok(Some(Received::Message(payload))) = frames.decode(&mut input) else {
        panic!("a message")
    };
    assert_eq!((payload, payload.as_ptr()), (&b"hi"[..], place));
}

#[test]
fn room_for_a_message_in_parts_is_given_back() {
    let mut frames = FrameReader::new(MAX_MESSAGE);
    for part in [&b"\x82\x84\0\0\0\0he"[..], b"y!"] {
        let mut part = part.to_vec();
        let mut input = &mut part[..];
        let _ = frames.decode(&mut input).expect("it is in order");
        frames.shrink();
    }
    assert_eq!(frames.message.capacity(), 0);
}

#[test]
fn text_is_refused_before_it_is_looked_at() {
    let mut bytes = b"\x01\x81\0\0\0\0\xff".to_vec();
    assert_eq!(FrameReader::new(MAX_MESSAGE).decode(&mut &mut bytes[..]), Err(FrameError::Text));
}

//! RFC 6455 byte for byte: the tests write and read frames without a library. Section numbers are those of
//! the RFC.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::http::upgrade;
use crate::support::pattern::{expect_bytes, expect_eof};
use crate::support::target::TestTarget;
use crate::support::{TestRelay, within};

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
/// The last frame of a message.
const FIN: u8 = 0x80;
/// A mask follows the length.
const MASKED: u8 = 0x80;
/// The length is in the next two bytes.
const LENGTH_16: u8 = 0x7e;
/// The length is in the next eight bytes.
const LENGTH_64: u8 = 0x7f;

/// A masked frame of a client, section 5.3. `head` is its first byte.
fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![head];
    match u16::try_from(payload.len()) {
        Ok(length @ 0..=125) => bytes.push(MASKED | length.to_le_bytes()[0]),
        Ok(length) => {
            bytes.push(MASKED | LENGTH_16);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(MASKED | LENGTH_64);
            bytes.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// Both ends of a session. The client's end is a plain TCP connection after the upgrade.
struct Raw {
    client: TcpStream,
    target: TcpStream,
    _relay: TestRelay,
}

impl Raw {
    async fn open() -> Self {
        let listener = TestTarget::listen().await;
        let relay =
            TestRelay::start_with(|config| config.targets.push(listener.named("mine"))).await;
        let (response, client) = upgrade(relay.http, "/bridge/mine", &[]).await;
        assert_eq!(response.status, 101);
        Self { client, target: listener.accept().await, _relay: relay }
    }

    async fn send(&mut self, bytes: &[u8]) {
        within("the relay reads", self.client.write_all(bytes)).await.expect("it is there");
    }

    /// The next frame of the relay: its first byte and its payload, which is short.
    async fn receive(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        within("a frame comes", self.client.read_exact(&mut head)).await.expect("it is whole");
        // Section 5.1: a server masks no frame, so this byte is only the length.
        assert!(head[1] < 126, "a short frame, not masked: {head:?}");
        let mut payload = vec![0; head[1].into()];
        within("its payload comes", self.client.read_exact(&mut payload)).await.expect("whole");
        (head[0], payload)
    }

    /// The next frame must be a close with this code, and no frame may follow it.
    async fn expect_close(&mut self, what: &str, code: u16) {
        let (head, payload) = self.receive().await;
        assert_eq!(head, FIN | CLOSE, "{what}");
        assert!(std::str::from_utf8(&payload[2..]).is_ok(), "{what}: the reason is UTF-8");
        assert_eq!(u16::from_be_bytes([payload[0], payload[1]]), code, "{what}");
        expect_eof(&mut self.client).await;
        expect_eof(&mut self.target).await;
    }
}

/// Sends these bytes. Fails unless the relay closes with this code and nothing reaches the target.
async fn is_refused(what: &str, bytes: &[u8], code: u16) {
    let mut raw = Raw::open().await;
    raw.send(bytes).await;
    raw.expect_close(what, code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control_frames_between_fragments_are_answered_and_the_message_stays_whole() {
    let mut raw = Raw::open().await;
    raw.send(&frame(BINARY, b"frag")).await;
    raw.send(&frame(FIN | PING, b"between")).await;
    assert_eq!(raw.receive().await, (FIN | PONG, b"between".to_vec()));
    raw.send(&frame(CONTINUATION, b"men")).await;
    raw.send(&frame(FIN | PONG, b"unasked for")).await;
    raw.send(&frame(FIN | CONTINUATION, b"ted")).await;
    expect_bytes(&mut raw.target, b"fragmented").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_arrives_byte_by_byte_is_read_whole() {
    let mut raw = Raw::open().await;
    for byte in frame(FIN | BINARY, &[b'x'; 200]).chunks(1) {
        raw.send(byte).await;
    }
    expect_bytes(&mut raw.target, &[b'x'; 200]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_width_of_the_length_field_is_read() {
    let mut raw = Raw::open().await;
    for length in [0, 1, 125, 126, 127, 0xffff, 0x1_0000] {
        let payload = vec![b'x'; length];
        raw.send(&frame(FIN | BINARY, &payload)).await;
        expect_bytes(&mut raw.target, &payload).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_of_every_legal_length_is_answered_with_its_bytes() {
    let mut raw = Raw::open().await;
    for length in [0, 1, 125] {
        let payload = vec![b'p'; length];
        raw.send(&frame(FIN | PING, &payload)).await;
        assert_eq!(raw.receive().await, (FIN | PONG, payload));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_frame_that_is_long_or_in_pieces_is_1002() {
    // Section 5.5: at most 125 bytes, and never fragmented.
    for opcode in [PING, PONG, CLOSE] {
        is_refused("126 bytes", &frame(FIN | opcode, &[b'x'; 126]), 1002).await;
        is_refused("a fragment", &frame(opcode, b"x"), 1002).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reserved_bits_and_opcodes_are_1002() {
    // Section 5.2: only an extension could define them, and none is agreed on.
    for bit in [0x40, 0x20, 0x10] {
        for opcode in [BINARY, PING, CLOSE] {
            is_refused("a reserved bit", &frame(FIN | bit | opcode, b""), 1002).await;
        }
    }
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        is_refused("a reserved opcode", &frame(FIN | opcode, b""), 1002).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_inside_a_message_is_1002() {
    // Section 5.4: between the fragments of one message there is no fragment of another.
    for opcode in [TEXT, BINARY] {
        let mut bytes = frame(BINARY, b"one");
        bytes.extend(frame(FIN | opcode, b"two"));
        is_refused("a new message before the end of the last", &bytes, 1002).await;
    }
    is_refused("a continuation of nothing", &frame(FIN | CONTINUATION, b"x"), 1002).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_not_masked_is_1002_whatever_its_kind() {
    // Section 5.1.
    for opcode in [TEXT, BINARY, PING, PONG, CLOSE] {
        is_refused("no mask", &[FIN | opcode, 0], 1002).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_no_message_may_have_is_1009_before_any_payload() {
    for length in [(1 << 30) + 1, 1 << 32, (1 << 63) - 1, 1 << 63, u64::MAX] {
        let mut bytes = vec![FIN | BINARY, MASKED | LENGTH_64];
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&[0; 4]);
        is_refused("a huge length", &bytes, 1009).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_written_in_more_bytes_than_needed_is_accepted() {
    // Section 5.2 requires the shortest form of the sender. A longer form is not ambiguous, so to refuse
    // it would protect nobody.
    let mut raw = Raw::open().await;
    raw.send(b"\x82\xfe\0\x02\0\0\0\0hi").await;
    raw.send(b"\x82\xff\0\0\0\0\0\0\0\x02\0\0\0\0ho").await;
    expect_bytes(&mut raw.target, b"hiho").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_is_answered_with_its_own_code_and_reason() {
    // Section 5.5.1, and 7.4 for the codes.
    for code in [1000_u16, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        let mut raw = Raw::open().await;
        let payload = [&code.to_be_bytes()[..], "粘包".as_bytes()].concat();
        raw.send(&frame(FIN | CLOSE, &payload)).await;
        assert_eq!(raw.receive().await, (FIN | CLOSE, payload), "{code}");
        expect_eof(&mut raw.client).await;
        expect_eof(&mut raw.target).await;
    }
    let mut raw = Raw::open().await;
    raw.send(&frame(FIN | CLOSE, b"")).await;
    assert_eq!(raw.receive().await, (FIN | CLOSE, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_code_that_no_endpoint_may_send_is_answered_with_1002() {
    // Section 7.4: codes below 1000, and codes that are never sent in a frame.
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 0xffff] {
        is_refused(&code.to_string(), &frame(FIN | CLOSE, &code.to_be_bytes()), 1002).await;
    }
    is_refused("half a code", &frame(FIN | CLOSE, b"\x03"), 1002).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_reason_that_is_not_utf_8_is_1007() {
    is_refused("a broken reason", &frame(FIN | CLOSE, b"\x03\xe8\xc3\x28"), 1007).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_a_close_reaches_nobody() {
    let mut raw = Raw::open().await;
    let mut bytes = frame(FIN | BINARY, b"before");
    bytes.extend(frame(FIN | CLOSE, b"\x03\xe8"));
    bytes.extend(frame(FIN | BINARY, b"after"));
    raw.send(&bytes).await;
    expect_bytes(&mut raw.target, b"before").await;
    expect_eof(&mut raw.target).await;
    assert_eq!(raw.receive().await, (FIN | CLOSE, b"\x03\xe8".to_vec()));
}

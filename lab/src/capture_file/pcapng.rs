//! Writes the blocks of a pcapng file: draft-ietf-opsawg-pcapng, section 4.
//!
//! ```text
//! | type | length | body, padded to 32 bits | length |
//! ```

use byteorder::{LittleEndian, WriteBytesExt as _};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;

/// Says in which order the bytes of numbers are.
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Packets of IPv4, without a header of their link: `LINKTYPE_IPV4`.
const LINK_TYPE: u16 = 228;

const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;
const APPLICATION: u16 = 4;
const INTERFACE_NAME: u16 = 2;
const TIME_RESOLUTION: u16 = 9;

/// Times are in nanoseconds: ten to the power of minus this.
const NANOSECONDS: u8 = 9;

/// A packet of a capture.
pub(super) struct Packet<'a> {
    /// When it was sent, in microseconds.
    pub(super) at_us: u64,
    pub(super) headers: &'a [u8],
    /// `None` if only the headers are captured.
    pub(super) payload: Option<&'a [u8]>,
    /// The length of its payload on the wire, in bytes.
    pub(super) length: u64,
    pub(super) comments: &'a [String],
}

/// Writes a capture file of one interface.
pub(super) struct CaptureWriter(Vec<u8>);

impl CaptureWriter {
    /// A capture with this comment.
    pub(super) fn new(comment: &str) -> Self {
        let mut writer = Self(Vec::new());
        let mut body = Body::default();
        body.u32(BYTE_ORDER_MAGIC);
        // Version 1.0, and a section whose length is not given.
        body.u16(1);
        body.u16(0);
        body.bytes(&u64::MAX.to_le_bytes());
        body.option(COMMENT, comment.as_bytes());
        body.option(APPLICATION, b"Framescope");
        body.end_options();
        writer.block(SECTION_HEADER, &body);
        let mut body = Body::default();
        body.u16(LINK_TYPE);
        body.u16(0);
        // No packet is too long to be captured.
        body.u32(0);
        body.option(INTERFACE_NAME, b"wire");
        body.option(TIME_RESOLUTION, &[NANOSECONDS]);
        body.end_options();
        writer.block(INTERFACE_DESCRIPTION, &body);
        writer
    }

    pub(super) fn add(&mut self, packet: &Packet<'_>) {
        let ns = packet.at_us.saturating_mul(1000);
        let (high, low) = (ns >> 32, ns & u64::from(u32::MAX));
        let payload = packet.payload.unwrap_or_default();
        let headers = packet.headers.len() as u64;
        let captured = headers.saturating_add(payload.len() as u64);
        let original = headers.saturating_add(packet.length);
        let mut body = Body::default();
        body.u32(0);
        for half in [high, low] {
            body.u32(u32::try_from(half).unwrap_or(u32::MAX));
        }
        for length in [captured, original] {
            body.u32(u32::try_from(length).unwrap_or(u32::MAX));
        }
        body.bytes(packet.headers);
        body.bytes(payload);
        body.pad();
        for comment in packet.comments {
            body.option(COMMENT, comment.as_bytes());
        }
        if !packet.comments.is_empty() {
            body.end_options();
        }
        self.block(ENHANCED_PACKET, &body);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn block(&mut self, kind: u32, body: &Body) {
        let length = u32::try_from(body.0.len() + 12).unwrap_or(u32::MAX);
        let mut head = Body(Vec::new());
        head.u32(kind);
        head.u32(length);
        self.0.extend(&head.0);
        self.0.extend(&body.0);
        self.0.extend(length.to_le_bytes());
    }
}

/// The body of a block.
#[derive(Default)]
struct Body(Vec<u8>);

impl Body {
    fn u16(&mut self, number: u16) {
        self.0.write_u16::<LittleEndian>(number).expect("a vector takes all bytes");
    }

    fn u32(&mut self, number: u32) {
        self.0.write_u32::<LittleEndian>(number).expect("a vector takes all bytes");
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn pad(&mut self) {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }

    /// An option is at most 65,535 bytes long. Comments are shorter.
    fn option(&mut self, code: u16, value: &[u8]) {
        let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
        self.u16(code);
        self.u16(u16::try_from(value.len()).unwrap_or(u16::MAX));
        self.bytes(value);
        self.pad();
    }

    fn end_options(&mut self) {
        self.u16(END_OF_OPTIONS);
        self.u16(0);
    }
}

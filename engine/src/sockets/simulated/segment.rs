//! A segment between two sockets.

use std::ops::Range;

use framescope_lab::{Flags, SynOptions};
use framescope_syscall::Address;

use crate::wire::Header;

/// A segment on its way. Its numbers have 64 bits, so that they never wrap; a header has the lower 32.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) flags: Flags,
    pub(super) seq: u64,
    /// Means nothing without the flag ACK.
    pub(super) ack: u64,
    /// In bytes.
    pub(super) window: u64,
    /// By how many bits the window is shifted in the header.
    pub(super) window_scale: u8,
    pub(super) syn: SynOptions,
    pub(super) sack: Vec<Range<u64>>,
    /// When it was sent, in microseconds, and when that was sent which it answers: the timestamps of RFC 7323, section 3.
    pub(super) stamp: u64,
    pub(super) echo: Option<u64>,
    pub(super) payload: Vec<u8>,
}

impl Packet {
    pub(super) const fn has(&self, flags: Flags) -> bool {
        self.flags.has(flags)
    }

    /// The number after the last byte of its payload.
    pub(super) const fn payload_end(&self) -> u64 {
        self.seq + self.payload.len() as u64
    }

    /// The number after all that it takes: its payload, SYN and FIN.
    pub(super) const fn end(&self) -> u64 {
        self.payload_end() + self.has(Flags::SYN) as u64 + self.has(Flags::FIN) as u64
    }

    pub(super) fn header(&self) -> Header {
        let window = self.window >> self.window_scale;
        Header {
            from: self.from,
            to: self.to,
            flags: self.flags,
            seq: lower(self.seq),
            ack: if self.has(Flags::ACK) { lower(self.ack) } else { 0 },
            window: u16::try_from(window).unwrap_or(u16::MAX),
            syn: self.syn,
            sack: self.sack.iter().map(|range| (lower(range.start), lower(range.end))).collect(),
            length: u32::try_from(self.payload.len()).unwrap_or(u32::MAX),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "numbers on the wire wrap")]
const fn lower(number: u64) -> u32 {
    number as u32
}

//! What the header of a segment says.

use framescope_lab::{Flags, SegmentClass, SynOptions};
use framescope_syscall::Address;

/// What the header of a TCP segment says, with the numbers that are on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The address of its sender.
    pub from: Address,
    /// The address that it is sent to.
    pub to: Address,
    /// Its flags.
    pub flags: Flags,
    /// The sequence number of its first byte.
    pub seq: u32,
    /// The next sequence number that its sender waits for.
    pub ack: u32,
    /// The window, not scaled.
    pub window: u16,
    /// The options that only a SYN has.
    pub syn: SynOptions,
    /// The ranges of SACK.
    pub sack: Vec<(u32, u32)>,
    /// The length of its payload, in bytes.
    pub length: u32,
}

impl Header {
    pub(super) fn has(&self, flag: Flags) -> bool {
        self.flags.has(flag)
    }

    /// How many sequence numbers it takes: one for each byte, for SYN, and for FIN (RFC 9293, section 3.4).
    pub(super) fn takes(&self) -> u32 {
        self.length + u32::from(self.has(Flags::SYN)) + u32::from(self.has(Flags::FIN))
    }

    pub(super) fn class(&self) -> SegmentClass {
        if self.has(Flags::SYN) {
            SegmentClass::Syn
        } else if self.has(Flags::RST) {
            SegmentClass::Rst
        } else if self.length > 0 {
            SegmentClass::Data
        } else if self.has(Flags::FIN) {
            SegmentClass::Fin
        } else {
            SegmentClass::Ack
        }
    }
}

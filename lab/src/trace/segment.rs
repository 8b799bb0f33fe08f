//! TCP segments on the wire.

use std::fmt;
use std::ops::Range;

use framescope_syscall::Address;
use serde::{Deserialize, Serialize};

/// A TCP segment that was sent: RFC 9293, section 3.1.
///
/// Sequence numbers are relative to the initial one of their sender: the SYN has 0, and the first byte has 1. They
/// do not wrap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its number on the wire, from 0.
    pub number: u32,
    /// The address of its sender.
    pub from: Address,
    /// The address that it is sent to.
    pub to: Address,
    /// Its flags.
    pub flags: Flags,
    /// The sequence number of its first byte.
    pub seq: u64,
    /// The next sequence number that its sender waits for. `None` without the flag ACK.
    pub ack: Option<u64>,
    /// How many bytes from `ack` on its sender has space for.
    pub window: u32,
    /// The bytes that its sender has got behind a gap, as sequence numbers (SACK, RFC 2018). At most four ranges.
    pub sack: Vec<Range<u64>>,
    /// The options that only a SYN has.
    pub syn: Option<SynOptions>,
    /// Its payload, as stream offsets of its direction.
    pub payload: Range<u64>,
    /// The first segment that had its first byte, SYN or FIN, if it was sent before.
    pub repeats: Option<u32>,
}

impl Segment {
    /// The length of its payload, in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.payload.end.saturating_sub(self.payload.start)
    }

    /// Whether it is an acknowledgement and nothing else: no bytes, and none of the flags SYN, FIN and RST.
    #[must_use]
    pub fn only_acknowledges(&self) -> bool {
        let others = [Flags::SYN, Flags::FIN, Flags::RST];
        self.length() == 0 && !others.iter().any(|flag| self.flags.has(*flag))
    }

    /// Whether it fits in a packet of IPv4.
    pub(super) fn fits_in_packet(&self) -> bool {
        let options = self.options_length();
        if options > MAX_OPTIONS {
            return false;
        }
        let headers = IPV4_HEADER + TCP_HEADER + options.next_multiple_of(4);
        self.length() <= (MAX_PACKET - headers) as u64
    }

    /// The length of its options, in bytes: RFC 9293, section 3.2, RFC 7323, section 2.2, and RFC 2018, sections 2 and 3.
    fn options_length(&self) -> usize {
        let syn = self.syn.unwrap_or_default();
        let mss = if syn.mss.is_some() { 4 } else { 0 };
        let window_scale = if syn.window_scale.is_some() { 3 } else { 0 };
        let sack_permitted = if syn.sack_permitted { 2 } else { 0 };
        let sack = if self.sack.is_empty() { 0 } else { 2 + self.sack.len().saturating_mul(8) };
        mss + window_scale + sack_permitted + sack
    }
}

/// The longest packet of IPv4, in bytes: RFC 791, section 3.1.
const MAX_PACKET: usize = 65_535;
/// The length of IPv4's header without options, in bytes.
const IPV4_HEADER: usize = 20;
/// The length of TCP's header without options, in bytes.
const TCP_HEADER: usize = 20;
/// The most bytes of TCP's options: RFC 9293, section 3.1.
const MAX_OPTIONS: usize = 40;

/// The options that only a SYN has. `None` for what it does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynOptions {
    /// The largest payload that its sender takes.
    pub mss: Option<u16>,
    /// How the windows of its sender are scaled: RFC 7323, section 2.
    pub window_scale: Option<u8>,
    /// Whether its sender understands SACK: RFC 2018, section 2.
    pub sack_permitted: bool,
}

/// The flags of a segment, as in its header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(pub u8);

impl Flags {
    /// No more bytes follow.
    pub const FIN: Self = Self(1);
    /// The connection begins.
    pub const SYN: Self = Self(2);
    /// The connection ends at once.
    pub const RST: Self = Self(4);
    /// The sender has no more bytes for now.
    pub const PSH: Self = Self(8);
    /// The segment acknowledges.
    pub const ACK: Self = Self(16);

    const NAMES: [(Self, &'static str); 5] = [
        (Self::SYN, "SYN"),
        (Self::FIN, "FIN"),
        (Self::RST, "RST"),
        (Self::PSH, "PSH"),
        (Self::ACK, "ACK"),
    ];

    /// Whether it has all of these flags.
    #[must_use]
    pub const fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Both sets of flags.
    #[must_use]
    pub const fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = Self::NAMES.iter().filter(|(flag, _)| self.has(*flag));
        for (index, (_, name)) in set.enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// What has become of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The wire keeps it until a command says what becomes of it.
    Held,
    /// It has arrived. One that was duplicated arrives twice.
    Delivered,
    /// The wire has lost it.
    Dropped,
    /// The wire had no space for it, and has lost it.
    Overflowed,
    /// A copy of it was given to the receiver, and it is held still.
    Copied,
}

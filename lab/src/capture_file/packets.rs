//! Builds packets out of what a trace says of segments.

use std::collections::HashMap;

use etherparse::{PacketBuilder, TcpHeader, TcpOptionElement};
use framescope_syscall::Address;

use crate::trace::{Flags, Segment};

/// The hops that a packet of Linux may take.
const TIME_TO_LIVE: u8 = 64;

/// The largest window scale: RFC 7323, section 2.3.
const MAX_SCALE: u8 = 14;

/// How the windows of each side of each connection are scaled, as far as segments have said.
#[derive(Debug, Default)]
pub(super) struct Scales(HashMap<(Address, Address), Option<u8>>);

impl Scales {
    /// By how many bits the window of the next segment is shifted in its header.
    pub(super) fn next(&mut self, segment: &Segment) -> u8 {
        let (own, other) = ((segment.from, segment.to), (segment.to, segment.from));
        if let Some(syn) = segment.syn {
            self.0.insert(own, syn.window_scale);
            return 0;
        }
        let of = |way| self.0.get(&way).copied().flatten();
        of(own).filter(|_| of(other).is_some()).map_or(0, |scale| scale.min(MAX_SCALE))
    }
}

/// The packet of a segment, with its checksums.
pub(super) fn packet(segment: &Segment, scale: u8, payload: &[u8]) -> Vec<u8> {
    let window = u16::try_from(segment.window >> scale).unwrap_or(u16::MAX);
    let mut header =
        TcpHeader::new(segment.from.port, segment.to.port, wrapped(segment.seq), window);
    header.syn = segment.flags.has(Flags::SYN);
    header.fin = segment.flags.has(Flags::FIN);
    header.rst = segment.flags.has(Flags::RST);
    header.psh = segment.flags.has(Flags::PSH);
    header.ack = segment.ack.is_some();
    header.acknowledgment_number = segment.ack.map_or(0, wrapped);
    // All of them fit: a SYN has three short ones, and the trace has at most four ranges of SACK.
    let _ = header.set_options(&options(segment));
    let (from, to) = (segment.from.ip.octets(), segment.to.ip.octets());
    let builder = PacketBuilder::ipv4(from, to, TIME_TO_LIVE).tcp_header(header);
    let mut packet = Vec::with_capacity(builder.size(payload.len()));
    // It is shorter than the longest packet, because it crossed a device.
    let _ = builder.write_to_vec(&mut packet, payload);
    packet
}

/// A sequence number as it stands in a header, if the first one is 0.
fn wrapped(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(0)
}

fn options(segment: &Segment) -> Vec<TcpOptionElement> {
    let syn = segment.syn.unwrap_or_default();
    let mut options = Vec::new();
    options.extend(syn.mss.map(TcpOptionElement::MaximumSegmentSize));
    options
        .extend(syn.sack_permitted.then_some(TcpOptionElement::SelectiveAcknowledgementPermitted));
    options.extend(syn.window_scale.map(TcpOptionElement::WindowScale));
    let mut sack = segment.sack.iter().map(|range| (wrapped(range.start), wrapped(range.end)));
    if let Some(first) = sack.next() {
        let others = [sack.next(), sack.next(), sack.next()];
        options.push(TcpOptionElement::SelectiveAcknowledgement(first, others));
    }
    options
}

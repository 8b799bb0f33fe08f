//! Builds the headers of packets out of what a trace says of segments.

use std::collections::HashMap;

use etherparse::{Ipv4Header, TcpHeader, TcpOptionElement, ip_number};
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

/// The headers of a segment's packet, with their checksums. That of TCP is 0 if the payload is not known, because it
/// covers the payload.
pub(super) fn headers(segment: &Segment, scale: u8, payload: Option<&[u8]>) -> Vec<u8> {
    let window = u16::try_from(segment.window >> scale).unwrap_or(u16::MAX);
    let mut tcp = TcpHeader::new(segment.from.port, segment.to.port, wrapped(segment.seq), window);
    tcp.syn = segment.flags.has(Flags::SYN);
    tcp.fin = segment.flags.has(Flags::FIN);
    tcp.rst = segment.flags.has(Flags::RST);
    tcp.psh = segment.flags.has(Flags::PSH);
    tcp.ack = segment.ack.is_some();
    tcp.acknowledgment_number = segment.ack.map_or(0, wrapped);
    // `Trace::from_json` and `Trace::decode` refuse a segment that is longer than a packet.
    let _ = tcp.set_options(&options(segment));
    let length = (Ipv4Header::MIN_LEN + tcp.header_len()) as u64;
    let mut ip = Ipv4Header {
        total_len: u16::try_from(length.saturating_add(segment.length())).unwrap_or(u16::MAX),
        time_to_live: TIME_TO_LIVE,
        protocol: ip_number::TCP,
        source: segment.from.ip.octets(),
        destination: segment.to.ip.octets(),
        ..Ipv4Header::default()
    };
    ip.header_checksum = ip.calc_header_checksum();
    let checksum = payload.and_then(|payload| tcp.calc_checksum_ipv4(&ip, payload).ok());
    tcp.checksum = checksum.unwrap_or(0);
    [&ip.to_bytes()[..], &tcp.to_bytes()].concat()
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

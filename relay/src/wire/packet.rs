//! Reads the headers of packets.

use etherparse::{Ipv4Slice, TcpOptionElement, TcpSlice, ip_number};
use framescope_engine::wire::Header;
use framescope_lab::{Flags, SynOptions};
use framescope_syscall::Address;

/// What a packet is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// A whole TCP segment over IPv4.
    Segment(Header),
    /// Something else over IPv4, such as a message of ICMP.
    Other,
    /// It is no packet of IPv4. The device sends some of IPv6 when it begins.
    Foreign,
}

impl Packet {
    /// Reads the headers of a packet.
    #[must_use]
    pub fn parse(packet: &[u8]) -> Self {
        let Ok(ip) = Ipv4Slice::from_slice(packet) else { return Self::Foreign };
        let payload = ip.payload();
        if payload.ip_number != ip_number::TCP || payload.fragmented {
            return Self::Other;
        }
        let Ok(tcp) = TcpSlice::from_slice(payload.payload) else { return Self::Other };
        let header = ip.header();
        let (from, to) = (header.source_addr(), header.destination_addr());
        let mut segment = Header {
            from: Address { ip: from, port: tcp.source_port() },
            to: Address { ip: to, port: tcp.destination_port() },
            flags: flags(&tcp),
            seq: tcp.sequence_number(),
            ack: tcp.acknowledgment_number(),
            window: tcp.window_size(),
            syn: SynOptions::default(),
            sack: Vec::new(),
            length: u32::try_from(tcp.payload().len()).unwrap_or(u32::MAX),
        };
        // An option that is cut short ends the list.
        for option in tcp.options_iterator().map_while(Result::ok) {
            match option {
                TcpOptionElement::MaximumSegmentSize(mss) => segment.syn.mss = Some(mss),
                TcpOptionElement::WindowScale(scale) => segment.syn.window_scale = Some(scale),
                TcpOptionElement::SelectiveAcknowledgementPermitted => {
                    segment.syn.sack_permitted = true;
                }
                TcpOptionElement::SelectiveAcknowledgement(first, others) => {
                    segment.sack = [Some(first)].into_iter().chain(others).flatten().collect();
                }
                TcpOptionElement::Noop | TcpOptionElement::Timestamp(..) => {}
            }
        }
        Self::Segment(segment)
    }
}

fn flags(tcp: &TcpSlice<'_>) -> Flags {
    let all = [
        (tcp.fin(), Flags::FIN),
        (tcp.syn(), Flags::SYN),
        (tcp.rst(), Flags::RST),
        (tcp.psh(), Flags::PSH),
        (tcp.ack(), Flags::ACK),
    ];
    let set = all.into_iter().filter(|(is_set, _)| *is_set);
    set.fold(Flags::default(), |flags, (_, flag)| flags.with(flag))
}

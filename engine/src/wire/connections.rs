//! Follows the sequence numbers of all connections.

use std::collections::BTreeMap;

use framescope_lab::{Flags, Segment, WireDirection};
use framescope_syscall::Address;

use super::header::Header;

/// The largest window scale: RFC 7323, section 2.3.
const MAX_SCALE: u8 = 14;

/// The connections that segments have been seen of, by the addresses of their ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections(BTreeMap<(Address, Address), Connection>);

/// A connection. The first side is the one with the lower address. A socket that has connected to itself is the first side
/// only, which sends to itself.
#[derive(Clone, Debug, Default)]
struct Connection {
    sides: [Side; 2],
    /// The side that sent the first SYN.
    client: usize,
}

/// What one side has sent.
#[derive(Clone, Debug, Default)]
struct Side {
    /// The sequence number that is shown as 0.
    initial: Option<u32>,
    /// The windows that it announces are shifted left by this.
    window_scale: Option<u8>,
    /// The relative number after the last one that it has sent.
    next: u64,
    /// By its first relative number, each segment that took numbers for the first time: its end, and its number on the
    /// wire.
    first_sent: BTreeMap<u64, (u64, u32)>,
}

impl Side {
    /// The relative number of one that is near to the last ones.
    fn relative(&self, number: u32) -> u64 {
        let Some(initial) = self.initial else { return number.into() };
        // Half of all numbers are behind the next one, and half before it: RFC 9293, section 3.4.
        #[expect(clippy::cast_possible_truncation, reason = "numbers on the wire wrap")]
        let expected = initial.wrapping_add(self.next as u32);
        let ahead = i64::from(number.wrapping_sub(expected).cast_signed());
        self.next.saturating_add_signed(ahead)
    }

    /// Whether it has sent nothing but a SYN.
    fn only_begins(&self) -> bool {
        self.next == 1 && self.first_sent.contains_key(&0)
    }

    /// The segment that was the first to take this number.
    fn sender_of(&self, number: u64) -> Option<u32> {
        let (_, (end, segment)) = self.first_sent.range(..=number).next_back()?;
        (number < *end).then_some(*segment)
    }
}

impl Connections {
    /// A segment that was sent, as it stands in a trace, and its direction.
    pub(super) fn follow(&mut self, number: u32, header: &Header) -> (Segment, WireDirection) {
        let (from, to) = (header.from, header.to);
        let connection = self.0.entry((from.min(to), from.max(to))).or_default();
        let (sender, receiver) = (usize::from(from > to), usize::from(to > from));
        let [own, other] = [sender, receiver].map(|side| &connection.sides[side]);
        if header.has(Flags::SYN) && own.initial != Some(header.seq) {
            // Both sides may connect to each other at once: RFC 9293, section 3.5.
            let at_once = own.initial.is_none() && other.only_begins();
            if header.has(Flags::ACK) {
                connection.client = receiver;
                connection.sides[sender] = Side::default();
            } else if !at_once {
                *connection = Connection { client: sender, ..Connection::default() };
            }
        }
        // The numbers of a side whose SYN was not seen begin at its first segment, which is shown as 1.
        if connection.sides[sender].initial.is_none() {
            let is_syn = header.has(Flags::SYN);
            let initial = if is_syn { header.seq } else { header.seq.wrapping_sub(1) };
            let side = &mut connection.sides[sender];
            (side.initial, side.next) = (Some(initial), u64::from(!is_syn));
        }
        if header.has(Flags::SYN) {
            connection.sides[sender].window_scale = header.syn.window_scale;
        }
        // Windows are scaled if both sides said so. A SYN's own window never is (RFC 7323, section 2.2).
        let scale = match [sender, receiver].map(|side| connection.sides[side].window_scale) {
            [Some(scale), Some(_)] if !header.has(Flags::SYN) => scale.min(MAX_SCALE),
            _ => 0,
        };
        let receiver = &connection.sides[receiver];
        let ack = header.has(Flags::ACK).then(|| receiver.relative(header.ack));
        let sack = header.sack.iter().map(|(start, end)| {
            let start = receiver.relative(*start);
            start..start.max(receiver.relative(*end))
        });
        let sack = sack.collect();
        let direction = if connection.client == sender {
            WireDirection::ToServer
        } else {
            WireDirection::ToClient
        };
        let side = &mut connection.sides[sender];
        let seq = side.relative(header.seq);
        let end = seq + u64::from(header.takes());
        let repeats = if end > seq { side.sender_of(seq) } else { None };
        if end > side.next {
            side.first_sent.insert(seq.max(side.next), (end, number));
            side.next = end;
        }
        // The SYN has the number before the first byte.
        let start = (seq + u64::from(header.has(Flags::SYN))).saturating_sub(1);
        let segment = Segment {
            number,
            from,
            to,
            flags: header.flags,
            seq,
            ack,
            window: u32::from(header.window) << scale,
            sack,
            syn: header.has(Flags::SYN).then_some(header.syn),
            payload: start..start + u64::from(header.length),
            repeats,
        };
        (segment, direction)
    }
}

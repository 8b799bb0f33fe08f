//! Which flow a segment is of, if several connections had its addresses one after another.

use std::collections::HashMap;

use framescope_syscall::Address;

use super::connections::Connection;
use crate::trace::{Event, EventKind, Flags, Segment};

/// How the connections of the segments so far have begun.
#[derive(Clone, Debug, Default)]
pub(super) struct Openings {
    /// By the address of the client and the port of the server, in the order in which they began: the event at which a
    /// connection has begun, and its index.
    begun: HashMap<(Address, u16), Vec<(usize, usize)>>,
    /// Between two addresses, the lower one first.
    last: HashMap<(Address, Address), Opening>,
    /// For each segment, in the order in which they were sent.
    segments: Vec<Sent>,
}

/// How the last connection between two addresses has begun. The first side is the one with the lower address.
#[derive(Clone, Copy, Debug, Default)]
struct Opening {
    /// The event of the SYN of each side. Both have sent one if they have connected to each other at once.
    syns: [Option<usize>; 2],
    is_answered: bool,
}

/// A segment, and how its connection has begun.
#[derive(Clone, Copy, Debug)]
struct Sent {
    event: usize,
    from: Address,
    to: Address,
    opening: Opening,
}

impl Openings {
    /// The connection with this index has begun at this event.
    pub(super) fn begin(&mut self, event: usize, index: usize, connection: &Connection) {
        let ends = (connection.client_address, connection.server_address.port);
        self.begun.entry(ends).or_default().push((event, index));
    }

    pub(super) fn push(&mut self, index: usize, event: &Event) {
        if let EventKind::Segment(segment) = &event.kind {
            let opening = self.opening(index, segment);
            let (from, to) = (segment.from, segment.to);
            self.segments.push(Sent { event: index, from, to, opening });
        }
    }

    fn opening(&mut self, event: usize, segment: &Segment) -> Opening {
        let (from, to) = (segment.from, segment.to);
        let opening = self.last.entry((from.min(to), from.max(to))).or_default();
        let sender = usize::from(from > to);
        if !segment.flags.has(Flags::SYN) || segment.flags.has(Flags::ACK) {
            opening.is_answered = true;
        } else if segment.repeats.is_none() {
            if opening.is_answered || opening.syns[sender].is_some() {
                *opening = Opening::default();
            }
            opening.syns[sender] = Some(event);
        }
        *opening
    }

    /// The flow of the segment with this number.
    pub(super) fn flow(&self, number: usize) -> Option<usize> {
        let Sent { event, from, to, opening } = *self.segments.get(number)?;
        let (sender, receiver) = (usize::from(from > to), usize::from(to > from));
        let as_client = |event| self.begun_before(event, from, to).map(|index| 2 * index);
        let as_server = |event| self.begun_before(event, to, from).map(|index| 2 * index + 1);
        match (opening.syns[sender], opening.syns[receiver]) {
            (Some(event), _) => as_client(event),
            (None, Some(event)) => as_server(event),
            (None, None) => as_client(event).or_else(|| as_server(event)),
        }
    }

    /// The last connection that has begun before this event, or else the first one.
    fn begun_before(&self, event: usize, client: Address, server: Address) -> Option<usize> {
        let all = self.begun.get(&(client, server.port))?;
        let count = all.partition_point(|(began, _)| *began < event);
        all.get(count.saturating_sub(1)).map(|(_, index)| *index)
    }
}

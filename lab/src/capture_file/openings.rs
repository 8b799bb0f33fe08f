//! Which connection a segment is of, if several had its addresses one after another.

use std::collections::HashMap;

use framescope_syscall::Address;

use crate::timeline::Connection;
use crate::trace::{Flags, Segment};

/// The connections of a trace, by the address of the client and the port of the server, in the order in which they began:
/// the event of each, and its index.
#[derive(Debug, Default)]
pub(super) struct Begun(HashMap<(Address, u16), Vec<(usize, usize)>>);

impl Begun {
    /// The connection with this index has begun at this event.
    pub(super) fn push(&mut self, event: usize, index: usize, connection: &Connection) {
        let ends = (connection.client_address, connection.server_address.port);
        self.0.entry(ends).or_default().push((event, index));
    }

    /// The last connection that has begun before this event, or else the first one.
    fn before(&self, event: usize, client: Address, server: Address) -> Option<usize> {
        let all = self.0.get(&(client, server.port))?;
        let count = all.partition_point(|(began, _)| *began < event);
        all.get(count.saturating_sub(1)).map(|(_, index)| *index)
    }
}

/// The SYNs with which connections have begun, as far as segments have said.
#[derive(Debug, Default)]
pub(super) struct Openings(HashMap<(Address, Address), Opening>);

/// How the last connection between two addresses has begun. The first side is the one with the lower address.
#[derive(Clone, Copy, Debug, Default)]
struct Opening {
    /// The event of the SYN of each side. Both have sent one if they have connected to each other at once.
    syns: [Option<usize>; 2],
    is_answered: bool,
}

impl Openings {
    /// The flow of a segment that is sent at this event.
    pub(super) fn flow_of(
        &mut self,
        event: usize,
        segment: &Segment,
        begun: &Begun,
    ) -> Option<usize> {
        let (from, to) = (segment.from, segment.to);
        let opening = self.0.entry((from.min(to), from.max(to))).or_default();
        let (sender, receiver) = (usize::from(from > to), usize::from(to > from));
        if !segment.flags.has(Flags::SYN) || segment.flags.has(Flags::ACK) {
            opening.is_answered = true;
        } else if segment.repeats.is_none() {
            if opening.is_answered || opening.syns[sender].is_some() {
                *opening = Opening::default();
            }
            opening.syns[sender] = Some(event);
        }
        let as_client = |event| begun.before(event, from, to).map(|index| 2 * index);
        let as_server = |event| begun.before(event, to, from).map(|index| 2 * index + 1);
        match (opening.syns[sender], opening.syns[receiver]) {
            (Some(event), _) => as_client(event),
            (None, Some(event)) => as_server(event),
            (None, None) => as_client(event).or_else(|| as_server(event)),
        }
    }
}

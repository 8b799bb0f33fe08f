//! Where `recv` cuts a stream, and what the next one asks for.

use framescope_lab::{Doing, Reader};
use framescope_record::Direction;
use framescope_syscall::Syscall;

use crate::state::State;

/// The narrowest chunk whose cut can be taken hold of, in CSS pixels. The handle would cover a narrower one.
const NARROWEST: u64 = 44;

/// The end of a chunk. It can be moved: then each `recv` asks for as much as the chunk is long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Where the chunk begins.
    pub from: u64,
    /// Where it ends.
    pub at: u64,
}

impl Cut {
    /// The reader whose first cut after the beginning of the chunk is at this offset.
    #[must_use]
    pub fn moved(from: u64, at: u64) -> Reader {
        let length = at.saturating_sub(from).max(1);
        Reader::Recv(u32::try_from(length).unwrap_or(u32::MAX))
    }
}

/// The cuts on screen. None if no other reader can be chosen.
#[must_use]
pub fn cuts(state: &State) -> Vec<Cut> {
    let Some(record) = state.lab.record().filter(|_| state.lab.can_read_otherwise()) else {
        return Vec::new();
    };
    let stream = record.stream(Direction::Received);
    let window = state.viewport(Direction::Received).window();
    let known = state.moment().chunks(Direction::Received);
    let numbers = stream.chunks_in(&window);
    let ends = (numbers.start..numbers.end.min(known)).filter_map(|number| {
        let range = &stream.chunk(number)?.range;
        let width = (range.end - range.start).saturating_mul(state.cell_width().into());
        let is_shown = range.end <= window.end && width >= NARROWEST;
        is_shown.then_some(Cut { from: range.start, at: range.end })
    });
    ends.collect()
}

/// How many bytes the `recv` asks for that waits for the stream on screen. `None` if none waits.
#[must_use]
pub fn asked(state: &State) -> Option<u32> {
    let (lab, number) = (&state.lab, state.lab.events(state.event()).len());
    let (timeline, events) = (lab.shown_timeline(), &lab.shown_trace().events);
    let (_, flow) = lab.flow()?;
    let history = timeline.program(flow.to?);
    let connection = timeline.connections().get(flow.connection)?;
    let socket = connection.socket(flow.to_server, history.sockets(events, number))?;
    let threads = (0..history.threads()).filter_map(|one| history.thread(events, number, one));
    let mut asked = threads.filter_map(|thread| match thread.doing {
        Doing::Waits(Syscall::Recv { fd, length, .. }, _) if socket.fd == Some(*fd) => {
            Some(*length)
        }
        Doing::Waits(..)
        | Doing::Stands
        | Doing::Runs
        | Doing::Reads
        | Doing::Joins
        | Doing::Ended => None,
    });
    asked.next()
}

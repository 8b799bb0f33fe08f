//! Records what happens in a run.

use framescope_lab::{Event, EventKind, Flags, Segment, Socket};
use framescope_syscall::Address;

use crate::wire::Crossed;

/// The events of a run that were not taken, and what they tell about later ones.
#[derive(Debug, Default)]
pub struct Recorder {
    /// Whether anything is recorded.
    pub is_on: bool,
    events: Vec<Event>,
    /// By program, what the kernel reported about its sockets.
    sockets: Vec<Vec<Socket>>,
    /// When something new happened last, in microseconds.
    progress: u64,
}

impl Recorder {
    /// A recorder of this number of programs. It records nothing until it is switched on.
    #[must_use]
    pub fn new(programs: usize) -> Self {
        Self { sockets: vec![Vec::new(); programs], ..Self::default() }
    }

    /// Records an event.
    pub fn note(&mut self, event: Event) {
        if self.is_on {
            self.events.push(event);
        }
    }

    /// The events since the last call of this function.
    #[must_use]
    pub fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// When something new happened last, in microseconds. What TCP sends again is not new.
    #[must_use]
    pub const fn progress(&self) -> u64 {
        self.progress
    }

    /// Something new happens.
    pub const fn progresses(&mut self, now: u64) {
        self.progress = now;
    }

    /// Records what the kernel reports about the sockets of a program, if it has changed.
    pub fn note_sockets(&mut self, at: u64, program: usize, line: u32, now: Vec<Socket>) {
        if self.sockets[program] != now {
            self.sockets[program].clone_from(&now);
            self.note(Event { at, program, thread: 0, line, kind: EventKind::Sockets(now) });
        }
    }

    /// Records what has happened to a segment.
    pub fn note_crossed(&mut self, at: u64, what: Crossed) {
        let (program, kind) = match what {
            Crossed::Sent(segment) => {
                if is_new(&segment) {
                    self.progresses(at);
                }
                (self.program_at(segment.from, segment.to), EventKind::Segment(segment))
            }
            Crossed::Fate { number, from, to, fate } => {
                (self.program_at(to, from), EventKind::Fate(number, fate))
            }
        };
        self.note(Event { at, program, thread: 0, line: 0, kind });
    }

    /// The program whose socket has the first address and the second one as its peer. If there is none, the one that
    /// listens at the first address, or the one at the other end.
    fn program_at(&self, own: Address, other: Address) -> usize {
        let find = |is: &dyn Fn(&Socket) -> bool| {
            self.sockets.iter().position(|sockets| sockets.iter().any(is))
        };
        let connected = find(&|one| one.local == own && one.peer == Some(other));
        connected
            .or_else(|| find(&|one| one.backlog.is_some() && one.local.port == own.port))
            .or_else(|| find(&|one| one.local == other && one.peer == Some(own)))
            .unwrap_or(0)
    }
}

/// Whether a segment has anything that was not sent before. What only acknowledges has not.
const fn is_new(segment: &Segment) -> bool {
    let flags = segment.flags;
    let takes = segment.length() > 0 || flags.has(Flags::SYN) || flags.has(Flags::FIN);
    segment.repeats.is_none() && (takes || flags.has(Flags::RST))
}

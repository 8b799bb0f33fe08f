//! The calls that have not returned.

use framescope_syscall::Syscall;

use super::history::MAX_THREADS;
use super::small_map::SmallMap;
use crate::trace::{Event, EventKind};

/// A system call of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The index of its event.
    pub(super) index: usize,
    pub(super) syscall: Syscall,
}

/// The calls that have not returned, by program and thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending(SmallMap<(usize, usize), Call>);

impl Pending {
    /// Adds the next event. Returns the call that it is about, if it is about one.
    pub(super) fn push(&mut self, index: usize, event: &Event) -> Option<Call> {
        let thread = (event.program, event.thread);
        match &event.kind {
            EventKind::Called(syscall, _) => {
                let call = Call { index, syscall: syscall.clone() };
                // A trace that was read from a file may name any thread.
                if event.thread < MAX_THREADS {
                    self.0.insert(thread, call.clone());
                }
                Some(call)
            }
            EventKind::Blocked(_) => self.0.get(thread).cloned(),
            EventKind::Returned(_) | EventKind::ThreadEnded => self.0.remove(thread),
            EventKind::Ended(_) => {
                self.0.retain(|(program, _)| *program != event.program);
                None
            }
            EventKind::Began
            | EventKind::Line(_)
            | EventKind::Variables(_)
            | EventKind::Printed(_)
            | EventKind::Reads
            | EventKind::Read(_)
            | EventKind::Started(_)
            | EventKind::Waits
            | EventKind::Sockets(_)
            | EventKind::Segment(_)
            | EventKind::Fate(..) => None,
        }
    }

    /// The calls of a program that have not returned.
    pub(super) fn of(&self, program: usize) -> impl Iterator<Item = &Syscall> {
        self.0.iter().filter(move |(thread, _)| thread.0 == program).map(|(_, call)| &call.syscall)
    }
}

//! What each program did, and its state at each moment.

use framescope_syscall::{BlockedOn, Syscall};

use crate::trace::{Columns, Ended, Event, EventKind, Frame, Socket, Variable};

/// What a program did: the indices of its events.
#[derive(Clone, Debug, Default)]
pub struct History {
    began: Option<usize>,
    ended: Option<usize>,
    printed: Vec<usize>,
    sockets: Vec<usize>,
    threads: Vec<ThreadHistory>,
    /// The port of its last `connect`.
    connects: Option<u16>,
    /// The port of its last `bind`, and the index of that event.
    binds: Option<(usize, u16)>,
}

/// What a thread did: the indices of its events.
#[derive(Clone, Debug, Default)]
struct ThreadHistory {
    steps: Vec<usize>,
    calls: Vec<usize>,
    frames: Vec<usize>,
    variables: Vec<usize>,
}

/// The state of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadState<'a> {
    /// The line at which it is, from 1. 0 if it is at none.
    pub line: u32,
    /// The part of the line in which its call stands, as long as it waits. Empty if it waits in none.
    pub columns: Columns,
    /// What it does.
    pub doing: Doing<'a>,
    /// The functions that it is in, the innermost last, as they were when it stopped last.
    pub frames: &'a [Frame],
    /// The variables of its innermost function.
    pub variables: &'a [Variable],
    /// These variables before their last change.
    pub variables_before: &'a [Variable],
}

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing<'a> {
    /// It stands before its line.
    Stands,
    /// It runs.
    Runs,
    /// Its call waits.
    Waits(&'a Syscall, BlockedOn),
    /// It waits for a line that somebody types.
    Reads,
    /// It waits for another thread.
    Joins,
    /// It has ended.
    Ended,
}

impl History {
    pub(super) const fn new() -> Self {
        Self {
            began: None,
            ended: None,
            printed: Vec::new(),
            sockets: Vec::new(),
            threads: Vec::new(),
            connects: None,
            binds: None,
        }
    }

    pub(super) fn push(&mut self, index: usize, event: &Event) {
        match &event.kind {
            EventKind::Began => self.began = Some(index),
            EventKind::Ended(_) => self.ended = Some(index),
            EventKind::Printed(_) | EventKind::Read(Some(_)) => self.printed.push(index),
            EventKind::Sockets(_) => self.sockets.push(index),
            EventKind::Called(Syscall::Connect { address, .. }, _) => {
                self.connects = Some(address.port);
            }
            EventKind::Called(Syscall::Bind { address, .. }, _) => {
                self.binds = Some((index, address.port));
            }
            EventKind::Line(_)
            | EventKind::Variables(_)
            | EventKind::Called(..)
            | EventKind::Blocked(_)
            | EventKind::Returned(_)
            | EventKind::Reads
            | EventKind::Read(None)
            | EventKind::Started(_)
            | EventKind::Waits
            | EventKind::ThreadEnded
            | EventKind::Segment(_)
            | EventKind::Fate(..) => {}
        }
        if let EventKind::Started(thread) = event.kind
            && thread == self.threads.len()
            && thread < MAX_THREADS
        {
            self.threads.push(ThreadHistory { steps: vec![index], ..ThreadHistory::default() });
        }
        // A trace that was read from a file may name any thread.
        let threads = self.threads.len();
        if event.thread > threads || event.thread >= MAX_THREADS {
            return;
        }
        if event.thread == threads {
            self.threads.push(ThreadHistory::default());
        }
        let thread = &mut self.threads[event.thread];
        if is_step(&event.kind) {
            thread.steps.push(index);
        }
        if let EventKind::Called(..) = &event.kind {
            thread.calls.push(index);
        } else if let EventKind::Line(_) = &event.kind {
            thread.frames.push(index);
        } else if let EventKind::Variables(_) = &event.kind {
            thread.variables.push(index);
        }
    }

    /// The port of its last `connect`. `None` if it has made none.
    #[must_use]
    pub const fn connects(&self) -> Option<u16> {
        self.connects
    }

    /// The index of the event of its last `bind`, and the port. `None` if it has made none.
    #[must_use]
    pub const fn binds(&self) -> Option<(usize, u16)> {
        self.binds
    }

    /// Whether the program had started after `number` events.
    #[must_use]
    pub fn has_begun(&self, number: usize) -> bool {
        self.began.is_some_and(|began| began < number)
    }

    /// How the program had ended after `number` events. `None` if it had not.
    #[must_use]
    pub fn ended<'a>(&self, events: &'a [Event], number: usize) -> Option<&'a Ended> {
        let event = events.get(self.ended_by(number)?)?;
        if let EventKind::Ended(ended) = &event.kind { Some(ended) } else { None }
    }

    /// The line at which the program ended after `number` events, 0 if at none.
    #[must_use]
    pub fn ended_at(&self, events: &[Event], number: usize) -> u32 {
        self.ended_by(number).and_then(|ended| events.get(ended)).map_or(0, |event| event.line)
    }

    /// The index of the event at which the program had ended after `number` events. `None` if it had not.
    #[must_use]
    pub fn ended_by(&self, number: usize) -> Option<usize> {
        self.ended.filter(|ended| *ended < number)
    }

    /// The indices of the reports about its sockets after `number` events.
    #[must_use]
    pub fn reports(&self, number: usize) -> &[usize] {
        &self.sockets[..self.sockets.partition_point(|index| *index < number)]
    }

    /// The indices of what it had printed after `number` events, and of the lines that it had read.
    #[must_use]
    pub fn printed(&self, number: usize) -> &[usize] {
        &self.printed[..self.printed.partition_point(|index| *index < number)]
    }

    /// What the kernel reported about its sockets after `number` events.
    #[must_use]
    pub fn sockets<'a>(&self, events: &'a [Event], number: usize) -> &'a [Socket] {
        let last = last_before(&self.sockets, number);
        match last.and_then(|index| events.get(index)).map(|event| &event.kind) {
            Some(EventKind::Sockets(sockets)) => sockets,
            _ => &[],
        }
    }

    /// The number of threads that it has had.
    #[must_use]
    pub const fn threads(&self) -> usize {
        self.threads.len()
    }

    /// The state of a thread after `number` events. `None` if it had not started.
    #[must_use]
    pub fn thread<'a>(
        &self,
        events: &'a [Event],
        number: usize,
        thread: usize,
    ) -> Option<ThreadState<'a>> {
        let history = self.threads.get(thread)?;
        let count = history.steps.partition_point(|index| *index < number);
        let last = history.steps[..count].last()?;
        let event = events.get(*last)?;
        let mut columns = Columns::default();
        let doing = match &event.kind {
            EventKind::Line(_) | EventKind::Started(_) => Doing::Stands,
            EventKind::Blocked(on) => {
                let call = last_before(&history.calls, *last);
                let call = call.and_then(|index| called(events.get(index)?));
                call.map_or(Doing::Runs, |(call, part)| {
                    columns = part;
                    Doing::Waits(call, *on)
                })
            }
            EventKind::Reads => Doing::Reads,
            EventKind::Waits => Doing::Joins,
            EventKind::ThreadEnded => Doing::Ended,
            EventKind::Began
            | EventKind::Variables(_)
            | EventKind::Called(..)
            | EventKind::Returned(_)
            | EventKind::Printed(_)
            | EventKind::Read(_)
            | EventKind::Ended(_)
            | EventKind::Sockets(_)
            | EventKind::Segment(_)
            | EventKind::Fate(..) => Doing::Runs,
        };
        let frames = last_before(&history.frames, number).and_then(|index| events.get(index));
        let frames = match frames.map(|event| &event.kind) {
            Some(EventKind::Line(frames)) => &frames[..],
            _ => &[],
        };
        let count = history.variables.partition_point(|index| *index < number);
        let variables = |back: usize| {
            let index = count.checked_sub(back).and_then(|at| history.variables.get(at));
            match index.and_then(|index| events.get(*index)).map(|event| &event.kind) {
                Some(EventKind::Variables(variables)) => &variables[..],
                _ => &[],
            }
        };
        Some(ThreadState {
            // A thread that has just been started is at no line.
            line: if matches!(event.kind, EventKind::Started(_)) { 0 } else { event.line },
            columns,
            doing,
            frames,
            variables: variables(1),
            variables_before: variables(2),
        })
    }
}

/// The most threads of a program that are followed.
pub(super) const MAX_THREADS: usize = 64;

fn called(event: &Event) -> Option<(&Syscall, Columns)> {
    if let EventKind::Called(call, columns) = &event.kind { Some((call, *columns)) } else { None }
}

fn last_before(indices: &[usize], number: usize) -> Option<usize> {
    indices[..indices.partition_point(|index| *index < number)].last().copied()
}

/// The kinds of events that are steps of a thread: each says where it is and what it does.
const fn is_step(kind: &EventKind) -> bool {
    match kind {
        EventKind::Began
        | EventKind::Line(_)
        | EventKind::Called(..)
        | EventKind::Blocked(_)
        | EventKind::Returned(_)
        | EventKind::Reads
        | EventKind::Read(_)
        | EventKind::Waits
        | EventKind::ThreadEnded => true,
        EventKind::Variables(_)
        | EventKind::Printed(_)
        | EventKind::Started(_)
        | EventKind::Ended(_)
        | EventKind::Sockets(_)
        | EventKind::Segment(_)
        | EventKind::Fate(..) => false,
    }
}

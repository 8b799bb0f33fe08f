//! A trace as outcomes read it: the system calls of each program, what it printed, and how it ended.

use std::collections::BTreeMap;

use framescope_syscall::{Data, Returned, Syscall, errno};

use crate::trace::{Ended, Event, EventKind, TcpState, Trace};

/// A system call of a program.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) syscall: &'a Syscall,
    /// The index of the event with which it began, and its time.
    pub(super) began: (usize, u64),
    /// Whether it waited.
    pub(super) waited: bool,
    pub(super) returned: Option<&'a Returned>,
    /// The index of the event with which it returned, and its time. As [`Call::began`] if it has not.
    pub(super) ended: (usize, u64),
}

impl<'a> Call<'a> {
    /// The bytes that it received.
    pub(super) fn received(&self) -> Option<&'a [u8]> {
        if let Some(Returned::Received(Data(bytes))) = self.returned { Some(bytes) } else { None }
    }

    /// The number of bytes that it sent.
    pub(super) const fn sent(&self) -> Option<u32> {
        if let Some(Returned::Sent(count)) = self.returned { Some(*count) } else { None }
    }

    /// The errno of Linux that means the same as the error with which it failed.
    pub(super) fn failed(&self) -> Option<u32> {
        let Some(Returned::Failed(number)) = self.returned else { return None };
        Some(errno::as_linux(*number))
    }

    /// Whether it succeeded, and has no value.
    pub(super) fn is_done(&self) -> bool {
        self.returned == Some(&Returned::Done)
    }

    /// Whether it waits.
    pub(super) const fn waits(&self) -> bool {
        self.waited && self.returned.is_none()
    }
}

/// The index of the program with this name.
fn program(trace: &Trace, name: &str) -> Option<usize> {
    trace.experiment.programs.iter().position(|program| program.name == name)
}

/// The events of a program, each with its index in the trace.
fn events<'a>(trace: &'a Trace, name: &str) -> impl DoubleEndedIterator<Item = (usize, &'a Event)> {
    let program = program(trace, name);
    let all = trace.events.iter().enumerate();
    all.filter(move |(_, event)| Some(event.program) == program)
}

/// The system calls of a program, in order.
pub(super) fn calls<'a>(trace: &'a Trace, name: &str) -> Vec<Call<'a>> {
    let mut calls: Vec<Call<'a>> = Vec::new();
    // A trace that was read from a file may have as many threads as events.
    let mut last_of_thread = BTreeMap::new();
    for (index, event) in events(trace, name) {
        let now = (index, event.at);
        let last = last_of_thread.get(&event.thread).and_then(|last: &usize| calls.get_mut(*last));
        match (&event.kind, last) {
            (EventKind::Called(syscall, _), _) => {
                let call = Call { syscall, began: now, waited: false, returned: None, ended: now };
                last_of_thread.insert(event.thread, calls.len());
                calls.push(call);
            }
            (EventKind::Blocked(_), Some(call)) => call.waited = true,
            (EventKind::Returned(returned), Some(call)) => {
                call.returned = Some(returned);
                call.ended = now;
            }
            (
                EventKind::Began
                | EventKind::Line(_)
                | EventKind::Variables(_)
                | EventKind::Blocked(_)
                | EventKind::Returned(_)
                | EventKind::Printed(_)
                | EventKind::Reads
                | EventKind::Read(_)
                | EventKind::Started(_)
                | EventKind::Waits
                | EventKind::ThreadEnded
                | EventKind::Ended(_)
                | EventKind::Sockets(_)
                | EventKind::Segment(_)
                | EventKind::Fate(..),
                _,
            ) => {}
        }
    }
    calls
}

fn only<'a>(trace: &'a Trace, name: &str, is_kind: fn(&Syscall) -> bool) -> Vec<Call<'a>> {
    calls(trace, name).into_iter().filter(|call| is_kind(call.syscall)).collect()
}

pub(super) fn binds<'a>(trace: &'a Trace, name: &str) -> Vec<Call<'a>> {
    only(trace, name, |call| matches!(call, Syscall::Bind { .. }))
}

pub(super) fn listens<'a>(trace: &'a Trace, name: &str) -> Vec<Call<'a>> {
    only(trace, name, |call| matches!(call, Syscall::Listen { .. }))
}

pub(super) fn accepts<'a>(trace: &'a Trace, name: &str) -> Vec<Call<'a>> {
    only(trace, name, |call| matches!(call, Syscall::Accept { .. }))
}

pub(super) fn connects<'a>(trace: &'a Trace, name: &str) -> Vec<Call<'a>> {
    only(trace, name, |call| matches!(call, Syscall::Connect { .. }))
}

pub(super) fn sends<'a>(trace: &'a Trace, name: &str) -> Vec<Call<'a>> {
    only(trace, name, |call| matches!(call, Syscall::Send { .. }))
}

pub(super) fn recvs<'a>(trace: &'a Trace, name: &str) -> Vec<Call<'a>> {
    only(trace, name, |call| matches!(call, Syscall::Recv { .. }))
}

/// The chunks that a program received, in the order of their arrival in it: several threads may wait at once.
/// The empty chunk at the end of the stream is left out.
pub(super) fn chunks<'a>(trace: &'a Trace, name: &str) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    for (_, event) in events(trace, name) {
        if let EventKind::Returned(Returned::Received(Data(bytes))) = &event.kind
            && !bytes.is_empty()
        {
            chunks.push(&bytes[..]);
        }
    }
    chunks
}

/// The states of a program's sockets in the kernel's last report.
pub(super) fn last_states(trace: &Trace, name: &str) -> Vec<Option<TcpState>> {
    let mut reports = events(trace, name).filter_map(|(_, event)| {
        if let EventKind::Sockets(sockets) = &event.kind { Some(sockets) } else { None }
    });
    let last = reports.next_back().into_iter().flatten();
    last.map(|socket| socket.state).collect()
}

/// What a program has printed.
pub(super) fn printed(trace: &Trace, name: &str) -> String {
    let mut text = String::new();
    for (_, event) in events(trace, name) {
        if let EventKind::Printed(output) = &event.kind
            && !output.to_stderr
        {
            text += &output.text;
        }
    }
    text
}

/// How a program has ended, and the index of that event.
pub(super) fn ended<'a>(trace: &'a Trace, name: &str) -> Option<(usize, &'a Ended)> {
    events(trace, name).find_map(|(index, event)| {
        if let EventKind::Ended(ended) = &event.kind { Some((index, ended)) } else { None }
    })
}

/// Whether an exception of this class has ended a program.
pub(super) fn raised(trace: &Trace, name: &str, class: &str) -> bool {
    matches!(ended(trace, name), Some((_, Ended::Exception(raised))) if raised.class == class)
}

/// Whether the run is over, and a program waited until then.
pub(super) fn is_blocked(trace: &Trace, name: &str) -> bool {
    matches!(ended(trace, name), Some((_, Ended::Blocked { .. })))
}

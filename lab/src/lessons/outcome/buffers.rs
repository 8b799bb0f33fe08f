//! Lessons 14 and 18: what `send` promises, and what it does when the buffers are full.

use framescope_syscall::Syscall;
use framescope_syscall::errno::EAGAIN;

use crate::lessons::calls::{is_blocked, recvs, sends};
use crate::trace::{EventKind, Socket, Trace};

/// The bytes of the first send of lesson 14a.
const FIRST: u32 = 1000;

/// Looks at what the kernels report after the client's first send, until it sends again and until the server
/// reads.
pub(in crate::lessons) fn acknowledged_unread(trace: &Trace) -> Option<usize> {
    let sends = sends(trace, "client");
    let sent = sends.first().filter(|send| send.sent() == Some(FIRST))?.ended.0;
    let read = recvs(trace, "server").first().map(|recv| recv.began.0);
    let next = sends.get(1).map(|send| send.began.0);
    let end = read.into_iter().chain(next).min().unwrap_or(trace.events.len());
    let mut reported: Vec<&[Socket]> = vec![&[]; trace.experiment.programs.len()];
    let mut is_acknowledged = None;
    for (index, event) in trace.events.iter().enumerate().take(end) {
        if let EventKind::Sockets(sockets) = &event.kind
            && let Some(of_program) = reported.get_mut(event.program)
        {
            *of_program = sockets;
        }
        let mut all = reported.iter().copied().flatten();
        let waits = all.clone().any(|socket| socket.unread == Some(FIRST));
        if index > sent && waits {
            let rest: u32 = all.clone().filter_map(|socket| socket.unacknowledged).sum();
            let is_known = all.any(|socket| socket.unacknowledged.is_some());
            is_acknowledged = is_known.then_some(rest == 0).or(is_acknowledged);
        }
    }
    if is_acknowledged? { Some(0) } else { read.map(|_| 1) }
}

pub(in crate::lessons) fn full_buffers(trace: &Trace) -> Option<usize> {
    let sends = sends(trace, "client");
    if sends.iter().any(|send| send.failed() == Some(EAGAIN)) {
        Some(2)
    } else if sends.iter().any(|send| send.sent() == Some(0)) {
        Some(1)
    } else {
        is_blocked(trace, "client").then_some(0)
    }
}

pub(in crate::lessons) fn one_send(trace: &Trace) -> Option<usize> {
    let sends = sends(trace, "client");
    let send = sends.first()?;
    let Syscall::Send { bytes, .. } = send.syscall else { return None };
    match send.sent() {
        Some(count) => Some(usize::from((count as usize) < bytes.0.len())),
        None => send.returned.map(|_| 2),
    }
}

pub(in crate::lessons) fn second_send(trace: &Trace) -> Option<usize> {
    let sends = sends(trace, "client");
    let first = sends.first()?;
    if first.failed().is_some() {
        return Some(0);
    }
    let second = sends.get(1)?;
    if second.failed().is_some() { Some(1) } else { second.sent().map(|_| 2) }
}

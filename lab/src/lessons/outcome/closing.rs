//! Lessons 13 and 15: closing a connection, and the port of one that was closed.

use framescope_syscall::Syscall;
use framescope_syscall::errno::{EADDRINUSE, ECONNRESET};

use crate::lessons::calls::{binds, calls, ended, is_blocked, last_states, recvs, sends};
use crate::trace::{TcpState, Trace};

pub(in crate::lessons) fn late_bytes_arrive(trace: &Trace) -> Option<usize> {
    let calls = calls(trace, "client");
    let is_shutdown = |call: &&_| matches!(call, Syscall::Shutdown { .. });
    let shut = calls.iter().find(|call| is_shutdown(&call.syscall))?.ended.0;
    let sends = sends(trace, "server");
    let late = sends.iter().find(|send| send.began.0 > shut)?;
    if late.failed().is_some() {
        return Some(1);
    }
    let mut recvs = recvs(trace, "client").into_iter();
    recvs.any(|recv| recv.received().is_some_and(|bytes| !bytes.is_empty())).then_some(0)
}

pub(in crate::lessons) fn recv_after_a_reset(trace: &Trace) -> Option<usize> {
    let recvs = recvs(trace, "client");
    let recv = recvs.first()?;
    let sent = sends(trace, "client").first()?.ended.0;
    let calls = calls(trace, "server");
    let close = calls.iter().find(|call| matches!(call.syscall, Syscall::Close { .. }));
    if close.is_none_or(|close| close.began.0 < sent) {
        return None;
    }
    match recv.received() {
        Some(bytes) => Some(usize::from(!bytes.is_empty())),
        None => (recv.failed()? == ECONNRESET).then_some(2),
    }
}

pub(in crate::lessons) fn who_is_in_time_wait(trace: &Trace) -> Option<usize> {
    let closes = |name| {
        let calls = calls(trace, name);
        calls
            .iter()
            .position(|call| matches!(call.syscall, Syscall::Close { .. }))
            .map(|at| calls[at].began.0)
    };
    if closes("client")? > closes("server")? {
        return None;
    }
    let waits = |name| last_states(trace, name).contains(&Some(TcpState::TimeWait));
    trace.end?;
    Some(match (waits("client"), waits("server")) {
        (true, false) => 0,
        (false, true) => 1,
        (true, true) => 2,
        (false, false) => 3,
    })
}

/// The second server's `bind`, if the first server has ended before it.
pub(in crate::lessons) fn bind_again(trace: &Trace) -> Option<usize> {
    let binds = binds(trace, "server2");
    let bind = binds.first()?;
    let (first_ended, _) = ended(trace, "server")?;
    if bind.began.0 < first_ended {
        None
    } else if bind.is_done() {
        Some(0)
    } else if bind.failed() == Some(EADDRINUSE) {
        Some(1)
    } else {
        is_blocked(trace, "server2").then_some(2)
    }
}

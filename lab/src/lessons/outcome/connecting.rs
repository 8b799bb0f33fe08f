//! Lessons 0 to 3: connecting, one request and one reply, the backlog.

use framescope_syscall::Syscall;

use crate::lessons::calls::{accepts, connects, is_blocked, listens, recvs, sends};
use crate::trace::Trace;

pub(in crate::lessons) fn connect_alone(trace: &Trace) -> Option<usize> {
    let connects = connects(trace, "client");
    let connect = connects.first()?;
    let sends = sends(trace, "client");
    if connect.failed().is_some() {
        Some(1)
    } else if connect.is_done() && sends.first()?.failed().is_some() {
        Some(2)
    } else if connect.waits() && is_blocked(trace, "client") {
        Some(0)
    } else {
        None
    }
}

pub(in crate::lessons) fn two_ports(trace: &Trace) -> Option<usize> {
    let (connects, accepts) = (connects(trace, "client"), accepts(trace, "server"));
    let (connect, accept) = (connects.first()?, accepts.first()?);
    if connect.is_done() {
        Some(0)
    } else if connect.failed().is_some() && accept.waits() {
        Some(1)
    } else if is_blocked(trace, "client") && is_blocked(trace, "server") {
        Some(2)
    } else {
        None
    }
}

pub(in crate::lessons) fn what_the_client_receives(trace: &Trace) -> Option<usize> {
    let connects = connects(trace, "client");
    let connect = connects.first()?;
    let listening = listens(trace, "server").first()?.ended.0;
    if connect.began.0 < listening {
        return None;
    }
    if connect.failed().is_some() {
        return Some(2);
    }
    match recvs(trace, "client").first()?.received()? {
        b"hello, server" => Some(0),
        b"hello, client" => Some(1),
        _ => None,
    }
}

pub(in crate::lessons) fn connects_before_accept(trace: &Trace) -> Option<usize> {
    let (connects, accepts) = (connects(trace, "client"), accepts(trace, "server"));
    let connect = connects.first()?;
    let accept = accepts.first();
    if connect.is_done() && accept.is_none_or(|accept| connect.ended.0 < accept.began.0) {
        return Some(0);
    }
    // While the handshake takes its time, `accept` may be called too. What counts is which of them lets the other return.
    let accept = accept.filter(|accept| accept.is_done() && connect.began.0 < accept.began.0)?;
    (connect.waited && accept.ended.0 < connect.ended.0).then_some(1)
}

pub(in crate::lessons) fn reply(trace: &Trace) -> Option<usize> {
    let (replies, requests) = (sends(trace, "server"), sends(trace, "client"));
    let received = recvs(trace, "client").first()?.received()?;
    let is_of = |call: &Syscall| matches!(call, Syscall::Send { bytes, .. } if bytes.0 == received);
    if received.is_empty() {
        Some(0)
    } else if is_of(replies.first()?.syscall) {
        Some(1)
    } else if is_of(requests.first()?.syscall) {
        Some(2)
    } else {
        None
    }
}

pub(in crate::lessons) fn which_recv_returns(trace: &Trace) -> Option<usize> {
    let [server, client] = ["server", "client"].map(|name| {
        let recvs = recvs(trace, name);
        let first = recvs.first()?;
        if first.waits() { Some(false) } else { first.returned.map(|_| true) }
    });
    Some(match (server?, client?) {
        (true, false) => 0,
        (false, true) => 1,
        (true, true) => 2,
        (false, false) => 3,
    })
}

pub(in crate::lessons) fn both_send(trace: &Trace) -> Option<usize> {
    let names = ["server", "client"];
    if names.iter().any(|name| sends(trace, name).iter().any(|send| send.failed().is_some())) {
        Some(2)
    } else if names.iter().all(|name| is_blocked(trace, name)) {
        Some(0)
    } else {
        let [server, client] = names.map(|name| recvs(trace, name).first()?.received());
        (!server?.is_empty() && !client?.is_empty()).then_some(1)
    }
}

/// The number of clients of lesson 3.
const CLIENTS: usize = 5;

pub(in crate::lessons) fn connects_with_backlog(trace: &Trace) -> Option<usize> {
    let accepting = accepts(trace, "server").first().map(|accept| accept.began.0);
    let mut connects = connects(trace, "client");
    connects.retain(|connect| {
        connect.returned.is_some() && accepting.is_none_or(|accepting| connect.ended.0 < accepting)
    });
    let succeeded = connects.iter().filter(|connect| connect.is_done()).count();
    let choice = [1, 2, 3, 5].iter().position(|count| *count == succeeded);
    choice.filter(|_| connects.len() == CLIENTS)
}

//! Lessons 1, 14, 16, 17 and 20: what happens on the wire. Without segments, most answers are not known.

use framescope_syscall::Syscall;
use framescope_syscall::errno::ECONNREFUSED;

use crate::lessons::calls::{chunks, connects, is_blocked, listens, raised, recvs, sends};
use crate::lessons::segments::{Sent, segments};
use crate::trace::{Flags, Trace};

/// The most that passes until SACK has told of a loss, in microseconds. Every timer is slower.
const BEFORE_THE_TIMER_US: u64 = 100_000;

pub(in crate::lessons) fn lost_syn(trace: &Trace) -> Option<usize> {
    let segments = segments(trace);
    let is_lost_syn = |one: &&Sent<'_>| one.segment.flags == Flags::SYN && one.is_lost();
    let lost = segments.iter().find(is_lost_syn)?;
    let connects = connects(trace, "client");
    let connect = connects.first()?;
    if connect.began.0 < listens(trace, "server").first()?.ended.0 {
        return None;
    }
    if connect.failed() == Some(ECONNREFUSED) {
        return Some(0);
    }
    let returned = connect.is_done().then_some(connect.ended.0)?;
    let is_in_time = |one: &Sent<'_>| one.repeats(lost) && one.history.event < returned;
    Some(if segments.iter().any(is_in_time) { 1 } else { 2 })
}

/// The first segment of the client that had bytes and was lost.
fn lost_bytes<'a, 'b>(segments: &'b [Sent<'a>]) -> Option<&'b Sent<'a>> {
    segments.iter().find(|one| one.has_bytes_of_client() && one.is_lost())
}

/// All that the client has sent.
fn sent_bytes(trace: &Trace) -> Vec<u8> {
    let sends = sends(trace, "client");
    let bytes = sends.iter().filter_map(|send| {
        let Syscall::Send { bytes, .. } = send.syscall else { return None };
        bytes.0.get(..send.sent()? as usize)
    });
    bytes.flatten().copied().collect()
}

pub(in crate::lessons) fn only_segment_lost(trace: &Trace) -> Option<usize> {
    let segments = segments(trace);
    let lost = lost_bytes(&segments)?;
    let recvs = recvs(trace, "server");
    let recv = recvs.first()?;
    if recv.failed().is_some() {
        return Some(2);
    }
    if recv.waits() && is_blocked(trace, "server") {
        return Some(0);
    }
    let is_in_time = |one: &Sent<'_>| one.repeats(lost) && one.history.event < recv.ended.0;
    let is_whole = recv.received()? == sent_bytes(trace);
    (is_whole && segments.iter().any(is_in_time)).then_some(1)
}

pub(in crate::lessons) fn first_of_three_lost(trace: &Trace) -> Option<usize> {
    let segments = segments(trace);
    let lost = lost_bytes(&segments)?;
    let Some(again) = segments.iter().find(|one| one.repeats(lost)) else {
        return is_blocked(trace, "server").then_some(2);
    };
    // Who steps the programs is slower than the timer. Then nothing was sent that could tell of the loss.
    let next = segments.iter().find(|one| lost.is_before(one) && one.has_bytes_of_client())?;
    next.is_before(again).then(|| usize::from(again.at - next.at < BEFORE_THE_TIMER_US))
}

/// Whether the server has received all as it was sent, or else. `None` if it has not received as much.
fn as_sent(trace: &Trace) -> Option<usize> {
    let (sent, received) = (sent_bytes(trace), chunks(trace, "server").concat());
    (!sent.is_empty() && received.len() >= sent.len()).then(|| usize::from(received != sent))
}

pub(in crate::lessons) fn overtaken(trace: &Trace) -> Option<usize> {
    let segments = segments(trace);
    let mut bytes = segments.iter().filter(|one| one.has_bytes_of_client());
    let (first, second) = (bytes.next()?, bytes.next()?);
    let arrival = |one: &Sent<'_>| one.history.deliveries().next();
    if arrival(second)? < arrival(first)? { as_sent(trace) } else { None }
}

pub(in crate::lessons) fn delivered_twice(trace: &Trace) -> Option<usize> {
    let segments = segments(trace);
    let is_twice =
        |one: &Sent<'_>| one.has_bytes_of_client() && one.history.deliveries().count() > 1;
    if segments.iter().any(is_twice) { as_sent(trace) } else { None }
}

pub(in crate::lessons) fn whole_file(trace: &Trace) -> Option<usize> {
    if raised(trace, "server", "EOFError") {
        return Some(2);
    }
    as_sent(trace).map(|differs| 1 - differs)
}

/// What the client's kernel sends while the window of the server is closed.
pub(in crate::lessons) fn closed_window(trace: &Trace) -> Option<usize> {
    let segments = segments(trace);
    let window = |one: &Sent<'_>| (!one.history.to_server).then_some(one.segment.window);
    let closed = segments.iter().position(|one| window(one) == Some(0))?;
    let (_, after) = segments.split_at(closed);
    let opened = after.iter().position(|one| window(one).is_some_and(|window| window > 0));
    let meanwhile = after.iter().take(opened.unwrap_or(after.len()));
    let by_client = meanwhile.filter(|one| one.history.to_server);
    let (bytes, probes): (Vec<_>, Vec<_>) = by_client.partition(|one| one.has_bytes_of_client());
    match (bytes.len(), probes.len()) {
        (2.., _) => Some(2),
        (_, 2..) => Some(1),
        (0, 0) => opened.map(|_| 0),
        _ => None,
    }
}

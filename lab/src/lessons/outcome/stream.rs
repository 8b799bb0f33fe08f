//! Lessons 4, 5, 10 and 11: a stream of bytes knows no messages and no characters, and it has an end.

use crate::lessons::calls::{chunks, ended, is_blocked, printed, raised, recvs, sends};
use crate::trace::Trace;

/// The number of sends, and of calls of `recv`, of lesson 4.
const SENDS: usize = 3;

/// In any order of the calls: another order than the lesson's has its own outcome.
pub(in crate::lessons) fn chunks_with_data(trace: &Trace) -> Option<usize> {
    let sent = sends(trace, "client").iter().filter(|send| send.sent().is_some()).count();
    let read = recvs(trace, "server").iter().filter(|recv| recv.received().is_some()).count();
    let count = chunks(trace, "server").len();
    if sent == SENDS && read == SENDS { count.checked_sub(1) } else { None }
}

pub(in crate::lessons) fn first_two_chunks(trace: &Trace) -> Option<usize> {
    match chunks(trace, "server")[..] {
        [b"hello world!", b"again", ..] => Some(0),
        [b"hello", b" worl", ..] => Some(1),
        [b"hello", b" world!", ..] => Some(2),
        _ => None,
    }
}

pub(in crate::lessons) fn decode_each_chunk(trace: &Trace) -> Option<usize> {
    let printed = printed(trace, "server");
    if printed.lines().any(|line| line == "你好") {
        Some(0)
    } else if printed.lines().any(|line| line == "你") {
        Some(1)
    } else {
        raised(trace, "server", "UnicodeDecodeError").then_some(2)
    }
}

pub(in crate::lessons) fn decode_at_the_end(trace: &Trace) -> Option<usize> {
    let lengths: Vec<usize> = chunks(trace, "server").iter().map(|chunk| chunk.len()).collect();
    if lengths == [4, 2] && raised(trace, "server", "UnicodeDecodeError") {
        return Some(2);
    }
    let is_printed = printed(trace, "server").lines().any(|line| line == "你好");
    match lengths[..] {
        [4, 2] if is_printed => Some(0),
        [3, 3] if is_printed => Some(1),
        _ => None,
    }
}

pub(in crate::lessons) fn recv_after_the_end(trace: &Trace) -> Option<usize> {
    let recvs = recvs(trace, "server");
    let first = recvs.first()?;
    let next = recvs.get(1)?;
    if first.received()?.is_empty() {
        None
    } else if next.received() == Some(&[]) {
        Some(1)
    } else if next.failed().is_some() {
        Some(2)
    } else {
        (next.waits() && is_blocked(trace, "server")).then_some(0)
    }
}

pub(in crate::lessons) fn end_in_mid_message(trace: &Trace) -> Option<usize> {
    if raised(trace, "server", "EOFError") {
        Some(2)
    } else if is_blocked(trace, "server") {
        Some(1)
    } else {
        printed(trace, "server").contains("b'hello '").then_some(0)
    }
}

/// The number of calls of `recv` of lesson 11c.
const CALLS: usize = 5;

pub(in crate::lessons) fn empty_chunks(trace: &Trace) -> Option<usize> {
    let recvs = recvs(trace, "server");
    let empty = recvs.iter().filter(|recv| recv.received() == Some(&[])).count();
    let returned = recvs.iter().filter(|recv| recv.returned.is_some()).count();
    let is_over = ended(trace, "server").is_some();
    match empty {
        0 if is_blocked(trace, "server") => Some(0),
        1 if is_over => Some(1),
        4 if returned == CALLS => Some(2),
        _ => None,
    }
}

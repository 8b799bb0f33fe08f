//! Lesson 19: a server and two clients, one of which is slow.

use crate::lessons::calls::{accepts, connects, recvs, sends};
use crate::trace::Trace;

/// Which of the two the server read first. The slow one must be the first to connect, and the quick one the
/// first to send.
pub(in crate::lessons) fn when_the_quick_one_is_read(trace: &Trace) -> Option<usize> {
    let (slow, quick) = (connects(trace, "client"), connects(trace, "client2"));
    let (slow, quick) = (slow.first().filter(|connect| connect.is_done())?, quick.first()?);
    if quick.began.0 < slow.ended.0 {
        return None;
    }
    if quick.failed().is_some() {
        return Some(2);
    }
    let (slow, quick) = (sends(trace, "client"), sends(trace, "client2"));
    let sent = quick.first()?.ended.0;
    if slow.first().is_some_and(|slow| slow.began.0 < sent) {
        return None;
    }
    let recvs = recvs(trace, "server").into_iter();
    let first = recvs.filter(|recv| recv.returned.is_some()).min_by_key(|recv| recv.ended.0)?;
    match first.received()? {
        b"quick" => Some(0),
        b"slow" => {
            // If it has accepted both, it could have read either of them.
            let read = first.ended.0;
            let accepted = accepts(trace, "server").into_iter();
            let accepted = accepted.filter(|accept| accept.returned.is_some());
            (accepted.filter(|accept| accept.ended.0 < read).count() == 1).then_some(1)
        }
        _ => None,
    }
}

//! Why a segment was sent again.

use framescope_lab::{EventKind, Flags, Segment, SegmentHistory};

use crate::state::State;

/// What made a kernel send a segment again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The retransmission timer: RFC 6298.
    Timer,
    /// Acknowledgements that report a gap: RFC 5681, section 3.2, RFC 6675, section 4, and RFC 8985, section 6.2.
    Gap,
    /// It is not known. A probe of the tail comes before the timer, without an acknowledgement: RFC 8985, section 7.
    Unknown,
}

/// So many duplicate acknowledgements report a gap without SACK: RFC 5681, section 3.2.
const DUPLICATES: usize = 3;
/// A timer of Linux may end this much before the time that `TCP_INFO` says, in microseconds: it counts in jiffies.
const JIFFY: u64 = 10_000;

/// What made the kernel send this segment. `None` if it was not sent before.
pub(super) fn cause(state: &State, history: &SegmentHistory) -> Option<Cause> {
    let segment = segment(state, history)?;
    let first = segment.repeats?;
    let all = state.lab.shown_timeline().segments();
    let number = usize::try_from(segment.number).ok()?;
    let is_copy = |one: &&SegmentHistory| {
        self::segment(state, one)
            .is_some_and(|one| one.number == first || one.repeats == Some(first))
    };
    let last = all.get(..number)?.iter().rev().find(is_copy)?;
    let events = &state.lab.shown_trace().events;
    let sender = events.get(history.event)?;
    let waited = sender.at.saturating_sub(events.get(last.event)?.at);
    let sockets = state.lab.shown_timeline().program(sender.program);
    let sockets = sockets.sockets(events, history.event);
    let ends = (segment.from.port, Some(segment.to));
    let socket = sockets.iter().find(|one| (one.local.port, one.peer) == ends);
    let timeout = socket.and_then(|one| one.limits).map(|limits| u64::from(limits.rto_ms) * 1000);
    if timeout.is_some_and(|timeout| waited.saturating_add(JIFFY) >= timeout) {
        return Some(Cause::Timer);
    }
    let between = last.event..history.event;
    let answers = all.iter().filter_map(|one| {
        let arrived = one.deliveries().any(|event| between.contains(&event));
        self::segment(state, one).filter(|_| arrived)
    });
    let (mut sacks, mut duplicates) = (false, 0);
    for answer in answers {
        let is_answer = (answer.from, answer.to) == (segment.to, segment.from);
        if !is_answer || answer.ack.is_none_or(|ack| ack > segment.seq) {
            continue;
        }
        sacks |= answer.sack.iter().any(|range| range.start > segment.seq);
        duplicates += usize::from(answer.only_acknowledges() && answer.ack == Some(segment.seq));
    }
    let is_reported = sacks || duplicates >= DUPLICATES;
    Some(match timeout {
        _ if is_reported && !segment.flags.has(Flags::SYN) => Cause::Gap,
        None => Cause::Timer,
        Some(_) => Cause::Unknown,
    })
}

fn segment<'a>(state: &'a State, history: &SegmentHistory) -> Option<&'a Segment> {
    match state.lab.shown_trace().events.get(history.event).map(|event| &event.kind) {
        Some(EventKind::Segment(segment)) => Some(segment),
        Some(_) | None => None,
    }
}

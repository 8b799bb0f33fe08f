//! Lesson 12: how long a round trip takes.

use framescope_syscall::Syscall;

use crate::lessons::calls::{Call, calls};
use crate::trace::Trace;

/// A round trip under this waited for nothing, in microseconds.
const QUICK_US: u64 = 20_000;
/// A round trip of at least this waited for more than a delayed acknowledgement, in microseconds.
const SLOW_US: u64 = 500_000;
/// A program that pauses for longer than this between two calls is stepped by hand, in microseconds.
const PAUSE_US: u64 = 5_000;
/// The number of round trips of which the median is taken: the last ones.
const COUNTED: usize = 10;

pub(in crate::lessons) fn round_trip(trace: &Trace) -> Option<usize> {
    let median = median_round_trip(trace)?;
    Some(usize::from(median >= QUICK_US) + usize::from(median >= SLOW_US))
}

/// The median of the client's last ten round trips, in microseconds. A round trip is the time from the first
/// send of a request to the return of its reply. Those in which a program paused between two calls do not
/// count. `None` if there are fewer than ten others.
pub(in crate::lessons) fn median_round_trip(trace: &Trace) -> Option<u64> {
    let server = Pauses::of(&calls(trace, "server"));
    let client = calls(trace, "client");
    let own = Pauses::of(&client);
    let mut times = Vec::new();
    let mut asked = None;
    for call in &client {
        match call.syscall {
            Syscall::Send { .. } => asked = asked.or(Some(call.began.1)),
            Syscall::Recv { .. } if call.received().is_some_and(|bytes| !bytes.is_empty()) => {
                let Some(began) = asked.take() else { continue };
                let ended = call.ended.1;
                if !server.have_any_in(began, ended) && !own.have_any_in(began, ended) {
                    times.push(ended - began);
                }
            }
            Syscall::Recv { .. }
            | Syscall::Socket
            | Syscall::Bind { .. }
            | Syscall::Listen { .. }
            | Syscall::Accept { .. }
            | Syscall::Connect { .. }
            | Syscall::Shutdown { .. }
            | Syscall::Close { .. }
            | Syscall::SetOption { .. }
            | Syscall::GetOption { .. }
            | Syscall::LocalAddress { .. }
            | Syscall::PeerAddress { .. }
            | Syscall::Select { .. }
            | Syscall::Sleep { .. }
            | Syscall::Time(_) => {}
        }
    }
    let last = times.get(times.len().checked_sub(COUNTED)?..)?;
    let smaller = |time: u64| last.iter().filter(|other| **other < time).count();
    last.iter().copied().filter(|time| smaller(*time) <= COUNTED / 2).max()
}

/// When a program paused between two calls, in microseconds and in the order in which the pauses ended: the earliest
/// beginning of this pause and of those after it, and the end of this one.
struct Pauses(Vec<(u64, u64)>);

impl Pauses {
    fn of(calls: &[Call]) -> Self {
        let between = calls.windows(2).map(|pair| (pair[0].ended.1, pair[1].began.1));
        let mut pauses: Vec<_> = between.filter(|(from, to)| *to > from + PAUSE_US).collect();
        let mut earliest = u64::MAX;
        for (from, _) in pauses.iter_mut().rev() {
            earliest = earliest.min(*from);
            *from = earliest;
        }
        Self(pauses)
    }

    /// Whether there was a pause between these times.
    fn have_any_in(&self, began: u64, ended: u64) -> bool {
        let over = self.0.partition_point(|(_, to)| *to <= began);
        self.0.get(over).is_some_and(|(from, _)| *from < ended)
    }
}

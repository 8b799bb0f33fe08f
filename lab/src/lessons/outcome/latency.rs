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
    let server = pauses(&calls(trace, "server"));
    let client = calls(trace, "client");
    let pauses = Pauses::new(server.into_iter().chain(pauses(&client)).collect());
    let mut times = Vec::new();
    let mut asked = None;
    for call in &client {
        match call.syscall {
            Syscall::Send { .. } => asked = asked.or(Some(call.began.1)),
            Syscall::Recv { .. } if call.received().is_some_and(|bytes| !bytes.is_empty()) => {
                let Some(began) = asked.take() else { continue };
                let ended = call.ended.1;
                if !pauses.have_any_in(began, ended) {
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

/// The pauses of all programs, in the order in which they began.
struct Pauses {
    begins: Vec<u64>,
    /// For each pause the latest end of it and of those before it.
    ends: Vec<u64>,
}

impl Pauses {
    fn new(mut pauses: Vec<(u64, u64)>) -> Self {
        pauses.sort_unstable();
        let mut latest = 0;
        let ends = pauses.iter().map(|(_, to)| {
            latest = latest.max(*to);
            latest
        });
        Self { ends: ends.collect(), begins: pauses.iter().map(|(from, _)| *from).collect() }
    }

    /// Whether there was a pause between these times.
    fn have_any_in(&self, began: u64, ended: u64) -> bool {
        let count = self.begins.partition_point(|from| *from < ended);
        count.checked_sub(1).is_some_and(|last| began < self.ends[last])
    }
}

/// When a program paused between two calls: from and to, in microseconds.
fn pauses(calls: &[Call]) -> Vec<(u64, u64)> {
    let between = calls.windows(2).map(|pair| (pair[0].ended.1, pair[1].began.1));
    between.filter(|(from, to)| *to > from + PAUSE_US).collect()
}

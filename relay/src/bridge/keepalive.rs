//! Watching a session in which perhaps nothing happens: pings, patience, and the idle timeout.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Interval;

use super::client_to_target::ClientToTarget;
use super::frame_writer::FrameWriter;
use crate::net::{MAX_UNANSWERED_PINGS, Unacknowledged, every};
use crate::session_end::SessionEnd;

/// How often an idle timeout looks whether bytes have gone, in each of its periods.
const LOOKS: u32 = 4;

/// The timers of a session. Carrying bytes costs them nothing more than the counters.
#[derive(Debug)]
pub(super) struct Keepalive {
    pings: Interval,
    /// Pings since the client was heard of.
    unanswered: u32,
    heard: u64,
    /// Intervals in which the client took none of the bytes that wait for it.
    stuck: u32,
    /// What the client's kernel took of ours, and what ours still holds, when that was last looked at.
    progress: (u64, Option<u32>),
    idle: Option<Idle>,
}

#[derive(Debug)]
struct Idle {
    limit: Duration,
    looks: Interval,
    /// Bytes up and down at the last look, and how many looks found no more.
    carried: (u64, u64),
    still: u32,
}

impl Keepalive {
    pub(super) fn new(ping_interval: Duration, idle_timeout: Option<Duration>) -> Self {
        let idle = |limit| Idle { limit, looks: every(limit / LOOKS), carried: (0, 0), still: 0 };
        Self {
            pings: every(ping_interval),
            unanswered: 0,
            heard: 0,
            stuck: 0,
            progress: (0, None),
            idle: idle_timeout.map(idle),
        }
    }

    /// Returns when the client is gone, or nobody uses the session.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        writer: &mut FrameWriter,
        up: &mut ClientToTarget,
        client: &impl Unacknowledged,
    ) -> Poll<SessionEnd> {
        while self.pings.poll_tick(context).is_ready() {
            if self.is_gone(writer, up, client) {
                return Poll::Ready(SessionEnd::ClientSilent);
            }
            writer.shrink();
            up.shrink();
        }
        let Some(idle) = &mut self.idle else { return Poll::Pending };
        loop {
            ready!(idle.looks.poll_tick(context));
            // Bytes that wait for a side which does not read have not gone.
            let carried = (up.carried.bytes(), writer.carried.bytes());
            idle.still = if carried == idle.carried { idle.still + 1 } else { 0 };
            idle.carried = carried;
            if idle.still == LOOKS {
                return Poll::Ready(SessionEnd::Idle { limit: idle.limit });
            }
        }
    }

    /// Sends a ping, or counts what stands for one that is not answered.
    fn is_gone(
        &mut self,
        writer: &mut FrameWriter,
        up: &ClientToTarget,
        client: &impl Unacknowledged,
    ) -> bool {
        if writer.is_blocked() {
            // No ping gets past bytes that wait. A slow client may need minutes until our kernel, which
            // holds megabytes for it, has room for more.
            let progress = (writer.progress, client.unacknowledged());
            self.stuck = if self.progress == progress { self.stuck + 1 } else { 0 };
            self.progress = progress;
            return self.stuck > MAX_UNANSWERED_PINGS;
        }
        self.stuck = 0;
        if up.is_blocked() {
            // We do not read from the client, and would not see its pongs. The ping is sent all the same:
            // where nobody is left to take it, the connection fails.
            writer.ping();
            return false;
        }
        if self.heard != up.heard {
            self.heard = up.heard;
            self.unanswered = 0;
        }
        self.unanswered += 1;
        writer.ping();
        self.unanswered > MAX_UNANSWERED_PINGS
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;

    use bytes::Bytes;
    use tokio::time::timeout;

    use super::*;
    use crate::metrics::ByteCounter;

    /// A kernel that holds bytes for a client, which takes so many of them between two looks.
    struct Holding {
        bytes: Cell<u32>,
        taken: u32,
    }

    impl Unacknowledged for Holding {
        fn unacknowledged(&self) -> Option<u32> {
            self.bytes.set(self.bytes.get() - self.taken);
            Some(self.bytes.get())
        }
    }

    /// What becomes within an hour of a session in which a message waits for this client.
    async fn within_an_hour(taken: u32) -> Option<SessionEnd> {
        let mut keepalive = Keepalive::new(Duration::from_secs(30), None);
        let mut up = ClientToTarget::new(1000, Bytes::new(), ByteCounter::default());
        let mut writer = FrameWriter::default();
        writer.close(1000, String::new());
        let client = Holding { bytes: Cell::new(4_000_000), taken };
        let end = poll_fn(|context| keepalive.poll(context, &mut writer, &mut up, &client));
        timeout(Duration::from_hours(1), end).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_little_is_not_one_that_takes_nothing() {
        assert!(within_an_hour(1).await.is_none());
        assert!(matches!(within_an_hour(0).await, Some(SessionEnd::ClientSilent)));
    }
}

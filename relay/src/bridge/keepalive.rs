//! Watching a session in which perhaps nothing happens: pings, a limit on how long a client may take
//! nothing, and the idle timeout.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Interval;

use super::client_to_target::ClientToTarget;
use super::frame_writer::FrameWriter;
use crate::net::{MAX_UNANSWERED_PINGS, Unacknowledged, every};
use crate::session_end::SessionEnd;

/// How often the counters are read within one idle timeout.
const CHECKS: u32 = 4;

/// The timers of a session. They read counters that exist anyway, so a byte costs nothing more.
#[derive(Debug)]
pub(super) struct Keepalive {
    pings: Interval,
    /// Pings since the client last sent something.
    unanswered: u32,
    heard: u64,
    /// Ping intervals in which the client took none of the bytes that wait for it.
    stuck: u32,
    /// At the last check: how often our kernel had taken bytes for the client, and how many the client had
    /// not acknowledged.
    progress: (u64, Option<u32>),
    idle: Option<Idle>,
}

#[derive(Debug)]
struct Idle {
    limit: Duration,
    checks: Interval,
    /// Bytes to the target and to the client at the last check.
    written: (u64, u64),
    /// How many checks in a row found no more.
    unchanged: u32,
}

impl Keepalive {
    pub(super) fn new(ping_interval: Duration, idle_timeout: Option<Duration>) -> Self {
        let idle =
            |limit| Idle { limit, checks: every(limit / CHECKS), written: (0, 0), unchanged: 0 };
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
        client_to_target: &mut ClientToTarget,
        client: &impl Unacknowledged,
    ) -> Poll<SessionEnd> {
        while self.pings.poll_tick(context).is_ready() {
            if self.is_gone(writer, client_to_target, client) {
                return Poll::Ready(SessionEnd::ClientSilent);
            }
            writer.shrink();
            client_to_target.shrink();
        }
        let Some(idle) = &mut self.idle else { return Poll::Pending };
        loop {
            ready!(idle.checks.poll_tick(context));
            // Bytes that wait for a peer that does not read are not counted as written.
            let written = (client_to_target.written.bytes(), writer.written.bytes());
            idle.unchanged = if written == idle.written { idle.unchanged + 1 } else { 0 };
            idle.written = written;
            if idle.unchanged == CHECKS {
                return Poll::Ready(SessionEnd::Idle { limit: idle.limit });
            }
        }
    }

    /// Sends a ping. While bytes wait, counts the intervals in which the client takes none of them.
    fn is_gone(
        &mut self,
        writer: &mut FrameWriter,
        client_to_target: &ClientToTarget,
        client: &impl Unacknowledged,
    ) -> bool {
        if writer.is_blocked() {
            // A ping cannot overtake bytes that wait. Our kernel holds megabytes for a client, and takes more
            // only when a third of them is free. A slow client may need minutes for that, and is not gone.
            let progress = (writer.progress, client.unacknowledged());
            self.stuck = if self.progress == progress { self.stuck + 1 } else { 0 };
            self.progress = progress;
            return self.stuck > MAX_UNANSWERED_PINGS;
        }
        self.stuck = 0;
        if client_to_target.is_blocked() {
            // We do not read from the client, and would not see its pongs. The ping is sent all the same: if
            // the client is gone, it makes the connection fail.
            writer.ping();
            return false;
        }
        if self.heard != client_to_target.heard {
            self.heard = client_to_target.heard;
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

    /// A kernel that holds bytes for a client, which takes `taken` of them between two checks.
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

    /// How a session ends within an hour in which a message waits for such a client.
    async fn within_an_hour(taken: u32) -> Option<SessionEnd> {
        let mut keepalive = Keepalive::new(Duration::from_secs(30), None);
        let mut client_to_target = ClientToTarget::new(1000, Bytes::new(), ByteCounter::default());
        let mut writer = FrameWriter::default();
        writer.close(1000, String::new());
        let client = Holding { bytes: Cell::new(4_000_000), taken };
        let end =
            poll_fn(|context| keepalive.poll(context, &mut writer, &mut client_to_target, &client));
        timeout(Duration::from_hours(1), end).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_little_is_not_one_that_takes_nothing() {
        assert!(within_an_hour(1).await.is_none());
        assert!(matches!(within_an_hour(0).await, Some(SessionEnd::ClientSilent)));
    }
}

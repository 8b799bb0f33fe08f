//! Watching a session in which perhaps nothing happens: pings, a limit on how long a client may take
//! nothing, and the idle timeout.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};
use tracing::warn;

use super::client_to_target::ClientToTarget;
use super::frame_writer::FrameWriter;
use crate::net::{MAX_UNANSWERED_PINGS, Unacknowledged, Vanishing};
use crate::session_end::SessionEnd;

/// How often the counters are read within one idle timeout.
const CHECKS: u32 = 4;

/// Watches a session. It reads counters that exist anyway, so a byte costs nothing more. One timer does for all
/// that it watches: each session has one, and sets it when it is opened.
#[derive(Debug)]
pub(super) struct Keepalive {
    /// Ends at the earlier one of the next ping and the next check.
    timer: Pin<Box<Sleep>>,
    ping_interval: Duration,
    next_ping: Instant,
    /// Pings since the client last sent something.
    unanswered: u32,
    heard: u64,
    /// Ping intervals in which the client took none of the bytes that wait for it.
    stuck: u32,
    /// At the last check: how often our kernel had taken bytes for the client, and how many the client had
    /// not acknowledged.
    progress: (u64, Option<u32>),
    idle: Option<Idle>,
    /// What the target's kernel is still to be told. A session that ends before the first ping does not need it.
    vanishing: Option<Vanishing>,
}

#[derive(Debug)]
struct Idle {
    limit: Duration,
    next_check: Instant,
    /// Bytes to the target and to the client at the last check.
    written: (u64, u64),
    /// How many checks in a row found no more.
    unchanged: u32,
}

impl Keepalive {
    pub(super) fn new(
        ping_interval: Duration,
        idle_timeout: Option<Duration>,
        vanishing: Vanishing,
    ) -> Self {
        let now = Instant::now();
        let idle = idle_timeout.map(|limit| Idle {
            limit,
            next_check: now + limit / CHECKS,
            written: (0, 0),
            unchanged: 0,
        });
        let next_ping = now + ping_interval;
        Self {
            timer: Box::pin(sleep_until(next_of(next_ping, idle.as_ref()))),
            ping_interval,
            next_ping,
            unanswered: 0,
            heard: 0,
            stuck: 0,
            progress: (0, None),
            idle,
            vanishing: Some(vanishing),
        }
    }

    /// Returns when the client is gone, or nobody uses the session.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        writer: &mut FrameWriter,
        client_to_target: &mut ClientToTarget,
        client: &impl Unacknowledged,
        target: &impl Unacknowledged,
    ) -> Poll<SessionEnd> {
        loop {
            ready!(self.timer.as_mut().poll(context));
            let now = Instant::now();
            if now >= self.next_ping {
                self.next_ping = now + self.ping_interval;
                if self.ping(writer, client_to_target, client, target) {
                    return Poll::Ready(SessionEnd::ClientSilent);
                }
            }
            if let Some(idle) = self.idle.as_mut().filter(|idle| now >= idle.next_check) {
                idle.next_check = now + idle.limit / CHECKS;
                // Bytes that wait for a peer that does not read are not counted as written.
                let written = (client_to_target.written.bytes(), writer.written.bytes());
                idle.unchanged = if written == idle.written { idle.unchanged + 1 } else { 0 };
                idle.written = written;
                if idle.unchanged == CHECKS {
                    return Poll::Ready(SessionEnd::Idle { limit: idle.limit });
                }
            }
            self.timer.as_mut().reset(next_of(self.next_ping, self.idle.as_ref()));
        }
    }

    /// What is done at each ping. Returns whether the client is gone.
    fn ping(
        &mut self,
        writer: &mut FrameWriter,
        client_to_target: &mut ClientToTarget,
        client: &impl Unacknowledged,
        target: &impl Unacknowledged,
    ) -> bool {
        if let Some(vanishing) = self.vanishing.take()
            && let Err(error) = target.notice_vanishing(vanishing)
        {
            warn!(%error, "the machine of the target is not watched");
        }
        if self.is_gone(writer, client_to_target, client) {
            return true;
        }
        writer.shrink();
        client_to_target.shrink();
        false
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

/// When something is to be done next.
fn next_of(next_ping: Instant, idle: Option<&Idle>) -> Instant {
    idle.map_or(next_ping, |idle| next_ping.min(idle.next_check))
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
        let mut keepalive = Keepalive::new(Duration::from_secs(30), None, Vanishing::default());
        let mut client_to_target = ClientToTarget::new(1000, Bytes::new(), ByteCounter::default());
        let mut writer = FrameWriter::default();
        writer.close(1000, String::new());
        let client = Holding { bytes: Cell::new(4_000_000), taken };
        let end = poll_fn(|context| {
            keepalive.poll(context, &mut writer, &mut client_to_target, &client, &client)
        });
        timeout(Duration::from_hours(1), end).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_little_is_not_one_that_takes_nothing() {
        assert!(within_an_hour(1).await.is_none());
        assert!(matches!(within_an_hour(0).await, Some(SessionEnd::ClientSilent)));
    }
}

//! Telling a quiet client from a dead one: pings, and a limit on how long it may take no bytes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Interval, timeout};

use super::messages::Sender;
use crate::net::{MAX_UNANSWERED_PINGS, every};
use crate::session_end::SessionEnd;

/// What the two directions of a WebSocket know of whether its client is alive.
#[derive(Debug)]
pub(crate) struct Keepalive {
    ping_interval: Duration,
    unanswered_pings: AtomicU32,
}

impl Keepalive {
    /// For a client that has just sent something.
    pub(crate) fn new(ping_interval: Duration) -> Self {
        Self { ping_interval, unanswered_pings: AtomicU32::new(0) }
    }

    /// The client has sent something, whatever it was.
    pub(crate) fn heard(&self) {
        self.unanswered_pings.store(0, Ordering::Relaxed);
    }

    /// When to call [`Keepalive::ping`].
    pub(crate) fn pings(&self) -> Interval {
        every(self.ping_interval)
    }

    /// Pings the client. Fails if it has answered none for too long.
    pub(crate) async fn ping<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        to_client: &mut Sender<S>,
    ) -> Result<(), SessionEnd> {
        if self.unanswered_pings.fetch_add(1, Ordering::Relaxed) >= MAX_UNANSWERED_PINGS {
            return Err(SessionEnd::ClientSilent);
        }
        to_client.ping().await
    }

    /// Sends `bytes`. Waits for the client to take them for as long as for a pong.
    pub(crate) async fn send<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        to_client: &mut Sender<S>,
        bytes: Bytes,
    ) -> Result<(), SessionEnd> {
        self.in_time(to_client.send(bytes)).await
    }

    /// Sends several messages, in as few writes as they fit in. Waits for the client to take each as [`Keepalive::send`] does.
    pub(crate) async fn send_all<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        to_client: &mut Sender<S>,
        messages: Vec<Bytes>,
    ) -> Result<(), SessionEnd> {
        if messages.is_empty() {
            return Ok(());
        }
        for bytes in messages {
            self.in_time(to_client.feed(bytes)).await?;
        }
        self.in_time(to_client.flush()).await
    }

    /// No ping is sent while a client takes bytes. This limit stands in for it.
    async fn in_time(
        &self,
        sent: impl Future<Output = Result<(), SessionEnd>>,
    ) -> Result<(), SessionEnd> {
        let limit = self.ping_interval * (MAX_UNANSWERED_PINGS + 1);
        timeout(limit, sent).await.unwrap_or(Err(SessionEnd::ClientSilent))
    }
}

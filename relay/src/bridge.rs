//! A WebSocket joined to a TCP connection, or to a Unix socket: bytes only, nothing interpreted.
//!
//! One TCP read becomes one binary message, one binary message becomes one TCP write. Each
//! direction holds one message at a time and takes the next only when the other side's kernel has
//! accepted it, so a side that stops reading stops the side that sends to it, and nothing else.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{BufMut as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::end::End;
use crate::levers::Levers;
use crate::linger::linger;
use crate::liveness::Liveness;
use crate::target_stream::{self, ReadHalf, TargetStream, WriteHalf};
use crate::websocket::{self, Received, Receiver, Sender, WebSocket};

/// What a session needs to know beside its two connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) levers: Levers,
    pub(crate) ping_interval: Duration,
    pub(crate) close_timeout: Duration,
    /// After so long without a byte the session ends; `None` is never.
    pub(crate) idle_timeout: Option<Duration>,
}

/// What became of a session.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) end: End,
    /// Bytes written to the target.
    pub(crate) up: u64,
    /// Bytes sent to the client.
    pub(crate) down: u64,
}

/// Carries bytes both ways until one side ends or `stop` is cancelled, then closes both.
pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    client: WebSocket<S>,
    mut target: TargetStream,
    settings: Settings,
    stop: &CancellationToken,
) -> Report {
    let (mut to_client, mut from_client) = client.split();
    let (mut from_target, mut to_target) = target_stream::split(&mut target);
    let session = Session::new(settings.ping_interval);
    let end = {
        let up = session.up(&mut from_client, &mut to_target);
        tokio::pin!(up);
        let end = {
            let down = session.down(&mut from_target, &mut to_client, settings);
            tokio::pin!(down);
            tokio::select! {
                // The built-in server stops with us and would look like a target that closed.
                biased;
                () = stop.cancelled() => End::RelayStopping,
                end = &mut down => end,
                end = session.idle(settings.idle_timeout) => end,
                end = &mut up => {
                    if let End::TargetFailed(_) = end {
                        // A write fails after the target's reset; what it said before that may
                        // still wait in our kernel, and is the client's.
                        let _ = timeout(settings.close_timeout, down).await;
                    }
                    end
                }
            }
        };
        let farewell = to_client.farewell(&end);
        if let End::TargetClosed = end {
            // The target may still read: what the client sent before it saw our close goes through.
            let _ = timeout(settings.close_timeout, async { tokio::join!(farewell, up) }).await;
        } else {
            let _ = timeout(settings.close_timeout, farewell).await;
        }
        end
    };
    let mut client = websocket::into_stream(to_client, from_client);
    let lingering = async { tokio::join!(linger(&mut client), linger(&mut target)) };
    let _ = timeout(settings.close_timeout, lingering).await;
    let (up, down) = (session.up_bytes.into_inner(), session.down_bytes.into_inner());
    Report { end, up, down }
}

/// What the two directions of a session know of each other.
struct Session {
    up_bytes: AtomicU64,
    down_bytes: AtomicU64,
    liveness: Liveness,
}

impl Session {
    fn new(ping_interval: Duration) -> Self {
        let liveness = Liveness::new(ping_interval);
        Self { up_bytes: AtomicU64::new(0), down_bytes: AtomicU64::new(0), liveness }
    }

    /// Returns when no byte has gone either way for `limit`, and a quarter of it later at most.
    /// Bytes that wait for a side which does not read have not gone.
    async fn idle(&self, limit: Option<Duration>) -> End {
        const LOOKS: u32 = 4;
        let Some(limit) = limit else { return std::future::pending().await };
        let carried =
            || (self.up_bytes.load(Ordering::Relaxed), self.down_bytes.load(Ordering::Relaxed));
        let (mut before, mut still) = (carried(), 0);
        while still < LOOKS {
            sleep(limit / LOOKS).await;
            let now = carried();
            still = if now == before { still + 1 } else { 0 };
            before = now;
        }
        End::Idle { limit }
    }

    /// From the client to the target, until there is no more.
    async fn up<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        from_client: &mut Receiver<S>,
        to_target: &mut WriteHalf<'_>,
    ) -> End {
        loop {
            let received = match from_client.receive().await {
                Ok(received) => received,
                Err(end) => return end,
            };
            self.liveness.heard();
            let Received::Bytes(bytes) = received else { continue };
            // While the target does not read, we do not read from the client.
            if let Err(error) = self.liveness.without_reading(to_target.write_all(&bytes)).await {
                return End::TargetFailed(error);
            }
            self.up_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
    }

    /// From the target to the client, and the pings that tell a quiet client from a dead one.
    async fn down<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        from_target: &mut ReadHalf<'_>,
        to_client: &mut Sender<S>,
        settings: Settings,
    ) -> End {
        let mut pings = self.liveness.pings();
        let mut buffer = BytesMut::new();
        let mut next_read = Instant::now();
        loop {
            let sent = tokio::select! {
                read = read_chunk(from_target, &mut buffer, settings.levers.recv, next_read) => {
                    match read {
                        Ok(0) => return End::TargetClosed,
                        Ok(length) => {
                            next_read = Instant::now() + settings.levers.delay;
                            let chunk = buffer.split().freeze();
                            let sent = self.liveness.send(to_client, chunk).await;
                            if sent.is_ok() {
                                self.down_bytes.fetch_add(length as u64, Ordering::Relaxed);
                            }
                            sent
                        }
                        Err(error) => return End::TargetFailed(error),
                    }
                }
                _ = pings.tick() => self.liveness.ping(to_client).await,
            };
            if let Err(end) = sent {
                return end;
            }
        }
    }
}

/// One `recv()` of at most `recv` bytes, not before `not_before`; 0 is the end of the stream.
/// Room is taken only when there is something to read, so an idle session holds none. Cancel-safe.
async fn read_chunk(
    from_target: &mut ReadHalf<'_>,
    buffer: &mut BytesMut,
    recv: usize,
    not_before: Instant,
) -> io::Result<usize> {
    // Asked for only where it is due: the timer's grain is a millisecond, and a sleep that ends now
    // would cost every read as much.
    if Instant::now() < not_before {
        sleep_until(not_before).await;
    }
    loop {
        from_target.readable().await?;
        buffer.reserve(recv);
        match from_target.try_read_buf(&mut buffer.limit(recv)) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

//! A WebSocket joined to a TCP connection, or to a Unix socket: bytes only, nothing interpreted.
//!
//! ```text
//! target --read--> down --one binary message--> outbox --> client
//! target <--write-- up <--messages-- frames <--read------- client
//! ```
//!
//! One task carries both directions. Each holds one message at a time and takes the next only when
//! the other side's kernel has accepted it, so a side that stops reading stops the side that sends
//! to it, and nothing else. What is read lies in a room that all sessions of a thread share, and is
//! written on from there; a session keeps only what was not taken.

mod down;
mod frames;
mod outbox;
mod up;
mod vigil;
mod waiting;

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::down::Down;
use self::outbox::Outbox;
use self::up::Up;
use self::vigil::Vigil;
use crate::end::End;
use crate::levers::Levers;
use crate::linger::linger;
use crate::metrics::Carried;
use crate::recorder::Recorded;
use crate::target::TargetStream;

/// What a session needs to know beside its two connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) levers: Levers,
    /// The longest message of the client, in bytes.
    pub(crate) max_message: usize,
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
/// `already_read` are bytes of the client that came behind its upgrade request; `carried` counts those
/// that go up, and those that go down.
pub(crate) async fn run<C: AsyncRead + AsyncWrite + Unpin>(
    client: C,
    already_read: Bytes,
    target: Recorded<TargetStream>,
    settings: Settings,
    carried: [Carried; 2],
    stop: &CancellationToken,
) -> Report {
    let mut session = Session::new(client, already_read, target, settings, carried);
    let end = session.carry(stop).await;
    session.say_farewell(&end).await;
    let Session { mut client, mut target, up, outbox, .. } = session;
    // What is thrown away below has not crossed.
    if let Some(mut recorder) = target.recorder.take() {
        recorder.end(end.to_string());
    }
    let lingering = async { tokio::join!(linger(&mut client), linger(&mut target)) };
    let _ = timeout(settings.close_timeout, lingering).await;
    Report { end, up: up.carried.bytes(), down: outbox.carried.bytes() }
}

/// Two connections, and what is on its way between them.
struct Session<C> {
    client: C,
    target: Recorded<TargetStream>,
    outbox: Outbox,
    down: Down,
    up: Up,
    vigil: Vigil,
    close_timeout: Duration,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Session<C> {
    fn new(
        client: C,
        already_read: Bytes,
        target: Recorded<TargetStream>,
        settings: Settings,
        [up, down]: [Carried; 2],
    ) -> Self {
        Self {
            client,
            target,
            outbox: Outbox::new(down),
            down: Down::new(settings.levers),
            up: Up::new(settings.max_message, already_read, up),
            vigil: Vigil::new(settings.ping_interval, settings.idle_timeout),
            close_timeout: settings.close_timeout,
        }
    }

    /// Carries bytes until something ends that.
    async fn carry(&mut self, stop: &CancellationToken) -> End {
        let mut stopped = pin!(stop.cancelled());
        let end = poll_fn(|context| {
            if stopped.as_mut().poll(context).is_ready() {
                return Poll::Ready(End::RelayStopping);
            }
            if let Poll::Ready(end) = self.vigil.poll(context, &mut self.outbox, &mut self.up) {
                return Poll::Ready(end);
            }
            if let Poll::Ready(end) = self.poll_down(context) {
                return Poll::Ready(end);
            }
            match self.poll_up(context) {
                // The client has asked for an answer after `down` had its turn.
                Poll::Pending if self.outbox.has_control() => self.poll_down(context),
                end => end,
            }
        })
        .await;
        if let End::TargetClosed = end
            && stop.is_cancelled()
        {
            // The built-in server has stopped with us, and perhaps before this session.
            return End::RelayStopping;
        }
        if let End::TargetFailed(_) = end {
            // A write fails after the target's reset; what it said before that may still wait in
            // our kernel, and is the client's.
            let close_timeout = self.close_timeout;
            let _ = timeout(close_timeout, poll_fn(|context| self.poll_down(context))).await;
        }
        end
    }

    fn poll_down(&mut self, context: &mut Context<'_>) -> Poll<End> {
        self.down.poll(context, &mut self.target, &mut self.outbox, &mut self.client)
    }

    fn poll_up(&mut self, context: &mut Context<'_>) -> Poll<End> {
        self.up.poll(context, &mut self.client, &mut self.outbox, &mut self.target)
    }

    /// Sends what waits for the client, and says why the session ended, where there is someone to
    /// tell.
    async fn say_farewell(&mut self, end: &End) {
        if let Some((code, reason)) = end.close_frame() {
            self.outbox.close(code, reason);
        } else if !matches!(end, End::ClientClosed) {
            return;
        }
        let close_timeout = self.close_timeout;
        // A target that has closed its side may still read: what the client sent before it saw our
        // close goes through.
        let (mut is_told, mut is_up_over) = (false, !matches!(end, End::TargetClosed));
        let farewell = poll_fn(|context| {
            is_up_over = is_up_over || self.poll_up(context).is_ready();
            is_told = is_told || self.outbox.poll_sent(context, &mut self.client).is_ready();
            if is_told && is_up_over { Poll::Ready(()) } else { Poll::Pending }
        });
        let _ = timeout(close_timeout, farewell).await;
    }
}

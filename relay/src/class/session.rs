//! A session of a page of the class, whoever it is for.

use std::time::Duration;

use bytes::Bytes;
use framescope_class::MAX_SHOWN;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::allowance::Allowance;
use super::classroom::Classroom;
use super::published::Published;
use crate::session_end::SessionEnd;
use crate::websocket::{self, Keepalive, Received, Receiver, Sender, WebSocket};

/// The longest message to a page, in bytes: a part of a trace, or the people of a full class. It bounds the buffer for what
/// is sent.
const MAX_SEND: usize = MAX_SHOWN + 1024;

/// How long the first message of a page may take.
const FIRST: Duration = Duration::from_secs(10);

/// The first message of a page says who it is for.
pub(crate) trait Door<'a> {
    /// Who is behind it.
    type Viewer: Viewer + Send;
    /// The longest message of such a page, in bytes.
    const MAX_MESSAGE: usize;

    /// Lets a page in. Returns its session and the answer to its first message. If it is not let in: what it is told, and why
    /// its session ends.
    fn enter(
        self,
        class: &'a Classroom,
        first: &[u8],
    ) -> impl Future<Output = Result<(Self::Viewer, Bytes), (Option<Bytes>, SessionEnd)>> + Send;
}

/// Who a page of the class is for.
pub(crate) trait Viewer {
    /// How fast it may talk. `None`: as fast as it likes.
    fn allowance() -> Option<Allowance>;

    /// Obeys a message of the page. Returns what it is told.
    fn obey(
        &mut self,
        message: &[u8],
    ) -> impl Future<Output = Result<Vec<Bytes>, SessionEnd>> + Send;

    /// The messages that are news to the page.
    fn news(&mut self, published: &Published) -> Vec<Bytes>;
}

/// Serves a page until it leaves or `stop` is cancelled, then closes.
pub(crate) async fn run<'a, S: AsyncRead + AsyncWrite + Unpin, D: Door<'a>>(
    client: S,
    already_read: Bytes,
    ping_interval: Duration,
    close_timeout: Duration,
    class: &'a Classroom,
    door: D,
    stop: &CancellationToken,
) -> SessionEnd {
    let client = WebSocket::new(client, already_read, D::MAX_MESSAGE, MAX_SEND).await;
    let (mut to_client, mut from_client) = client.split();
    let keepalive = Keepalive::new(ping_interval);
    let served = async {
        // Who says nothing is not in the class, and takes a place of those who arrive.
        let first = timeout(FIRST, first_message(&mut from_client, &keepalive)).await;
        let first = first.unwrap_or(Err(SessionEnd::ClientSilent))?;
        let (viewer, answer) = match door.enter(class, &first).await {
            Ok(entered) => entered,
            Err((answer, end)) => {
                if let Some(answer) = answer {
                    keepalive.send(&mut to_client, answer).await?;
                }
                return Err(end);
            }
        };
        keepalive.send(&mut to_client, answer).await?;
        serve(viewer, class, &mut to_client, &mut from_client, &keepalive).await
    };
    let end = tokio::select! {
        () = stop.cancelled() => SessionEnd::RelayStopping,
        end = served => end.err().unwrap_or(SessionEnd::ClientClosed),
    };
    websocket::close(to_client, from_client, &end, close_timeout).await;
    end
}

async fn first_message<S: AsyncRead + AsyncWrite + Unpin>(
    from_client: &mut Receiver<S>,
    keepalive: &Keepalive,
) -> Result<Bytes, SessionEnd> {
    loop {
        match from_client.receive().await? {
            Received::Bytes(bytes) => return Ok(bytes),
            Received::SignOfLife => keepalive.heard(),
        }
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin, V: Viewer>(
    mut viewer: V,
    class: &Classroom,
    to_client: &mut Sender<S>,
    from_client: &mut Receiver<S>,
    keepalive: &Keepalive,
) -> Result<(), SessionEnd> {
    let mut pings = keepalive.pings();
    let mut published = class.published();
    published.mark_changed();
    let mut allowance = V::allowance();
    loop {
        tokio::select! {
            received = async {
                if let Some(allowance) = &allowance {
                    sleep_until(allowance.next_at()).await;
                }
                from_client.receive().await
            } => match received? {
                Received::Bytes(bytes) => {
                    keepalive.heard();
                    if let Some(allowance) = &mut allowance {
                        allowance.take(Instant::now());
                    }
                    keepalive.send_all(to_client, viewer.obey(&bytes).await?).await?;
                }
                Received::SignOfLife => keepalive.heard(),
            },
            changed = published.changed() => {
                if changed.is_err() {
                    return Err(SessionEnd::RelayStopping);
                }
                let latest = published.borrow_and_update().clone();
                keepalive.send_all(to_client, viewer.news(&latest)).await?;
            }
            _ = pings.tick() => keepalive.ping(to_client).await?,
        }
    }
}

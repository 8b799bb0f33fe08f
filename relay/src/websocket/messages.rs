//! A WebSocket of whole messages on this side, and of frames on the other.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};

use crate::net::linger;
use crate::session_end::SessionEnd;

/// The buffer for reading frames, in bytes. Every session allocates it at its start.
const READ_BUFFER: usize = 3 * 1024;

/// How many bytes of messages are gathered before the first are written.
const GATHERED: usize = 16 * 1024;

/// The buffer for pongs to a client that pings without reading, in bytes. If it is full, the newest pong
/// replaces the one that waits.
const PONG_BUFFER: usize = 4 * 1024;

/// The server's end of an upgraded connection.
pub(crate) struct WebSocket<S>(WebSocketStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// `already_read` are bytes that came after the upgrade request. A message over `max_message` bytes is
    /// refused by its frame header, before any of its payload is kept. `max_send` is the length of the longest
    /// message that will be sent.
    pub(crate) async fn new(
        stream: S,
        already_read: Bytes,
        max_message: usize,
        max_send: usize,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(GATHERED)
            .max_write_buffer_size(GATHERED + max_send + PONG_BUFFER)
            .max_frame_size(Some(max_message))
            .max_message_size(Some(max_message));
        let inner = WebSocketStream::from_partially_read(
            stream,
            already_read.into(),
            Role::Server,
            Some(config),
        );
        Self(inner.await)
    }

    /// Both directions, to be polled by one task.
    pub(crate) fn split(self) -> (Sender<S>, Receiver<S>) {
        let (sink, stream) = self.0.split();
        (Sender(sink), Receiver(stream))
    }
}

/// The direction towards the client.
pub(crate) struct Sender<S>(SplitSink<WebSocketStream<S>, Message>);

impl<S: AsyncRead + AsyncWrite + Unpin> Sender<S> {
    /// Sends `bytes` as one binary message and waits until the kernel has taken all of it.
    pub(crate) async fn send(&mut self, bytes: Bytes) -> Result<(), SessionEnd> {
        self.send_frame(Message::Binary(bytes)).await
    }

    /// Takes `bytes` as one binary message, to be sent with those that follow. [`Sender::flush`] is to be called after the last.
    pub(super) async fn feed(&mut self, bytes: Bytes) -> Result<(), SessionEnd> {
        // If the kernel did not take what was gathered, this waits until it has. So a message always fits.
        self.0.feed(Message::Binary(bytes)).await.map_err(failed)
    }

    pub(crate) async fn ping(&mut self) -> Result<(), SessionEnd> {
        self.send_frame(Message::Ping(Bytes::new())).await
    }

    /// Tells the client why the session ended, if it can still be told.
    async fn farewell(&mut self, end: &SessionEnd) -> Result<(), SessionEnd> {
        match (end.close_frame(), end) {
            (Some((code, reason)), _) => {
                let frame = CloseFrame { code: code.into(), reason: reason.into() };
                self.send_frame(Message::Close(Some(frame))).await
            }
            // The reply to the client's own close waits to be written.
            (None, SessionEnd::ClientClosed) => self.flush().await,
            (None, _) => Ok(()),
        }
    }

    /// Waits until the kernel has taken all that waits.
    pub(super) async fn flush(&mut self) -> Result<(), SessionEnd> {
        self.0.flush().await.map_err(failed)
    }

    async fn send_frame(&mut self, message: Message) -> Result<(), SessionEnd> {
        // Pongs may wait in the buffer. They go first, so that this message always fits.
        self.flush().await?;
        self.0.send(message).await.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` passes")]
fn failed(error: Error) -> SessionEnd {
    SessionEnd::ClientFailed(error.to_string())
}

/// The direction from the client.
pub(crate) struct Receiver<S>(SplitStream<WebSocketStream<S>>);

/// What a client sends.
pub(crate) enum Received {
    /// The payload of one binary message.
    Bytes(Bytes),
    /// A control frame: no bytes, but the client is alive.
    SignOfLife,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Receiver<S> {
    /// The next message, or the reason why there will be none. Cancel-safe.
    pub(crate) async fn receive(&mut self) -> Result<Received, SessionEnd> {
        match self.0.next().await {
            Some(Ok(Message::Binary(bytes))) => Ok(Received::Bytes(bytes)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Received::SignOfLife),
            Some(Ok(Message::Text(_))) => Err(SessionEnd::ClientSentText),
            Some(Ok(Message::Close(_) | Message::Frame(_))) | None => Err(SessionEnd::ClientClosed),
            Some(Err(Error::Capacity(CapacityError::MessageTooLong { max_size, .. }))) => {
                Err(SessionEnd::ClientSentTooMuch { limit: max_size, raise: "" })
            }
            Some(Err(Error::Utf8(_))) => Err(SessionEnd::ClientSentBadText),
            Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                Err(SessionEnd::ClientFailed("it ended without a close frame".to_owned()))
            }
            Some(Err(Error::Protocol(error))) => {
                Err(SessionEnd::ClientBrokeProtocol(error.to_string()))
            }
            Some(Err(error)) => Err(SessionEnd::ClientFailed(error.to_string())),
        }
    }
}

/// Tells the client why the session ended, and waits until it has closed too. Each of both takes at most `close_timeout`.
pub(crate) async fn close<S: AsyncRead + AsyncWrite + Unpin>(
    mut sender: Sender<S>,
    receiver: Receiver<S>,
    end: &SessionEnd,
    close_timeout: Duration,
) {
    let _ = timeout(close_timeout, sender.farewell(end)).await;
    let whole = sender.0.reunite(receiver.0).expect("both halves are of one split");
    // Frames are no longer read.
    let _ = timeout(close_timeout, linger(&mut whole.into_inner())).await;
}

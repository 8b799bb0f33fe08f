//! A WebSocket client that returns each message and close frame that it receives.

use std::io::ErrorKind;
use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt as _, Stream, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, error::ProtocolError};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::waiting::within;

pub(crate) struct Client(pub(crate) WebSocketStream<TcpStream>);

/// What a server sends, without pings and pongs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Bytes(Bytes),
    Close(u16, String),
    /// The connection is over.
    End,
    /// The server has been killed.
    Reset,
}

impl Client {
    /// Opens `path`. Fails unless the relay answers with 101.
    pub(crate) async fn open(relay: SocketAddr, path: &str) -> Self {
        Self::open_offering(relay, path, None).await
    }

    /// Opens `path` and offers this subprotocol, which the relay must select, or none.
    pub(crate) async fn open_offering(
        relay: SocketAddr,
        path: &str,
        subprotocol: Option<&str>,
    ) -> Self {
        let connected = within("the relay accepts", TcpStream::connect(relay)).await;
        let stream = connected.expect("the relay listens");
        stream.set_nodelay(true).expect("TCP_NODELAY can be set");
        let url = format!("ws://{relay}{path}");
        let mut request = url.into_client_request().expect("it is a URL");
        if let Some(subprotocol) = subprotocol {
            let offered = subprotocol.parse().expect("it is a header's value");
            request.headers_mut().insert("Sec-WebSocket-Protocol", offered);
        }
        // tungstenite refuses a response that does not select what was offered.
        let opening = client_async_with_config(request, stream, Some(unlimited()));
        let (client, _) = within("the upgrade is answered", opening).await.expect("a 101");
        Self(client)
    }

    /// A client on a connection that was upgraded by hand.
    pub(crate) async fn on(stream: TcpStream) -> Self {
        Self(WebSocketStream::from_raw_socket(stream, Role::Client, Some(unlimited())).await)
    }

    pub(crate) async fn send(&mut self, bytes: impl Into<Bytes>) {
        let sent = self.0.send(Message::Binary(bytes.into()));
        within("a message is sent", sent).await.expect("the connection stands");
    }

    /// Sends what the other end may not be there for.
    pub(crate) async fn try_send(&mut self, bytes: impl Into<Bytes>) -> Result<(), Error> {
        within("a message is sent", self.0.send(Message::Binary(bytes.into()))).await
    }

    pub(crate) async fn receive(&mut self) -> Received {
        receive(&mut self.0).await
    }

    /// The next message, which must be a binary one.
    pub(crate) async fn receive_bytes(&mut self) -> Bytes {
        match self.receive().await {
            Received::Bytes(bytes) => bytes,
            other => panic!("bytes were expected, and this came: {other:?}"),
        }
    }

    /// All bytes up to the close frame, then its code and reason. The connection must end with it.
    pub(crate) async fn receive_to_close(&mut self) -> (Vec<u8>, u16, String) {
        let mut all = Vec::new();
        loop {
            match self.receive().await {
                Received::Bytes(bytes) => all.extend_from_slice(&bytes),
                Received::Close(code, reason) => {
                    assert_eq!(self.receive().await, Received::End);
                    return (all, code, reason);
                }
                end @ (Received::End | Received::Reset) => panic!("{end:?} without a close frame"),
            }
        }
    }

    /// Waits until the client's kernel has received bytes, and reads none of them.
    pub(crate) async fn readable(&self) {
        let readable = within("the server sends something", self.0.get_ref().readable()).await;
        readable.expect("the connection stands");
    }
}

/// The next thing that a server sends. For a whole client or the reading half of a split one.
pub(crate) async fn receive<S>(stream: &mut S) -> Received
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    loop {
        match within("the server sends something", stream.next()).await {
            Some(Ok(Message::Binary(bytes))) => return Received::Bytes(bytes),
            Some(Ok(Message::Close(Some(frame)))) => {
                return Received::Close(frame.code.into(), frame.reason.to_string());
            }
            // RFC 6455, section 7.1.5: the code for a close frame without one.
            Some(Ok(Message::Close(None))) => return Received::Close(1005, String::new()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(other)) => panic!("the relay never sends this: {other:?}"),
            None | Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                return Received::End;
            }
            Some(Err(Error::Io(error))) if error.kind() == ErrorKind::ConnectionReset => {
                return Received::Reset;
            }
            Some(Err(error)) => panic!("the connection failed: {error}"),
        }
    }
}

/// The relay's limits are tested, so the client has none.
fn unlimited() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(None).max_frame_size(None)
}

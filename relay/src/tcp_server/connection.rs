//! One client of a built-in TCP server, from its first byte to the close.

use std::io;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::rules::Rules;
use super::{framed, plain};
use crate::net::linger;

/// What a server makes of the bytes of its clients.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Conversation {
    /// It answers framed messages.
    Framed,
    /// It knows no header and sends back what each `recv()` returned.
    Plain,
}

/// Serves `stream` until the client closes, breaks the framing, stays silent for too long, or
/// `stop` is cancelled.
pub(super) async fn serve(
    mut stream: TcpStream,
    conversation: Conversation,
    rules: Rules,
    stop: &CancellationToken,
) {
    info!("connected");
    let outcome = tokio::select! {
        outcome = converse(&mut stream, conversation, rules) => outcome,
        () = stop.cancelled() => Ok("the relay is shutting down"),
    };
    match outcome {
        Ok(why) => info!("closed: {why}"),
        Err(error) => info!("closed: {error}"),
    }
    if timeout(rules.close_timeout, linger(&mut stream)).await.is_err() {
        debug!("the client did not close its side in time");
    }
}

async fn converse(
    stream: &mut TcpStream,
    conversation: Conversation,
    rules: Rules,
) -> io::Result<&'static str> {
    // Without it, the second of two small writes waits for the client's acknowledgement (Nagle's algorithm),
    // and the bytes of /drip arrive in groups.
    stream.set_nodelay(true)?;
    match conversation {
        Conversation::Framed => framed::converse(stream, rules).await,
        Conversation::Plain => plain::converse(stream).await,
    }
}

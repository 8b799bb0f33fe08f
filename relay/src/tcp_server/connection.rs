//! One client of a built-in TCP server, from its first byte to the close.

use std::fmt;
use std::io;
use std::time::Duration;

use framescope_engine::demo::{Action, Conversation, End};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::rules::{Kind, Rules};
use crate::net::linger;

/// A connection that says nothing for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_mins(10);

/// Serves `stream` until the client closes, breaks the framing, stays silent for too long, or
/// `stop` is cancelled.
pub(super) async fn serve(mut stream: TcpStream, rules: Rules, stop: &CancellationToken) {
    info!("connected");
    let conversation = match rules.kind {
        Kind::Framed { format, max_message } => Conversation::framed(format, max_message),
        Kind::Plain => Conversation::plain(),
    };
    let outcome = tokio::select! {
        outcome = converse(&mut stream, conversation) => outcome,
        () = stop.cancelled() => Ok(Close::Stopping),
    };
    match outcome {
        Ok(why) => info!("closed: {why}"),
        Err(error) => info!("closed: {error}"),
    }
    if timeout(rules.close_timeout, linger(&mut stream)).await.is_err() {
        debug!("the client did not close its side in time");
    }
}

/// Does what the conversation says, until it is over.
async fn converse(stream: &mut TcpStream, mut conversation: Conversation) -> io::Result<Close> {
    // Without it, the second of two small writes waits for the client's acknowledgement (Nagle's algorithm),
    // and the bytes of /drip arrive in groups.
    stream.set_nodelay(true)?;
    loop {
        match conversation.next_action() {
            Action::Recv => {
                let read = stream.read(conversation.buffer());
                let Ok(length) = timeout(IDLE_TIMEOUT, read).await else {
                    return Ok(Close::Silent);
                };
                conversation.received(length?);
            }
            Action::AwaitReadable => {
                // `readable()` also returns when there may be something to read.
                let Ok(peeked) = timeout(IDLE_TIMEOUT, stream.peek(&mut [0])).await else {
                    return Ok(Close::Silent);
                };
                peeked?;
            }
            Action::Send(bytes) => stream.write_all(bytes).await?,
            Action::Pause(pause) => sleep(pause).await,
            Action::Close(end) => return Ok(Close::Conversation(end)),
        }
    }
}

/// Why the server closes a connection.
enum Close {
    Conversation(End),
    Silent,
    Stopping,
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conversation(end) => end.fmt(f),
            Self::Silent => write!(f, "the client was silent for too long"),
            Self::Stopping => write!(f, "the relay is shutting down"),
        }
    }
}

//! A client in one case.

use std::io;
use std::time::Duration;

use framescope_challenge::{Action, Case, Conversation, Ending, Verdict};
use framescope_framing::HeaderFormat;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::tape::Tape;

/// How long a client may take for the next thing that it is expected to do.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The longest time for a case. A client that answers one byte now and then is not waited for.
const LONGEST: Duration = Duration::from_mins(1);

/// What came of a case.
#[derive(Debug)]
pub struct Played {
    /// What is found of the client.
    pub verdict: Verdict,
    /// What crossed after its greeting.
    pub tape: Tape,
}

/// Plays a case with a client that has greeted.
pub async fn play(
    client: &mut TcpStream,
    case: Case,
    seed: u64,
    format: HeaderFormat,
    patience: Duration,
) -> Played {
    let mut tape = Tape::new();
    let mut conversation = Conversation::new(case, seed, format);
    // What is sent at once leaves at once. If that fails, so will what follows.
    let _ = client.set_nodelay(true);
    let played = timeout(LONGEST, converse(client, &mut conversation, &mut tape, patience)).await;
    let verdict = played.unwrap_or_else(|_| conversation.end(Ending::Silent));
    Played { verdict, tape }
}

async fn converse(
    client: &mut TcpStream,
    conversation: &mut Conversation,
    tape: &mut Tape,
    patience: Duration,
) -> Verdict {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = match conversation.go_on() {
            Action::Send(bytes) => match timeout(patience, client.write_all(bytes)).await {
                Ok(Ok(())) => {
                    tape.server_sent(bytes);
                    continue;
                }
                // It may have closed because it has noticed something: what it has sent tells.
                Ok(Err(_)) | Err(_) => timeout(patience, client.read(&mut buffer)).await.ok(),
            },
            Action::Pause(milliseconds) => {
                let pause = Duration::from_millis(milliseconds.into());
                tokio::select! {
                    () = sleep(pause) => continue,
                    read = client.read(&mut buffer) => Some(read),
                }
            }
            Action::End => {
                // If the client has gone, the next read says so.
                let _ = client.shutdown().await;
                tape.server_ended();
                continue;
            }
            Action::Take => timeout(patience, client.read(&mut buffer)).await.ok(),
        };
        match read {
            Some(Ok(0)) => return conversation.end(Ending::Closed),
            Some(Ok(count)) => {
                tape.client_sent(&buffer[..count]);
                if let Some(verdict) = conversation.take(&buffer[..count]) {
                    return verdict;
                }
            }
            Some(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => {
                return conversation.end(Ending::Reset);
            }
            Some(Err(_)) => return conversation.end(Ending::Closed),
            None => return conversation.end(Ending::Silent),
        }
    }
}

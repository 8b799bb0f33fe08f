//! The first message of a client: that it is there.

use std::time::Duration;

use framescope_framing::{Decoder, HeaderFormat};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

/// The longest greeting, in bytes.
pub const MAX_GREETING: usize = 1024;

/// Why a client has no greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGreeting {
    /// It has closed the connection, or it was reset.
    #[error("it left before its first message was whole")]
    Left,
    /// It has sent nothing, or too little.
    #[error("its first message was not whole in time")]
    TimedOut,
    /// Its first header has a length that no message has.
    #[error(
        "its first message has no length from 0 to {MAX_GREETING}: is the header's format right?"
    )]
    Header,
    /// There was more before it got an answer.
    #[error("it has sent more than one message before it got an answer")]
    TooMuch,
}

/// The payload of the first message of a client, which must come within `patience`.
///
/// # Errors
///
/// [`NoGreeting`] says why there is none.
pub async fn greet(
    client: &mut (impl AsyncRead + Unpin),
    format: HeaderFormat,
    patience: Duration,
) -> Result<Vec<u8>, NoGreeting> {
    let greeting = async {
        let mut decoder = Decoder::with_max_payload(format, MAX_GREETING);
        let mut buffer = [0; 512];
        loop {
            let read = client.read(&mut buffer).await.map_err(|_| NoGreeting::Left)?;
            if read == 0 {
                return Err(NoGreeting::Left);
            }
            let mut chunk = &buffer[..read];
            let message = decoder.decode(&mut chunk).map_err(|_| NoGreeting::Header)?;
            let greeting = message.map(|message| message.payload.to_vec());
            match greeting {
                Some(greeting) if chunk.is_empty() => return Ok(greeting),
                Some(_) => return Err(NoGreeting::TooMuch),
                None => {}
            }
        }
    };
    timeout(patience, greeting).await.unwrap_or(Err(NoGreeting::TimedOut))
}

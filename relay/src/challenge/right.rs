//! A client that is right, to be shown beside one that is not.

use std::io;
use std::net::Ipv4Addr;

use framescope_challenge::Case;
use framescope_framing::{Decoder, HeaderFormat, encode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::play::{PATIENCE, Played, play};

/// Plays a case with a right client, on loopback.
///
/// # Errors
///
/// Those of making two sockets.
pub async fn play_right(case: Case, seed: u64, format: HeaderFormat) -> io::Result<Played> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut client = TcpStream::connect(listener.local_addr()?).await?;
    let (mut server, _) = listener.accept().await?;
    drop(listener);
    // What became of the client is in the verdict.
    let played = async {
        tokio::join!(play(&mut server, case, seed, format, PATIENCE), answer(&mut client, format)).0
    };
    Ok(played.await)
}

/// Answers each message with the same bytes, until there is no other.
async fn answer(server: &mut TcpStream, format: HeaderFormat) -> io::Result<()> {
    let mut decoder = Decoder::new(format);
    let mut buffer = vec![0; 16 * 1024];
    let mut answers = Vec::new();
    loop {
        let read = server.read(&mut buffer).await?;
        let mut chunk = &buffer[..read];
        loop {
            match decoder.decode(&mut chunk) {
                Ok(Some(message)) => encode(format, message.payload, &mut answers)
                    .map_err(|error| io::Error::other(error.to_string()))?,
                Ok(None) if read > 0 => break,
                Ok(None) | Err(_) => return server.shutdown().await,
            }
        }
        server.write_all(&answers).await?;
        answers.clear();
    }
}

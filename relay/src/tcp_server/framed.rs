//! The server with a header: it echoes messages and obeys commands.

use std::io;
use std::time::Duration;

use framescope_framing::{Decoder, encode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::command::{Command, HELP};
use super::rules::{IDLE_TIMEOUT, RECV, Rules};

/// The pause between the bytes of `/drip`: long enough that each arrives alone, short enough to watch.
const DRIP_PAUSE: Duration = Duration::from_millis(40);
/// The pause between the two pieces of the header of `/split`.
const SPLIT_PAUSE: Duration = Duration::from_millis(300);
/// How many of the header's bytes `/split` sends first.
const SPLIT_AT: usize = 2;

pub(super) async fn converse(stream: &mut TcpStream, rules: Rules) -> io::Result<&'static str> {
    let mut decoder = Decoder::with_max_payload(rules.format, rules.max_message);
    let mut buffer = vec![0; RECV];
    let mut wire = Vec::new();
    loop {
        let Ok(read) = timeout(IDLE_TIMEOUT, stream.read(&mut buffer)).await else {
            return Ok("the client was silent for too long");
        };
        let length = read?;
        if length == 0 {
            return match decoder.finish() {
                Ok(()) => Ok("the client closed"),
                Err(truncated) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, truncated)),
            };
        }
        let mut chunk = &buffer[..length];
        loop {
            match decoder.decode(&mut chunk) {
                Ok(Some(message)) => {
                    let reply = match Command::parse(message.payload, rules.max_message) {
                        Ok(Command::Die) => {
                            die(stream, rules).await?;
                            return Ok("the client asked for it with /die");
                        }
                        Ok(command) => answer(stream, rules, &command, &mut wire).await,
                        Err(error) => {
                            send(stream, rules, format!("error: {error}").as_bytes(), &mut wire)
                                .await
                        }
                    };
                    reply?;
                }
                Ok(None) => break,
                Err(error) => {
                    send(stream, rules, format!("error: {error}").as_bytes(), &mut wire).await?;
                    return Err(io::Error::new(io::ErrorKind::InvalidData, error));
                }
            }
        }
    }
}

async fn answer(
    stream: &mut TcpStream,
    rules: Rules,
    command: &Command<'_>,
    wire: &mut Vec<u8>,
) -> io::Result<()> {
    match *command {
        Command::Echo(payload) => send(stream, rules, payload, wire).await,
        Command::Help => send(stream, rules, HELP.as_bytes(), wire).await,
        Command::Burst { count, payload } => {
            for _ in 0..count {
                send(stream, rules, payload, wire).await?;
            }
            Ok(())
        }
        Command::Drip { payload } => {
            frame(rules, payload, wire)?;
            for byte in wire.iter() {
                stream.write_all(std::slice::from_ref(byte)).await?;
                sleep(DRIP_PAUSE).await;
            }
            Ok(())
        }
        Command::Split { payload } => {
            frame(rules, payload, wire)?;
            let (first, rest) = wire.split_at(SPLIT_AT);
            stream.write_all(first).await?;
            sleep(SPLIT_PAUSE).await;
            stream.write_all(rest).await
        }
        Command::Big { length } => {
            let digits: Vec<u8> = (b'0'..=b'9').cycle().take(length).collect();
            send(stream, rules, &digits, wire).await
        }
        Command::Tick { count, pause } => {
            for number in 1..=count {
                if number > 1 {
                    sleep(pause).await;
                }
                send(stream, rules, format!("tick {number} of {count}").as_bytes(), wire).await?;
            }
            Ok(())
        }
        Command::Negative => stream.write_all(&rules.format.write_or_ones(-1)).await,
        Command::Huge => stream.write_all(&rules.format.write_or_ones(i32::MAX.into())).await,
        Command::Die => die(stream, rules).await,
    }
}

/// Sends a header and half of the payload that it promises.
async fn die(stream: &mut TcpStream, rules: Rules) -> io::Result<()> {
    let mut wire = Vec::new();
    frame(rules, b"this message will not be finished", &mut wire)?;
    stream.write_all(&wire[..wire.len() / 2]).await
}

/// Sends one message in one write.
async fn send(
    stream: &mut TcpStream,
    rules: Rules,
    payload: &[u8],
    wire: &mut Vec<u8>,
) -> io::Result<()> {
    frame(rules, payload, wire)?;
    stream.write_all(wire).await
}

/// Replaces the content of `wire` with one message.
fn frame(rules: Rules, payload: &[u8], wire: &mut Vec<u8>) -> io::Result<()> {
    wire.clear();
    encode(rules.format, payload, wire)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

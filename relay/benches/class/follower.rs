//! A page that follows, without a browser.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use framescope_class::{
    Answer, Code, Follow, FromStudent, Phase, SUBPROTOCOL, ToStudent, Vote, decode, encode,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::steps::Steps;

/// How a follower comes in.
#[derive(Clone, Copy)]
pub(crate) enum Greeting {
    /// It says nothing, and is sent frames at once.
    None,
    /// It joins the class with this code.
    Join(Code),
}

/// Comes in, says that it is `ready`, and follows for ever.
pub(crate) async fn follow(
    address: SocketAddr,
    greeting: Greeting,
    steps: Rc<Steps>,
    ready: Rc<Semaphore>,
) {
    let mut frames = Frames::open(address, greeting).await;
    if let Greeting::Join(_) = greeting {
        // It joins before the next one comes: a relay bounds the pages of one address that have not joined.
        frames.next().await;
    }
    ready.add_permits(1);
    while let Some(message) = frames.next().await {
        if let Some(ToStudent::Follow(Follow::Part { part, .. })) = decode(&message) {
            steps.arrived(&part);
        }
    }
}

/// Joins late, and leaves when it has what all have: where the teacher is comes last.
pub(crate) async fn join_late(address: SocketAddr, code: Code, late: Rc<Steps>) {
    let began = Instant::now();
    let mut frames = Frames::open(address, Greeting::Join(code)).await;
    while let Some(message) = frames.next().await {
        if let Some(ToStudent::Follow(Follow::Place(_))) = decode(&message) {
            late.add(began.elapsed().as_secs_f64() * 1000.0);
            break;
        }
    }
}

/// Joins, says that it is `ready`, bets as soon as there is a question, and leaves when the bet is taken.
pub(crate) async fn bet(address: SocketAddr, code: Code, bets: Rc<Steps>, ready: Rc<Semaphore>) {
    let mut frames = Frames::open(address, Greeting::Join(code)).await;
    let mut is_ready = false;
    let mut began = None;
    while let Some(message) = frames.next().await {
        if !std::mem::replace(&mut is_ready, true) {
            ready.add_permits(1);
        }
        match decode(&message) {
            Some(ToStudent::Told(told)) => {
                let open = told.question.filter(|asked| asked.phase == Phase::Open);
                if let Some(asked) = open.filter(|_| began.is_none()) {
                    let question = asked.number;
                    let answer = Answer::Choice(0);
                    let bet = FromStudent::Bet { question, vote: Vote::First, number: 1, answer };
                    began = Some(Instant::now());
                    frames.send(&bet).await;
                }
            }
            Some(ToStudent::Bet { refused, .. }) => {
                assert_eq!(refused, None, "the question is open");
                let began = began.expect("it has bet");
                bets.add(began.elapsed().as_secs_f64() * 1000.0);
                break;
            }
            _ => {}
        }
    }
}

/// The frames that a server sends.
struct Frames {
    stream: TcpStream,
    /// What has come and is not read yet.
    bytes: Vec<u8>,
}

impl Frames {
    async fn open(address: SocketAddr, greeting: Greeting) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let mut bytes = Vec::new();
        if let Greeting::Join(code) = greeting {
            let request = format!(
                "GET /class HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await.expect("the relay reads");
            let end = loop {
                stream.read_buf(&mut bytes).await.expect("the relay answers");
                let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
                if let Some(end) = end {
                    break end;
                }
            };
            assert!(bytes.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&bytes));
            bytes.drain(..end + 4);
            let mut frames = Self { stream, bytes };
            frames.send(&FromStudent::Join { code, token: None, name: None }).await;
            return frames;
        }
        Self { stream, bytes }
    }

    async fn send(&mut self, message: &FromStudent) {
        let message = encode(message);
        let length = u8::try_from(message.len()).expect("it is short");
        // RFC 6455, section 5.2: a masked frame. The mask is zero.
        let frame = [&[0x82, 0x80 | length, 0, 0, 0, 0], &message[..]].concat();
        self.stream.write_all(&frame).await.expect("the relay reads");
    }

    /// The next message. `None` at the end.
    async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some((head, length)) = self.head()
                && self.bytes.len() >= head + length
            {
                let message = self.bytes[head..head + length].to_vec();
                self.bytes.drain(..head + length);
                return Some(message);
            }
            if self.stream.read_buf(&mut self.bytes).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// The lengths of the next frame's head and payload, if its head is there.
    fn head(&self) -> Option<(usize, usize)> {
        match *self.bytes.get(1)? {
            126 => {
                let length = self.bytes.get(2..4)?.first_chunk()?;
                Some((4, usize::from(u16::from_be_bytes(*length))))
            }
            127 => {
                let length = self.bytes.get(2..10)?.first_chunk()?;
                Some((10, usize::try_from(u64::from_be_bytes(*length)).ok()?))
            }
            short => Some((2, usize::from(short))),
        }
    }
}

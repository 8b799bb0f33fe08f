//! Targets and clients: some are sound, and some are not.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use sha2::{Digest as _, Sha256};
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long a sound session may take for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// What all clients know and count.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) is_over: AtomicBool,
    pub(crate) sessions: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) faults: AtomicU64,
}

impl Run {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }
}

/// Numbers that look random: xorshift64.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let words = (0..length.div_ceil(8)).flat_map(|_| self.next().to_le_bytes());
        words.take(length).collect()
    }
}

/// A target that sends back what it receives.
pub(crate) async fn echoes() -> SocketAddr {
    target(echo).await
}

async fn echo(mut stream: TcpStream) {
    let (mut read, mut write) = stream.split();
    let _ = copy(&mut read, &mut write).await;
}

/// A target that resets after some bytes.
pub(crate) async fn resets() -> SocketAddr {
    target(reset).await
}

async fn reset(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 100]).await;
    let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
}

async fn target<F>(serve: fn(TcpStream) -> F) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            tokio::spawn(serve(stream));
        }
    });
    address
}

async fn open(relay: SocketAddr, target: &str) -> WebSocketStream<TcpStream> {
    let opening = async {
        let stream = TcpStream::connect(relay).await.expect("no connection is refused");
        let url = format!("ws://{relay}/bridge/{target}");
        client_async(url, stream).await.expect("each session is opened").0
    };
    timeout(PATIENCE, opening).await.expect("a session is opened in time")
}

/// Opens sessions, sends messages of any length, and compares what comes back by its SHA-256.
pub(crate) async fn carry(relay: SocketAddr, run: &Run, mut numbers: Numbers) {
    while run.goes_on() {
        let mut client = open(relay, "echo").await;
        run.sessions.fetch_add(1, Ordering::Relaxed);
        for _ in 0..numbers.below(40) {
            let length = match numbers.below(3) {
                0 => numbers.below(100),
                1 => numbers.below(20_000),
                _ => numbers.below(300_000),
            };
            let message = numbers.bytes(usize::try_from(length).expect("it is small"));
            let sent = Sha256::digest(&message);
            let (mut sink, mut stream) = client.split();
            let sending = async { sink.send(Message::binary(message)).await.expect("it is taken") };
            let receiving = async {
                let (mut hash, mut left) = (Sha256::new(), length);
                while left > 0 {
                    let received = stream.next().await.expect("the session goes on");
                    let Message::Binary(bytes) = received.expect("the session goes on") else {
                        continue;
                    };
                    left -= bytes.len() as u64;
                    hash.update(&bytes);
                }
                hash.finalize()
            };
            let both = async { tokio::join!(sending, receiving).1 };
            let received = timeout(PATIENCE, both).await.expect("nothing is lost");
            assert!(sent == received, "other bytes came back");
            run.bytes.fetch_add(length, Ordering::Relaxed);
            client = sink.reunite(stream).expect("they are of one session");
            sleep(Duration::from_millis(numbers.below(100))).await;
        }
        client.close(None).await.expect("it is there");
        while let Ok(Some(Ok(_))) = timeout(PATIENCE, client.next()).await {}
    }
}

/// Sessions whose target resets.
pub(crate) async fn be_reset(relay: SocketAddr, run: &Run, mut numbers: Numbers) {
    while run.goes_on() {
        let mut client = open(relay, "reset").await;
        let _ = client.send(Message::binary(numbers.bytes(1000))).await;
        let ended = async { while let Some(Ok(_)) = client.next().await {} };
        timeout(PATIENCE, ended).await.expect("the session ends");
        run.faults.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(numbers.below(200))).await;
    }
}

/// Connections that stop in the middle of their handshake, or after it.
pub(crate) async fn stop_halfway(relay: SocketAddr, run: &Run, mut numbers: Numbers) {
    let request = format!(
        "GET /bridge/echo HTTP/1.1\r\nHost: {relay}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    while run.goes_on() {
        let mut stream = TcpStream::connect(relay).await.expect("no connection is refused");
        let length = usize::try_from(numbers.below(request.len() as u64 + 1)).expect("it is small");
        let _ = stream.write_all(&request.as_bytes()[..length]).await;
        sleep(Duration::from_millis(numbers.below(3000))).await;
        if numbers.below(2) == 0 {
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
        run.faults.fetch_add(1, Ordering::Relaxed);
    }
}

/// Sessions that send much, read little of it, and leave.
pub(crate) async fn read_slowly(relay: SocketAddr, run: &Run, mut numbers: Numbers) {
    while run.goes_on() {
        let client = open(relay, "echo").await;
        let (mut sink, mut stream) = client.split();
        let message = numbers.bytes(200_000);
        let sending = async { while sink.send(Message::binary(message.clone())).await.is_ok() {} };
        let reading = async {
            for _ in 0..numbers.below(20) {
                let _ = stream.next().await;
                sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::select! {
            () = sending => {}
            () = reading => {}
        }
        run.faults.fetch_add(1, Ordering::Relaxed);
    }
}

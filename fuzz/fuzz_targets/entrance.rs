//! Any bytes at the entrance are answered or refused, and the relay goes on serving. A panic in one of
//! its tasks ends the run: libFuzzer's hook aborts before tokio can catch it.
//!
//! `-len_control=0` lets inputs be long from the beginning; libFuzzer would come to that after hours.
#![no_main]

use std::ffi::c_char;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use framescope::{Config, Relay};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// How long the relay waits for what a client owes it: the inputs owe it most of what there is.
const SHORT: Duration = Duration::from_millis(50);
/// The longest message: short, so that the limit is met.
const MAX_MESSAGE: usize = 300;
/// How many inputs are tried before the relay is looked at.
const BETWEEN_LOOKS: usize = 64;
/// How long to wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// The one relay that all inputs are for.
static RELAY: LazyLock<SocketAddr> = LazyLock::new(|| {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config {
        listen: any_port,
        tcp_listen: any_port,
        max_message: MAX_MESSAGE,
        header_timeout: SHORT,
        close_timeout: SHORT,
        ..Config::default()
    };
    let runtime = Runtime::new().expect("there are threads");
    let relay = runtime.block_on(Relay::bind(config)).expect("loopback has free ports");
    let address = relay.http_address();
    thread::spawn(move || runtime.block_on(relay.run(CancellationToken::new())));
    address
});

/// What the relay's tasks still hold behind an input is no leak, and looking for one after every input
/// takes ten times as long as the input.
// SAFETY: AddressSanitizer calls a function of this name and type, and nothing else knows the name.
#[unsafe(no_mangle)]
pub extern "C" fn __asan_default_options() -> *const c_char {
    c"detect_leaks=0".as_ptr()
}

fuzz_target!(|input: (u8, &[u8])| {
    let (way, bytes) = input;
    send(&request(way, bytes)).expect("the relay closes");
    static INPUTS: AtomicUsize = AtomicUsize::new(0);
    if INPUTS.fetch_add(1, Ordering::Relaxed) % BETWEEN_LOOKS == 0 {
        is_serving();
    }
});

/// Puts a sound beginning in front of the bytes, so that they reach what is behind it.
fn request(way: u8, bytes: &[u8]) -> Vec<u8> {
    const HOST: &[u8] = b" HTTP/1.1\r\nHost: localhost\r\n";
    const LAB: &[u8] = b"Sec-WebSocket-Protocol: framescope.lab.v1\r\n";
    const UPGRADE: &[u8] = b"Connection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    match way % 7 {
        0 => bytes.to_vec(),
        1 => [b"GET /", bytes, HOST, b"\r\n"].concat(),
        2 => [b"GET /bridge/demo?", bytes, HOST, UPGRADE, b"\r\n"].concat(),
        3 => [b"GET /bridge/demo", HOST, bytes, b"\r\n\r\n"].concat(),
        4 => [b"GET /bridge/demo?recv=5", HOST, UPGRADE, b"\r\n", bytes].concat(),
        5 => [b"GET /lab", HOST, UPGRADE, LAB, b"\r\n", bytes].concat(),
        _ => [b"GET /lab", HOST, UPGRADE, LAB, b"\r\n", &messages(bytes)].concat(),
    }
}

/// ChunkSizes the bytes into sound messages, each behind a byte that is its length.
fn messages(mut bytes: &[u8]) -> Vec<u8> {
    const FINAL_BINARY: u8 = 0x82;
    const MASKED: u8 = 0x80;
    let mut frames = Vec::new();
    while let Some((length, rest)) = bytes.split_first() {
        let (payload, rest) = rest.split_at(rest.len().min(usize::from(length % 126)));
        frames.extend([FINAL_BINARY, MASKED | payload.len() as u8, 0, 0, 0, 0]);
        frames.extend(payload);
        bytes = rest;
    }
    frames
}

/// Sends these bytes on a connection of their own, and reads all that comes of them.
fn send(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(*RELAY)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // The relay may have closed, or even reset, before it has all of them.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut read = || {
        // A request whose client has ended before its answer is dropped: what can be a whole one
        // is given the time to be answered.
        if bytes.windows(4).any(|window| window == b"\r\n\r\n") {
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer)?;
            answer.extend(&buffer[..length]);
        }
        let _ = stream.shutdown(Shutdown::Write);
        stream.read_to_end(&mut answer)
    };
    match read() {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
        _ => Ok(answer),
    }
}

/// Fails unless the relay answers, and no session is left of those that the inputs opened.
fn is_serving() {
    let get = |path| {
        let answer = send(&request(1, path)).expect("the relay answers");
        String::from_utf8(answer).expect("it answers with text")
    };
    assert!(get(b"healthz").ends_with("\r\n\r\nok\n"));
    let began = std::time::Instant::now();
    loop {
        let metrics = get(b"metrics");
        let mut open = metrics.lines().filter(|line| line.starts_with("framescope_sessions_open{"));
        if open.all(|line| line.ends_with(" 0")) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "a session is left: {metrics}");
        thread::sleep(Duration::from_millis(1));
    }
}

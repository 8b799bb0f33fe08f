//! The relay answers or refuses any bytes on its HTTP port, and continues to serve. A panic in one of
//! its tasks ends the run: libFuzzer's hook aborts before tokio can catch the panic.
//!
//! With `-len_control=0`, inputs are long from the beginning. Without it, that takes libFuzzer hours.
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

/// The relay's timeouts. Short, because most inputs stop before they are complete.
const SHORT: Duration = Duration::from_millis(50);
/// The longest message, in bytes. Short, so that inputs reach the limit.
const MAX_MESSAGE: usize = 300;
/// The number of inputs between two checks of the relay.
const INPUTS_PER_CHECK: usize = 64;
/// The time after which the relay counts as stuck.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The relay that gets all inputs.
static RELAY: LazyLock<SocketAddr> = LazyLock::new(|| {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config {
        listen: vec![any_port.into()],
        tcp_listen: Some(any_port),
        max_message: MAX_MESSAGE,
        header_timeout: SHORT,
        close_timeout: SHORT,
        ..Config::default()
    };
    let runtime = Runtime::new().expect("the system has threads");
    let relay = runtime.block_on(Relay::bind(config)).expect("loopback has free ports");
    let address = relay.http_address().expect("it listens on an address");
    thread::spawn(move || runtime.block_on(relay.run(CancellationToken::new())));
    address
});

/// Switches the leak check off. After an input, the relay's tasks may still own memory, and that is not
/// a leak. The check after every input also takes ten times as long as the input.
// SAFETY: AddressSanitizer calls a function of this name and type, and nothing else knows the name.
#[unsafe(no_mangle)]
pub extern "C" fn __asan_default_options() -> *const c_char {
    c"detect_leaks=0".as_ptr()
}

fuzz_target!(|input: (u8, &[u8])| {
    let (way, bytes) = input;
    send(&request(way, bytes)).expect("the relay closes");
    static INPUTS: AtomicUsize = AtomicUsize::new(0);
    if INPUTS.fetch_add(1, Ordering::Relaxed).is_multiple_of(INPUTS_PER_CHECK) {
        is_serving();
    }
});

/// Puts a valid beginning before the bytes, so that they reach the code after it. `way` chooses the
/// beginning.
fn request(way: u8, bytes: &[u8]) -> Vec<u8> {
    const HOST: &[u8] = b" HTTP/1.1\r\nHost: localhost\r\n";
    const LAB: &[u8] = b"Sec-WebSocket-Protocol: framescope.lab.v2\r\n";
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

/// Cuts the bytes into valid WebSocket frames. The byte before each payload is its length.
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

/// Sends the bytes on a new connection and reads the whole answer.
fn send(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(*RELAY)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    // The relay may have closed or reset the connection before all bytes are sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut read = || {
        // The relay drops a request if the client closes before the answer. So if the bytes may be a
        // complete request, first wait for the beginning of the answer.
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

/// Panics if the relay does not answer, or if a session of an earlier input stays open.
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
        assert!(began.elapsed() < TIMEOUT, "a session is still open: {metrics}");
        thread::sleep(Duration::from_millis(1));
    }
}

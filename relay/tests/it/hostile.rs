//! Any bytes at the entrance: the relay answers or closes, goes on serving, and keeps nothing of them.

use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::support::http::{get, upgrade_request};
use crate::support::{TestRelay, until, within};

/// How many inputs each property is tried with.
const CASES: u32 = 128;

/// Sends these bytes on a separate connection, and reads the whole answer.
async fn send(relay: &TestRelay, bytes: &[u8]) {
    let mut stream = TcpStream::connect(relay.http).await.expect("the relay listens");
    // The relay may have closed, or even reset, before it has all of them.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = within("the relay closes", stream.read_to_end(&mut answer)).await;
    assert_eq!(get(relay.http, "/healthz").await.body, "ok\n");
}

/// Sends what `hostile` makes, one input after the other; no session may be left in the end.
fn survives(
    hostile: impl Strategy<Value = Vec<u8>>,
    wrap: impl Fn(&TestRelay, Vec<u8>) -> Vec<u8>,
) {
    let runtime = Runtime::new().expect("there are threads");
    let relay = runtime.block_on(TestRelay::start());
    let mut runner =
        TestRunner::new(Cases { cases: CASES, failure_persistence: None, ..Cases::default() });
    let result = runner.run(&hostile, |bytes| {
        runtime.block_on(send(&relay, &wrap(&relay, bytes)));
        Ok(())
    });
    result.expect("the relay goes on serving");
    runtime.block_on(until("every session has ended", || async {
        let metrics = get(relay.http, "/metrics").await.body;
        !metrics
            .lines()
            .any(|line| line.starts_with("framescope_sessions_open") && !line.ends_with(" 0"))
    }));
}

/// Bytes that look like frames: every head, every way to write a length, masked or not.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![
        (0..=0x7d_u8).prop_map(|length| vec![length]),
        any::<u16>().prop_map(|length| [&[0x7e][..], &length.to_be_bytes()].concat()),
        any::<u64>().prop_map(|length| [&[0x7f][..], &length.to_be_bytes()].concat()),
    ];
    let payload = prop::collection::vec(any::<u8>(), 0..200);
    let frame = (any::<u8>(), any::<bool>(), length, payload).prop_map(
        |(head, is_masked, mut length, payload)| {
            length[0] |= u8::from(is_masked) << 7;
            [&[head][..], &length, &payload].concat()
        },
    );
    prop::collection::vec(frame, 0..8).prop_map(|frames| frames.concat())
}

#[test]
fn any_bytes_instead_of_a_request_leave_the_relay_serving() {
    survives(prop::collection::vec(any::<u8>(), 0..2000), |_, bytes| bytes);
}

#[test]
fn any_header_lines_leave_the_relay_serving() {
    let line = "[ -~]{0,80}";
    let lines =
        prop::collection::vec(line, 0..20).prop_map(|lines| lines.join("\r\n").into_bytes());
    survives(lines, |relay, lines| {
        let host = format!("GET /bridge/demo HTTP/1.1\r\nHost: {}\r\n", relay.http);
        [host.as_bytes(), &lines, b"\r\n\r\n"].concat()
    });
}

#[test]
fn a_handshake_with_changed_bytes_leaves_the_relay_serving() {
    let change = (any::<prop::sample::Index>(), any::<u8>());
    let changes = prop::collection::vec(change, 1..4);
    let change = changes.prop_map(|changes| {
        changes.iter().flat_map(|(at, byte)| [at.index(250).to_le_bytes()[0], *byte]).collect()
    });
    survives(change, |relay, changes: Vec<u8>| {
        let mut request = upgrade_request(relay.http, "/bridge/demo?recv=5", &[]).into_bytes();
        for change in changes.chunks(2) {
            let at = usize::from(change[0]) % request.len();
            request[at] = change[1];
        }
        request
    });
}

#[test]
fn any_frames_after_a_valid_handshake_leave_the_relay_serving() {
    survives(frames(), |relay, frames| {
        [upgrade_request(relay.http, "/bridge/demo", &[]).into_bytes(), frames].concat()
    });
}

#[test]
fn any_frames_after_a_valid_handshake_of_the_lab_leave_the_relay_serving() {
    survives(frames(), |relay, frames| {
        let offer = ["Sec-WebSocket-Protocol: framescope.lab.v2"];
        [upgrade_request(relay.http, "/lab", &offer).into_bytes(), frames].concat()
    });
}

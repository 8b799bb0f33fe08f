//! A relay that has run out of descriptors continues when some are free again. Tested on the real binary,
//! started with a lower limit.

use std::fs;
use std::process::{Command, Stdio};

use tokio::net::TcpStream;

use crate::support::http::get;
use crate::support::process::{RelayProcess, framescope};
use crate::support::websocket::Client;
use crate::support::{until, within};

/// How many descriptors the relay may have, at most.
const LIMIT: usize = 48;

/// How many open descriptors count for the limit. The relay may inherit descriptors whose numbers are over
/// the limit; see getrlimit(2).
fn descriptors(relay: &RelayProcess) -> usize {
    let path = format!("/proc/{}/fd", relay.running.id());
    let open = fs::read_dir(path).expect("the relay lives");
    let numbers = open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.filter(|number: &usize| *number < LIMIT).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_out_of_descriptors_keeps_its_sessions_and_recovers() {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {LIMIT}; exec \"$0\" \"$@\"")]);
    command.arg(framescope().get_program()).stderr(Stdio::null());
    let relay = RelayProcess::start_as(command).await;
    let echo = &b"\x02\0\0\0hi"[..];
    let mut old = Client::open(relay.http, "/bridge/demo").await;

    // The kernel puts these connections into the backlog. The relay cannot accept all of them.
    let mut hoard = Vec::new();
    for _ in 0..2 * LIMIT {
        hoard.push(within("the backlog takes it", TcpStream::connect(relay.tcp)).await.unwrap());
        hoard.push(within("the backlog takes it", TcpStream::connect(relay.http)).await.unwrap());
    }
    until("no descriptor is left", || async { descriptors(&relay) == LIMIT }).await;
    old.send(echo).await;
    assert_eq!(old.receive_bytes().await, echo);

    drop(hoard);
    assert_eq!(get(relay.http, "/healthz").await.body, "ok\n");
    let mut new = Client::open(relay.http, "/bridge/demo").await;
    for client in [&mut old, &mut new] {
        client.send(echo).await;
        assert_eq!(client.receive_bytes().await, echo);
    }
}

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

/// With one descriptor left, a client can come in, and no target can be connected to. That is not the target's fault.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_descriptor_for_the_target_the_answer_is_a_503_that_says_so() {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {LIMIT}; exec \"$0\" \"$@\"")]);
    command.arg(framescope().get_program()).stderr(Stdio::null());
    let relay = RelayProcess::start_as(command).await;
    let mut hoard = Vec::new();
    while descriptors(&relay) < LIMIT - 1 {
        let before = descriptors(&relay);
        hoard.push(within("it is accepted", TcpStream::connect(relay.http)).await.unwrap());
        until("the relay has it", || async { descriptors(&relay) > before }).await;
    }
    let refused = get(relay.http, "/bridge/demo").await;
    assert_eq!(refused.status, 503);
    let why = "the relay has no descriptors or memory left for a connection to a target: ";
    assert!(refused.body.starts_with(why), "{}", refused.body);
    drop(hoard);
    let sample = "framescope_refusals_total{reason=\"shortage\",status=\"503\"} 1";
    assert!(get(relay.http, "/metrics").await.body.contains(sample));
}

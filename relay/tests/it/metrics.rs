//! What `/metrics` counts.

use tokio::io::AsyncWriteExt as _;

use crate::support::http::{get, upgrade};
use crate::support::pattern::Pattern;
use crate::support::target;
use crate::support::timed_reads::receive_reads_to_close;
use crate::support::{Session, TestRelay, until};

/// The lines of `/metrics` that are no comments.
async fn samples(relay: &TestRelay) -> Vec<String> {
    let response = get(relay.http, "/metrics").await;
    assert_eq!(response.status, 200);
    let kind = response.header("Content-Type").unwrap_or_default();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    assert_eq!(response.header("Cache-Control"), Some("no-store"));
    assert!(response.body.ends_with("# EOF\n"), "{}", response.body);
    response.body.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

async fn assert_sample(relay: &TestRelay, sample: &str) {
    until(sample, || async { samples(relay).await.iter().any(|line| line == sample) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_their_bytes_are_counted() {
    let Session { mut client, mut target, relay } = Session::open().await;
    assert_sample(&relay, "framescope_sessions_open{kind=\"bridge\"} 1").await;
    assert_sample(&relay, "framescope_sessions_total{kind=\"bridge\"} 1").await;
    assert_sample(&relay, "framescope_connect_seconds_count 1").await;
    assert_sample(&relay, "framescope_connect_seconds_bucket{le=\"+Inf\"} 1").await;

    client.send(Pattern::new(1).take(1000)).await;
    Pattern::new(1).read(&mut target, 1000).await;
    target.write_all(b"hello").await.unwrap();
    assert_eq!(client.receive_bytes().await, "hello");
    // While the session goes on.
    assert_sample(&relay, "framescope_bridge_bytes_total{direction=\"up\"} 1000").await;
    assert_sample(&relay, "framescope_bridge_bytes_total{direction=\"down\"} 5").await;
    client.0.close(None).await.unwrap();
    drop((client, target));
    assert_sample(&relay, "framescope_sessions_open{kind=\"bridge\"} 0").await;
    assert_sample(&relay, "framescope_sessions_total{kind=\"bridge\"} 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_times_of_reads_are_not_counted() {
    let mut session = Session::open_timed("recv=2").await;
    session.target.write_all(b"hello").await.unwrap();
    session.target.shutdown().await.unwrap();
    receive_reads_to_close(&mut session.client).await;
    assert_sample(&session.relay, "framescope_bridge_bytes_total{direction=\"down\"} 5").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_counted_by_their_reason() {
    let (_silent, address) = target::taken_but_silent();
    let relay = TestRelay::start_with(|config| {
        config.targets.push(target::named("silent", address));
        config.max_sessions = 1;
    })
    .await;
    let held = upgrade(relay.http, "/bridge/demo", &[]).await.1;
    for (path, header) in [
        ("/bridge/demo", "Origin: http://evil.example"),
        ("/relay.json", "Host: evil.example"),
        ("/bridge/nobody", "Accept: */*"),
        ("/bridge/demo?recv=0", "Accept: */*"),
        ("/bridge/demo", "Sec-WebSocket-Protocol: chat"),
        ("/bridge/demo", "Accept: */*"),
    ] {
        upgrade(relay.http, path, &[header]).await;
    }
    for (reason, status) in [
        ("origin", 403),
        ("host", 421),
        ("unknown_target", 404),
        ("query", 400),
        ("subprotocol", 400),
        ("max_sessions", 503),
    ] {
        let labels = format!("reason=\"{reason}\",status=\"{status}\"");
        let sample = format!("framescope_refusals_total{{{labels}}} 1");
        assert_sample(&relay, &sample).await;
    }
    drop(held);
    until("the place is free", || async {
        upgrade(relay.http, "/bridge/silent", &[]).await.0.status == 502
    })
    .await;
    assert_sample(&relay, "framescope_refusals_total{reason=\"connect_failed\",status=\"502\"} 1")
        .await;
    // A page that asks whether a target can be reached is not refused.
    get(relay.http, "/bridge/demo").await;
    assert!(!samples(&relay).await.iter().any(|line| line.contains("upgrade")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_name_that_a_client_made_up_becomes_no_label() {
    let relay = TestRelay::start().await;
    for number in 0..20 {
        upgrade(relay.http, &format!("/bridge/made-up-{number}"), &[]).await;
    }
    assert_sample(&relay, "framescope_refusals_total{reason=\"unknown_target\",status=\"404\"} 20")
        .await;
    assert!(!samples(&relay).await.iter().any(|line| line.contains("made-up")));
}

//! Why there is no session: a status before any 101, and one sentence.

use framescope::Config;

use super::client::{LabClient, PROTOCOL, pair};
use crate::support::http::{Response, get, upgrade};
use crate::support::{TestRelay, until};

/// Asks a new relay for a session.
async fn ask(headers: &[&str], adjust: impl FnOnce(&mut Config)) -> Response {
    let relay = TestRelay::start_with(adjust).await;
    upgrade(relay.http, "/lab", headers).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_subprotocol_is_selected_wherever_it_is_offered() {
    for lines in [
        &[PROTOCOL][..],
        &["Sec-WebSocket-Protocol: chat, framescope.lab.v2"],
        &["Sec-WebSocket-Protocol: framescope.lab.v3,framescope.lab.v2"],
        &["Sec-WebSocket-Protocol: chat", PROTOCOL],
    ] {
        let response = ask(lines, |_| {}).await;
        let selected = response.header("Sec-WebSocket-Protocol");
        assert_eq!((response.status, selected), (101, Some("framescope.lab.v2")), "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_subprotocol_or_none_is_a_400_that_says_so() {
    for lines in [
        &[][..],
        &["Sec-WebSocket-Protocol: binary"],
        &["Sec-WebSocket-Protocol: framescope.lab.v1, Framescope.lab.v2"],
    ] {
        let response = ask(lines, |_| {}).await;
        assert_eq!(response.status, 400, "{lines:?}");
        assert_eq!(response.body, "the subprotocol here is \"framescope.lab.v2\"; offer it\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_get_is_a_426_that_names_websocket() {
    let relay = TestRelay::start().await;
    let response = get(relay.http, "/lab").await;
    assert_eq!((response.status, response.header("Upgrade")), (426, Some("websocket")));
    assert_eq!(response.body, "experiments can be run here; to run one, open a WebSocket here\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_foreign_origin_is_a_403() {
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let response = ask(&[PROTOCOL, &format!("Origin: {origin}")], |_| {}).await;
        assert_eq!(response.status, 403, "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_page_and_one_that_is_allowed_may_open_a_session() {
    let relay = TestRelay::start().await;
    let own = format!("Origin: http://{}", relay.http);
    assert_eq!(upgrade(relay.http, "/lab", &[PROTOCOL, &own]).await.0.status, 101);
    let allowed = "https://course.example";
    let allow = |config: &mut Config| config.allow_origins.push(allowed.parse().unwrap());
    assert_eq!(ask(&[PROTOCOL, &format!("Origin: {allowed}")], allow).await.status, 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_served_is_a_421() {
    assert_eq!(ask(&[PROTOCOL, "Host: evil.example"], |_| {}).await.status, 421);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_experiment_too_many_is_a_503_until_another_has_closed() {
    let relay = TestRelay::start_with(|config| config.max_experiments = 1).await;
    let client = LabClient::with(relay.http, pair()).await;
    let refused = upgrade(relay.http, "/lab", &[PROTOCOL]).await.0;
    assert_eq!(refused.status, 503);
    assert_eq!(
        refused.body,
        "the relay has reached its limit of sessions; try again when one has closed\n"
    );
    assert_eq!(get(relay.http, "/lab").await.status, 503);
    drop(client);
    until("the closed session's place is free again", || async {
        get(relay.http, "/lab").await.status == 426
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_every_experiment_and_the_bridge_is_counted_for_itself() {
    let relay = TestRelay::start_with(|config| {
        config.max_experiments_per_address = 1;
        config.max_sessions = 1;
    })
    .await;
    let _client = LabClient::open(relay.http).await;
    let refused = upgrade(relay.http, "/lab", &[PROTOCOL]).await.0;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.body, "your address has reached its limit of sessions; close one first\n");
    assert_eq!(upgrade(relay.http, "/bridge/demo", &[]).await.0.status, 101);
}

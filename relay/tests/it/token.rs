//! A relay with a token: which requests it accepts, and which paths need no token.

use crate::support::TestRelay;
use crate::support::http::{get, upgrade};

const TOKEN: &str = "c2VjcmV0LXRv+2Vu/~==";

/// [`TOKEN`] as it is written in a URL's query.
const IN_QUERY: &str = "c2VjcmV0LXRv%2B2Vu%2F~%3D%3D";

async fn relay() -> TestRelay {
    TestRelay::start_with(|config| config.token = Some(TOKEN.parse().expect("it is one"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_accepted_in_the_header_and_in_the_query() {
    let relay = relay().await;
    let lab = "Sec-WebSocket-Protocol: framescope.lab.v2";
    let header = format!("Authorization: Bearer {TOKEN}");
    let lower_case = format!("authorization: bearer {TOKEN}");
    for (path, headers) in [
        ("/bridge/demo", &[header.as_str()][..]),
        ("/bridge/demo?recv=5", &[&lower_case]),
        (&format!("/bridge/demo?token={IN_QUERY}"), &[]),
        (&format!("/bridge/demo?recv=5&token={IN_QUERY}&nodelay=0"), &[]),
        ("/lab", &[lab, &header]),
        (&format!("/lab?token={IN_QUERY}"), &[lab]),
    ] {
        if cfg!(unix) || !path.starts_with("/lab") {
            let response = upgrade(relay.http, path, headers).await.0;
            assert_eq!(response.status, 101, "{path} {headers:?}: {}", response.body);
        }
    }
    assert_eq!(get(relay.http, &format!("/metrics?token={IN_QUERY}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_token_it_is_a_401_that_says_how_to_send_it() {
    let relay = relay().await;
    let basic = format!("Authorization: Basic {TOKEN}");
    let longer = format!("Authorization: Bearer {TOKEN}=");
    let shorter = format!("Authorization: Bearer {}", &TOKEN[1..]);
    for (path, headers) in [
        ("/bridge/demo", &[][..]),
        ("/bridge/demo?token=", &[]),
        ("/bridge/demo?token=wrong-token", &[]),
        ("/bridge/demo?Token=c2VjcmV0LXRv%2B2Vu%2F~%3D%3D", &[]),
        ("/bridge/demo", &[basic.as_str()]),
        ("/bridge/demo", &[longer.as_str()]),
        ("/bridge/demo", &[shorter.as_str()]),
        ("/bridge/demo", &["Authorization: Bearer"]),
        // If there is a header, the query does not count.
        (&format!("/bridge/demo?token={IN_QUERY}"), &["Authorization: Bearer wrong-token"]),
        // Without the token, a client does not learn which targets exist.
        ("/bridge/nobody", &[]),
        ("/lab", &[]),
        ("/metrics", &[]),
    ] {
        let response = upgrade(relay.http, path, headers).await.0;
        assert_eq!(response.status, 401, "{path} {headers:?}");
        assert_eq!(response.header("WWW-Authenticate"), Some("Bearer realm=\"framescope\""));
        assert_eq!(
            response.body,
            "a token is asked for here: Authorization: Bearer TOKEN, or ?token=TOKEN\n"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_token_every_other_check_still_applies() {
    let relay = relay().await;
    let header = format!("Authorization: Bearer {TOKEN}");
    for (headers, status) in [
        (&[&*header, "Origin: http://evil.example"], 403),
        (&[&*header, "Host: evil.example"], 421),
        (&[&*header, "Sec-WebSocket-Protocol: chat"], 400),
    ] {
        assert_eq!(upgrade(relay.http, "/bridge/demo", headers).await.0.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_health_check_ask_for_no_token() {
    let relay = relay().await;
    for path in ["/", "/healthz", "/relay.json"] {
        assert_eq!(get(relay.http, path).await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_has_no_token_does_not_mind_one() {
    let relay = TestRelay::start().await;
    assert_eq!(upgrade(relay.http, "/bridge/demo?token=x", &[]).await.0.status, 101);
    assert_eq!(
        upgrade(relay.http, "/bridge/demo", &["Authorization: Bearer x"]).await.0.status,
        101
    );
}

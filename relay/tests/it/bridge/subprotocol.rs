//! Which subprotocol is agreed on.

use crate::support::TestRelay;
use crate::support::http::upgrade;

/// Offers these header lines at `/bridge/demo`. Returns the status, the selected subprotocol and the body.
async fn offer(lines: &[&str]) -> (u16, Option<String>, String) {
    let relay = TestRelay::start().await;
    let (response, _) = upgrade(relay.http, "/bridge/demo", lines).await;
    let selected = response.header("Sec-WebSocket-Protocol").map(str::to_owned);
    (response.status, selected, response.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn binary_is_selected_wherever_it_is_offered() {
    for lines in [
        &["Sec-WebSocket-Protocol: binary"][..],
        &["Sec-WebSocket-Protocol: chat, binary"],
        &["Sec-WebSocket-Protocol: chat,binary"],
        &["Sec-WebSocket-Protocol: binary , base64"],
        &["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: binary"],
    ] {
        let (status, selected, _) = offer(lines).await;
        assert_eq!((status, selected.as_deref()), (101, Some("binary")), "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn timed_reads_are_selected_wherever_they_are_offered() {
    for lines in [
        &["Sec-WebSocket-Protocol: framescope.reads.v1"][..],
        &["Sec-WebSocket-Protocol: framescope.reads.v1, binary"],
        &["Sec-WebSocket-Protocol: binary,framescope.reads.v1"],
        &["Sec-WebSocket-Protocol: binary", "Sec-WebSocket-Protocol: framescope.reads.v1"],
        &["Sec-WebSocket-Protocol: framescope.reads.v2, framescope.reads.v1"],
    ] {
        let (status, selected, _) = offer(lines).await;
        assert_eq!((status, selected.as_deref()), (101, Some("framescope.reads.v1")), "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn none_offered_is_none_selected() {
    let (status, selected, _) = offer(&[]).await;
    assert_eq!((status, selected), (101, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_unknown_ones_offered_is_a_400_that_says_so() {
    for lines in [
        &["Sec-WebSocket-Protocol: chat"][..],
        &["Sec-WebSocket-Protocol: base64, binary2"],
        // The case must match: a browser refuses a subprotocol that it did not offer.
        &["Sec-WebSocket-Protocol: Binary"],
        &["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: mqtt"],
    ] {
        let (status, selected, body) = offer(lines).await;
        assert_eq!((status, selected), (400, None), "{lines:?}");
        assert_eq!(
            body,
            "the subprotocols here are \"binary\" and \"framescope.reads.v1\"; offer one, or none\n"
        );
    }
}

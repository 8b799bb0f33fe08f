//! A page that its user leaves. The browser still sends events to it, and has no more timers and frames for it.

use crate::browser::{IS_OPEN, Page};

/// A page that the browser has kept as it was has lost its connection, and has a button for another one. A page that is
/// loaded again connects by itself.
const RECONNECTS: &str = "
    const state = document.querySelector('#source')?.dataset.state;
    if (state === 'over') document.querySelector('#reconnect').click();
    return state === 'open'";

#[tokio::test]
async fn a_page_that_was_left_does_nothing_until_it_is_back() {
    let (relay, page) = Page::connected("").await;
    let theme = "return document.documentElement.dataset.theme";
    page.read("window.dispatchEvent(new PageTransitionEvent('pagehide'))").await;
    page.press("d").await;
    relay.stop.cancel();
    relay.ended().await;
    page.until("the key was heard", "return new Promise(done => setTimeout(() => done(true)))")
        .await;
    assert_eq!(page.read(theme).await, "light");
    assert_eq!(page.read(IS_OPEN).await, true, "nothing is drawn");
    page.read("window.dispatchEvent(new PageTransitionEvent('pageshow'))").await;
    page.until("the key acts", &format!("{theme} === 'dark'")).await;
    let has_noticed = "return document.querySelector('#source').dataset.state === 'over'";
    page.until("it sees that the relay is gone", has_noticed).await;
    page.close().await;
}

/// The browser closes the WebSockets of a page that is left. Firefox tells the page of it while it goes, and Chromium when
/// it is back, if it was kept.
#[tokio::test]
async fn nothing_fails_when_a_page_is_left_in_the_middle_of_a_stream() {
    let (relay, page) = Page::connected("recv=1").await;
    let other = format!("http://{}/locales/en.json", relay.http);
    for _ in 0..5 {
        page.read(
            "for (const kind of ['error', 'unhandledrejection']) addEventListener(kind, (event) => {
                sessionStorage.setItem('failed', `${event.message ?? event.reason}`);
            })",
        )
        .await;
        page.send("/big 20000").await;
        page.until("bytes arrive", "return document.querySelector('#scrubber').max > 100").await;
        page.client.goto(&other).await.expect("there is such a file");
        let failed = page.read("return sessionStorage.getItem('failed')").await;
        assert_eq!(failed, serde_json::Value::Null);
        page.client.back().await.expect("the page comes back");
        // What waited for the page comes first.
        page.painted().await;
        page.until("it is connected again", RECONNECTS).await;
    }
    page.close().await;
}

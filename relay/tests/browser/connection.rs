//! Losing the relay and finding it again; refusals that say why.

use framescope_framing::HeaderFormat;

use crate::browser::{IS_OPEN, Page};

use crate::support::TestRelay;
use crate::support::target::{self, TestTarget};

const CAN_RECONNECT: &str = "return document.querySelector('#reconnect').checkVisibility()";

#[tokio::test]
async fn what_was_on_screen_is_kept_while_a_relay_is_away_and_back() {
    let (relay, page) = Page::connected("").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;

    let (http, tcp) = (relay.http, relay.tcp);
    relay.stop.cancel();
    relay.ended().await;
    page.until_texts(
        "#banner-text",
        &["The connection is lost (code 1001): the relay is shutting down. Everything received is kept."],
    )
    .await;
    assert_eq!(page.texts("#messages .content").await, ["\"hello\""]);

    let _relay = TestRelay::start_with(|config| {
        config.listen = vec![http.into()];
        config.tcp_listen = Some(tcp);
    })
    .await;
    page.until_texts(
        "#banner-text",
        &["The connection was lost, and the relay answers again. Everything received is kept."],
    )
    .await;
    page.click("#reconnect").await;
    page.until("it is connected again", IS_OPEN).await;
    page.send("again").await;
    page.until_texts("#messages .content", &["\"again\""]).await;
    page.click(".tab[data-number=\"1\"]").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.close().await;
}

#[tokio::test]
async fn a_target_that_refuses_is_named_with_its_reason() {
    let (_silent, address) = target::taken_but_silent();
    let gone = target::named("gone", address);
    let relay = TestRelay::start_with(|config| config.targets.push(gone)).await;
    let page = Page::open(relay.http, "view=list&target=gone", &[]).await;
    page.until(
        "the reason is on screen",
        "return /the target cannot be reached \\(502: the target \"gone\" cannot be reached: Connection refused/
            .test(document.querySelector('#banner-text').textContent)",
    )
    .await;
    page.until_texts("#source-text", &["not connected · gone"]).await;
    page.close().await;
}

#[tokio::test]
async fn a_read_option_out_of_bounds_says_its_bounds_and_changes_nothing() {
    let (_relay, page) = Page::connected("").await;
    page.fill("#recv", "0\n").await;
    page.until_texts("#recv-problem", &["The recv size is a number of bytes from 1 to 1048576."])
        .await;
    page.fill("#recv", "7\n").await;
    page.until("the option is in the link", "return location.hash.startsWith('#recv=7&')").await;
    page.until("it is connected", IS_OPEN).await;
    page.send("hello").await;
    page.until_texts("#chunks .got", &["got 7", "got 2"]).await;
    page.close().await;
}

#[tokio::test]
async fn a_relay_that_returns_with_another_configuration_is_asked_for_it_again() {
    let (relay, page) = Page::connected("").await;
    let http = relay.http;
    relay.stop.cancel();
    relay.ended().await;
    let relay = TestRelay::start_with(|config| {
        config.listen = vec![http.into()];
        config.header = HeaderFormat::NETWORK_UNSIGNED;
    })
    .await;
    page.until("the reconnect button is there", CAN_RECONNECT).await;
    page.click("#reconnect").await;
    page.until("it is connected again", IS_OPEN).await;
    let source = page.texts("#source-text").await.concat();
    assert!(source.contains(&relay.tcp.to_string()), "{source}");
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.close().await;
}

#[tokio::test]
async fn a_page_whose_bytes_nobody_takes_gives_up_and_says_so() {
    let idle = TestTarget::listen().await;
    let relay = TestRelay::start_with(|config| config.targets.push(idle.named("idle"))).await;
    let page = Page::open(relay.http, "view=list&target=idle", &[]).await;
    page.until("it is connected", IS_OPEN).await;
    page.read(
        "const field = document.querySelector('#composer-text');
         field.value = 'x'.repeat(1000000);
         field.dispatchEvent(new Event('input', { bubbles: true }));",
    )
    .await;
    page.fill("#composer-times", "4").await;
    page.until(
        "the page has given up",
        "document.querySelector('#send').click();
         return /given up: more than 16 MiB/.test(document.querySelector('#banner-text').textContent)",
    )
    .await;
    page.close().await;
}

#[tokio::test]
async fn a_relay_with_a_token_is_reached_by_a_link_that_carries_it() {
    let relay = TestRelay::start_with(|config| {
        config.token = Some("c2VjcmV0LXRva2Vu".parse().expect("it can be a token"));
    })
    .await;
    let page = Page::open(relay.http, "", &[]).await;
    page.until(
        "it says what is missing",
        "return document.querySelector('#banner-text').textContent.includes('the relay wants a token')",
    )
    .await;
    page.close().await;
    let page = Page::open(relay.http, "token=c2VjcmV0LXRva2Vu", &[]).await;
    page.until("it is connected", IS_OPEN).await;
    page.press("4").await;
    let is_there = "return !document.querySelector('#lab-step').ariaDisabled";
    page.until("the lesson is there", is_there).await;
    page.click("#lab-step").await;
    let has_begun = "return document.querySelector('[aria-current]') !== null";
    page.until("a program has begun", has_begun).await;
    let source = "return document.querySelector('#source-text').textContent.startsWith('measured')";
    page.until("it is measured", source).await;
    page.close().await;
}

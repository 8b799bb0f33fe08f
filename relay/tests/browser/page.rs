//! The page as it is served: small, self-contained, and named for those who do not see it.

use crate::browser::{IS_OPEN, Page};
use crate::support::TestRelay;

/// The most that the page may weigh as served, in bytes.
const MAX_PAGE: u64 = 250_000;

#[tokio::test]
async fn the_page_is_small_and_comes_from_one_place() {
    let relay = TestRelay::start().await;
    let has_question = "return document.querySelector('#question').textContent !== ''";
    for (fragment, is_shown) in [("", IS_OPEN), ("lesson=4a", has_question)] {
        let page = Page::open(relay.http, fragment, &[]).await;
        page.until("the tab is shown", is_shown).await;
        let weights = "return [...performance.getEntriesByType('navigation'),
            ...performance.getEntriesByType('resource')].map(e => [e.name, e.encodedBodySize])";
        let weights: Vec<(String, u64)> = serde_json::from_value(page.read(weights).await).unwrap();
        let own = format!("http://{}/", relay.http);
        for (name, _) in &weights {
            assert!(name.starts_with(&own), "{name} comes from elsewhere");
        }
        assert!(weights.iter().any(|(name, _)| name.contains("_bg.wasm")));
        let total: u64 = weights.iter().map(|(_, weight)| weight).sum();
        println!("the page weighs {total} bytes as served: {weights:?}");
        assert!(total < MAX_PAGE, "{total} bytes: {weights:?}");
        page.close().await;
    }
}

#[tokio::test]
async fn everything_that_can_be_used_has_a_name() {
    let (_relay, page) = Page::connected("").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    let nameless = "return [...document.querySelectorAll(
            'button, input, select, [tabindex], [role=group], [role=listbox], [role=scrollbar], nav, section, dialog')]
        .filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')
            || e.labels?.length || e.textContent.trim()))
        .map(e => e.outerHTML.slice(0, 80))";
    let nameless: Vec<String> = serde_json::from_value(page.read(nameless).await).unwrap();
    assert_eq!(nameless, Vec::<String>::new());
    let untranslated = "return [...document.querySelectorAll('[data-text]')]
        .filter(e => e.textContent === e.dataset.text && e.dataset.text.includes('-'))
        .map(e => e.dataset.text)";
    let untranslated: Vec<String> = serde_json::from_value(page.read(untranslated).await).unwrap();
    assert_eq!(untranslated, Vec::<String>::new());
    page.close().await;
}

#[tokio::test]
async fn new_messages_are_announced_and_single_bytes_are_not() {
    let (_relay, page) = Page::connected("").await;
    page.send("/drip hey").await;
    page.until_texts("#announcer", &["Message 1: \"hey\""]).await;
    page.close().await;
}

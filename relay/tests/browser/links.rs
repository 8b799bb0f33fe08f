//! Links on a page that is open, the browser's Back, and the token of a link.

use crate::browser::{IS_OPEN, Page};
use crate::support::TestRelay;

/// Waits until this lesson is on screen.
async fn until_lesson(page: &Page, name: &str) {
    let is_shown = format!(
        "return document.documentElement.dataset.show === 'lab'
            && document.querySelector('#lesson').value === '{name}'"
    );
    page.until(name, &is_shown).await;
}

#[tokio::test]
async fn a_link_leads_to_its_place_on_an_open_page_and_back_returns() {
    let (_relay, page) = Page::connected("lesson=5a").await;
    until_lesson(&page, "5a").await;
    let is_elsewhere = "return document.documentElement.hasAttribute('data-elsewhere')";
    assert_eq!(page.read(is_elsewhere).await, true, "the first picture is of another lesson");
    page.read("location.hash = 'lesson=7a'").await;
    until_lesson(&page, "7a").await;
    page.press("]").await;
    until_lesson(&page, "7b").await;
    page.click("#tab-live").await;
    let is_live = "return document.documentElement.dataset.show === 'live'";
    page.until("Live is on screen", is_live).await;
    for lesson in ["7b", "7a", "5a"] {
        page.client.back().await.expect("there is a page before");
        until_lesson(&page, lesson).await;
    }
    page.client.forward().await.expect("there is a page after");
    until_lesson(&page, "7a").await;
    page.client.execute("location.hash = 'lesson=99z'", Vec::new()).await.expect("it runs");
    let said = "There is no lesson 99z. Choose one from the list of lessons.";
    page.until_texts("#file-problem", &[said]).await;
    page.press("l").await;
    page.until_texts("#file-problem", &["没有第 99z 课。请从列表中选择一课。"]).await;
    page.close().await;
}

#[tokio::test]
async fn the_link_to_skip_the_bar_does_not_leave_the_place() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "lesson=5a", &[]).await;
    page.read("document.querySelector('.skip[data-tab=lab]').click()").await;
    assert_eq!(page.read("return document.activeElement.id").await, "lab-step");
    assert_eq!(page.read("return location.hash").await, "#lesson=5a");
    page.close().await;
}

#[tokio::test]
async fn a_link_leads_to_a_moment_of_a_run_and_to_another_reader() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "lesson=4a&steps=1000&reader=recv7", &[]).await;
    let cuts = ["recv 7 → 7", "recv 7 → 7", "1"];
    page.until_texts("#received-lanes .chunk-lane .segment", &cuts).await;
    page.choose_in_menu("#lab-link").await;
    let is_in_address = "return /^#lesson=4a&steps=[1-9][0-9]*&reader=recv7$/.test(location.hash)";
    page.until("the address is a link to this moment", is_in_address).await;
    page.client.refresh().await.expect("the page loads again");
    page.until_texts("#received-lanes .chunk-lane .segment", &cuts).await;
    page.close().await;
}

#[tokio::test]
async fn the_token_leaves_the_address_and_outlives_a_reload() {
    let relay = TestRelay::start_with(|config| {
        config.token = Some("c2VjcmV0LXRva2Vu".parse().expect("it can be a token"));
    })
    .await;
    let page = Page::open(relay.http, "recv=5", &[]).await;
    let is_refused = "return document.querySelector('#banner-text').textContent.includes('the relay wants a token')";
    page.until("it says what is missing", is_refused).await;
    page.read("location.hash = 'recv=5&token=c2VjcmV0LXRva2Vu'").await;
    page.until("it is connected", IS_OPEN).await;
    assert_eq!(page.read("return location.hash").await, "#recv=5");
    page.client.refresh().await.expect("the page loads again");
    page.until("it is connected", IS_OPEN).await;
    assert_eq!(page.read("return location.hash").await, "#recv=5");
    page.close().await;
}

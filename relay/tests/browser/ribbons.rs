//! The picture of the tab Live.

use crate::browser::{IS_OPEN, Page};
use crate::support::TestRelay;

/// The texts of the picture.
const TEXTS: &str = "#ribbons-shapes text";

#[tokio::test]
async fn the_page_opens_with_three_sends_stuck_together_and_a_header_tells_them_apart() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "", &[]).await;
    let has = |text: &str| {
        format!(
            "return [...document.querySelectorAll('{TEXTS}')].some(e => e.textContent.includes('{text}'))"
        )
    };
    page.until("one recv() returned all", &has("→ 15 B")).await;
    page.until("nobody can cut it", &has("15 bytes")).await;
    assert_eq!(page.texts("#without-header[aria-pressed=true]").await, ["without a header"]);
    page.click("#with-header").await;
    page.until("there are three messages", &has("message 3")).await;
    let hash = page.read("return location.hash").await;
    assert_eq!(hash, "", "with a header is what a link says without a word");
    page.close().await;
}

#[tokio::test]
async fn the_lists_are_one_step_away_and_a_link_leads_there() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "recv=5", &[]).await;
    let hellos =
        "return document.querySelectorAll('#ribbons-shapes [data-item^=\"r m \"]').length > 0";
    page.until("messages are drawn", hellos).await;
    assert_eq!(page.texts("#messages .content").await, [""; 0]);
    page.click("#view-list").await;
    page.until_texts("#messages .content", &["\"hello\""; 3]).await;
    let hash = page.read("return location.hash").await;
    assert_eq!(hash, "#recv=5&view=list");
    page.click("#view-ribbons").await;
    let is_drawn = "return document.querySelector('#ribbons').checkVisibility()
        && !document.querySelector('#messages').checkVisibility()";
    page.until("the picture is back", is_drawn).await;
    page.close().await;
}

#[tokio::test]
async fn what_is_clicked_is_lit_up_to_the_send_and_the_keys_move_on() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "recv=24", &[]).await;
    page.until("it is connected", IS_OPEN).await;
    let third =
        "return document.querySelector('#ribbons-shapes rect[data-item=\"r m 2\"]') !== null";
    page.until("the third message is drawn", third).await;
    let click = "document.querySelector('#ribbons-shapes rect[data-item=\"r m 2\"]')
        .dispatchEvent(new MouseEvent('click', { bubbles: true }))";
    page.read(click).await;
    let lit = "return document.querySelector('rect[data-item=\"s c 2\"][data-lit]') !== null
        && document.querySelector('rect[data-item=\"s c 1\"][data-lit]') === null";
    page.until("its send is lit, and no other", lit).await;
    page.find("#ribbons").await.send_keys("\u{e012}").await.unwrap();
    let byte = "return document.querySelector('#detail-text').textContent.startsWith('Byte 17 ')";
    page.until("the byte before is selected", byte).await;
    page.close().await;
}

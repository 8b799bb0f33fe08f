//! Chunks next to messages: what the page is for.

use crate::browser::{IS_OPEN, Page};

#[tokio::test]
async fn three_hellos_read_in_fives_are_six_chunks_beside_three_messages() {
    let (_relay, page) = Page::connected("recv=5&delay_ms=150").await;
    page.fill("#composer-times", "3").await;
    page.send("hello").await;
    // After the first recv, which may come before the last hello, each waits 150 ms for the rest.
    page.until_texts("#messages .content", &["\"hello\"", "\"hello\"", "\"hello\""]).await;
    let chunks = page.texts("#chunks .content").await;
    assert_eq!(chunks[0], r"b'\x05\x00\x00\x00h'");
    assert_eq!(
        chunks[1..],
        [r"b'ello\x05'", r"b'\x00\x00\x00he'", r"b'llo\x05\x00'", r"b'\x00\x00hel'", "b'lo'"]
    );
    assert_eq!(page.texts("#messages .from").await, ["chunks 1–2", "chunks 2–4", "chunks 4–6"]);
    assert_eq!(
        page.texts("#received-lanes .message-lane .segment").await,
        ["header 5", "\"hello\"", "header 5", "\"hello\"", "header 5", "\"hello\""]
    );
    assert_eq!(page.texts("#received-lanes .chunk-lane .segment").await.len(), 6);
    page.close().await;
}

#[tokio::test]
async fn a_character_cut_in_the_middle_is_whole_in_the_message() {
    let (_relay, page) = Page::connected("recv=5").await;
    page.send("你好").await;
    page.until_texts("#messages .content", &["\"你好\""]).await;
    assert_eq!(
        page.texts("#chunks .content").await,
        [r"b'\x06\x00\x00\x00\xe4'", r"b'\xbd\xa0\xe5\xa5\xbd'"]
    );
    page.close().await;
}

#[tokio::test]
async fn what_is_pointed_at_lights_up_in_every_lane_and_list() {
    let (_relay, page) = Page::connected("recv=5").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.point_at("#chunks .row[data-item=\"r c 1\"]").await;
    page.until(
        "the chunk's four bytes light up",
        "return document.querySelectorAll('#received-lanes .cell[data-lit]').length === 4",
    )
    .await;
    let lit = "return [...document.querySelectorAll('[data-lit]')].map(e => e.dataset.item).filter(i => !i.includes(' b '))";
    let lit: Vec<String> = serde_json::from_value(page.read(lit).await).unwrap();
    assert_eq!(lit, ["r c 1", "r m 0", "r m 0", "r c 1", "r m 0"]);
    page.until_texts(
        "#detail-text",
        &["Chunk 2: bytes 5 to 8, 4 in all. It belongs to message 1."],
    )
    .await;
    page.close().await;
}

#[tokio::test]
async fn a_byte_can_be_reached_by_keyboard_and_says_where_it_belongs() {
    let (_relay, page) = Page::connected("recv=5").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    let lanes = page.find("#received-lanes").await;
    // Right, to the first byte; then five further, to the first byte of the second chunk.
    lanes.send_keys(&"\u{e014}".repeat(6)).await.unwrap();
    page.until_texts(
        "#detail-text",
        &["Byte 5 is 101 (e). It lies in chunk 2. It belongs to message 1."],
    )
    .await;
    let label = "return document.getElementById(document.getElementById('received-lanes').getAttribute('aria-activedescendant')).getAttribute('aria-label')";
    assert_eq!(page.read(label).await, "byte 5: e");
    page.close().await;
}

#[tokio::test]
async fn another_header_reads_the_same_bytes_again() {
    let (_relay, page) = Page::connected("recv=1024").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.find("#header").await.select_by_value("!I").await.unwrap();
    page.until_texts(
        "#messages .content",
        &["✕ The header at byte 0 says 83886080 bytes, over the limit of 1048576"],
    )
    .await;
    assert_eq!(page.read("return document.querySelector('#write-header').value").await, "<i");
    page.find("#header").await.select_by_value("<i").await.unwrap();
    page.until_texts("#messages .content", &["\"hello\""]).await;
    // The server reads another format than is written now, and closes.
    page.find("#write-header").await.select_by_value("!I").await.unwrap();
    page.until_texts("#frame-header", &["00 00 00 05"]).await;
    page.until("it is in the link", "return location.hash.startsWith('#write_header=%21I&')").await;
    page.close().await;
}

#[tokio::test]
async fn where_the_page_says_reconnect_there_is_a_button() {
    let (_relay, page) = Page::connected("").await;
    page.send("/negative").await;
    let says = "return /Reconnect/.test(document.querySelector('#leftover').textContent)";
    page.until("it says so", says).await;
    page.click("#start-again").await;
    page.until_texts("#messages .content", &[]).await;
    page.until("it is connected again", IS_OPEN).await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    assert_eq!(page.texts("#start-again").await, [""; 0]);
    page.close().await;
}

#[tokio::test]
async fn bytes_from_the_network_never_become_markup() {
    let (_relay, page) = Page::connected("").await;
    let hostile = "<img src=x onerror=alert(1)><b>bold</b>";
    page.send(hostile).await;
    page.until_texts("#messages .content", &[&format!("\"{hostile}\"")]).await;
    let made = "return document.querySelectorAll('main img, main b, main script').length";
    assert_eq!(page.read(made).await, 0);
    page.close().await;
}

#[tokio::test]
async fn a_hundred_thousand_chunks_scroll_as_ten_do() {
    let (_relay, page) = Page::connected("recv=1").await;
    page.send("/big 100000").await;
    page.until(
        "all of it has arrived",
        "return document.querySelector('#position').textContent.startsWith('event 100005 of 100005')
            || document.querySelector('#messages .size')?.textContent === '100000 bytes'",
    )
    .await;
    let elements = page.read("return document.querySelectorAll('*').length").await;
    assert!(elements.as_u64().unwrap() < 1500, "{elements} elements");
    page.until(
        "the newest chunk is on screen",
        "return [...document.querySelectorAll('#chunks .number')].some(e => e.textContent === '#100004')",
    )
    .await;
    page.find("#chunks").await.send_keys("\u{e011}").await.unwrap();
    page.until(
        "the oldest chunk that is kept is on screen",
        "return document.querySelector('#chunks').scrollTop === 0",
    )
    .await;
    page.close().await;
}

#[tokio::test]
async fn a_flood_of_cut_messages_is_followed_to_its_end() {
    let (_relay, page) = Page::connected("recv=3").await;
    page.send("/burst 3000 hello").await;
    page.until(
        "the last message is on screen",
        "return [...document.querySelectorAll('#messages .number')].some(e => e.textContent === '#3000')",
    )
    .await;
    page.until(
        "the last chunk is on screen beside it",
        "const rows = [...document.querySelectorAll('#chunks .row')].filter(e => e.checkVisibility());
         return rows.at(-1)?.querySelector('.content').textContent.endsWith(\"o'\")
            && document.querySelector('#follow').getAttribute('aria-pressed') === 'true'",
    )
    .await;
    page.close().await;
}

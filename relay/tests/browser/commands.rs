//! Each of the built-in server's commands, on screen as it should be.

use crate::browser::Page;

const ENTER: &str = "\u{e007}";

#[tokio::test]
async fn a_burst_arrives_as_one_message_each() {
    let (_relay, page) = Page::connected("").await;
    page.click("[data-preset^=\"/burst\"]").await;
    let filled = "return document.querySelector('#composer-text').value === '/burst 5 hello'";
    page.until("the composer is filled", filled).await;
    assert_eq!(page.texts("#messages .content").await, Vec::<String>::new(), "nothing is sent");
    assert_eq!(page.read("return document.activeElement.id").await, "send", "one key sends it");
    page.find("#send").await.send_keys(ENTER).await.unwrap();
    page.until_texts("#messages .content", &["\"hello\""; 5]).await;
    page.click("[data-times=\"3\"]").await;
    page.click("#send").await;
    page.until_texts("#messages .content", &["\"hello\""; 8]).await;
    page.close().await;
}

#[tokio::test]
async fn a_drip_arrives_byte_by_byte_and_becomes_one_message() {
    let (_relay, page) = Page::connected("").await;
    page.send("/drip hey").await;
    page.until_texts("#messages .content", &["\"hey\""]).await;
    assert_eq!(
        page.texts("#chunks .content").await,
        [r"b'\x03'", r"b'\x00'", r"b'\x00'", r"b'\x00'", "b'h'", "b'e'", "b'y'"]
    );
    page.close().await;
}

#[tokio::test]
async fn a_split_header_is_a_leftover_until_its_second_piece_arrives() {
    let (_relay, page) = Page::connected("").await;
    page.send("/split hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.press("\u{e012}").await;
    page.until_texts("#leftover", &["Leftover: 2 bytes. 2 more bytes wanted for the header."])
        .await;
    page.until_texts("#received-lanes .message-lane .segment", &["2 more"]).await;
    page.until_texts("#messages .from", &["2 more bytes wanted"]).await;
    page.close().await;
}

#[tokio::test]
async fn a_negative_header_is_an_error_where_it_stands_and_the_stream_stays() {
    let (_relay, page) = Page::connected("").await;
    page.send("before").await;
    page.until_texts("#messages .content", &["\"before\""]).await;
    page.send("/negative").await;
    let error = "✕ The header at byte 10 says -1: a length below zero";
    page.until_texts("#messages .content", &["\"before\"", error]).await;
    page.send("after").await;
    page.until_texts("#messages .from", &["chunk 1", "9 bytes behind it cannot be read"]).await;
    assert_eq!(
        page.texts("#received-lanes .message-lane .segment").await,
        ["header 6", "\"before\"", "✕ -1", "cannot be read"]
    );
    page.close().await;
}

#[tokio::test]
async fn a_huge_header_is_refused_with_the_limit_named() {
    let (_relay, page) = Page::connected("").await;
    page.send("/huge").await;
    let error = "✕ The header at byte 0 says 2147483647 bytes, over the limit of 1048576";
    page.until_texts("#messages .content", &[error]).await;
    page.close().await;
}

#[tokio::test]
async fn a_death_in_mid_message_names_what_never_came() {
    let (_relay, page) = Page::connected("").await;
    page.send("/die").await;
    page.until_texts("#banner-text", &["The server closed the connection: recv() returned b''."])
        .await;
    page.until_texts("#messages .from", &["✕ cut: 19 bytes never came"]).await;
    let chunks = page.texts("#chunks .content").await;
    assert_eq!(chunks.last().map(String::as_str), Some("b''  end of stream"));
    page.close().await;
}

#[tokio::test]
async fn help_can_be_read_in_full() {
    let (_relay, page) = Page::connected("").await;
    page.click("[data-preset=\"/help\"]").await;
    page.click("#send").await;
    page.until("the answer is there", "return !!document.querySelector('#messages .row')").await;
    page.click("#messages .row").await;
    page.until(
        "the last line is in the detail",
        "return document.querySelector('#detail-bytes').textContent.endsWith('其他内容原样返回。')",
    )
    .await;
    page.close().await;
}

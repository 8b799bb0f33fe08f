//! A session that the relay recorded, opened by the page.

use std::env;
use std::fs;

use crate::browser::Page;
use crate::support::websocket::Client;
use crate::support::{TestRelay, until};

#[tokio::test]
async fn a_session_that_the_relay_recorded_is_opened_by_the_page() {
    let folder = env::temp_dir().join(format!("framescope-recording-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("session.json");
    let recorder = TestRelay::start_with(|config| config.record = Some(file.clone())).await;
    let mut client = Client::open(recorder.http, "/bridge/demo?recv=8").await;
    client.send(&b"\x05\0\0\0hello"[..]).await;
    let mut echoed = Vec::new();
    while echoed.len() < 9 {
        echoed.extend_from_slice(&client.receive_bytes().await);
    }
    client.0.close(None).await.unwrap();
    until("the recording is whole", || async {
        fs::read_to_string(&file).is_ok_and(|json| json.ends_with("}\n"))
    })
    .await;

    let (_relay, page) = Page::connected("").await;
    let input = page.find("#recording-open").await;
    let cut_off = folder.join("cut-off.json");
    let json = fs::read_to_string(&file).unwrap();
    fs::write(&cut_off, &json[..json.len() / 2]).unwrap();
    input.send_keys(cut_off.to_str().unwrap()).await.unwrap();
    page.until(
        "it says that it breaks off",
        "return document.querySelector('#file-problem').textContent
            .startsWith('this recording breaks off')",
    )
    .await;
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    page.until_texts("#source-text", &["measured · recorded from demo · connection 2"]).await;
    page.until_texts("#file-problem", &[]).await;
    let banner = "This is a recording. It ends here: the client closed.";
    page.until_texts("#banner-text", &[banner]).await;
    page.until(
        "its bytes are in the list of chunks",
        "return document.querySelector('#chunks').textContent.includes('hell')",
    )
    .await;
    page.until(
        "its message is in the list of messages",
        "return document.querySelector('#messages').textContent.includes('\"hello\"')",
    )
    .await;
    page.fits_every_screen().await;
    // The page's own connection was open all the time.
    page.send("still here").await;
    page.until(
        "the live connection answers",
        "return document.querySelector('#messages').textContent.includes('\"still here\"')",
    )
    .await;
    fs::remove_dir_all(folder).unwrap();
    page.close().await;
}

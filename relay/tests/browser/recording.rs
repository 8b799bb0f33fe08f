//! Recordings of sessions, opened by the page.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use framescope_lab::{Trace, find_variant};
use framescope_record::{Bridge, Crossed, Crossing, Source, json_tail};

use crate::browser::{IS_OPEN, LISTS, Page};
use crate::file_server;
use crate::support::websocket::Client;
use crate::support::{TestRelay, until};

const CHUNKS: &str = "#received-lanes .chunk-lane .segment";
const MESSAGES: &str = "#received-lanes .message-lane .segment";
const PROBLEM: &str = "#file-problem";
const BROKEN_OFF: &str = "This recording breaks off. It is whole when its session has ended.";

/// An empty folder for one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("opened").join(test);
    // An earlier run of the test may have made it.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for tests can be written");
    folder
}

/// A session with a server that frames in network order, in reads of at most five bytes.
fn recording(target: &str, end: &str) -> String {
    let bridge = Bridge {
        target: target.to_owned(),
        recv: 5,
        delay_ms: 0,
        nodelay: true,
        header: "!I".parse().expect("it is a header"),
    };
    let crossings = [
        (1_000, Crossed::Sent(b"\0\0\0\x05hello".into())),
        (2_500, Crossed::Received(b"\0\0\0\x05h".into())),
        (2_750, Crossed::Received(b"ello\0".into())),
        (3_000, Crossed::Received(b"\0\0\x02h".into())),
        (4_000, Crossed::Received(b"i".into())),
        (9_000, Crossed::Received(b"".into())),
    ];
    let events: Vec<String> =
        crossings.into_iter().map(|(at, what)| Crossing { at, what }.to_json()).collect();
    bridge.json_head() + &events.join(",") + &json_tail(end)
}

/// Chooses a file of this text in an input.
async fn choose_file(page: &Page, input: &str, path: &Path, text: &[u8]) {
    fs::write(path, text).expect("the folder for tests can be written");
    let path = path.to_str().expect("its name is text");
    page.find(input).await.send_keys(path).await.expect("the input takes a file");
}

/// Opens that recording, of the target `db`.
async fn open_recording(page: &Page, folder: &Path) {
    let json = recording("db", "the target closed its side");
    choose_file(page, "#recording-open", &folder.join("session.json"), json.as_bytes()).await;
}

#[tokio::test]
async fn a_recording_shows_chunks_beside_messages_and_why_it_ends() {
    let (_relay, page) = Page::connected("").await;
    open_recording(&page, &folder("shows")).await;
    page.until_texts("#source-text", &["measured · recorded from db · connection 2"]).await;
    page.until_texts(
        "#banner-text",
        &["This is a recording. It ends here: the target closed its side."],
    )
    .await;
    page.until_texts("#banner button", &[]).await;
    page.until_texts(
        "#chunks .content",
        &[
            r"b'\x00\x00\x00\x05h'",
            r"b'ello\x00'",
            r"b'\x00\x00\x02h'",
            "b'i'",
            "b''  end of stream",
        ],
    )
    .await;
    page.until_texts("#chunks .time", &["2.500 ms", "2.750 ms", "3.000 ms", "4.000 ms", ""]).await;
    page.until_texts("#messages .content", &["\"hello\"", "\"hi\""]).await;
    page.until_texts("#messages .from", &["chunks 1–2", "chunks 2–4"]).await;
    page.until_texts(CHUNKS, &["recv 5 → 5", "recv 5 → 5", "4", "1"]).await;
    page.until_texts(MESSAGES, &["header 5", "\"hello\"", "header 2", "\"hi\""]).await;
    page.until_texts("#connections .tab", &["#1 recv 1024", "#2 recv 5, recorded"]).await;
    page.click("#sent summary").await;
    page.until_texts("#sent-lanes .chunk-lane .segment", &["send 9"]).await;

    page.point_at("#messages .row[data-item=\"r m 1\"]").await;
    page.until_texts(
        "#detail-text",
        &["Message 2: bytes 9 to 14, of which 4 are the header. It is spread over chunks 2 to 4."],
    )
    .await;
    page.click("#back").await;
    page.until_texts("#position", &["event 5 of 6 · 4.0 ms"]).await;
    page.until_texts("#chunks .number", &["#1", "#2", "#3", "#4"]).await;
    page.click("#back").await;
    page.until_texts("#leftover", &["Leftover: 5 bytes. 1 more bytes wanted for the message."])
        .await;
    page.press("\u{e011}").await;
    page.until_texts("#chunks .number", &[]).await;
    page.click("#language").await;
    page.until_texts("#source-text", &["实测 · 录自 db · 连接 2"]).await;
    page.close().await;
}

#[tokio::test]
async fn the_header_of_a_recording_is_its_own_and_so_is_the_pages() {
    let (_relay, page) = Page::connected("").await;
    let header_is =
        |format: &str| format!("return document.querySelector('#header').value === '{format}'");
    page.send("live").await;
    page.until_texts("#messages .content", &["\"live\""]).await;
    open_recording(&page, &folder("header")).await;
    page.until_texts("#messages .content", &["\"hello\"", "\"hi\""]).await;
    page.until("the header is that of the file", &header_is("!I")).await;
    page.until_texts("#read-options-note", &["recv 5 · delay 0 ms · header !I"]).await;
    page.find("#header").await.select_by_value("<i").await.unwrap();
    let error = "✕ The header at byte 0 says 83886080 bytes, over the limit of 1048576";
    page.until_texts("#messages .content", &[error]).await;
    page.until_texts("#leftover", &[&format!("{error}. What follows cannot be told apart.")]).await;
    page.find("#header").await.select_by_value(">i").await.unwrap();
    page.until_texts("#messages .content", &["\"hello\"", "\"hi\""]).await;
    page.click(".tab[data-number=\"1\"]").await;
    page.until_texts("#messages .content", &["\"live\""]).await;
    page.until("the page's header is what it was", &header_is("<i")).await;
    let hash = page.read("return location.hash").await;
    assert!(!hash.to_string().contains("header"), "{hash}");
    page.close().await;
}

#[tokio::test]
async fn either_tab_opens_either_kind_of_file() {
    let folder = folder("either");
    let (_relay, page) = Page::connected("").await;
    let experiment = find_variant("7a").expect("the lesson is there").experiment();
    let trace = Trace::new(Source::Simulated, experiment).to_json();
    choose_file(&page, "#recording-open", &folder.join("trace.json"), trace.as_bytes()).await;
    page.until_texts("#source-text", &["simulated · imported"]).await;
    let json = recording("db", "the client closed");
    choose_file(&page, "#lab-import", &folder.join("session.json"), json.as_bytes()).await;
    page.until_texts("#source-text", &["measured · recorded from db · connection 2"]).await;
    page.until_texts("#messages .content", &["\"hello\"", "\"hi\""]).await;
    page.close().await;
}

#[tokio::test]
async fn what_is_no_whole_recording_is_refused_with_a_sentence_and_changes_nothing() {
    let folder = folder("refused");
    let (_relay, page) = Page::connected("").await;
    page.send("before").await;
    page.until_texts("#messages .content", &["\"before\""]).await;
    let whole = recording("db", "the client closed");
    let middle = &whole[..whole.len() / 2];
    let neither = "This is neither a trace of the lab nor a recording of a bridge session.";
    let empty = "This file is empty. A recording is whole when its session has ended.";
    let impossible = whole.replace("\"recv\":5", "\"recv\":4");
    // Each is another sentence than the one before it.
    let refused: [(&[u8], &str); 6] = [
        (b"{\"version\":1,\"messages\":[\"<b>hello</b>\"]}", neither),
        (middle.as_bytes(), BROKEN_OFF),
        (b"\x89PNG\r\n\x1a\n\0\0\xff\xfe", neither),
        (b"", empty),
        (b"[[[[[[", neither),
        (impossible.as_bytes(), "Event 2 of this recording cannot have happened."),
    ];
    for (input, other_tab) in [("#recording-open", "#tab-lab"), ("#lab-import", "#tab-live")] {
        for (text, sentence) in refused {
            choose_file(&page, input, &folder.join("file"), text).await;
            page.until_texts(PROBLEM, &[sentence]).await;
        }
        page.click(other_tab).await;
        page.until_texts(PROBLEM, &[]).await;
    }
    page.until_texts("#messages .content", &["\"before\""]).await;
    page.until("it is still connected", IS_OPEN).await;
    // A problem may quote the file, which can be very long.
    let long = whole.replace("\"received\"", &format!("\"{}\"", "x".repeat(100_000)));
    choose_file(&page, "#recording-open", &folder.join("long"), long.as_bytes()).await;
    page.until(
        "the problem is cut to 300 characters",
        "return document.querySelector('#file-problem').textContent.length === 300",
    )
    .await;
    page.fits_every_screen().await;
    page.close().await;
}

#[tokio::test]
async fn names_of_any_length_run_off_no_screen() {
    let (_relay, page) = Page::connected("").await;
    let (target, end) = ("W".repeat(1024), "<i>".repeat(341));
    let json = recording(&target, &end).replace("\"at\":9000", "\"at\":18446744073709551615");
    choose_file(&page, "#recording-open", &folder("long").join("session.json"), json.as_bytes())
        .await;
    page.until_texts("#banner-text", &[&format!("This is a recording. It ends here: {end}.")])
        .await;
    page.fits_every_screen().await;
    page.close().await;
}

#[tokio::test]
async fn without_a_relay_a_recording_is_shown_all_the_same() {
    let folder = folder("alone");
    let files = env::var_os("FRAMESCOPE_PAGE").expect("the page is built");
    let server = file_server::serve(file_server::files_of(files.into())).await;
    let page = Page::open(server, LISTS, &[]).await;
    let simulated = "simulated · a model of the kernel, in this page · connection 1";
    page.until_texts("#source-text", &[simulated]).await;
    open_recording(&page, &folder).await;
    page.until_texts("#source-text", &["measured · recorded from db · connection 2"]).await;
    page.until_texts("#messages .content", &["\"hello\"", "\"hi\""]).await;
    page.until_texts(
        "#banner-text",
        &["This is a recording. It ends here: the target closed its side."],
    )
    .await;
    page.close().await;
}

#[tokio::test]
async fn a_session_that_the_relay_recorded_is_opened_by_the_page() {
    let folder = folder("session");
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
        fs::read_to_string(&file).is_ok_and(|json| json.ends_with("\"the client closed\"}\n"))
    })
    .await;

    let (_relay, page) = Page::connected("").await;
    let json = fs::read(&file).unwrap();
    let input = "#recording-open";
    choose_file(&page, input, &folder.join("cut-off.json"), &json[..json.len() / 2]).await;
    page.until_texts(PROBLEM, &[BROKEN_OFF]).await;
    choose_file(&page, input, &folder.join("whole.json"), &json).await;
    page.until_texts("#source-text", &["measured · recorded from demo · connection 2"]).await;
    page.until_texts(PROBLEM, &[]).await;
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
    page.close().await;
}

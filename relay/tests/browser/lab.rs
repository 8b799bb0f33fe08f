//! The lab on the page: lessons stepped, run, predicted, changed and kept.

use std::env;
use std::fs;

use framescope_engine::simulate;
use framescope_lab::{Trace, find_variant};

use crate::browser::Page;
use crate::file_server;
use crate::support::TestRelay;

const SENDS: &str = "#received-lanes .send-lane .segment";
const CHUNKS: &str = "#received-lanes .chunk-lane .segment";
const MESSAGES: &str = "#received-lanes .message-lane .segment";
const RETURNED: &str = "#returned .content";

/// A relay, and its page at a lesson, as soon as the page knows that it can measure.
async fn lesson(name: &str) -> (TestRelay, Page) {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, &format!("lesson={name}"), &[]).await;
    page.until_texts("#source-text", &["measured · real sockets of the relay's machine"]).await;
    (relay, page)
}

/// Presses the button of a side, once its call before has returned.
async fn step(page: &Page, side: u8) {
    let button = format!("[data-step=\"{side}\"]");
    let is_ready = format!("return !document.querySelector('{button}').ariaDisabled");
    page.until("the side's next call can be made", &is_ready).await;
    page.click(&button).await;
}

/// The text of the line at which a side's program stands.
async fn until_line(page: &Page, side: u8, text: &str) {
    let line = format!("[data-side=\"{side}\"] [aria-current] code");
    page.until_texts(&line, &[text]).await;
}

async fn choose(page: &Page, select: &str, value: &str) {
    page.find(select).await.select_by_value(value).await.expect("there is such an option");
}

async fn until_answered(page: &Page) {
    page.until("the lesson is over", "return document.querySelector('#answer').checkVisibility()")
        .await;
}

#[tokio::test]
async fn lesson_4_is_stepped_by_button_on_real_sockets() {
    let (_relay, page) = lesson("4a").await;
    until_line(&page, 0, "server.listen(5)").await;
    for (side, next) in [
        (0, "conn, peer = server.accept()"),
        (1, "client.sendall(b'hello')"),
        (0, "conn.recv(1024)"),
    ] {
        step(&page, side).await;
        until_line(&page, side, next).await;
    }
    for sent in 1..=3 {
        step(&page, 1).await;
        page.until_texts(SENDS, &vec!["send 5"; sent]).await;
        page.until_texts(CHUNKS, &[&format!("{} in the kernel", 5 * sent)]).await;
    }
    assert_eq!(page.texts(".to-server .unread").await, ["15 unread · 0 unacknowledged"]);
    assert_eq!(page.texts(MESSAGES).await, Vec::<String>::new(), "there is no header here");
    step(&page, 0).await;
    page.until_texts(CHUNKS, &["recv 1024 → 15"]).await;
    page.until_texts(RETURNED, &["b'hellohellohello'"]).await;
    // The second recv finds nothing and waits until the client closes.
    step(&page, 0).await;
    page.until_texts("[data-side=\"0\"] [data-state=\"blocked\"] .value", &["waits for bytes"])
        .await;
    step(&page, 1).await;
    let end = "b'' (the end of the stream)";
    page.until_texts(RETURNED, &["b'hellohellohello'", end]).await;
    page.click("#lab-step").await;
    page.until_texts(RETURNED, &["b'hellohellohello'", end, end]).await;
    until_answered(&page).await;
    page.click("#back").await;
    page.until_texts(RETURNED, &["b'hellohellohello'", end]).await;
    page.close().await;
}

#[tokio::test]
async fn lesson_7_is_stepped_by_keyboard_and_read_again_rightly() {
    let (_relay, page) = lesson("1a").await;
    page.press("7").await;
    page.until_texts("#question", &["The payload arrives in two pieces. What does the reader that most tutorials teach return?"]).await;
    let position = |number: usize| {
        format!(
            "return document.querySelector('#position').textContent.startsWith('event {number} of')"
        )
    };
    // listen, connect, accept, the header, "hello ": each on its own key.
    for (key, moments) in [("s", 1), ("c", 2), (" ", 3), ("\u{e014}", 4), ("\u{e00f}", 5)] {
        page.press(key).await;
        page.until("the call is recorded", &position(moments)).await;
    }
    page.until_texts(SENDS, &["send 4", "send 6"]).await;
    page.until_texts(CHUNKS, &["10 in the kernel"]).await;
    page.press("s").await;
    page.until_texts(CHUNKS, &["4", "recv 12 → 6"]).await;
    page.until_texts(MESSAGES, &["header 12", "6 more"]).await;
    page.until_texts(RETURNED, &["\"hello \""]).await;
    page.press("\u{e012}").await;
    page.until_texts(CHUNKS, &["10 in the kernel"]).await;
    page.press("\u{e010}").await;
    page.until_texts(RETURNED, &["\"hello \""]).await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    let cut = "✕ the header says 1819438967 bytes, over the limit of 1048576: refused";
    page.until_texts(RETURNED, &["\"hello \"", cut]).await;
    // The recorded bytes, with the reader that waits.
    choose(&page, "#reader", "5").await;
    page.until_texts(RETURNED, &["\"hello world!\"", "\"again\"", "b'' (the end of the stream)"])
        .await;
    page.until_texts(MESSAGES, &["header 12", "\"hello world!\"", "header 5", "\"again\""]).await;
    page.close().await;
}

#[tokio::test]
async fn a_prediction_is_compared_with_what_happened() {
    let (_relay, page) = lesson("4a").await;
    page.click("#choices [data-choice=\"2\"]").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    let said = page.texts("#answer").await.concat();
    assert!(said.starts_with("✕ You said: 3. One. TCP carries bytes"), "{said}");
    assert_eq!(page.texts("#choices [data-verdict=\"right\"]").await, ["1"]);
    page.close().await;
}

#[tokio::test]
async fn an_explanation_is_not_given_for_what_did_not_happen() {
    let (_relay, page) = lesson("4a").await;
    // Nobody listens yet; then nobody comes.
    step(&page, 1).await;
    page.until_texts(
        "[data-side=\"1\"] [data-state=\"failed\"] .value",
        &["→ ✕ ECONNREFUSED: Connection refused"],
    )
    .await;
    step(&page, 0).await;
    step(&page, 0).await;
    until_answered(&page).await;
    let said = page.texts("#answer").await.concat();
    assert!(said.starts_with("This run does not answer the question."), "{said}");
    page.close().await;
}

#[tokio::test]
async fn a_remote_steps_and_never_changes_the_lesson() {
    let (_relay, page) = lesson("4a").await;
    page.find("#lesson").await.send_keys("\u{e00f}").await.unwrap();
    until_line(&page, 0, "conn, peer = server.accept()").await;
    assert_eq!(page.read("return document.querySelector('#lesson').value").await, "4a");
    page.close().await;
}

#[tokio::test]
async fn two_calls_that_wait_for_ever_are_two_blocked_lines() {
    let (_relay, page) = lesson("2b").await;
    page.click("#lab-run").await;
    page.until_texts("[data-state=\"blocked\"] code", &["client.recv(1024)", "conn.recv(1024)"])
        .await;
    until_answered(&page).await;
    page.close().await;
}

#[tokio::test]
async fn programs_are_changed_and_their_errors_say_where() {
    let (_relay, page) = lesson("4a").await;
    page.click("#lab-edit").await;
    // Cleared before the program is in it, the field would hold both.
    let is_there = "return document.querySelector('[data-program=\"1\"]').value !== ''";
    page.until("the program can be changed", is_there).await;
    page.fill("[data-program=\"1\"]", "client.connect(ADDRESS)\nclient.sendall(hello)").await;
    page.click("#edits-applied").await;
    page.until_texts(
        "[data-side=\"1\"] .problem",
        &["line 2, column 16: expected bytes such as b'hello'"],
    )
    .await;
    page.fill(
        "[data-program=\"1\"]",
        "client.connect(ADDRESS)\nclient.sendall(b'mine')\nclient.close()",
    )
    .await;
    page.click("#edits-applied").await;
    until_line(&page, 1, "client.connect(ADDRESS)").await;
    page.click("#lab-run").await;
    page.until(
        "it has run",
        "return document.querySelectorAll('#returned [data-kind=end]').length === 2",
    )
    .await;
    assert_eq!(page.texts(RETURNED).await[0], "b'mine'");
    // The address carries them, for whoever opens it.
    page.client.refresh().await.unwrap();
    page.until_texts(
        "[data-side=\"1\"] .line code",
        &["client.connect(ADDRESS)", "client.sendall(b'mine')", "client.close()"],
    )
    .await;
    page.close().await;
}

#[tokio::test]
async fn many_runs_are_counted_by_how_they_cut_the_stream() {
    let (_relay, page) = lesson("4a").await;
    // Nothing lies on top of it on a small projector.
    page.client.set_window_size(1366, 768).await.unwrap();
    page.click("#series summary").await;
    page.fill("#runs", "501").await;
    page.until(
        "that is too many",
        "return document.querySelector('#runs-problem').checkVisibility()",
    )
    .await;
    page.fill("#runs", "40").await;
    page.click("#series-run").await;
    page.until_texts(
        "#series-state",
        &["40 of 40 runs, measured: how many bytes each recv returned"],
    )
    .await;
    let sizes = page.texts("#outcomes .chunk-sizes").await;
    for size in &sizes {
        assert!(["15", "10+5", "5+10", "5+5+5"].contains(&&size[..]), "{sizes:?}");
    }
    let counts = page.texts("#outcomes .count").await;
    let total: u32 =
        counts.iter().map(|count| count.split(' ').next().unwrap().parse::<u32>().unwrap()).sum();
    assert_eq!(total, 40);
    page.close().await;
}

#[tokio::test]
async fn a_trace_is_imported_and_says_where_it_comes_from() {
    let (_relay, page) = lesson("1a").await;
    let experiment = find_variant("6a").expect("the lesson is there").experiment();
    let trace = simulate(&experiment).expect("lessons are within bounds");
    let folder = env::temp_dir().join(format!("framescope-import-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let import = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let input = page.find("#lab-import").await;
    input.send_keys(&import("bad.json", "{\"version\":1}".into())).await.unwrap();
    page.until("it says what is wrong", "return document.querySelector('#file-problem').textContent.startsWith('this is neither a trace')").await;
    input.send_keys(&import("good.json", trace.to_json())).await.unwrap();
    page.until_texts("#source-text", &["simulated · imported"]).await;
    page.until_texts(
        RETURNED,
        &["\"hello\"", "\"hello world!\"", "\"\"", "b'' (the end of the stream)"],
    )
    .await;
    fs::remove_dir_all(folder).unwrap();
    page.close().await;
}

#[tokio::test]
async fn an_exported_trace_is_one_that_the_lab_reads() {
    let (_relay, page) = lesson("13a").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    // The file that the page offers, caught before the browser stores it.
    page.read("HTMLAnchorElement.prototype.click = function () {
        globalThis.offered = this.download;
        fetch(this.href).catch(() => {});
    };
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { blob.text().then((text) => { globalThis.file = text; }); return make(blob); };").await;
    page.click("#lab-export").await;
    page.until("a file is offered", "return globalThis.file !== undefined").await;
    assert_eq!(page.read("return globalThis.offered").await, "framescope-13a.json");
    let json = page.read("return globalThis.file").await;
    let trace = Trace::from_json(json.as_str().unwrap()).expect("the file is a trace");
    assert_eq!(trace.experiment, find_variant("13a").unwrap().experiment());
    page.close().await;
}

#[tokio::test]
async fn a_relay_that_stops_ends_the_experiment_and_keeps_what_was_recorded() {
    let (relay, page) = lesson("4a").await;
    for side in [0, 1, 0, 1] {
        step(&page, side).await;
    }
    page.until_texts(CHUNKS, &["5 in the kernel"]).await;
    relay.stop.cancel();
    relay.ended().await;
    page.until(
        "it says so",
        "return document.querySelector('#banner-text').textContent.startsWith('The relay went away. What was recorded is kept.')",
    )
    .await;
    assert_eq!(page.texts(CHUNKS).await, ["5 in the kernel"]);
    page.click("#lab-reset").await;
    page.until_texts("#source-text", &["simulated · a model of the kernel, in this page"]).await;
    page.click("#lab-step").await;
    until_line(&page, 0, "conn, peer = server.accept()").await;
    page.close().await;
}

#[tokio::test]
async fn without_a_relay_lesson_4_runs_on_the_model_and_says_simulated() {
    let folder = env::var_os("FRAMESCOPE_PAGE").expect("the page is built");
    let server = file_server::serve(file_server::files_of(folder.into())).await;
    let page = Page::open(server, "", &[]).await;
    page.until_texts("#source-text", &["simulated · a model of the kernel, in this page"]).await;
    page.until("it says how to have more", "return document.querySelector('#banner-text').textContent.startsWith('No relay answers here')").await;
    page.press("4").await;
    page.until_texts(
        "#question",
        &["Three sends of hello, then three recv(1024). How many of them return data?"],
    )
    .await;
    for _ in 0..6 {
        page.press(" ").await;
    }
    page.until_texts(CHUNKS, &["15 in the kernel"]).await;
    page.click("#lab-run").await;
    page.until_texts(CHUNKS, &["recv 1024 → 15"]).await;
    until_answered(&page).await;
    assert_eq!(
        page.texts("#source-text").await,
        ["simulated · a model of the kernel, in this page"]
    );
    page.close().await;
}

#[tokio::test]
async fn the_lab_is_large_on_a_projector() {
    let (_relay, page) = lesson("7a").await;
    page.client.set_window_size(1920, 1080).await.unwrap();
    page.click("#projector").await;
    page.click("#lab-run").await;
    until_answered(&page).await;
    let smallest = "return Math.min(...[...document.querySelectorAll('#main *')]
        .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .filter(e => !e.closest('.ruler, .hidden'))
        .map(e => parseFloat(getComputedStyle(e).fontSize)))";
    assert!(page.read(smallest).await.as_f64().unwrap() >= 20.0);
    page.close().await;
}

#[tokio::test]
async fn the_lab_fits_a_phone_and_a_projector() {
    let (_relay, page) = lesson("3a").await;
    page.click("#lab-step").await;
    page.fits_every_screen().await;
    page.close().await;
}

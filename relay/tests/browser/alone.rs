//! The page without a relay: a folder of files, anywhere on a site.

use std::env;
use std::path::Path;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};

use crate::browser::{LISTS, Page};
use crate::file_server;

/// Where the files are on the site.
const FOLDER: &str = "/course/net";

const OPEN: &str = "simulated · a model of the kernel, in this page · connection 1";

fn files() -> Router {
    let folder = env::var_os("FRAMESCOPE_PAGE").expect("the page is built");
    file_server::files_of(folder.into())
}

/// The page with this fragment, from these files, on the tab Live.
async fn live(fragment: &str, files: Router) -> Page {
    let server = file_server::serve(Router::new().nest_service(FOLDER, files)).await;
    let page = Page::at(&format!("http://{server}{FOLDER}/#{fragment}"), &[]).await;
    let is_alone =
        "return document.querySelector('#reconnect')?.textContent === 'Look for a relay'";
    page.until("it has found no relay", is_alone).await;
    page.click("#tab-live").await;
    page
}

/// The paths of what the page has fetched.
async fn fetched(page: &Page) -> Vec<String> {
    let paths = "return performance.getEntriesByType('resource')
        .map(entry => new URL(entry.name).pathname)";
    serde_json::from_value(page.read(paths).await).expect("paths are texts")
}

/// How often the page has asked for a relay beside it.
async fn questions(page: &Page) -> usize {
    let question = format!("{FOLDER}/relay.json");
    fetched(page).await.into_iter().filter(|path| *path == question).count()
}

#[tokio::test]
async fn live_works_on_the_simulated_kernel_and_says_so() {
    let page = live("", files()).await;
    page.until_texts("#source-text", &[OPEN]).await;
    page.until_texts(
        "#banner-text",
        &["No relay answers here, so Live runs on the simulated kernel. For real sockets: pip install framescope"],
    )
    .await;
    let has = |text: &str| {
        format!(
            "return [...document.querySelectorAll('#ribbons-shapes text')]
                .some(e => e.textContent.includes('{text}'))"
        )
    };
    page.until("three sends stick together", &has("→ 15 B")).await;
    page.click("#with-header").await;
    page.until("a header tells them apart", &has("message 3")).await;
    assert_eq!(questions(&page).await, 1);
    page.close().await;
}

#[tokio::test]
async fn the_commands_arrive_at_their_pace_and_after_the_end_a_press_connects_again() {
    let page = live(LISTS, files()).await;
    page.until_texts("#source-text", &[OPEN]).await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.send("/drip hey").await;
    page.until_texts("#messages .content", &["\"hello\"", "\"hey\""]).await;
    let got = page.texts("#chunks .got").await;
    assert_eq!(got[1..], ["got 1"; 7]);
    let note = page.texts("#received-note").await.concat();
    assert!(note.contains("simulated"), "{note}");

    page.send("/die").await;
    page.until_texts("#banner-text", &["The server closed the connection: recv() returned b''."])
        .await;
    page.until_texts("#source-text", &[&format!("{OPEN}, closed")]).await;
    page.until_texts("#reconnect", &["Reconnect"]).await;
    page.click("#reconnect").await;
    page.until_texts("#source-text", &[&OPEN.replace("connection 1", "connection 2")]).await;
    page.until_texts("#reconnect", &["Look for a relay"]).await;
    page.send("again").await;
    page.until_texts("#messages .content", &["\"again\""]).await;
    assert_eq!(questions(&page).await, 2, "once when it opened, and once for the press");
    page.close().await;
}

#[tokio::test]
async fn a_long_answer_comes_whole() {
    let page = live(&format!("{LISTS}&recv=1"), files()).await;
    page.until_texts("#source-text", &[OPEN]).await;
    page.send("/big 20000").await;
    let is_whole = "return [...document.querySelectorAll('#messages .row')]
        .some(e => e.textContent.includes('20000'))";
    page.until("the message is whole", is_whole).await;
    page.close().await;
}

#[tokio::test]
async fn the_lessons_run_there_too() {
    let page = live(LISTS, files()).await;
    page.click("#tab-lab").await;
    let is_there = "return !document.querySelector('#lab-step').ariaDisabled";
    page.until("the lesson is there", is_there).await;
    page.click("#lab-step").await;
    let has_begun = "return document.querySelector('[aria-current]') !== null";
    page.until("a program has begun", has_begun).await;
    let scripts = fetched(&page).await;
    for script in ["bridge_worker.js", "engine_worker.js"] {
        let path = format!("{FOLDER}/{script}");
        assert!(scripts.contains(&path), "{path} is not in {scripts:?}");
    }
    page.close().await;
}

#[tokio::test]
async fn a_trace_is_opened_there_too() {
    let page = live(LISTS, files()).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../lab/lessons/04a-sends-merge/recorded.json")
        .canonicalize()
        .expect("the lesson has a recorded trace");
    let input = page.find("#lab-import").await;
    input.send_keys(&file.display().to_string()).await.expect("a file can be chosen");
    let is_open = "return document.querySelector('#source').dataset.state === 'imported'";
    page.until("the trace is on screen", is_open).await;
    page.close().await;
}

#[tokio::test]
async fn a_model_that_cannot_be_fetched_is_said() {
    let no_module = get(|| async { StatusCode::NOT_FOUND });
    let files = Router::new().route("/engine_bg.wasm", no_module).fallback_service(files());
    let page = live("", files).await;
    page.until_texts(
        "#banner-text",
        &["The model of the kernel could not be fetched, or does not run in this browser."],
    )
    .await;
    let is_off = page.read("return document.querySelector('#send').disabled").await;
    assert_eq!(is_off, Value::Bool(true));
    assert_eq!(page.read("return document.querySelector('#failure').hidden").await, json!(true));
    page.close().await;
}

#[tokio::test]
async fn a_page_whose_program_cannot_be_fetched_says_so_in_both_languages() {
    for path in ["/framescope.js", "/framescope_bg.wasm"] {
        let missing = get(|| async { StatusCode::NOT_FOUND });
        let files = Router::new().route(path, missing).fallback_service(files());
        let address = file_server::serve(files).await;
        let page = Page::at(&format!("http://{address}/"), &[]).await;
        page.until("it says so", "return !document.querySelector('#failure').hidden").await;
        let said = page.texts("#failure").await.concat();
        assert!(said.contains("cannot start") && said.contains("无法"), "{path}: {said}");
        page.close().await;
    }
}

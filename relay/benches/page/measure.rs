//! What is measured in a round.

use framescope_protocol::paths::HEALTH;
use serde_json::json;

use crate::browser::Browser;
use crate::report::{Report, Row};
use crate::trace::Scene;

/// What is sent. The demo server answers with a header and as many bytes.
const BIG: &str = "/big 100000";
const HEADER: u32 = 4;
const BYTES: u32 = 100_000;
/// How many frames a scene has.
const FRAMES: u32 = 240;

const BARE: &str = include_str!("bare.js");
const PAINTED: &str = include_str!("painted.js");
const SCROLL: &str = include_str!("scroll.js");
const SCRUB: &str = include_str!("scrub.js");
const SHOWN: &str = include_str!("shown.js");

/// The fragments of the tab Live. The page reads one byte at a time, and sends nothing by itself.
const PICTURE: &str = "recv=1&send=";
const LISTS: &str = "view=list&recv=1&send=";
/// A lesson whose run has 68 segments.
const LONG_LESSON: &str = "lesson=12c";
/// A lesson as a link leads to it.
const LESSON: &str = "lesson=4a";

const IS_OPEN: &str = "return document.querySelector('#source').dataset.state === 'open'";
const HAS_STARTED: &str = "return window.page !== undefined";

/// What starts the page: without it, there is the document and its style.
const PROGRAM: [&str; 3] = ["*/boot.js", "*/framescope.js", "*/framescope_bg.wasm"];

/// Measures every row once.
pub(crate) async fn round(address: &str, report: &mut Report) {
    reads(address, report).await;
    scenes(address, report).await;
    for (fragment, load, paint) in [
        ("", Row::FirstLoad, Row::FirstPaint),
        (LESSON, Row::FirstLoadAtLesson, Row::FirstPaintAtLesson),
    ] {
        first_load(address, fragment, load, paint, report).await;
    }
}

/// The time until all is on screen, beside a page that only counts.
async fn reads(address: &str, report: &mut Report) {
    let browser = Browser::start().await;
    for (fragment, row) in [(PICTURE, Row::ReadsInPicture), (LISTS, Row::ReadsInLists)] {
        browser.open(&format!("http://{address}{HEALTH}")).await;
        let counted = browser.measure(BARE, vec![json!(BIG), json!(HEADER + BYTES)]).await;
        report.add_reference(row, counted);
        report.add(row, shown(&browser, address, fragment).await);
    }
    browser.close().await;
}

/// Opens the page, lets it read, and returns the time until all is on screen.
async fn shown(browser: &Browser, address: &str, fragment: &str) -> f64 {
    browser.open(&format!("http://{address}/#{fragment}")).await;
    browser.until("it is connected", IS_OPEN).await;
    browser.measure(SHOWN, vec![json!(BIG), json!(HEADER + BYTES)]).await
}

/// The work in a frame, and the longest task.
async fn scenes(address: &str, report: &mut Report) {
    let frames = || vec![json!(FRAMES)];
    let browser = Browser::tracing().await;
    shown(&browser, address, PICTURE).await;
    browser.measure(SCRUB, frames()).await;
    let mut longest = read_scenes(browser, &[None, Some(Row::ScrubPicture)], report).await;

    let browser = Browser::tracing().await;
    shown(&browser, address, LISTS).await;
    browser.measure(SCROLL, frames()).await;
    browser.measure(SCRUB, frames()).await;
    let rows = [None, Some(Row::ScrollLists), Some(Row::ScrubLists)];
    longest = longest.max(read_scenes(browser, &rows, report).await);

    let browser = Browser::tracing().await;
    browser.open(&format!("http://{address}/#{LONG_LESSON}")).await;
    browser.until("the page has started", HAS_STARTED).await;
    browser.read("document.querySelector('#lab-simulated').click()").await;
    let is_simulated = "return document.querySelector('#lab-simulated').ariaPressed === 'true'";
    browser.until("the run will be simulated", is_simulated).await;
    browser.read("document.querySelector('#lab-run').click()").await;
    let is_over = "return document.querySelector('#answer').checkVisibility()";
    browser.until("the run is over", is_over).await;
    browser.measure(SCRUB, frames()).await;
    browser.read("document.querySelector('#unfold').click()").await;
    let is_unfolded =
        "return parseFloat(document.querySelector('#picture-sheet').style.height) > 2000";
    browser.until("every segment has its place", is_unfolded).await;
    browser.measure(SCRUB, frames()).await;
    let rows = [Some(Row::ScrubLab), Some(Row::ScrubUnfoldedLab)];
    longest = longest.max(read_scenes(browser, &rows, report).await);
    report.add(Row::LongestTask, longest);
}

/// Reads the scenes that were traced. Those with a row add the work in a frame to it. Returns the longest task, in
/// milliseconds.
async fn read_scenes(browser: Browser, rows: &[Option<Row>], report: &mut Report) -> f64 {
    let scenes = Scene::all(&browser.trace().await);
    browser.close().await;
    assert_eq!(scenes.len(), rows.len(), "each scene has its marks");
    for (scene, row) in scenes.iter().zip(rows) {
        if let Some(row) = row {
            report.add(*row, scene.p95());
        }
    }
    scenes.iter().map(|scene| scene.longest_task).fold(0.0, f64::max)
}

/// The size of the first load and the time of its largest paint, beside the document without its program.
async fn first_load(address: &str, fragment: &str, load: Row, paint: Row, report: &mut Report) {
    let url = format!("http://{address}/#{fragment}");
    let bare = Browser::start().await;
    bare.block(&PROGRAM).await;
    bare.open(&url).await;
    report.add_reference(paint, bare.measure(PAINTED, Vec::new()).await);
    bare.close().await;
    let browser = Browser::start().await;
    browser.open(&url).await;
    browser.until("the page has started", HAS_STARTED).await;
    report.add(paint, browser.measure(PAINTED, Vec::new()).await);
    let weight = "return [...performance.getEntriesByType('navigation'),
        ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.encodedBodySize, 0)";
    report.add(load, browser.read(weight).await.as_f64().expect("a weight is a number"));
    browser.close().await;
}

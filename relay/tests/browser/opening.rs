//! Files that are long: they arrive in parts, and the page goes on meanwhile.

use std::fs;
use std::path::{Path, PathBuf};

use framescope_lab::{Event, EventKind, RunEnd, Trace};
use serde_json::Value;

use crate::browser::Page;
use crate::lab::{lesson, trace_of};

const IS_IMPORTED: &str =
    "return document.querySelector('#source-text').textContent === 'simulated · imported'";

/// The length of the file, in bytes, if not a little more.
const LONG: usize = 10_000_000;

/// A folder for one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("opening").join(test);
    fs::create_dir_all(&folder).expect("the folder for tests can be written");
    folder
}

/// A trace of a lesson whose run happens again and again, until its file is long.
fn long_trace(name: &str) -> String {
    let mut trace: Trace = trace_of(name);
    let once = std::mem::take(&mut trace.events);
    let length = serde_json::to_string(&once).expect("events are JSON").len();
    let last = once.last().map_or(0, |event| event.at) + 1;
    let is_segment = |event: &&Event| matches!(event.kind, EventKind::Segment(_));
    let segments = u32::try_from(once.iter().filter(is_segment).count()).expect("they are few");
    for (time, turn) in (0..=LONG / length).zip(0..) {
        trace.events.extend(once.iter().cloned().map(|mut event| {
            event.at += time as u64 * last;
            match &mut event.kind {
                EventKind::Segment(segment) => {
                    segment.number += turn * segments;
                    segment.repeats = segment.repeats.map(|number| number + turn * segments);
                }
                EventKind::Fate(number, _) => *number += turn * segments,
                _ => {}
            }
            event
        }));
    }
    trace.end = Some(RunEnd::Finished);
    let json = trace.to_json();
    assert!(json.len() >= LONG && Trace::from_json(&json).is_ok());
    json
}

async fn choose_file(page: &Page, path: &Path, text: &str) {
    fs::write(path, text).expect("the folder for tests can be written");
    let path = path.to_str().expect("its name is text");
    page.find("#lab-import").await.send_keys(path).await.expect("the input takes a file");
}

/// Notes in `window.seen` how full the bar is at each frame on which it is shown.
async fn watch(page: &Page) {
    let watch = "window.seen = [];
        const look = () => {
            const bar = document.querySelector('#opening-progress');
            if (!document.querySelector('#opening').hidden) {
                window.seen.push(bar.position);
            }
            requestAnimationFrame(look);
        };
        look();";
    page.read(watch).await;
}

#[tokio::test]
async fn while_a_long_trace_is_opened_its_progress_is_drawn_and_the_page_goes_on() {
    let (_relay, page) = lesson("1a").await;
    watch(&page).await;
    choose_file(&page, &folder("long").join("long.json"), &long_trace("4a")).await;
    page.until("it is on screen", IS_IMPORTED).await;
    let seen: Vec<f64> = serde_json::from_value(page.read("return window.seen").await).unwrap();
    assert!(seen.contains(&-1.0), "it is read: {seen:?}");
    let shares: Vec<f64> = seen.into_iter().filter(|share| *share >= 0.0).collect();
    let mut distinct = shares.clone();
    distinct.dedup();
    assert!(distinct.len() > 3 && distinct.is_sorted(), "frames are drawn: {shares:?}");
    let is_hidden = page.read("return document.querySelector('#opening').hidden").await;
    assert_eq!(is_hidden, Value::Bool(true));
    assert_eq!(page.texts("#file-problem").await, [""; 0]);
    page.close().await;
}

#[tokio::test]
async fn a_long_file_can_be_given_up_by_its_button() {
    let (_relay, page) = lesson("1a").await;
    // The button is pressed on the first frame on which a part of the file has arrived.
    let press = "const look = () => {
            window.seen = document.querySelector('#opening-progress').position > 0;
            if (!window.seen) return requestAnimationFrame(look);
            window.said = document.querySelector('#opening-text').textContent;
            document.querySelector('#opening-cancel').click();
        };
        look();";
    page.read(press).await;
    choose_file(&page, &folder("given-up").join("long.json"), &long_trace("4a")).await;
    let is_over = "return window.seen && document.querySelector('#opening').hidden";
    page.until("it was given up", is_over).await;
    assert_eq!(page.read("return window.said").await, "Opening long.json …");
    assert_eq!(page.read("return document.querySelector('#lesson').value").await, "1a");
    // Another one can be opened.
    choose_file(&page, &folder("given-up").join("short.json"), &trace_of("5a").to_json()).await;
    page.until("it is on screen", IS_IMPORTED).await;
    assert_eq!(page.read("return document.querySelector('#lesson').value").await, "5a");
    page.close().await;
}

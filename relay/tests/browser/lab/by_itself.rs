//! The page alone, when it is opened without a lesson.

use std::env;

use serde_json::json;

use super::SIMULATED;
use crate::browser::Page;
use crate::driver::Setting;
use crate::file_server;

const STEPS: &str = "return document.querySelector('#scrubber').max > ";
const IS_PLAYING: &str =
    "return document.querySelector('#play').getAttribute('aria-pressed') === 'true'";

async fn open(settings: &[Setting]) -> Page {
    let folder = env::var_os("FRAMESCOPE_PAGE").expect("the page is built");
    let server = file_server::serve(file_server::files_of(folder.into())).await;
    let page = Page::open(server, "", settings).await;
    page.until_texts("#source-text", &[SIMULATED]).await;
    page
}

#[tokio::test]
async fn a_lesson_steps_by_itself_until_a_key_and_the_relay_is_asked_for_once() {
    let page = open(&[]).await;
    page.until("it steps", &format!("{STEPS}3")).await;
    assert_eq!(page.read("return document.querySelector('#lesson').value").await, "4a");
    let asked = "return performance.getEntriesByType('resource')
        .map(entry => new URL(entry.name).pathname)
        .filter(path => ['/relay.json', '/health'].includes(path))";
    assert_eq!(page.read(asked).await, json!(["/relay.json"]));
    page.until_texts("#reconnect", &["Look for a relay"]).await;
    assert_eq!(page.read(IS_PLAYING).await, true);
    page.press("\u{e013}").await;
    assert_eq!(page.read(IS_PLAYING).await, false, "a key stops it");
    page.click("#reconnect").await;
    page.until("it is asked again", &format!("{asked}.length === 2")).await;
    page.close().await;
}

#[tokio::test]
async fn nothing_moves_for_who_prefers_less_motion() {
    let page = open(&[Setting::LessMotion]).await;
    page.until("the lesson is there", "return !document.querySelector('#lab-step').ariaDisabled")
        .await;
    assert_eq!(page.read(IS_PLAYING).await, false);
    page.close().await;
}

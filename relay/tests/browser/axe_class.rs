//! axe-core finds nothing against WCAG 2.2 AA on the pages of a class.

use std::net::SocketAddr;

use serde_json::json;

use crate::axe::{FINDINGS, source};
use crate::class::{Windows, class_in};
use crate::driver::Setting;

/// Pages that are looked at.
struct Watched {
    axe: String,
    wrong: Vec<String>,
}

impl Watched {
    /// Looks at the window on screen in both languages, on a laptop and on a phone.
    async fn look(&mut self, windows: &Windows, what: &str) {
        let page = &windows.0;
        page.read(&self.axe).await;
        // What is under a bar at the bottom can be scrolled out from under it. axe takes it for covered.
        page.read("for (const bar of document.querySelectorAll('#bar, #switch, #status')) bar.style.position = 'static'").await;
        for (width, height) in [(1366, 768), (390, 844)] {
            page.client.set_window_size(width, height).await.expect("a window has a size");
            for language in ["zh-CN", "en"] {
                page.read("document.querySelector('#language').click()").await;
                let is_so = format!("return document.documentElement.lang === '{language}'");
                page.until("it is in the other language", &is_so).await;
                let found = page.read(FINDINGS).await;
                if found != json!([]) {
                    self.wrong.push(format!("{what}, {width}, {language}: {found:#}"));
                }
            }
        }
        page.client.set_window_size(1366, 768).await.expect("a window has a size");
    }
}

async fn look_at_a_class(settings: &[Setting]) {
    let Some(axe) = source() else { return };
    let mut watched = Watched { axe, wrong: Vec::new() };
    let (relay, windows, console) = class_in(settings).await;
    let is_dark = windows.0.read("return matchMedia('(prefers-color-scheme: dark)').matches").await;
    assert_eq!(is_dark, settings.contains(&Setting::Dark));
    let student = SocketAddr::from(([127, 0, 0, 2], relay.http.port()));
    watched.look(&windows, "the console, with the lab").await;
    windows.0.click("#projector").await;
    let projector = windows.other_than(&console).await;
    windows.to(&projector).await;
    windows.screen("invitation").await;
    watched.look(&windows, "the projector, with the way in").await;
    let student = windows.join(student, "Mia").await;
    watched.look(&windows, "a student who waits").await;
    windows.fail_a_case().await;
    watched.look(&windows, "a student's challenge").await;

    windows.to(&console).await;
    windows.0.click("#tab-challenge").await;
    windows.0.click("#shows-board").await;
    watched.look(&windows, "the console, with the board").await;
    windows.0.click("#tab-afterwards").await;
    watched.look(&windows, "the console, afterwards").await;
    windows.0.click("#tab-people").await;
    watched.look(&windows, "the console, with people").await;
    windows.to(&projector).await;
    windows.screen("board").await;
    watched.look(&windows, "the projector, with the board").await;

    windows.to(&console).await;
    windows.0.click("#tab-lesson").await;
    windows.press("ask").await;
    windows.to(&student).await;
    windows.bet(1).await;
    watched.look(&windows, "a student who bets").await;
    windows.to(&console).await;
    windows.0.until_texts("#choices .count", &["0 · 0 %", "1 · 100 %", "0 · 0 %"]).await;
    watched.look(&windows, "the console, with a question").await;
    windows.press("close").await;
    windows.press("reveal").await;
    for (window, what) in
        [(&student, "a student"), (&projector, "the projector"), (&console, "the console")]
    {
        windows.to(window).await;
        windows
            .0
            .until("it is revealed", "return document.querySelectorAll('#rows .row').length > 0")
            .await;
        watched.look(&windows, &format!("{what}, when it is revealed")).await;
    }
    windows.to(&console).await;
    windows.press("put-away").await;
    windows.choose_step(1).await;
    windows.press("ask").await;
    windows.to(&student).await;
    windows.screen("asked").await;
    watched.look(&windows, "a student who orders lines").await;
    assert!(watched.wrong.is_empty(), "{}", watched.wrong.join("\n"));
    windows.0.close().await;
}

#[tokio::test]
async fn axe_finds_nothing_in_a_class() {
    Box::pin(look_at_a_class(&[])).await;
}

#[tokio::test]
async fn axe_finds_nothing_in_a_class_on_dark_pages() {
    Box::pin(look_at_a_class(&[Setting::Dark])).await;
}

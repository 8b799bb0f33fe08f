//! axe-core finds nothing against WCAG 2.2 AA, whatever is on screen and however the page looks.

use std::{env, fs};

use serde_json::json;

use crate::browser::Page;
use crate::support::{TestRelay, skipped};

/// What axe finds, as lines of text.
pub(crate) const FINDINGS: &str = "
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    return axe.run(document, {
        runOnly: { type: 'tag', values: tags },
        rules: { 'target-size': { enabled: true } },
        resultTypes: ['violations'],
    }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(
        ({ target, html, failureSummary }) => `${id}: ${target} ${html.slice(0, 120)} ${failureSummary}`)))";

/// Where axe-core is, or nothing if the tests are to do without it.
pub(crate) fn source() -> Option<String> {
    let Some(file) = env::var_os("FRAMESCOPE_AXE") else {
        skipped("axe is not here; `cargo xtask test --peers` fetches it");
        return None;
    };
    Some(fs::read_to_string(file).expect("FRAMESCOPE_AXE is the file axe.min.js"))
}

/// How large the page is, and how large its letters.
const SIZES: [(&str, (u32, u32), bool); 3] = [
    ("on a laptop", (1366, 768), false),
    ("on a projector", (1366, 768), true),
    ("on a phone", (390, 844), false),
];

const ROOT: &str = "document.documentElement";
const PROJECTOR: &str = "document.querySelector('#projector').ariaPressed";

/// A page that is looked at.
struct Watched {
    page: Page,
    wrong: Vec<String>,
}

impl Watched {
    async fn new(page: Page, axe: &str) -> Self {
        page.read(axe).await;
        // What is under the bar at the bottom can be scrolled out from under it. axe takes it for covered.
        page.read("document.querySelector('#transport').style.position = 'static'").await;
        Self { page, wrong: Vec::new() }
    }

    /// Looks at what is on screen in both languages and both themes, at every size.
    async fn look(&mut self, what: &str) {
        for (size, (width, height), is_large) in SIZES {
            self.page.client.set_window_size(width, height).await.expect("a window has a size");
            self.turn("#projector", &format!("{PROJECTOR} === '{is_large}'")).await;
            for theme in ["light", "dark"] {
                self.turn("#theme", &format!("{ROOT}.dataset.theme === '{theme}'")).await;
                for language in ["en", "zh-CN"] {
                    self.turn("#language", &format!("{ROOT}.lang === '{language}'")).await;
                    let found = self.page.read(FINDINGS).await;
                    if found != json!([]) {
                        self.wrong.push(format!("{what}, {size}, {theme}, {language}: {found:#}"));
                    }
                }
            }
        }
        self.turn("#theme", &format!("{ROOT}.dataset.theme === 'light'")).await;
        self.turn("#language", &format!("{ROOT}.lang === 'en'")).await;
        self.page.client.set_window_size(1366, 768).await.expect("a window has a size");
    }

    /// Turns a switch over, if the page is not so yet. A pointer could not reach it under a dialog, and on a phone
    /// some are not shown.
    async fn turn(&self, switch: &str, is_so: &str) {
        let is_so = format!("return {is_so}");
        if self.page.read(&is_so).await == false {
            self.page.read(&format!("document.querySelector('{switch}').click()")).await;
            self.page.until(switch, &is_so).await;
        }
    }

    async fn nothing_is_wrong(self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        self.page.close().await;
    }
}

#[tokio::test]
async fn axe_finds_nothing_in_live() {
    let Some(axe) = source() else { return };
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "recv=24", &[]).await;
    let is_drawn =
        "return document.querySelector('#ribbons-shapes [data-item=\"r m 2\"]') !== null";
    page.until("three messages are drawn", is_drawn).await;
    let mut watched = Watched::new(page, &axe).await;
    watched.look("Live, with a header").await;
    watched.page.click("#without-header").await;
    let is_cut = "return document.querySelector('#without-header').ariaPressed === 'true'";
    watched.page.until("there is no header", is_cut).await;
    watched.look("Live, without a header").await;
    watched.page.click("#with-header").await;
    watched.page.click("#view-list").await;
    watched.page.until_texts("#messages .content", &["\"hello\""; 3]).await;
    watched.look("Live, the lists").await;
    watched.page.press("?").await;
    watched.page.until("help is open", "return document.querySelector('#help').open").await;
    watched.look("help").await;
    watched.page.click("#help-close").await;
    watched.page.send("/negative").await;
    let is_wrong = "return /Reconnect/.test(document.querySelector('#leftover').textContent)";
    watched.page.until("the header is wrong", is_wrong).await;
    watched.page.fill("#recv", "0\n").await;
    let is_wrong = "return !document.querySelector('#recv-problem').hidden";
    watched.page.until("so is an option", is_wrong).await;
    watched.look("Live, with what is wrong").await;
    watched.page.click("#view-ribbons").await;
    watched.look("the picture of Live, with what is wrong").await;
    watched.page.click("#menu-open").await;
    watched.look("the menu of Live").await;
    watched.nothing_is_wrong().await;
}

#[tokio::test]
async fn axe_finds_nothing_in_the_lab() {
    let Some(axe) = source() else { return };
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "lesson=7a", &[]).await;
    let is_there = "return !document.querySelector('#lab-step').ariaDisabled";
    page.until("the lesson is there", is_there).await;
    let mut watched = Watched::new(page, &axe).await;
    watched.look("the lab, before the first step").await;
    watched.page.click("#lab-run").await;
    watched
        .page
        .until("it is over", "return document.querySelector('#answer').checkVisibility()")
        .await;
    watched.look("the lab, at the end").await;
    watched.page.click("#menu-open").await;
    watched.look("the menu").await;
    watched.page.read("document.querySelector('#menu').hidePopover()").await;
    watched.page.press("g").await;
    watched.page.until("a lesson is asked for", "return document.querySelector('#go').open").await;
    watched.look("the choice of a lesson").await;
    watched.page.fill("#go-lesson", "12a\n").await;
    watched.page.until("the dialog is closed", "return !document.querySelector('#go').open").await;
    watched.page.choose_in_menu("#lab-edit").await;
    watched
        .page
        .until(
            "programs can be changed",
            "return document.querySelector('.program-text').value !== ''",
        )
        .await;
    watched.look("programs that are changed").await;
    watched.nothing_is_wrong().await;
}

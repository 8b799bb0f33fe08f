//! Screenshots, for a person to look at: `cargo xtask shots`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use framescope_lab::variants;

use super::{MEASURED, animation, until_answered};
use crate::browser::Page;
use crate::driver::Setting;
use crate::support::TestRelay;

/// A laptop's window: 1366x768 without the bars of the browser.
const LAPTOP: (u32, u32) = (1366, 650);
const PHONE: (u32, u32) = (390, 844);
/// The window of the animation in the README.
const ANIMATED: (u32, u32) = (1120, 630);
/// How long it is, in milliseconds.
const ANIMATION_MS: u16 = 20_000;

/// A picture of each lesson's last moment in both languages, three of the screens, and a page with all of them.
#[tokio::test]
#[ignore = "it is no test: `cargo xtask shots` takes screenshots with it"]
async fn shots() {
    let folder = env::var_os("FRAMESCOPE_SHOTS").expect("`cargo xtask shots` says where they go");
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "lesson=4a", &[Setting::NoScrollBars]).await;
    page.until_texts("#source-text", &[MEASURED]).await;
    let mut sheet =
        String::from("<!doctype html><meta charset=\"utf-8\"><title>Framescope</title>");
    screens(&page, &folder, &mut sheet).await;
    for language in ["en", "zh-CN"] {
        speak(&page, language).await;
        for variant in variants() {
            go_to(&page, variant.name).await;
            page.click("#lab-run").await;
            until_answered(&page).await;
            keep(&page, &folder, &format!("{}-{language}", variant.name), &mut sheet).await;
        }
    }
    fs::write(folder.join("index.html"), sheet).expect("the folder takes files");
    page.close().await;
}

/// Lesson 4, step by step.
async fn steps(page: &Page, folder: &Path, sheet: &mut String) {
    let mut screenshots = Vec::new();
    let goes_on = "return !document.querySelector('#next-what').textContent.includes('lesson')
        && document.querySelector('#answer').hidden";
    loop {
        screenshots.push(page.client.screenshot().await.expect("the browser takes a screenshot"));
        if page.read(goes_on).await == false {
            break;
        }
        step(page).await;
    }
    // The end stays on screen for a while.
    let last = screenshots.last().cloned().into_iter();
    screenshots.extend(last.cycle().take(2));
    let milliseconds = ANIMATION_MS / u16::try_from(screenshots.len()).expect("there are few");
    animation::write(&folder.join("steps.png"), &screenshots, milliseconds);
    sheet.push_str("<h2>steps</h2><img src=\"steps.png\" alt=\"steps\">");
}

/// Takes the next step of a lesson.
async fn step(page: &Page) {
    let position = page.read("return document.querySelector('#position').textContent").await;
    page.click("#lab-step").await;
    let moves = format!("return document.querySelector('#position').textContent !== {position}");
    page.until("something happens", &moves).await;
}

/// The lab in the middle of lesson 4, on a laptop and on a phone, and Live.
async fn screens(page: &Page, folder: &Path, sheet: &mut String) {
    let borders = page.read("return [outerWidth - innerWidth, outerHeight - innerHeight]").await;
    let borders: (u32, u32) = serde_json::from_value(borders).expect("pixels are numbers");
    size(page, borders, ANIMATED).await;
    steps(page, folder, sheet).await;
    page.click("#lab-reset").await;
    page.until("the run begins again", "return document.querySelector('#answer').hidden").await;
    size(page, borders, LAPTOP).await;
    let waits = "return [...document.querySelectorAll('#picture-shapes text')]
        .some(e => e.textContent === '15 bytes wait')";
    while page.read(waits).await == false {
        step(page).await;
    }
    keep(page, folder, "lab", sheet).await;
    size(page, borders, PHONE).await;
    keep(page, folder, "phone", sheet).await;
    size(page, borders, LAPTOP).await;
    page.click("#tab-live").await;
    page.fill("#recv", "24\n").await;
    let is_drawn =
        "return document.querySelector('#ribbons-shapes [data-item=\"r m 2\"]') !== null";
    page.until("three messages are drawn", is_drawn).await;
    keep(page, folder, "live", sheet).await;
}

/// Gives the window this size inside of its borders.
async fn size(page: &Page, borders: (u32, u32), (width, height): (u32, u32)) {
    page.client
        .set_window_size(width + borders.0, height + borders.1)
        .await
        .expect("a window has a size");
    page.until("it has its size", &format!("return innerHeight === {height}")).await;
}

async fn speak(page: &Page, language: &str) {
    let speaks = format!("return document.documentElement.lang === '{language}'");
    if page.read(&speaks).await == false {
        page.click("#language").await;
        page.until(language, &speaks).await;
    }
}

/// Goes to a lesson, as its link does.
async fn go_to(page: &Page, name: &str) {
    page.read(&format!("location.hash = 'lesson={name}'")).await;
    let is_there = format!(
        "return document.querySelector('#lesson').value === '{name}'
            && document.querySelector('.program:not([hidden]) .line') !== null
            && document.querySelector('#answer').hidden"
    );
    page.until(name, &is_there).await;
}

/// Keeps a screenshot, and puts it on the page with all of them.
async fn keep(page: &Page, folder: &Path, name: &str, sheet: &mut String) {
    let png = page.client.screenshot().await.expect("the browser takes a screenshot");
    fs::write(folder.join(format!("{name}.png")), png).expect("the folder takes files");
    write!(sheet, "<h2>{name}</h2><img src=\"{name}.png\" alt=\"{name}\" loading=\"lazy\">")
        .expect("a text can be written to");
}

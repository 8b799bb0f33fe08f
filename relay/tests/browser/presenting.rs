//! Keys, languages, and screens of every size.

use crate::browser::Page;
use crate::driver::Setting;
use crate::support::TestRelay;

const RIGHT: &str = "\u{e014}";
const LEFT: &str = "\u{e012}";
const HOME: &str = "\u{e011}";
const PAGE_UP: &str = "\u{e00e}";
const PAGE_DOWN: &str = "\u{e00f}";

#[tokio::test]
async fn keys_step_through_what_happened() {
    let (_relay, page) = Page::connected("recv=5").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.press(LEFT).await;
    page.until_texts("#chunks .number", &["#1"]).await;
    page.press(HOME).await;
    page.until_texts("#chunks .number", &[]).await;
    page.press(PAGE_DOWN).await;
    page.press(" ").await;
    page.until_texts("#chunks .number", &["#1"]).await;
    page.press(RIGHT).await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.press("b").await;
    page.until("it is black", "return document.querySelector('#blank').checkVisibility()").await;
    page.press(".").await;
    page.until("it is back", "return !document.querySelector('#blank').checkVisibility()").await;
    page.press("?").await;
    page.until("help is open", "return document.querySelector('#help').open").await;
    page.click("#help-close").await;
    page.until("help is closed", "return !document.querySelector('#help').open").await;
    page.close().await;
}

#[tokio::test]
async fn single_keys_never_act_while_typing_and_can_be_switched_off() {
    let (_relay, page) = Page::connected("").await;
    page.fill("#composer-text", "bold? b. pdl").await;
    let black = "return document.querySelector('#blank').checkVisibility()";
    assert_eq!(page.read(black).await, false);
    assert_eq!(page.read("return document.documentElement.lang").await, "en");
    page.press("?").await;
    page.until("help is open", "return document.querySelector('#help').open").await;
    page.click("#shortcuts").await;
    page.click("#help-close").await;
    page.press("b").await;
    page.press("l").await;
    page.click("#notation").await;
    page.until_texts("#notation", &["05"]).await;
    assert_eq!(page.read(black).await, false);
    assert_eq!(page.read("return document.documentElement.lang").await, "en");
    page.close().await;
}

#[tokio::test]
async fn the_language_is_the_browsers_and_can_be_changed_for_good() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "", &[Setting::Chinese]).await;
    page.until_texts("#send", &["发送"]).await;
    assert_eq!(page.read("return document.documentElement.lang").await, "zh-CN");
    page.click("#language").await;
    page.until_texts("#send", &["Send"]).await;
    page.client.refresh().await.unwrap();
    page.until_texts("#send", &["Send"]).await;
    page.close().await;
}

#[tokio::test]
async fn nothing_runs_off_the_side_of_a_phone_or_a_projector() {
    let (_relay, page) = Page::connected("recv=5").await;
    page.send("/burst 5 hello").await;
    page.until_texts("#messages .number", &["#1", "#2", "#3", "#4", "#5"]).await;
    page.fits_every_screen().await;
    page.close().await;
}

#[tokio::test]
async fn projector_mode_is_large() {
    let (_relay, page) = Page::connected("").await;
    page.click("#projector").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    let smallest = "return Math.min(...[...document.querySelectorAll('.cell, .segment, .row *')]
        .filter(e => e.checkVisibility() && e.textContent)
        .map(e => parseFloat(getComputedStyle(e).fontSize)))";
    assert!(page.read(smallest).await.as_f64().unwrap() >= 20.0);
    let narrowest = "return Math.min(...[...document.querySelectorAll('.cell')]
        .filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().width))";
    assert!(page.read(narrowest).await.as_f64().unwrap() >= 32.0);
    page.close().await;
}

#[tokio::test]
async fn a_presenters_remote_works_wherever_the_focus_is() {
    let (_relay, page) = Page::connected("recv=5").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    for (focused, shown) in [("#composer-text", 1), ("#chunks", 0), ("#nodelay", 0)] {
        page.find(focused).await.send_keys(PAGE_UP).await.unwrap();
        page.until(
            "the page key has stepped back",
            &format!("return [...document.querySelectorAll('#chunks .row')].filter(e => e.checkVisibility()).length === {shown}"),
        )
        .await;
    }
    page.find("#nodelay").await.send_keys("d").await.unwrap();
    page.until("it is dark", "return document.documentElement.dataset.theme === 'dark'").await;
    page.close().await;
}

#[tokio::test]
async fn every_lesson_is_reached_by_keys_and_a_remote_goes_on_into_the_next() {
    let (_relay, page) = Page::connected("").await;
    let is = |name: &str| format!("return document.querySelector('#lesson').value === '{name}'");
    page.press("12").await;
    page.until("12 is lesson 12", &is("12a")).await;
    page.press("g").await;
    let is_typing = "return document.activeElement.id === 'go-lesson'";
    page.until("a name is asked for", is_typing).await;
    page.find("#go-lesson").await.send_keys("b1b").await.unwrap();
    let black = "return document.querySelector('#blank').checkVisibility()";
    assert_eq!(page.read(black).await, false, "what is typed is no key");
    page.fill("#go-lesson", "1b").await;
    page.until("its letter ends a name", &is("1b")).await;
    page.press("g").await;
    page.until("a name is asked for", is_typing).await;
    page.fill("#go-lesson", "1\n").await;
    page.until("a number names the first variant", &is("1a")).await;
    page.until("its texts are there", "return !document.querySelector('#lab-step').ariaDisabled")
        .await;
    page.click("#lab-run").await;
    page.until("it is over", "return document.querySelector('#answer').checkVisibility()").await;
    page.press(PAGE_DOWN).await;
    page.until("the remote goes on", &is("1b")).await;
    page.press(PAGE_UP).await;
    page.until("the remote goes back", &is("1a")).await;
    page.press("]").await;
    page.until("] is the next", &is("1b")).await;
    page.press("[").await;
    page.until("[ is the one before", &is("1a")).await;
    page.close().await;
}

#[tokio::test]
async fn nothing_is_typed_or_pressed_while_the_screen_is_black() {
    let (_relay, page) = Page::connected("").await;
    page.press("b").await;
    page.until("it is black", "return document.querySelector('#blank').checkVisibility()").await;
    page.read("document.querySelector('#composer-text').focus()").await;
    assert_eq!(page.read("return document.activeElement.tagName").await, "BODY");
    page.press("dl").await;
    page.press("b").await;
    page.until("it is back", "return !document.querySelector('#blank').checkVisibility()").await;
    assert_eq!(page.read("return document.documentElement.lang").await, "en");
    assert_eq!(page.read("return document.documentElement.dataset.theme").await, "light");
    page.close().await;
}

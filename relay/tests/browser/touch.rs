//! The page on a phone, touched with a finger.

use std::time::Duration;

use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, PointerAction, TouchActions};
use serde_json::json;

use crate::browser::Page;
use crate::driver::Setting;
use crate::support::TestRelay;

/// Visible controls that a finger may miss. What is a part of a label is as large as the label.
const SMALL: &str = "
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, label.file')]
        .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.matches('.hidden, .skip'))
        .map(e => [e.closest('label.check') ?? e, e])
        .filter(([target]) => {
            const { width, height } = target.getBoundingClientRect();
            return width < 44 || height < 44;
        })
        .map(([target, e]) => {
            const { width, height } = target.getBoundingClientRect();
            return `${width.toFixed(1)}x${height.toFixed(1)} ${e.outerHTML.slice(0, 100)}`;
        })";

/// Whether the button for the next step is on screen, and nothing lies on it.
const IN_REACH: &str = "
    const next = document.querySelector('#lab-step');
    const { x, y, width, height } = next.getBoundingClientRect();
    return next.contains(document.elementFromPoint(x + width / 2, y + height / 2));";

/// Whether the question, the picture and all of the bytes are above the bar at the bottom, without a scroll.
const EVIDENCE: &str = "
    const place = selector => document.querySelector(selector).getBoundingClientRect();
    return scrollY === 0 && place('#question').top >= 0 && place('#picture').height > 180
        && place('#lanes').bottom <= place('#transport').top;";

/// Touches the middle of an element for a moment.
async fn tap(page: &Page, selector: &str) {
    page.read(&format!(
        "document.querySelector('{selector}').scrollIntoView({{ block: 'center' }})"
    ))
    .await;
    let element = page.find(selector).await;
    let tap = TouchActions::new("finger".to_owned())
        .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    page.client.perform_actions(tap).await.expect("the screen can be touched");
}

/// Drags across an element, from one end to the other and a little further.
async fn drag(page: &Page, selector: &str, to_the_left: bool) {
    let element = page.find(selector).await;
    let (.., width, _) = element.rectangle().await.expect("it has a place");
    let sign = if to_the_left { -1.0 } else { 1.0 };
    let to = |part: f64| PointerAction::MoveToElement {
        element: element.clone(),
        duration: Some(Duration::from_millis(50)),
        x: sign * part * width,
        y: 0.0,
    };
    let drag = TouchActions::new("finger".to_owned())
        .then(to(-0.47))
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(to(0.0))
        .then(to(0.52))
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    page.client.perform_actions(drag).await.expect("the screen can be touched");
}

/// Every control is at least 44x44, and nothing lies beside the screen.
async fn suits_a_finger(page: &Page, what: &str) {
    assert_eq!(page.read(SMALL).await, json!([]), "{what}");
    let overflows = "return document.documentElement.scrollWidth > innerWidth";
    assert_eq!(page.read(overflows).await, false, "{what}");
}

/// A relay, and its page on a phone.
async fn phone(fragment: &str) -> (TestRelay, Page) {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, fragment, &[Setting::Phone]).await;
    (relay, page)
}

#[tokio::test]
async fn a_finger_answers_steps_and_selects_a_byte_in_the_lab() {
    let (_relay, page) = phone("lesson=4a").await;
    let is_there = "return !document.querySelector('#lab-step').ariaDisabled";
    page.until("the lesson is there", is_there).await;
    suits_a_finger(&page, "a lesson").await;
    tap(&page, "#choices [data-choice=\"1\"]").await;
    let is_chosen =
        "return document.querySelector('#choices [data-choice=\"1\"]').ariaPressed === 'true'";
    page.until("a choice is made", is_chosen).await;
    tap(&page, "#lab-step").await;
    page.until("it steps", "return document.querySelector('#scrubber').max > 0").await;
    assert_eq!(page.read(IN_REACH).await, true, "Next is there without a scroll");
    tap(&page, "#menu-open").await;
    page.until(
        "the menu is open",
        "return document.querySelector('#menu').matches(':popover-open')",
    )
    .await;
    suits_a_finger(&page, "the menu").await;
    tap(&page, "#lab-edit").await;
    let is_open =
        "return [...document.querySelectorAll('.program-text')].some(e => e.checkVisibility())";
    page.until("programs can be changed", is_open).await;
    suits_a_finger(&page, "programs that are changed").await;
    tap(&page, "#menu-open").await;
    tap(&page, "#lab-edit").await;
    page.until("they are shown", &format!("{is_open} === false")).await;
    tap(&page, "#lab-run").await;
    page.until("it is over", "return document.querySelector('#answer').checkVisibility()").await;
    suits_a_finger(&page, "the end").await;
    drag(&page, "#scrubber", true).await;
    let is_first = "return document.querySelector('#scrubber').valueAsNumber === 0";
    page.until("the first moment is on screen", is_first).await;
    assert_eq!(page.read(IN_REACH).await, true, "and now");
    drag(&page, "#scrubber", false).await;
    let is_last =
        "const { max, value } = document.querySelector('#scrubber'); return max === value";
    page.until("the last moment is on screen", is_last).await;
    tap(&page, "#received-lanes .cell").await;
    let is_byte = "return document.querySelector('#detail-text').textContent.startsWith('Byte ')";
    page.until("a byte is selected", is_byte).await;
    suits_a_finger(&page, "a byte").await;
    page.close().await;
}

#[tokio::test]
async fn a_choice_and_its_evidence_fit_one_screen_of_a_phone() {
    let (_relay, page) = phone("lesson=4a").await;
    let is_there = "return !document.querySelector('#lab-step').ariaDisabled";
    page.until("the lesson is there", is_there).await;
    page.click("#lab-step").await;
    page.until("it steps", "return document.querySelector('#scrubber').max > 0").await;
    page.until("all is on screen", EVIDENCE).await;
    page.click("#choices [data-choice=\"1\"]").await;
    page.click("#lab-run").await;
    page.until("it is over", "return document.querySelector('#answer').checkVisibility()").await;
    page.until("all is on screen beside the answer", EVIDENCE).await;
    page.close().await;
}

#[tokio::test]
async fn a_finger_sends_and_reads_in_live() {
    let (_relay, page) = phone("recv=24").await;
    let is_drawn =
        "return document.querySelector('#ribbons-shapes [data-item=\"r m 2\"]') !== null";
    page.until("three messages are drawn", is_drawn).await;
    suits_a_finger(&page, "Live").await;
    tap(&page, "#without-header").await;
    let has_none = "return document.querySelector('#without-header').ariaPressed === 'true'";
    page.until("there is no header", has_none).await;
    suits_a_finger(&page, "Live without a header").await;
    tap(&page, "#with-header").await;
    tap(&page, "#view-list").await;
    page.until_texts("#messages .content", &["\"hello\""; 3]).await;
    suits_a_finger(&page, "the lists").await;
    tap(&page, "#composer-text").await;
    page.client.active_element().await.unwrap().send_keys("hi").await.unwrap();
    tap(&page, "#send").await;
    page.until("it is back", "return document.querySelectorAll('#messages .row').length > 3").await;
    tap(&page, "#messages .row").await;
    let is_selected = "return document.querySelector('#messages [data-selected]') !== null";
    page.until("a message is selected", is_selected).await;
    suits_a_finger(&page, "a message").await;
    tap(&page, "#help-open").await;
    page.until("help is open", "return document.querySelector('#help').open").await;
    suits_a_finger(&page, "help").await;
    tap(&page, "#help-close").await;
    page.close().await;
}

#[tokio::test]
async fn a_screen_of_320_pixels_shows_all_of_the_picture_and_of_the_form() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "lesson=4a", &[Setting::SmallPhone]).await;
    if page.read("return innerWidth > 320").await == json!(true) {
        // Firefox has no window of this width.
        page.close().await;
        return;
    }
    let overflow = "return document.documentElement.scrollWidth - innerWidth";
    assert_eq!(page.read(overflow).await, json!(0), "the lab is too wide");
    let right = "const picture = document.querySelector('#picture');
        picture.scrollLeft = 10000;
        const shapes = document.querySelector('#picture-svg').getBoundingClientRect();
        return shapes.right - picture.getBoundingClientRect().right <= 1";
    page.until("the picture's right side can be reached", right).await;
    page.click("#tab-live").await;
    page.until(
        "it is connected",
        "return document.querySelector('#source').dataset.state === 'open'",
    )
    .await;
    assert_eq!(page.read(overflow).await, json!(0), "Live is too wide");
    let send = "return document.querySelector('#send').getBoundingClientRect().right <= innerWidth";
    assert_eq!(page.read(send).await, json!(true));
    page.close().await;
}

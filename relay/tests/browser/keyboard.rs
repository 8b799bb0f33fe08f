//! The page by keyboard alone: no test here clicks.

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use serde_json::Value;

use crate::browser::{LISTS, Page};
use crate::support::TestRelay;

const TAB: char = '\u{e004}';
const SHIFT: char = '\u{e008}';
const ENTER: char = '\u{e007}';
const SPACE: char = ' ';
const LEFT: char = '\u{e012}';
const RIGHT: char = '\u{e014}';
const HOME: char = '\u{e011}';
const END: char = '\u{e010}';
const DOWN: char = '\u{e015}';
const ESCAPE: char = '\u{e00c}';

/// No screen has more stops. A focus that is still not back after them is trapped.
const MAX_STOPS: usize = 120;

/// What has the focus: a short text that tells it from others, and what is wrong with how it shows. A focus must be
/// seen, inside of the window and not under something else.
const STOP: &str = "
    const e = document.activeElement;
    if (!e || e === document.body) return ['', ''];
    const name = e.id || e.closest('[data-program]')?.dataset.program + ' ' + (e.className || e.tagName);
    const shows = e.matches('.hidden') ? e.closest('label') : e;
    const style = getComputedStyle(shows);
    const box = shows.getBoundingClientRect();
    const parts = [0.02, 0.5, 0.98];
    const points = parts.flatMap(x => parts.map(y => [box.x + x * box.width, box.y + y * box.height]));
    const tops = points.map(([x, y]) => document.elementFromPoint(x, y)).filter(top => top);
    const wrong = [];
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) wrong.push('has no outline');
    if (tops.length === 0) wrong.push('is outside of the window');
    else if (!tops.some(top => shows.contains(top))) wrong.push(`lies under ${tops[0].outerHTML.slice(0, 80)}`);
    return [name, wrong.join(', ')];";

/// The number of the moment on screen.
const NUMBER: &str = "return document.querySelector('#scrubber').valueAsNumber";

/// What a keyboard should reach.
const REACHABLE: &str = "
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')]
        .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled)
        .map(e => e.id || e.closest('[data-program]')?.dataset.program + ' ' + (e.className || e.tagName));";

/// Presses a key, whatever has the focus.
async fn strike(page: &Page, key: char) {
    let strike = KeyActions::new("keyboard".to_owned())
        .then(KeyAction::Down { value: key })
        .then(KeyAction::Up { value: key });
    page.client.perform_actions(strike).await.expect("keys can be pressed");
}

async fn strike_all(page: &Page, keys: &str) {
    for key in keys.chars() {
        strike(page, key).await;
    }
}

/// Moves the focus on, and says what has it.
async fn tab(page: &Page) -> String {
    strike(page, TAB).await;
    let stop = stop(page).await;
    if stop.is_empty() {
        // After the last stop Firefox has the focus on its own controls.
        let window = page.client.window().await.expect("it has a window");
        page.client.switch_to_window(window).await.expect("the page takes the focus");
    }
    stop
}

/// What has the focus, which can be seen.
async fn stop(page: &Page) -> String {
    // Firefox scrolls to it over some frames.
    let is_seen = |stop: &Value| stop[1] == "";
    let stop = page.until_right("the focus can be seen", STOP, is_seen).await;
    let (name, _): (String, String) = serde_json::from_value(stop).expect("two texts");
    name
}

/// Moves the focus on until this has it.
async fn tab_to(page: &Page, wanted: &str) {
    let mut stops = Vec::new();
    while stops.len() < MAX_STOPS {
        let stop = tab(page).await;
        if stop == wanted {
            return;
        }
        stops.push(stop);
    }
    panic!("no Tab leads to {wanted}, but to {stops:?}");
}

/// Goes once through everything with Tab. The focus leaves each stop, and all that can be used is one of them.
async fn is_all_reached(page: &Page) {
    let reachable = page.read(REACHABLE).await;
    let reachable: Vec<String> = serde_json::from_value(reachable).expect("texts");
    let first = tab(page).await;
    let mut stops = vec![first.clone()];
    loop {
        let stop = tab(page).await;
        if stop == first {
            break;
        }
        assert!(stops.len() < MAX_STOPS, "the focus is trapped: {stops:?}");
        stops.push(stop);
    }
    let missed: Vec<_> = reachable.iter().filter(|one| !stops.contains(one)).collect();
    assert_eq!(missed, [""; 0], "Tab leads to {stops:?}");
}

/// A relay, and its page with this fragment.
async fn open(fragment: &str) -> (TestRelay, Page) {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, fragment, &[]).await;
    (relay, page)
}

#[tokio::test]
async fn tab_leads_through_everything_and_the_focus_is_seen_at_each_stop() {
    let (_relay, page) = open("lesson=7a").await;
    let is_there = "return !document.querySelector('#lab-step').ariaDisabled";
    page.until("the lesson is there", is_there).await;
    for (width, height) in [(1366, 650), (390, 844)] {
        page.client.set_window_size(width, height).await.expect("a window has a size");
        is_all_reached(&page).await;
    }
    tab_to(&page, "lab-run").await;
    strike(&page, ENTER).await;
    page.until("it is over", "return document.querySelector('#answer').checkVisibility()").await;
    is_all_reached(&page).await;
    page.read("location.hash = 'recv=24'").await;
    let is_drawn =
        "return document.querySelector('#ribbons-shapes [data-item=\"r m 2\"]') !== null";
    page.until("three messages are drawn", is_drawn).await;
    is_all_reached(&page).await;
    page.read(&format!("location.hash = '{LISTS}&recv=24'")).await;
    page.until("the lists are there", "return document.querySelector('#chunks').checkVisibility()")
        .await;
    is_all_reached(&page).await;
    page.close().await;
}

#[tokio::test]
async fn a_lesson_is_answered_and_stepped_to_its_end_by_keys() {
    let (_relay, page) = open("lesson=4a").await;
    let is_there = "return !document.querySelector('#lab-step').ariaDisabled";
    page.until("the lesson is there", is_there).await;
    let is_choice = "return document.activeElement.closest('#choices') !== null";
    while page.read(is_choice).await == false {
        tab(&page).await;
    }
    strike(&page, SPACE).await;
    let is_chosen = "return document.querySelector('#choices [aria-pressed=true]') !== null";
    page.until("a choice is made", is_chosen).await;
    tab_to(&page, "lab-step").await;
    let is_over = "document.querySelector('#answer').checkVisibility()";
    let can_step = "!document.querySelector('#lab-step').ariaDisabled";
    for key in [ENTER, SPACE].into_iter().cycle() {
        page.until("it can go on, or is over", &format!("return {can_step} || {is_over}")).await;
        // The page may know already that it is over: then the key would lead to the next lesson.
        page.painted().await;
        if page.read(&format!("return {is_over}")).await == true {
            break;
        }
        let before = page.texts("#position").await.concat();
        strike(&page, key).await;
        // A report that nothing is left to step may cross the key.
        let has_moved = format!(
            "return document.querySelector('#position').textContent !== '{before}' || {is_over}"
        );
        page.until("it has stepped, or is over", &has_moved).await;
    }
    let said = page.texts("#answer").await.concat();
    assert!(said.starts_with("✓") || said.starts_with("✕"), "{said}");
    // What was focused has kept it.
    assert_eq!(stop(&page).await, "lab-step");
    tab_to(&page, "scrubber").await;
    let last = page.read(NUMBER).await;
    strike(&page, LEFT).await;
    page.until("an earlier moment is on screen", &format!("{NUMBER} === {last} - 1")).await;
    strike(&page, HOME).await;
    page.until("the first moment is on screen", &format!("{NUMBER} === 0")).await;
    strike(&page, END).await;
    page.until("the last moment is on screen", &format!("{NUMBER} === {last}")).await;
    tab_to(&page, "received-lanes").await;
    strike(&page, RIGHT).await;
    let is_byte = "return document.querySelector('#detail-text').textContent.startsWith('Byte 0 ')";
    page.until("the first byte is selected", is_byte).await;
    tab_to(&page, "tab-live").await;
    strike(&page, ENTER).await;
    page.until("Live is there", "return document.querySelector('#send').checkVisibility()").await;
    assert_eq!(stop(&page).await, "tab-live");
    page.close().await;
}

#[tokio::test]
async fn live_and_its_dialogs_are_used_by_keys() {
    let (_relay, page) = open("recv=5").await;
    tab_to(&page, "view-list").await;
    strike(&page, ENTER).await;
    page.until_texts("#messages .content", &["\"hello\""; 3]).await;
    tab_to(&page, "composer-text").await;
    strike_all(&page, "by keys").await;
    strike(&page, ENTER).await;
    let messages = ["\"hello\"", "\"hello\"", "\"hello\"", "\"by keys\""];
    page.until_texts("#messages .content", &messages).await;
    tab_to(&page, "messages").await;
    strike(&page, DOWN).await;
    let is_selected = "return document.querySelector('#messages [data-selected]') !== null";
    page.until("a message is selected", is_selected).await;

    tab_to(&page, "help-open").await;
    strike(&page, SPACE).await;
    page.until("help is open", "return document.querySelector('#help').open").await;
    for _ in 0..4 {
        let stop = tab(&page).await;
        assert!(
            ["", "help", "shortcuts", "help-close"].contains(&&*stop),
            "help keeps the focus: {stop}"
        );
    }
    strike(&page, ESCAPE).await;
    page.until("help is closed", "return !document.querySelector('#help').open").await;
    assert_eq!(stop(&page).await, "help-open", "the focus is back");

    tab_to(&page, "menu-open").await;
    strike(&page, ENTER).await;
    page.until(
        "the menu is open",
        "return document.querySelector('#menu').matches(':popover-open')",
    )
    .await;
    assert_eq!(tab(&page).await, "recording-open");
    strike(&page, ESCAPE).await;
    page.until("it is closed", "return !document.querySelector('#menu').matches(':popover-open')")
        .await;
    assert_eq!(stop(&page).await, "menu-open", "the focus is back");
    // Backwards too.
    let back = KeyActions::new("keyboard".to_owned())
        .then(KeyAction::Down { value: SHIFT })
        .then(KeyAction::Down { value: TAB })
        .then(KeyAction::Up { value: TAB })
        .then(KeyAction::Up { value: SHIFT });
    page.client.perform_actions(back).await.expect("keys can be pressed");
    assert_eq!(stop(&page).await, "help-open");
    page.close().await;
}

#[tokio::test]
async fn a_button_that_has_reached_its_limit_keeps_the_focus() {
    let (_relay, page) = Page::connected("").await;
    for id in ["zoom-in", "zoom-out"] {
        tab_to(&page, id).await;
        let is_inert = format!("return document.querySelector('#{id}').ariaDisabled === 'true'");
        for _ in 0..20 {
            strike(&page, ENTER).await;
        }
        page.until("it has reached its limit", &is_inert).await;
        assert_eq!(stop(&page).await, id);
    }
    page.close().await;
}

#[tokio::test]
async fn a_second_question_mark_closes_the_help() {
    let (_relay, page) = Page::connected("").await;
    strike(&page, '?').await;
    page.until("help is open", "return document.querySelector('#help').open").await;
    strike(&page, '?').await;
    page.until("help is closed", "return !document.querySelector('#help').open").await;
    page.close().await;
}

#[tokio::test]
async fn edit_in_the_menu_moves_the_focus_to_the_editor() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "lesson=4a", &[]).await;
    tab_to(&page, "menu-open").await;
    strike(&page, ENTER).await;
    tab_to(&page, "lab-edit").await;
    strike(&page, ENTER).await;
    let is_editor = "return document.activeElement.matches('.editor textarea')";
    page.until("the editor has the focus", is_editor).await;
    page.close().await;
}

//! What assistive technology relies on: the order of headings, contrast, and the items of lists.

use crate::browser::Page;

/// The levels of the visible headings, in the order of the document.
const SKIPPED: &str = "
    let last = 0;
    return [...document.querySelectorAll('h1, h2, h3, h4')].filter(e => e.checkVisibility())
        .filter(e => { const level = +e.tagName[1], skips = level > last + 1; last = level; return skips; })
        .map(e => e.outerHTML.slice(0, 80));";

/// Visible lists without an item.
const EMPTY: &str = "
    const items = { list: 'listitem', listbox: 'option' };
    return [...document.querySelectorAll('[role=list], [role=listbox]')].filter(e => e.checkVisibility())
        .filter(e => ![...e.querySelectorAll(`[role=${items[e.role]}]`)].some(item => item.checkVisibility()))
        .map(e => e.id);";

/// Visible elements with text whose contrast with the nearest plain background is under 4.5. What is drawn over
/// a hatch, what is inactive, and what is faded is left out.
const FAINT: &str = "
    const channels = color => color.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const background = element => {
        for (let e = element; e; e = e.parentElement) {
            const style = getComputedStyle(e);
            if (style.backgroundImage !== 'none') return null;
            const color = channels(style.backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const e of document.querySelectorAll('body *')) {
        const hasText = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!hasText || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        if (e.closest(':disabled, [aria-disabled=true], [aria-hidden=true]') || getComputedStyle(e).opacity !== '1') continue;
        const behind = background(e);
        if (!behind) continue;
        const [a, b] = [luminance(channels(getComputedStyle(e).color)), luminance(behind)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${e.outerHTML.slice(0, 80)}`);
    }
    return faint;";

/// Nothing is wrong with what is on screen, in light and in dark.
async fn is_accessible(page: &Page, what: &str) {
    for script in [SKIPPED, EMPTY, FAINT] {
        let wrong = page.read(script).await;
        assert_eq!(wrong, serde_json::json!([]), "{what}");
    }
    page.press("d").await;
    assert_eq!(page.read(FAINT).await, serde_json::json!([]), "{what}, in the other theme");
    page.press("d").await;
}

#[tokio::test]
async fn headings_lists_and_contrast_are_right_on_every_tab() {
    let (_relay, page) = Page::connected("").await;
    is_accessible(&page, "Live, empty").await;
    page.send("hello").await;
    page.until_texts("#messages .content", &["\"hello\""]).await;
    page.fill("#recv", "0\n").await;
    page.until_texts("#recv-problem", &["The recv size is a number of bytes from 1 to 1048576."])
        .await;
    is_accessible(&page, "Live").await;
    page.press("g").await;
    page.until("a lesson is asked for", "return document.querySelector('#go').open").await;
    page.fill("#go-lesson", "4c").await;
    page.until("the lesson is there", "return !document.querySelector('#lab-step').ariaDisabled")
        .await;
    is_accessible(&page, "the lab, before the first step").await;
    page.click("#lab-run").await;
    page.until("it is over", "return document.querySelector('#answer').checkVisibility()").await;
    is_accessible(&page, "the lab").await;
    page.close().await;
}

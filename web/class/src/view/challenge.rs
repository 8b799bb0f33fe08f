//! Shows the challenge on a student's page, and recordings beside it.

use framescope_browser::dom::{child, set_attribute, set_disabled, set_hidden, set_text};
use framescope_browser::{document, element};
use framescope_class_page::screen::{ByteKind, ChallengeScreen, Failed, Mark};
use web_sys::{Element, HtmlElement};

use super::board::{show_mark, sign};
use super::list::fill;

pub(super) fn show_challenge(challenge: &ChallengeScreen) {
    set_text(&element("cases-passed"), &challenge.heading);
    fill(
        &element("cases"),
        "case-template",
        &challenge.cases,
        |button, (case, mark, is_chosen), _| {
            let number = case.number().to_string();
            set_attribute(button, "data-case", Some(&number));
            set_attribute(button, "aria-pressed", Some(if *is_chosen { "true" } else { "false" }));
            set_attribute(button, "aria-label", Some(&format!("{number} {}", sign(*mark))));
            set_text(&child(button, "b"), &number);
            show_mark(&child(button, ".mark"), *mark);
        },
    );
    show_mark(&element("case-mark"), challenge.mark);
    set_text(&element("case-title"), &challenge.title);
    set_text(&element("challenge-address"), &challenge.connect);
    set_text(&element("ticket"), &challenge.ticket);
    set_text(&element("challenge-command"), &challenge.command);
    let failed: HtmlElement = element("failed");
    set_hidden(&failed, challenge.failed.is_none());
    if let Some(failed) = &challenge.failed {
        show_failed(failed);
    }
    set_text(&element("tries-next"), challenge.next.as_deref().unwrap_or_default());
    set_disabled(&element("show-recordings"), challenge.failed.is_none());
    set_disabled(&element("try-next"), challenge.mark == Mark::Passed || challenge.next.is_some());
    show_recorded(challenge.shows_recordings.then_some(&*challenge.title));
}

fn show_failed(failed: &Failed) {
    fill(&element("byte-rows"), "byte-row-template", &failed.rows, |item, row, _| {
        set_text(&child(item, ".label"), &row.label);
        fill(&child(item, ".bytes"), "byte-template", &row.cells, |cell, byte, _| {
            let kind = match byte.kind {
                ByteKind::Header => "header",
                ByteKind::Payload => "payload",
                ByteKind::Wrong => "wrong",
                ByteKind::Nothing => "nothing",
            };
            set_attribute(cell, "data-kind", Some(kind));
            set_attribute(cell, "data-chunk", byte.begins_chunk.then_some(""));
            set_attribute(cell, "data-here", byte.is_here.then_some(""));
            set_text(cell, &byte.text);
        });
    });
    set_text(&element("first-wrong"), &failed.place);
    set_text(&element("what-failed"), &failed.what);
    set_text(&element("why-failed"), &failed.why);
    set_text(&element("again"), &failed.again);
}

/// The recordings are in the place of what they are of.
pub(super) fn show_recorded(title: Option<&str>) {
    if let Some(body) = document().body() {
        set_attribute(&body, "data-recorded", title.map(|_| ""));
    }
    let part: Element = element("recorded-title");
    set_text(&part, title.unwrap_or_default());
}

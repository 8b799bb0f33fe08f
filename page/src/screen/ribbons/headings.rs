//! The headings of the columns.

use super::pane::Pane;
use crate::screen::drawing::{About, Anchor, Point, Span, Style};
use crate::text::fit::text_width;

/// The height of a heading, and of what is said below it.
const FIRST: f32 = 12.0;
const SECOND: f32 = 34.0;

/// Draws the headings.
pub(super) fn draw(pane: &mut Pane<'_>) {
    let locale = &pane.state.locale;
    let scene = &pane.scene;
    let bytes = scene.window.end;
    let sent = if scene.is_framed() {
        locale.fill("ribbons-sent", &[("count", &scene.all_sends)])
    } else {
        locale.fill("ribbons-sends", &[("count", &scene.all_sends)])
    };
    let shown = scene.blocks.len();
    let messages = if !scene.is_framed() {
        locale.text("ribbons-no-header").to_owned()
    } else if scene.all_messages > shown {
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("count", &scene.all_messages), ("shown", &shown)];
        locale.fill("ribbons-newest", &values)
    } else {
        locale.text("ribbons-messages-note").to_owned()
    };
    let texts = [
        (locale.text("ribbons-sent-title").to_owned(), sent),
        (
            locale.text("ribbons-stream-title").to_owned(),
            locale.fill("ribbons-stream-note", &[("bytes", &bytes)]),
        ),
        (locale.text("chunks").to_owned(), locale.text("chunks-note").to_owned()),
        (locale.text("messages").to_owned(), messages),
    ];
    let columns = &pane.columns;
    let end = pane.drawing.width;
    let starts = [columns.sends, columns.stream, columns.chunks, columns.messages];
    let ends = [columns.stream.from, columns.chunks.from, columns.messages.from, end];
    for ((title, note), (start, end)) in texts.into_iter().zip(starts.into_iter().zip(ends)) {
        heading(pane, Span::new(start.from, end - 8.0), &title, &note);
    }
}

fn heading(pane: &mut Pane<'_>, span: Span, title: &str, note: &str) {
    let is_large = text_width(title, Style::Title.text_size()) <= span.width();
    let style = if is_large { Style::Title } else { Style::Heading };
    let mut say = |y: f32, text: &str, style: Style| {
        // A text that would be cut says nothing.
        if text_width(text, style.text_size()) <= span.width() {
            let at = Point::new(span.from, y);
            pane.drawing.text(at, Anchor::Start, text, style, About::default());
        }
    };
    say(FIRST, title, style);
    say(SECOND, note, Style::Quiet);
}

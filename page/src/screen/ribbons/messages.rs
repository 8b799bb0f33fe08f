//! The messages in the stream, and what is not one yet.

use std::ops::Range;

use framescope_framing::HEADER_LEN;
use framescope_record::{Direction, ItemKind};

use super::heights::{Place, pixels};
use super::pane::Pane;
use super::scene::{Block, BlockKind};
use crate::screen::drawing::{About, Anchor, Figure, Fill, Point, Span, Style, TEXT};
use crate::screen::fills::by_turns;
use crate::text::bytes::{hex, short_text};
use crate::text::declared;
use crate::text::fit::{cut, text_width, wrap};

/// The most letters of a text on bytes.
pub(super) const LETTERS: usize = 24;
/// The part of a row that is the header.
const HEADER_PART: f32 = 0.5;
/// The length of the mark at a place where `recv()` cut a message.
const CUT: f32 = 14.0;
/// The height of a line of text.
const LINE: f32 = 18.0;

/// Draws the messages and their notes.
pub(super) fn draw(pane: &mut Pane<'_>) {
    for (block, place) in pane.scene.blocks.clone().iter().zip(pane.heights.blocks.clone()) {
        draw_block(pane, block, &place);
        notes(pane, block, &place);
    }
}

fn draw_block(pane: &mut Pane<'_>, received: &Block, place: &Place) {
    let span = pane.columns.messages;
    let about = |kind: Option<ItemKind>| pane.about(Direction::Received, kind, &received.range);
    let whole = (place.top, place.bottom());
    match &received.kind {
        BlockKind::Message(number) => {
            let about = about(Some(ItemKind::Message(*number)));
            let Some(message) = pane.scene.received().message(*number).cloned() else { return };
            let length = message.payload.end - message.payload.start;
            let header = length_text(pane, &length);
            let payload = short_text(pane.scene.received().bytes(message.payload), LETTERS);
            // A message whose beginning is left out has no header here.
            let header = (place.range.start == message.header.start).then_some(header);
            block(pane, span, place, header, (&payload, by_turns(*number)), about);
            cuts(pane, &message.header, place);
        }
        BlockKind::Incomplete(declared, _) => {
            let bytes = pane.scene.received().bytes(received.range.clone());
            let (header, payload) = match declared {
                Some(_) => bytes.split_at_checked(HEADER_LEN).unwrap_or((&[], bytes)),
                None => (&[][..], bytes),
            };
            let text = short_text(payload, LETTERS);
            let header =
                declared.filter(|_| !header.is_empty()).map(|length| length_text(pane, &length));
            let about = about(None);
            block(pane, span, place, header, (&text, Fill::Incomplete), about);
        }
        BlockKind::Broken(error) => {
            let bytes = pane.scene.received().bytes(received.range.clone());
            let text = format!("✕ {} = {}", hex(bytes, HEADER_LEN), declared(error));
            let about = about(None);
            pane.labelled(span, whole, Fill::Error, &text, about);
        }
        BlockKind::Unread => {
            let text = pane.state.locale.text("lane-unread").to_owned();
            let about = about(None);
            pane.labelled(span, whole, Fill::Incomplete, &text, about);
        }
        BlockKind::Unframed => {
            let about = about(None);
            pane.labelled(span, whole, Fill::Incomplete, "?", about);
        }
    }
}

/// The length in a header, in as many words as there is space for.
fn length_text(pane: &Pane<'_>, length: &dyn std::fmt::Display) -> String {
    let text = pane.state.locale.fill("ribbon-length", &[("length", length)]);
    let part = if pane.heights.has_rows() { HEADER_PART } else { 1.0 };
    let free = pane.columns.messages.width() * part - 8.0;
    if text_width(&text, TEXT) <= free { text } else { length.to_string() }
}

/// A message: its header above its payload, or beside it in a row.
pub(super) fn block(
    pane: &mut Pane<'_>,
    span: Span,
    place: &Place,
    header: Option<String>,
    (payload, fill): (&str, Fill),
    about: About,
) {
    let has_rows = pane.heights.has_rows();
    let length = place.range.end - place.range.start;
    let Some(header) = header else {
        pane.labelled(span, (place.top, place.bottom()), fill, payload, about);
        return;
    };
    let is_empty = length <= HEADER_LEN as u64;
    if has_rows {
        let middle = span.from + span.width() * HEADER_PART;
        let (left, right) = (Span::new(span.from, middle), Span::new(middle, span.to));
        let ends = (place.top, place.bottom());
        pane.labelled(left, ends, Fill::Header, &header, about);
        if is_empty {
            let figure = Figure::Rect(Point::new(right.from, ends.0), right.width(), place.height);
            pane.drawing.add(figure, Style::Empty, about);
            let text = pane.state.locale.text("ribbon-empty");
            let text = cut(text, Style::Quiet.text_size(), right.width());
            let at = Point::new(right.middle(), place.middle());
            pane.drawing.text(at, Anchor::Middle, &text, Style::Quiet, about);
        } else {
            pane.labelled(right, ends, fill, payload, about);
        }
        return;
    }
    let split = place.at(place.range.start + HEADER_LEN as u64);
    pane.labelled(span, (place.top, split), Fill::Header, &header, about);
    if !is_empty {
        pane.labelled(span, (split, place.bottom()), fill, payload, about);
    }
}

/// Marks the places at which `recv()` cut a message.
fn cuts(pane: &mut Pane<'_>, header: &Range<u64>, place: &Place) {
    if pane.heights.has_rows() || place.range.start != header.start {
        return;
    }
    let chunks = pane.heights.chunks.iter().map(|chunk| chunk.range.start);
    let inside = chunks.filter(|at| place.range.start < *at && *at < place.range.end);
    let span = pane.columns.messages;
    for at in inside.collect::<Vec<_>>() {
        let y = place.at(at);
        for (from, to) in [(span.from, span.from + CUT), (span.to - CUT, span.to)] {
            let line = Figure::Line(Point::new(from, y), Point::new(to, y));
            pane.drawing.add(line, Style::Cut, About::default());
        }
    }
}

/// What is said of a message beside it.
fn notes(pane: &mut Pane<'_>, block: &Block, place: &Place) {
    let span = pane.columns.notes;
    if span.width() <= 0.0 {
        return;
    }
    let locale = &pane.state.locale;
    let length = block.range.end - block.range.start;
    let chunks = pane.scene.received().chunks_in(&block.range);
    let (first, last) = (chunks.start + 1, chunks.end);
    let from = if chunks.len() == 1 {
        locale.fill("row-from-one", &[("first", &first)])
    } else {
        locale.fill("row-from-many", &[("first", &first), ("last", &last)])
    };
    let (name, note) = match &block.kind {
        BlockKind::Message(number) => {
            (locale.fill("ribbon-message-number", &[("number", &(number + 1))]), from)
        }
        BlockKind::Incomplete(_, missing) => {
            let is_cut = pane.scene.is_truncated();
            let text = if is_cut {
                locale.fill("row-truncated", &[("missing", missing)])
            } else {
                locale.fill("row-incomplete", &[("missing", missing)])
            };
            (text, from)
        }
        BlockKind::Broken(_) => (locale.text("ribbon-stops").to_owned(), from),
        BlockKind::Unread => (locale.fill("row-size", &[("length", &length)]), String::new()),
        BlockKind::Unframed => (
            locale.fill("row-size", &[("length", &length)]),
            locale.text("ribbon-unframed").to_owned(),
        ),
    };
    let width = span.width();
    if pane.heights.has_rows() && place.height < 2.0 * LINE {
        let short = match &block.kind {
            BlockKind::Message(number) => format!("{} · {note}", number + 1),
            BlockKind::Incomplete(..)
            | BlockKind::Broken(_)
            | BlockKind::Unread
            | BlockKind::Unframed => name.clone(),
        };
        let whole = if note.is_empty() { name } else { format!("{name} · {note}") };
        let fits = [whole, short, note].into_iter().find(|text| text_width(text, TEXT) <= width);
        let text = fits.unwrap_or_default();
        pane.say(Point::new(span.from, place.middle()), width, &text, Style::Quiet);
        return;
    }
    let lines = wrap(&note, Style::Quiet.text_size(), width);
    let all = pixels(lines.len() as u64) * LINE;
    let mut at = Point::new(span.from, place.middle() - all / 2.0);
    pane.say(at, width, &name, Style::Heading);
    for line in lines {
        at.y += LINE;
        pane.say(at, width, &line, Style::Quiet);
    }
}

//! What each `recv()` returned.

use framescope_record::{Chunk, Direction, ItemKind};

use super::heights::{LABEL, Place};
use super::messages::LETTERS;
use super::pane::Pane;
use crate::screen::drawing::{About, Anchor, Figure, Fill, Point, Span, Style, TEXT};
use crate::screen::lists::chunk_time;
use crate::text::bytes::{hex, short_text};
use crate::text::fit::text_width;

/// The space between a chunk and its frame.
const FRAME: f32 = 2.0;
/// The height of the mark of the end of a stream.
const END: f32 = 6.0;
/// The height of a line of text.
const LINE: f32 = 17.0;

/// Draws the chunks.
pub(super) fn draw(pane: &mut Pane<'_>) {
    let span = pane.columns.chunks;
    let mut bottom = None;
    let mut labels = if pane.heights.has_labels { labels(pane) } else { Vec::new() }.into_iter();
    for (number, place) in pane.scene.chunks.clone().zip(pane.heights.chunks.clone()) {
        let Some(chunk) = pane.scene.received().chunk(number).cloned() else { continue };
        draw_chunk(pane, number, &place);
        if let Some(label) = labels.next() {
            let at = Point::new(span.from - FRAME, place.top - LABEL / 2.0 - 1.0);
            pane.drawing.text(at, Anchor::Start, &label, Style::Label, About::default());
        }
        held_messages(pane, &chunk, &place);
        bottom = Some(place.bottom());
    }
    if pane.scene.has_ended && pane.heights.has_labels {
        end_of_stream(pane, span, bottom);
    }
}

fn draw_chunk(pane: &mut Pane<'_>, number: usize, place: &Place) {
    let span = pane.columns.chunks;
    let kind = Some(ItemKind::Chunk(number));
    for piece in pane.scene.pieces(&place.range) {
        let about = pane.about(Direction::Received, kind, &piece.range);
        let bytes = pane.scene.received().bytes(piece.range.clone());
        let text = match piece.fill {
            Fill::Header => hex(bytes, LETTERS),
            Fill::Payload | Fill::Neighbour | Fill::Plain | Fill::Incomplete => {
                short_text(bytes, LETTERS)
            }
            Fill::Error | Fill::End => format!("✕ {}", hex(bytes, LETTERS)),
        };
        let ends = (place.at(piece.range.start), place.at(piece.range.end));
        pane.labelled(span, ends, piece.fill, &text, about);
    }
    let about = pane.about(Direction::Received, kind, &place.range);
    let corner = Point::new(span.from - FRAME, place.top - FRAME / 2.0);
    let (width, height) = (span.width() + 2.0 * FRAME, place.height + FRAME);
    pane.drawing.add(Figure::Rect(corner, width, height), Style::Frame, about);
}

/// What each chunk was asked for, got, and when: as much as there is space for, and of each the same.
fn labels(pane: &Pane<'_>) -> Vec<String> {
    let columns = &pane.columns;
    let free = columns.chunks.width() + (columns.messages.from - columns.chunks.to) * 0.9;
    let stream = pane.scene.received();
    let numbers = pane.scene.chunks.clone();
    let candidates: Vec<[String; 6]> = numbers
        .filter_map(|number| Some(candidates(pane, number, stream.chunk(number)?)))
        .collect();
    let fits = |index: &usize| {
        candidates.iter().all(|candidates| text_width(&candidates[*index], TEXT) <= free)
    };
    let index = (0..6).find(fits).unwrap_or(5);
    candidates.into_iter().map(|mut candidates| std::mem::take(&mut candidates[index])).collect()
}

/// From the longest to the shortest.
fn candidates(pane: &Pane<'_>, number: usize, chunk: &Chunk) -> [String; 6] {
    let locale = &pane.state.locale;
    let (number, asked) = (number + 1, chunk.asked);
    let got = chunk.range.end - chunk.range.start;
    let time = chunk_time(pane.state, chunk);
    let call = format!("recv({asked}) → {got} B");
    let named = locale.fill("ribbon-chunk", &[("number", &number), ("call", &call)]);
    [
        format!("{named} · {time}"),
        format!("{number} · {call} · {time}"),
        named,
        format!("{number} · {call}"),
        format!("{number} → {got} B"),
        format!("{got} B"),
    ]
}

/// Beside a chunk with more than one message: how many there are in it.
fn held_messages(pane: &mut Pane<'_>, chunk: &Chunk, place: &Place) {
    if !pane.scene.is_framed() || place.height < 2.0 * LINE + 4.0 {
        return;
    }
    let stream = pane.scene.received();
    let is_whole = |number: &usize| {
        stream.message(*number).is_some_and(|message| {
            let range = message.range();
            range.start >= chunk.range.start && range.end <= chunk.range.end
        })
    };
    let whole: Vec<usize> = stream.messages_in(&chunk.range).filter(is_whole).collect();
    let counted: u64 = whole
        .iter()
        .filter_map(|number| stream.message(*number))
        .map(|message| message.range().end - message.range().start)
        .sum();
    let others = chunk.range.end - chunk.range.start - counted;
    let locale = &pane.state.locale;
    let count = whole.len();
    let lines = match (count, others) {
        (0, _) | (1, 0) => return,
        (1, 1) => [locale.text("ribbon-message"), locale.text("ribbon-byte")].map(str::to_owned),
        (1, _) => [
            locale.text("ribbon-message").to_owned(),
            locale.fill("ribbon-bytes", &[("bytes", &others)]),
        ],
        (_, 0) => [locale.fill("ribbon-messages", &[("count", &count)]), String::new()],
        (_, 1) => [
            locale.fill("ribbon-messages", &[("count", &count)]),
            locale.text("ribbon-byte").to_owned(),
        ],
        (..) => [
            locale.fill("ribbon-messages", &[("count", &count)]),
            locale.fill("ribbon-bytes", &[("bytes", &others)]),
        ],
    };
    let columns = &pane.columns;
    let (x, free) = (columns.chunks.to + 10.0, columns.messages.from - columns.chunks.to - 22.0);
    if lines.iter().any(|line| text_width(line, TEXT) > free) {
        return;
    }
    let is_two = !lines[1].is_empty();
    let first = place.middle() - if is_two { LINE / 2.0 } else { 0.0 };
    let width = lines.iter().map(|line| text_width(line, TEXT)).fold(0.0, f32::max);
    let height = if is_two { 2.0 * LINE } else { LINE };
    let ground =
        Figure::Rect(Point::new(x - 4.0, place.middle() - height / 2.0), width + 8.0, height);
    pane.drawing.add(ground, Style::Plate, About::default());
    for (line, y) in lines.iter().zip([first, first + LINE]) {
        let at = Point::new(x, y);
        pane.drawing.text(at, Anchor::Start, line, Style::Heading, About::default());
    }
}

fn end_of_stream(pane: &mut Pane<'_>, span: Span, bottom: Option<f32>) {
    let top = bottom.unwrap_or(pane.heights.stream.top) + 4.0;
    pane.bar(span, top, top + END, Style::Bytes(Fill::End), About::default());
    let text = pane.state.locale.text("row-end");
    let at = Point::new(span.from, top + END + 8.0);
    pane.say(at, pane.columns.messages.from - span.from - 4.0, text, Style::Quiet);
}

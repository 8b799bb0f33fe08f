//! The stream: bytes without edges.

use framescope_record::{Direction, ItemKind};

use super::heights::pixels;
use super::pane::Pane;
use crate::screen::drawing::{About, Anchor, Figure, Fill, Point, Span, Style};
use crate::text::bytes::{Notation, glyph};
use crate::text::fit::text_width;

/// The least pixels of a byte that can be read.
const READABLE: f32 = 12.0;
/// How far the lines at both ends reach over the stream.
const OVER: f32 = 4.0;
/// The least distance between two offsets.
const TICKS: f32 = 44.0;

/// Draws the stream.
pub(super) fn draw(pane: &mut Pane<'_>) {
    let span = pane.columns.stream;
    let place = pane.heights.stream.clone();
    if place.range.is_empty() {
        return;
    }
    let is_readable = pane.heights.per_byte >= READABLE && span.width() >= 2.0 * READABLE;
    for piece in pane.scene.pieces(&place.range) {
        if !is_readable {
            let about = pane.about(Direction::Received, None, &piece.range);
            let (top, bottom) = (place.at(piece.range.start), place.at(piece.range.end));
            pane.bar(span, top, bottom, Style::Past(piece.fill), about);
            continue;
        }
        for at in piece.range.clone() {
            let kind = Some(ItemKind::Byte(at));
            let about = pane.about(Direction::Received, kind, &(at..at + 1));
            let (top, bottom) = (place.at(at), place.at(at + 1));
            pane.bar(span, top, bottom - 1.0, Style::Past(piece.fill), about);
            let byte = pane.scene.received().bytes(at..at + 1).first().copied().unwrap_or(0);
            let is_header = piece.fill == Fill::Header;
            let notation = if is_header { Notation::Hex } else { pane.state.preferences.notation };
            let middle = Point::new(span.middle(), f32::midpoint(top, bottom - 1.0));
            let text = glyph(byte, notation);
            pane.drawing.text(middle, Anchor::Middle, &text, Style::Label, about);
        }
    }
    for y in [place.top - 1.0, place.bottom() + 1.0] {
        let ends = (Point::new(span.from - OVER, y), Point::new(span.to + OVER, y));
        pane.drawing.add(Figure::Line(ends.0, ends.1), Style::StreamEnd, About::default());
    }
    if !is_readable {
        ticks(pane, span);
    }
}

/// Some stream offsets beside the stream.
fn ticks(pane: &mut Pane<'_>, span: Span) {
    let place = pane.heights.stream.clone();
    let longest = text_width(&place.range.end.to_string(), Style::Quiet.text_size());
    if pane.columns.is_narrow() || span.from - pane.columns.sends.to < longest + 2.0 * OVER {
        return;
    }
    let per_byte = place.height / pixels(place.range.end - place.range.start);
    let round = (0..18).flat_map(|zeros| [1, 2, 5].map(|first| first * 10_u64.pow(zeros)));
    let Some(step) = round.into_iter().find(|step| pixels(*step) * per_byte >= TICKS) else {
        return;
    };
    let mut at = place.range.start.next_multiple_of(step);
    while at <= place.range.end {
        let tick = Point::new(span.from - OVER - 2.0, place.at(at));
        pane.drawing.text(tick, Anchor::End, &at.to_string(), Style::Quiet, About::default());
        at += step;
    }
}

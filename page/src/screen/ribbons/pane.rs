//! A picture while it is drawn.

use std::ops::Range;

use framescope_record::{Direction, Item, ItemKind};

use super::columns::Columns;
use super::heights::{Heights, Place};
use super::scene::Scene;
use crate::screen::drawing::{
    About, Anchor, Band, Drawing, Figure, Fill, Point, Span, Style, TEXT,
};
use crate::state::State;
use crate::text::fit::{cut, text_width};

/// The width of the hatched end of a header.
const HEADER_END: f32 = 10.0;

/// A picture while it is drawn, and what it is drawn from.
pub(super) struct Pane<'a> {
    pub(super) state: &'a State,
    pub(super) scene: Scene<'a>,
    pub(super) heights: Heights,
    pub(super) columns: Columns,
    /// The received bytes that are lit, and the sent ones.
    pub(super) lit: [Option<Range<u64>>; 2],
    pub(super) drawing: Drawing,
}

impl Pane<'_> {
    /// What a shape with these bytes is about, if `kind` is selected with it.
    pub(super) fn about(
        &self,
        direction: Direction,
        kind: Option<ItemKind>,
        bytes: &Range<u64>,
    ) -> About {
        let [received, sent] = &self.lit;
        let lit = match direction {
            Direction::Received => received,
            Direction::Sent => sent,
        };
        let is_lit = lit.as_ref().is_some_and(|lit| lit.start < bytes.end && bytes.start < lit.end);
        About { item: kind.map(|kind| Item { direction, kind }), is_lit }
    }

    /// A filled part of a column.
    pub(super) fn bar(&mut self, span: Span, top: f32, bottom: f32, style: Style, about: About) {
        if bottom > top {
            let figure = Figure::Rect(Point::new(span.from, top), span.width(), bottom - top);
            self.drawing.add(figure, style, about);
        }
    }

    /// A filled part of a column with a text in its middle, if there is space for one. A header has hatched ends.
    pub(super) fn labelled(
        &mut self,
        span: Span,
        (top, bottom): (f32, f32),
        fill: Fill,
        text: &str,
        about: About,
    ) {
        self.bar(span, top, bottom, Style::Bytes(fill), about);
        let mut free = span.width() - 8.0;
        let inside = free - 2.0 * HEADER_END;
        let is_high = bottom - top >= TEXT;
        if fill == Fill::Header && (!is_high || text_width(text, TEXT) <= inside) {
            free = inside;
            let about = About { is_lit: false, ..about };
            for from in [span.from, span.to - HEADER_END] {
                let end = Span::new(from, from + HEADER_END);
                self.bar(end, top, bottom, Style::HeaderEnd, about);
            }
        }
        let large = Style::LargeOnBytes(fill);
        let fits_large = bottom - top >= 30.0 && text_width(text, large.text_size()) <= free;
        let style = if fits_large { large } else { Style::OnBytes(fill) };
        if bottom - top < style.text_size() + 1.0 || free < 2.0 * style.text_size() {
            return;
        }
        let text = cut(text, style.text_size(), free);
        let middle = Point::new(span.middle(), f32::midpoint(top, bottom));
        self.drawing.text(middle, Anchor::Middle, &text, style, about);
    }

    /// A line of text that is cut to this width.
    pub(super) fn say(&mut self, at: Point, width: f32, text: &str, style: Style) {
        let text = cut(text, style.text_size(), width);
        self.drawing.text(at, Anchor::Start, &text, style, About::default());
    }

    /// A ribbon between the same bytes in two columns.
    pub(super) fn ribbon(
        &mut self,
        (from, from_x): (&Place, f32),
        (to, to_x): (&Place, f32),
        (from_bytes, to_bytes): (&Range<u64>, &Range<u64>),
        fill: Fill,
        about: About,
    ) {
        let edge = |place: &Place, bytes: &Range<u64>| {
            (place.at(bytes.start), place.at(bytes.end) - place.at(bytes.start))
        };
        let ((from_top, from_height), (to_top, to_height)) =
            (edge(from, from_bytes), edge(to, to_bytes));
        let band = Band {
            from: Point::new(from_x, from_top),
            from_height,
            to: Point::new(to_x, to_top),
            to_height,
        };
        self.drawing.add(Figure::Band(band), Style::Past(fill), about);
    }
}

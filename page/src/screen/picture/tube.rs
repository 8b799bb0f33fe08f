//! A buffer of a kernel, and the bytes in it at the moment on screen.

use std::ops::Range;

use framescope_lab::Flow;
use framescope_record::Direction;

use super::bytes::pieces;
use super::columns::{Columns, Side};
use super::sketch::Sketch;
use crate::screen::drawing::{About, Anchor, Figure, Fill, Point, Span, Style, TEXT};
use crate::text::bytes::letter;
use crate::text::fit::{cut, text_width};

/// The height of a buffer.
const HEIGHT: f32 = 28.0;
/// How far a buffer reaches over the wire.
const OVER_WIRE: f32 = 86.0;
/// The most cells of a buffer. Of more bytes, the first and the last are shown.
const CELLS: u16 = 16;
/// The smallest width of a cell.
const CELL: f32 = 11.5;

/// What a buffer holds.
pub(super) struct Tube<'a> {
    /// The flow whose bytes are in it.
    pub(super) flow: &'a Flow,
    /// Whether it is the server's.
    pub(super) is_server: bool,
    /// The bytes in it, as stream offsets.
    pub(super) bytes: Range<u64>,
    /// Whether the end of the stream is in it.
    pub(super) has_end: bool,
    /// What kind of buffer it is.
    pub(super) name: &'a str,
    /// The number of bytes, in words.
    pub(super) count: String,
}

/// Draws a buffer.
pub(super) fn tube(sketch: &mut Sketch<'_>, top: f32, tube: &Tube<'_>) {
    let columns = sketch.columns;
    let side = *columns.side(tube.is_server);
    let span = span(&side, &columns);
    let outline = Figure::Rect(Point::new(span.from, top), span.width(), HEIGHT);
    sketch.draw(outline, Style::Buffer);
    cells(sketch, span, side.toward_wire > 0.0, top, tube);
    let (x, anchor) =
        if side.toward_wire > 0.0 { (span.from, Anchor::Start) } else { (span.to, Anchor::End) };
    let style = if tube.bytes.is_empty() { Style::Quiet } else { Style::Count };
    let count = cut(&tube.count, style.text_size(), span.width());
    sketch.say(Point::new(x, top + HEIGHT + 14.0), anchor, &count, style);
}

/// Where the buffer of a side is: as wide as there is space.
fn span(side: &Side, columns: &Columns) -> Span {
    let over = OVER_WIRE.min((columns.wire.width() - 24.0) / 2.0);
    let outer = if columns.is_narrow { side.calls } else { side.kernel };
    if side.toward_wire > 0.0 {
        Span { from: outer.from, to: side.edge + over }
    } else {
        Span { from: side.edge - over, to: outer.to }
    }
}

/// The bytes of a buffer: each in a cell, or of many the first and the last.
fn cells(sketch: &mut Sketch<'_>, span: Span, is_at_end: bool, top: f32, tube: &Tube<'_>) {
    let flow = tube.flow;
    let space = span.width() - 4.0;
    let most = (1..=CELLS).rev().find(|cells| f32::from(*cells) * CELL <= space).unwrap_or(1);
    let width = space / f32::from(most);
    // One cell is kept for the end of the stream.
    let bytes = u64::from(most.saturating_sub(1).max(3));
    let range = &tube.bytes;
    let is_whole = range.end - range.start <= bytes;
    let last = (bytes - 1) / 3;
    let parts = if is_whole {
        [range.clone(), range.end..range.end]
    } else {
        [range.start..range.start + bytes - 1 - last, range.end - last..range.end]
    };
    let sent = flow.record.stream(Direction::Sent);
    let mut cells: Vec<(Fill, String, Option<Range<u64>>)> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && !is_whole {
            cells.push((Fill::Neighbour, "…".to_owned(), None));
        }
        for piece in pieces(flow, part) {
            for at in piece.range.clone() {
                let Some(byte) = sent.bytes(at..at + 1).first() else { continue };
                cells.push((piece.fill, letter(*byte).to_string(), Some(at..at + 1)));
            }
        }
    }
    if tube.has_end {
        cells.push((Fill::End, "|".to_owned(), None));
    }
    let all = cells.iter().map(|_| width).sum::<f32>();
    let mut x = if is_at_end { span.to - 2.0 - all } else { span.from + 2.0 };
    // The name stands where there are no bytes.
    let name = cut(tube.name, TEXT, span.width());
    if text_width(&name, TEXT) + all + 12.0 <= span.width() {
        let (x, anchor) =
            if is_at_end { (span.from + 5.0, Anchor::Start) } else { (span.to - 5.0, Anchor::End) };
        sketch.say(Point::new(x, top + HEIGHT / 2.0), anchor, &name, Style::Quiet);
    }
    for (fill, text, bytes) in cells {
        let about = bytes.map_or_else(About::default, |bytes| sketch.about_bytes(flow, &bytes));
        let cell = Figure::Rect(Point::new(x + 0.5, top + 2.0), width - 1.0, HEIGHT - 4.0);
        sketch.add(cell, Style::Bytes(fill), about);
        let middle = Point::new(x + width / 2.0, top + HEIGHT / 2.0);
        sketch.text(middle, Anchor::Middle, &text, Style::OnBytes(fill), about);
        x += width;
    }
}

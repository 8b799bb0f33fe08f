//! The buffers in the past: how many bytes, and whose, from one step to the next.

use std::ops::Range;

use framescope_lab::Flow;

use super::buffers::Buffers;
use super::bytes::pieces;
use super::columns::Side;
use super::measures::HEAD;
use super::sketch::Sketch;
use crate::screen::drawing::{Figure, Point, Style};

/// The width of a byte, if there is space.
const BYTE: f32 = 8.0;

/// Draws the buffers of both flows. `rows` are the heights of the steps.
pub(super) fn draw(
    sketch: &mut Sketch<'_>,
    rows: &[f32],
    buffers: &[(&Flow, Vec<Buffers>)],
    now: f32,
) {
    for (flow, buffers) in buffers {
        let sent: Vec<_> = buffers.iter().map(|one| one.unacknowledged.clone()).collect();
        draw_queues(sketch, flow, !flow.to_server, &sent, (rows, now));
        let arrived: Vec<_> = buffers.iter().map(|one| one.unread.clone()).collect();
        draw_queues(sketch, flow, flow.to_server, &arrived, (rows, now));
    }
}

/// Draws one buffer of a kernel, from step to step.
fn draw_queues(
    sketch: &mut Sketch<'_>,
    flow: &Flow,
    is_server: bool,
    queues: &[Range<u64>],
    (rows, now): (&[f32], f32),
) {
    let side = *sketch.columns.side(is_server);
    let most = queues.iter().map(|range| range.end - range.start).max().unwrap_or(0);
    if most == 0 {
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "a buffer is smaller than 2^24 bytes")]
    let scale = (side.kernel.width() * 0.7 / most as f32).min(BYTE);
    let mut index = 0;
    while index < queues.len() {
        let range = &queues[index];
        let same = queues[index..].iter().take_while(|one| *one == range).count();
        let top = rows.get(index).copied().unwrap_or(HEAD);
        let bottom = rows.get(index + same).copied().unwrap_or(now);
        if !range.is_empty() && bottom > top {
            draw_queue(sketch, flow, &side, (top, bottom), range, scale);
        }
        index += same;
    }
}

/// The bytes of a queue as columns next to each other, at the end of the kernel at the wire.
#[expect(clippy::cast_precision_loss, reason = "a buffer is smaller than 2^24 bytes")]
fn draw_queue(
    sketch: &mut Sketch<'_>,
    flow: &Flow,
    side: &Side,
    (top, bottom): (f32, f32),
    range: &Range<u64>,
    scale: f32,
) {
    let width = (range.end - range.start) as f32 * scale;
    let left = if side.toward_wire > 0.0 { side.edge - width } else { side.edge };
    // Pieces that are too narrow to be seen are drawn as one.
    let pieces = pieces(flow, range);
    let pieces = if pieces.len() > MAX_PIECES { &pieces[..1] } else { &pieces[..] };
    let is_one = pieces.len() == 1;
    for piece in pieces {
        let from = if is_one { range.start } else { piece.range.start };
        let to = if is_one { range.end } else { piece.range.end };
        let corner = Point::new(left + (from - range.start) as f32 * scale, top);
        let about = sketch.about_bytes(flow, &(from..to));
        let figure = Figure::Rect(corner, (to - from) as f32 * scale, bottom - top);
        sketch.add(figure, Style::Past(piece.fill), about);
    }
}

/// The most pieces of a buffer that are told apart.
const MAX_PIECES: usize = 40;

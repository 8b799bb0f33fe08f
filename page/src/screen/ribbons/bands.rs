//! The ribbons: from a send to the stream, from there to what `recv()` returned, and from there to the messages.

use std::ops::Range;

use framescope_record::Direction;

use super::pane::Pane;
use crate::screen::drawing::{About, Fill};

/// Draws all ribbons.
pub(super) fn draw(pane: &mut Pane<'_>) {
    from_sends(pane);
    to_chunks(pane);
    to_messages(pane);
}

fn from_sends(pane: &mut Pane<'_>) {
    let (from_x, to_x) = (pane.columns.sends.to, pane.columns.stream.from);
    let stream = pane.heights.stream.clone();
    for (send, place) in pane.scene.sends.clone().iter().zip(pane.heights.sends.clone()) {
        let Some(echo) = &send.echo else { continue };
        let drawn = common(echo, &pane.scene.window);
        for piece in pane.scene.pieces(&drawn) {
            let sent = |at: u64| send.range.start + (at - echo.start);
            let sent = sent(piece.range.start)..sent(piece.range.end);
            let about = lit(pane, &piece.range);
            let bytes = (&sent, &piece.range);
            pane.ribbon((&place, from_x), (&stream, to_x), bytes, piece.fill, about);
        }
    }
}

fn to_chunks(pane: &mut Pane<'_>) {
    let (from_x, to_x) = (pane.columns.stream.to, pane.columns.chunks.from);
    let stream = pane.heights.stream.clone();
    for chunk in pane.heights.chunks.clone() {
        for piece in pane.scene.pieces(&chunk.range) {
            let about = lit(pane, &piece.range);
            let bytes = (&piece.range, &piece.range);
            pane.ribbon((&stream, from_x), (&chunk, to_x), bytes, piece.fill, about);
        }
    }
}

fn to_messages(pane: &mut Pane<'_>) {
    let (from_x, to_x) = (pane.columns.chunks.to, pane.columns.messages.from);
    let is_framed = pane.scene.is_framed();
    for chunk in pane.heights.chunks.clone() {
        for block in pane.heights.blocks.clone() {
            let both = common(&chunk.range, &block.range);
            for piece in pane.scene.pieces(&both) {
                let about = lit(pane, &piece.range);
                let fill = if is_framed { piece.fill } else { Fill::Incomplete };
                let bytes = (&piece.range, &piece.range);
                pane.ribbon((&chunk, from_x), (&block, to_x), bytes, fill, about);
            }
        }
    }
}

fn lit(pane: &Pane<'_>, bytes: &Range<u64>) -> About {
    pane.about(Direction::Received, None, bytes)
}

/// The bytes in both. Empty if there are none.
fn common(one: &Range<u64>, other: &Range<u64>) -> Range<u64> {
    let start = one.start.max(other.start);
    start..one.end.min(other.end).max(start)
}

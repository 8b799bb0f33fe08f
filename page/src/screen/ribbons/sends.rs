//! What the user sent.

use framescope_framing::HEADER_LEN;
use framescope_record::{Direction, ItemKind};

use super::messages::{LETTERS, block};
use super::pane::Pane;
use crate::text::bytes::{hex, short_text};

/// Draws the sends.
pub(super) fn draw(pane: &mut Pane<'_>) {
    let span = pane.columns.sends;
    for (send, place) in pane.scene.sends.clone().into_iter().zip(pane.heights.sends.clone()) {
        let bytes = pane.scene.sent().bytes(send.range.clone());
        let about = pane.about(Direction::Sent, Some(ItemKind::Chunk(send.number)), &send.range);
        let header = pane.scene.is_framed().then(|| bytes.split_at_checked(HEADER_LEN)).flatten();
        let (header, payload) = header
            .map_or((None, bytes), |(header, payload)| (Some(hex(header, HEADER_LEN)), payload));
        let payload = short_text(payload, LETTERS);
        block(pane, span, &place, header, (&payload, send.fill), about);
    }
}

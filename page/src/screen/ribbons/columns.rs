//! Where the columns are.

use crate::screen::drawing::Span;

/// The columns, from left to right. The ribbons are between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Columns {
    pub(super) sends: Span,
    pub(super) stream: Span,
    pub(super) chunks: Span,
    pub(super) messages: Span,
    /// What is said of each message. Of no width in a narrow picture.
    pub(super) notes: Span,
}

/// The smallest width with notes.
const WIDE: f32 = 820.0;
/// The space between a message and its note.
const NOTE_GAP: f32 = 14.0;

impl Columns {
    /// The columns of a picture of this width. Messages in rows have the header beside the payload, and are wider.
    pub(super) fn new(width: f32, has_rows: bool) -> Self {
        let is_wide = width >= WIDE;
        let notes = if is_wide { (width * 0.13).clamp(130.0, 190.0) } else { 0.0 };
        let (block, stream) = match (is_wide, has_rows) {
            (true, false) => (width * 0.115, width * 0.14),
            (true, true) => (width * 0.185, width * 0.09),
            (false, _) => (width * 0.24, width * 0.07),
        };
        let gap = (width - 3.0 * block - stream - notes) / 3.0;
        let next = |from: f32, width: f32| Span::new(from, from + width);
        let sends = next(0.0, block);
        let stream = next(sends.to + gap, stream);
        let chunks = next(stream.to + gap, block);
        let messages = next(chunks.to + gap, block);
        let notes = if is_wide {
            Span::new(messages.to + NOTE_GAP, width)
        } else {
            Span::new(width, width)
        };
        Self { sends, stream, chunks, messages, notes }
    }
}

impl Columns {
    /// Whether there is no space for notes.
    pub(super) fn is_narrow(&self) -> bool {
        self.notes.width() <= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_next_to_each_other_with_space_for_ribbons() {
        for width in [300.0, 366.0, 700.0, 819.0, 820.0, 904.0, 1326.0, 1800.0] {
            for has_rows in [false, true] {
                let columns = Columns::new(width, has_rows);
                let spans = [columns.sends, columns.stream, columns.chunks, columns.messages];
                for two in spans.windows(2) {
                    assert!(two[1].from - two[0].to >= 15.0, "{width}: {columns:?}");
                }
                assert!(spans.iter().all(|span| span.width() >= 20.0), "{width}: {columns:?}");
                assert!(columns.notes.to <= width + 0.1, "{width}: {columns:?}");
            }
        }
    }
}

//! The part of an axis that is on screen.

use std::ops::Range;

/// The part of an axis that is on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewport {
    /// The first offset on screen.
    pub first: u64,
    /// The number of bytes that fit.
    pub columns: u64,
}

impl Viewport {
    /// The offsets on screen.
    #[must_use]
    pub const fn window(&self) -> Range<u64> {
        self.first..self.first + self.columns
    }

    /// The viewport, moved so that it stays within a stream from `start` to `end`.
    #[must_use]
    pub fn within(self, start: u64, end: u64) -> Self {
        let last = end.saturating_sub(self.columns).max(start);
        Self { first: self.first.clamp(start, last), ..self }
    }

    /// The viewport, moved as little as needed to show the byte `at`.
    #[must_use]
    pub fn showing(self, at: u64) -> Self {
        let columns = self.columns.max(1);
        let first = self.first.clamp((at + 1).saturating_sub(columns), at);
        Self { first, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_viewport_moves_only_as_far_as_needed() {
        let view = Viewport { first: 10, columns: 20 };
        assert_eq!(view.showing(15).first, 10);
        assert_eq!(view.showing(5).first, 5);
        assert_eq!(view.showing(30).first, 11);
        assert_eq!(view.within(0, 25).first, 5);
        assert_eq!(view.within(0, 3).first, 0);
        assert_eq!(view.within(12, 100).first, 12);
    }
}

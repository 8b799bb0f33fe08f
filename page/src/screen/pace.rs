//! Which parts of the page a frame renders.
//!
//! While changes come frame after frame, as when the scrubber is dragged, a frame renders one part and the next frame the
//! other, so that no frame takes long. A change that comes alone is rendered whole.

/// What a frame renders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The picture and the bytes.
    pub picture: bool,
    /// The controls, the programs and the lists.
    pub rest: bool,
}

/// Frames that are closer together come in a row, in milliseconds.
const IN_A_ROW: f64 = 50.0;

/// Which changes of the state each part shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// How many changes there were.
    changes: u64,
    /// How many of them each part shows.
    picture: u64,
    rest: u64,
    /// When the last frame was, in milliseconds.
    last: f64,
}

impl Pace {
    /// Something has changed.
    pub const fn change(&mut self) {
        self.changes += 1;
    }

    /// What a frame at this time renders, in milliseconds.
    pub fn frame(&mut self, now: f64) -> Parts {
        let is_in_a_row = now - self.last < IN_A_ROW;
        self.last = now;
        let stale = self.stale();
        let parts = if is_in_a_row && stale.picture && stale.rest {
            let picture = self.picture <= self.rest;
            Parts { picture, rest: !picture }
        } else {
            stale
        };
        self.show(parts);
        parts
    }

    /// What is rendered if there is no frame after this one.
    pub const fn last_frame(&mut self) -> Parts {
        let parts = self.stale();
        self.show(parts);
        parts
    }

    /// Whether a part waits for the next frame.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        let stale = self.stale();
        stale.picture || stale.rest
    }

    const fn stale(&self) -> Parts {
        Parts { picture: self.picture < self.changes, rest: self.rest < self.changes }
    }

    const fn show(&mut self, parts: Parts) {
        if parts.picture {
            self.picture = self.changes;
        }
        if parts.rest {
            self.rest = self.changes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Parts = Parts { picture: false, rest: false };
    const PICTURE: Parts = Parts { picture: true, rest: false };
    const REST: Parts = Parts { picture: false, rest: true };
    const WHOLE: Parts = Parts { picture: true, rest: true };

    #[test]
    fn a_change_that_comes_alone_is_rendered_whole() {
        let mut pace = Pace::default();
        for now in [100.0, 400.0] {
            pace.change();
            assert_eq!(pace.frame(now), WHOLE);
            assert!(!pace.is_behind());
        }
        assert_eq!(pace.frame(500.0), NOTHING);
    }

    #[test]
    fn while_changes_come_frame_after_frame_the_parts_take_turns() {
        let mut pace = Pace::default();
        let mut rendered = Vec::new();
        for frame in 10_u32..14 {
            pace.change();
            rendered.push(pace.frame(16.0 * f64::from(frame)));
        }
        assert_eq!(rendered, [WHOLE, PICTURE, REST, PICTURE]);
        assert!(pace.is_behind());
        assert_eq!(pace.frame(16.0 * 14.0), REST, "the last change is shown when no other comes");
        assert!(!pace.is_behind());
    }

    #[test]
    fn what_is_printed_is_whole() {
        let mut pace = Pace::default();
        for _ in 0..3 {
            pace.change();
            pace.frame(100.0);
        }
        pace.change();
        assert_eq!(pace.last_frame(), WHOLE);
        assert!(!pace.is_behind());
    }
}

//! Which parts of the page a frame renders.
//!
//! While something moves frame after frame, as when the scrubber is dragged or bytes arrive, every other frame renders the
//! picture, and those between them one of the other parts in turn, so that no frame takes long. What is clicked or typed is
//! rendered whole: nothing shifts between two clicks.

/// A part of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The picture.
    Picture,
    /// The bytes, and where they were cut.
    Bytes,
    /// The controls and the programs.
    Programs,
    /// The lists.
    Lists,
}

const PARTS: [Part; 4] = [Part::Picture, Part::Bytes, Part::Programs, Part::Lists];

/// What a frame renders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts([bool; PARTS.len()]);

impl Parts {
    /// Whether this part is rendered.
    #[must_use]
    pub const fn has(&self, part: Part) -> bool {
        self.0[part as usize]
    }

    fn only(part: Part) -> Self {
        Self(PARTS.map(|one| one == part))
    }
}

/// Frames that are closer together come in a row, in milliseconds.
const IN_A_ROW: f64 = 50.0;

/// The first frames of a row are rendered whole.
const WHOLE_FRAMES: u32 = 3;

/// Which changes of the state each part shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// How many changes there were.
    changes: u64,
    /// How many of them each part shows.
    shown: [u64; PARTS.len()],
    /// What the last frame rendered.
    last: Parts,
    /// When that was, in milliseconds.
    at: f64,
    /// How many frames have come in a row.
    row: u32,
    /// Whether something has changed that is rendered whole.
    is_whole: bool,
}

impl Pace {
    /// A message has changed something.
    pub const fn change(&mut self, is_motion: bool) {
        self.changes += 1;
        self.is_whole |= !is_motion;
    }

    /// What a frame at this time renders, in milliseconds.
    pub fn frame(&mut self, now: f64) -> Parts {
        self.row = if now - self.at < IN_A_ROW { self.row.saturating_add(1) } else { 1 };
        self.at = now;
        let stale = self.stale();
        let takes_turns = self.row > WHOLE_FRAMES && !std::mem::take(&mut self.is_whole);
        let parts = if takes_turns { self.turn(stale) } else { stale };
        self.show(parts)
    }

    /// What is rendered if there is no frame after this one.
    pub fn last_frame(&mut self) -> Parts {
        self.show(self.stale())
    }

    /// Whether a part waits for the next frame.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.stale() != Parts::default()
    }

    fn stale(&self) -> Parts {
        Parts(self.shown.map(|shown| shown < self.changes))
    }

    /// The picture, unless the last frame rendered it. Otherwise the part that has waited longest.
    fn turn(&self, stale: Parts) -> Parts {
        let waits = |part: &Part| stale.has(*part);
        let others = PARTS.into_iter().filter(waits).filter(|part| *part != Part::Picture);
        let next = others.min_by_key(|part| self.shown[*part as usize]);
        match next {
            Some(next) if self.last.has(Part::Picture) || !stale.has(Part::Picture) => {
                Parts::only(next)
            }
            Some(_) | None if stale.has(Part::Picture) => Parts::only(Part::Picture),
            Some(_) | None => Parts::default(),
        }
    }

    fn show(&mut self, parts: Parts) -> Parts {
        for (shown, is_shown) in self.shown.iter_mut().zip(parts.0) {
            if is_shown {
                *shown = self.changes;
            }
        }
        self.last = parts;
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Parts = Parts([false; 4]);
    const WHOLE: Parts = Parts([true; 4]);

    #[test]
    fn a_change_that_comes_alone_is_rendered_whole() {
        let mut pace = Pace::default();
        for now in [100.0, 400.0] {
            pace.change(true);
            assert_eq!(pace.frame(now), WHOLE);
            assert!(!pace.is_behind());
        }
        assert_eq!(pace.frame(500.0), NOTHING);
    }

    #[test]
    fn while_changes_come_frame_after_frame_the_parts_take_turns() {
        let mut pace = Pace::default();
        let frames = |from: u32, to: u32| (from..to).map(|frame| 16.0 * f64::from(frame));
        let mut rendered = Vec::new();
        for now in frames(10, 20) {
            pace.change(true);
            rendered.push(pace.frame(now));
        }
        let [picture, bytes, programs, lists] = PARTS.map(Parts::only);
        let turns = [WHOLE, WHOLE, WHOLE, bytes, picture, programs, picture, lists, picture, bytes];
        assert_eq!(rendered, turns);
        let rest: Vec<Parts> = frames(20, 24).map(|now| pace.frame(now)).collect();
        assert_eq!(
            rest,
            [picture, programs, lists, NOTHING],
            "the last change is shown everywhere"
        );
        assert!(!pace.is_behind());
    }

    #[test]
    fn what_is_clicked_while_something_moves_is_rendered_whole() {
        let mut pace = Pace::default();
        for frame in 10_u32..15 {
            pace.change(true);
            pace.frame(16.0 * f64::from(frame));
        }
        pace.change(false);
        pace.change(true);
        assert_eq!(pace.frame(16.0 * 15.0), WHOLE);
        pace.change(true);
        assert_ne!(pace.frame(16.0 * 16.0), WHOLE);
    }

    #[test]
    fn what_is_printed_is_whole() {
        let mut pace = Pace::default();
        for _ in 0..3 {
            pace.change(true);
            pace.frame(100.0);
        }
        pace.change(true);
        assert_eq!(pace.last_frame(), WHOLE);
        assert!(!pace.is_behind());
    }
}

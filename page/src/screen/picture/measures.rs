//! The heights of the parts of a picture.

/// The height of the headings.
pub(super) const HEAD: f32 = 40.0;
/// The height below the line of the moment on screen.
pub(super) const NOW: f32 = 80.0;
/// The same when every program has ended and no buffer holds anything: then only that is said.
pub(super) const REST: f32 = 40.0;
/// The height of the row that stands for what is folded.
pub(super) const FOLD: f32 = 22.0;
/// The least height of what has happened.
pub(super) const MIN_HISTORY: f32 = 60.0;
/// The height of a line of a label.
pub(super) const LINE: f32 = 18.0;

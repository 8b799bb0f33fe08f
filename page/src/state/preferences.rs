//! What is kept for the next visit.

use crate::text::Notation;

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How the page looks and listens; kept for the next visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Large, for a room.
    pub projector: bool,
    /// How bytes are shown.
    pub notation: Notation,
    /// Do single keys act?
    pub shortcuts: bool,
}

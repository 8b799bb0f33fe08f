//! The user's preferences, which are saved for the next visit.

use crate::text::Notation;

/// The colour theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

/// The user's preferences, which are saved for the next visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// The colour theme.
    pub theme: Theme,
    /// Whether projector mode is on: larger text and bytes.
    pub projector: bool,
    /// How bytes are shown.
    pub notation: Notation,
    /// Whether single-key shortcuts are on.
    pub shortcuts: bool,
}

//! The lists, and which of their rows are on screen.

/// One of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// What `recv()` returned.
    Chunks,
    /// What the header recovered.
    Messages,
    /// What the calls of a program returned.
    Returned,
    /// What each side did, and what crossed.
    Ladder,
}

/// Which rows of a list are on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListView {
    /// The first row, from 0.
    pub first: usize,
    /// How many rows fit.
    pub rows: usize,
}

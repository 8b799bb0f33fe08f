//! The lists, and the rows of them that are on screen.

/// One of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The chunks that `recv()` returned.
    Chunks,
    /// The messages that the header framed.
    Messages,
    /// The rungs of the ladder diagram.
    Ladder,
}

/// The rows of a list that are on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListView {
    /// The first row on screen, from 0.
    pub first: usize,
    /// The number of rows that fit.
    pub rows: usize,
}

//! How far a thread goes.

use framescope_lab::Until;

/// How far a thread goes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// It stands still.
    Held,
    /// To its next statement. It makes the calls on the way.
    Line,
    /// Until its next call has returned, and then as with [`Pace::Rest`].
    Call,
    /// To its next statement, or to the next call, which it does not make.
    Rest,
    /// It runs.
    Free,
}

impl From<Until> for Pace {
    fn from(until: Until) -> Self {
        match until {
            Until::Line => Self::Line,
            Until::Call => Self::Call,
        }
    }
}

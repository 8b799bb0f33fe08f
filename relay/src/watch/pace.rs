//! How far a thread that is watched goes.

/// How far a thread goes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// To its next call, which it does not make. There it stands still.
    Held,
    /// Until its next call has returned or waits, and then as with [`Pace::Held`].
    Call,
    /// It runs.
    Free,
}

//! A case of the challenge: what it is called, and what has become of it.

use framescope_challenge::Case;

use crate::state::State;

/// What has become of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is passed.
    Passed,
    /// It was tried, and is not passed.
    Failed,
    /// It was not tried.
    NotTried,
}

pub(super) const fn mark_of(is_passed: Option<bool>) -> Mark {
    match is_passed {
        Some(true) => Mark::Passed,
        Some(false) => Mark::Failed,
        None => Mark::NotTried,
    }
}

/// What a case is called.
#[must_use]
pub fn case_name(state: &State, case: Case) -> &str {
    match case {
        Case::Alone => state.locale.text("case-alone"),
        Case::Stuck => state.locale.text("case-stuck"),
        Case::HeaderInPieces => state.locale.text("case-header-in-pieces"),
        Case::ByteByByte => state.locale.text("case-byte-by-byte"),
        Case::HalfACharacter => state.locale.text("case-half-a-character"),
        Case::Empty => state.locale.text("case-empty"),
        Case::Long => state.locale.text("case-long"),
        Case::CutAnywhere => state.locale.text("case-cut-anywhere"),
        Case::LyingHeader => state.locale.text("case-lying-header"),
        Case::EndInTheMiddle => state.locale.text("case-end-in-the-middle"),
    }
}

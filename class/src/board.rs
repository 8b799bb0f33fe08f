//! The challenge: which cases each participant has passed.

use std::collections::BTreeMap;

use framescope_challenge::{Case, Failure};
use serde::{Deserialize, Serialize};

use crate::participant::ParticipantId;

/// A case that a participant's program has tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The case.
    pub case: Case,
    /// The seed that repeats it.
    pub seed: u64,
    /// What came instead of what was expected. `None`: it is passed.
    pub failure: Option<Failure>,
}

impl Tried {
    /// Whether all that was expected came.
    #[must_use]
    pub const fn is_passed(&self) -> bool {
        self.failure.is_none()
    }
}

/// What each participant has tried last of each case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Board {
    rows: BTreeMap<ParticipantId, BTreeMap<Case, Tried>>,
}

impl Board {
    /// Adds what was tried. A case that was passed stays passed.
    pub(crate) fn add(&mut self, participant: ParticipantId, tried: Tried) {
        let row = self.rows.entry(participant).or_default();
        if !row.get(&tried.case).is_some_and(Tried::is_passed) {
            row.insert(tried.case, tried);
        }
    }

    /// What a participant has tried, by case.
    pub(crate) fn of(&self, participant: ParticipantId) -> impl Iterator<Item = &Tried> {
        self.rows.get(&participant).into_iter().flat_map(BTreeMap::values)
    }

    /// Everybody who has tried a case, in the order in which they joined.
    pub(crate) fn participants(&self) -> impl Iterator<Item = ParticipantId> {
        self.rows.keys().copied()
    }

    /// The first case after this one that a participant has not passed.
    pub(crate) fn next_case(
        &self,
        participant: ParticipantId,
        after: Option<Case>,
    ) -> Option<Case> {
        let row = self.rows.get(&participant);
        let is_passed =
            |case: &Case| row.and_then(|row| row.get(case)).is_some_and(Tried::is_passed);
        let later = Case::ALL.into_iter().filter(|case| after.is_none_or(|after| *case > after));
        later.into_iter().find(|case| !is_passed(case))
    }
}

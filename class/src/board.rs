//! The challenge: which cases each participant has passed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::participant::ParticipantId;
use crate::refused::Refused;

/// The most cases of a challenge.
pub const MAX_CASES: u8 = 64;

/// The most participants on a board.
pub const MAX_ROWS: usize = 1000;

/// A case that a participant's program has tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The number of the case, below [`MAX_CASES`].
    pub case: u8,
    /// The seed that repeats it.
    pub seed: u64,
    /// Whether all that was expected came.
    pub is_passed: bool,
}

/// The last verdicts on each case of each participant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Board {
    rows: BTreeMap<ParticipantId, BTreeMap<u8, Verdict>>,
}

impl Board {
    /// Adds a verdict. A case that was passed stays passed.
    pub(crate) fn add(
        &mut self,
        participant: ParticipantId,
        verdict: Verdict,
    ) -> Result<(), Refused> {
        let has_space = self.rows.len() < MAX_ROWS || self.rows.contains_key(&participant);
        if verdict.case >= MAX_CASES || !has_space {
            return Err(Refused::TooMany);
        }
        let known = self.rows.entry(participant).or_default().entry(verdict.case);
        known
            .and_modify(|known| {
                if !known.is_passed {
                    *known = verdict;
                }
            })
            .or_insert(verdict);
        Ok(())
    }

    /// The verdicts of a participant, by case.
    pub(crate) fn of(&self, participant: ParticipantId) -> impl Iterator<Item = &Verdict> {
        self.rows.get(&participant).into_iter().flat_map(BTreeMap::values)
    }

    /// Everybody who has tried a case, in the order in which they joined.
    pub(crate) fn participants(&self) -> impl Iterator<Item = ParticipantId> {
        self.rows.keys().copied()
    }
}

//! How often each answer was given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::question::{Answer, Question};

/// The most answers that are counted one by one.
pub const MAX_TALLIED: usize = 12;

/// How often each answer was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The answers, and how often each was given: all choices in their order, also those that nobody took; numbers and orders
    /// from the most frequent on.
    pub counts: Vec<(Answer, u32)>,
    /// How many answers are not among these.
    pub other: u32,
}

impl Tally {
    pub(crate) fn new<'a>(question: &Question, answers: impl Iterator<Item = &'a Answer>) -> Self {
        let choices = question.choices().unwrap_or(0);
        let choices = (0..choices).filter_map(|choice| u8::try_from(choice).ok());
        let mut counted: BTreeMap<Answer, u32> =
            choices.map(|choice| (Answer::Choice(choice), 0)).collect();
        for answer in answers {
            *counted.entry(answer.clone()).or_default() += 1;
        }
        let mut counts: Vec<(Answer, u32)> = counted.into_iter().collect();
        if question.choices().is_none() {
            // The order is stable: of those that are as frequent, the lower answer comes first.
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        }
        let rest = counts.split_off(MAX_TALLIED.min(counts.len()));
        Self { counts, other: rest.iter().map(|(_, count)| count).sum() }
    }

    /// The number of all answers.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.counts.iter().map(|(_, count)| count).sum::<u32>() + self.other
    }
}

//! Questions and answers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most choices of a question, and the most lines to put in order.
pub const MAX_CHOICES: usize = 12;

/// The longest text of a question, of a choice, and of a line, in bytes.
pub const MAX_TEXT: usize = 1000;

/// A question as everybody may see it. It does not have the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// The question of a lesson's variant. Each page has its texts, in its own language.
    Lesson {
        /// The variant: `4a`.
        variant: String,
        /// The number of its choices.
        choices: u8,
    },
    /// A teacher's own.
    Own {
        /// What is asked.
        text: String,
        /// How it is answered.
        kind: Kind,
    },
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// One of these is chosen.
    Choice(Vec<String>),
    /// A whole number is written.
    Number,
    /// These lines are put in order.
    Order(Vec<String>),
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Answer {
    /// The choice with this index.
    Choice(u8),
    /// This number.
    Number(i64),
    /// The lines with these indices, in this order.
    Order(Vec<u8>),
}

impl Question {
    /// Whether it could be answered so.
    #[must_use]
    pub fn takes(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Lesson { choices, .. }, Answer::Choice(choice)) => choice < choices,
            (Self::Own { kind: Kind::Choice(choices), .. }, Answer::Choice(choice)) => {
                usize::from(*choice) < choices.len()
            }
            (Self::Own { kind: Kind::Number, .. }, Answer::Number(_)) => true,
            (Self::Own { kind: Kind::Order(lines), .. }, Answer::Order(order)) => {
                is_order(order, lines.len())
            }
            (Self::Lesson { .. } | Self::Own { .. }, _) => false,
        }
    }

    /// The number of its choices. `None` if it has none.
    #[must_use]
    pub const fn choices(&self) -> Option<usize> {
        match self {
            Self::Lesson { choices, .. } => Some(*choices as usize),
            Self::Own { kind: Kind::Choice(choices), .. } => Some(choices.len()),
            Self::Own { kind: Kind::Number | Kind::Order(_), .. } => None,
        }
    }

    /// Checks its bounds.
    ///
    /// # Errors
    ///
    /// [`QuestionError`] says which one is broken.
    pub fn check(&self) -> Result<(), QuestionError> {
        match self {
            Self::Lesson { variant, choices } => {
                check_text(variant)?;
                check_count(usize::from(*choices))
            }
            Self::Own { text, kind } => {
                check_text(text)?;
                match kind {
                    Kind::Choice(texts) | Kind::Order(texts) => {
                        check_count(texts.len())?;
                        texts.iter().try_for_each(|text| check_text(text))
                    }
                    Kind::Number => Ok(()),
                }
            }
        }
    }
}

/// Whether `order` has each index below `count` once.
fn is_order(order: &[u8], count: usize) -> bool {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    sorted.iter().map(|index| usize::from(*index)).eq(0..count)
}

const fn check_count(count: usize) -> Result<(), QuestionError> {
    if count >= 2 && count <= MAX_CHOICES { Ok(()) } else { Err(QuestionError::Count(count)) }
}

fn check_text(text: &str) -> Result<(), QuestionError> {
    if text.trim().is_empty() {
        Err(QuestionError::Empty)
    } else if text.len() > MAX_TEXT {
        Err(QuestionError::TooLong(text.len()))
    } else {
        Ok(())
    }
}

/// Why a question cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionError {
    /// It has too few or too many choices or lines.
    Count(usize),
    /// A text is empty.
    Empty,
    /// A text is too long. Its length, in bytes.
    TooLong(usize),
}

impl fmt::Display for QuestionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => {
                write!(
                    f,
                    "a question has 2 to {MAX_CHOICES} choices or lines, and this one {count}"
                )
            }
            Self::Empty => f.write_str("a text is empty"),
            Self::TooLong(length) => {
                write!(f, "a text of {length} bytes is over the limit of {MAX_TEXT}")
            }
        }
    }
}

impl std::error::Error for QuestionError {}

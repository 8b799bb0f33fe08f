//! The steps of a teacher's plan.

use serde::{Deserialize, Serialize};

use crate::question::Question;

/// A step of a plan, as the console shows it. It does not have the answer to its question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the plan calls it. Empty: the page calls it as the lesson, or as the question.
    pub title: String,
    /// The variant of a lesson that is on screen: `4a`.
    pub lesson: Option<String>,
    /// What is asked.
    pub question: Option<Question>,
    /// How many minutes it may take.
    pub minutes: Option<u16>,
    /// What the teacher wants to remember.
    pub note: String,
}

//! The texts of a variant of a lesson.

/// The texts of a variant, from the `texts.json` of its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    /// A few words.
    pub title: &'static str,
    /// The question, to be answered before the run.
    pub question: &'static str,
    /// The answers to choose from.
    pub choices: &'static [&'static str],
    /// Why the answer is as it is, to be read after the run.
    pub explanation: &'static str,
}

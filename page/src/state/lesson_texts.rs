//! The texts of a lesson, in one language.

use crate::text::{Language, Texts};

/// The texts of a lesson's variant in one language, and the texts of its programs. They are in a file that is fetched
/// when the lesson is on screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonTexts {
    /// The name of the variant.
    pub variant: &'static str,
    /// The language.
    pub language: Language,
    /// The texts. [`LessonTexts`]'s functions know their keys.
    pub texts: Texts,
}

impl LessonTexts {
    fn get(&self, key: &str) -> &str {
        self.texts.get(key).unwrap_or_default()
    }

    /// The question.
    #[must_use]
    pub fn question(&self) -> &str {
        self.get("question")
    }

    /// The choices, in their order.
    pub fn choices(&self) -> impl Iterator<Item = &str> {
        (1..).map_while(|number: u32| self.texts.get(&format!("choice-{number}")))
    }

    /// The choice with this index, from 0.
    #[must_use]
    pub fn choice(&self, index: usize) -> &str {
        self.choices().nth(index).unwrap_or_default()
    }

    /// Why the answer is as it is.
    #[must_use]
    pub fn explanation(&self) -> &str {
        self.get("explanation")
    }

    /// The text of the program in this file.
    #[must_use]
    pub fn program(&self, file: &str) -> &str {
        self.get(file)
    }
}

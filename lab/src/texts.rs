//! What is said about the lessons, from the files in `www/lessons`.

use std::collections::HashMap;

use serde::Deserialize;

use crate::Variant;

/// What is said about one variant of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Texts {
    /// A few words.
    pub title: String,
    /// To be answered before the run.
    pub question: String,
    /// Answers to choose from; [`Variant::outcome`] says which is right.
    pub choices: Vec<String>,
    /// The answer, after it.
    pub explanation: String,
}

impl Texts {
    /// The texts of a variant, in Simplified Chinese where `language` begins with `zh`, in English
    /// otherwise.
    ///
    /// # Panics
    ///
    /// Where a file lacks the variant, which a test rules out.
    #[must_use]
    pub fn of(variant: &Variant, language: &str) -> Self {
        let chinese = language.to_ascii_lowercase().starts_with("zh");
        let mut all = read(if chinese { CHINESE } else { ENGLISH });
        all.remove(variant.name).expect("the tests look up every variant in every file")
    }
}

const ENGLISH: &str = include_str!("../../www/lessons/en.json");
const CHINESE: &str = include_str!("../../www/lessons/zh-CN.json");

fn read(json: &str) -> HashMap<String, Texts> {
    serde_json::from_str(json).expect("the tests read every file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lesson;
    use std::collections::BTreeSet;

    #[test]
    fn every_variant_has_its_texts_in_both_languages_and_nothing_else_has() {
        let variants: BTreeSet<String> = Lesson::all()
            .flat_map(|lesson| lesson.variants)
            .map(|variant| variant.name.to_owned())
            .collect();
        for json in [ENGLISH, CHINESE] {
            let texts = read(json);
            assert_eq!(texts.keys().cloned().collect::<BTreeSet<_>>(), variants);
            for text in texts.values() {
                assert!(text.choices.len() >= 2);
                for part in
                    text.choices.iter().chain([&text.title, &text.question, &text.explanation])
                {
                    assert!(!part.trim().is_empty());
                }
            }
        }
    }
}

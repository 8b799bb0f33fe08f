//! What is said about the lessons, from the files in `www/lessons`; `build.rs` reads them.

use super::lesson::Variant;

/// What is said about one variant of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    /// A few words.
    pub title: &'static str,
    /// To be answered before the run.
    pub question: &'static str,
    /// Answers to choose from; [`Variant::outcome`] says which is right.
    pub choices: &'static [&'static str],
    /// The answer, after it.
    pub explanation: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

impl Texts {
    /// The texts of a variant, in Simplified Chinese where `language` begins with `zh`, in English
    /// otherwise.
    ///
    /// # Panics
    ///
    /// Where a file lacks the variant, which a test rules out.
    #[must_use]
    pub fn of(variant: &Variant, language: &str) -> Self {
        let is_chinese = language
            .as_bytes()
            .first_chunk()
            .is_some_and(|tag: &[u8; 2]| tag.eq_ignore_ascii_case(b"zh"));
        let all = if is_chinese { &CHINESE } else { &ENGLISH };
        let found = all.iter().find(|(name, _)| *name == variant.name);
        found.map(|(_, texts)| *texts).expect("the tests look up every variant in every language")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lessons::Lesson;

    #[test]
    fn every_variant_has_its_texts_in_both_languages_and_nothing_else_has() {
        let variants: BTreeSet<&str> =
            Lesson::all().flat_map(|lesson| lesson.variants).map(|variant| variant.name).collect();
        for all in [&ENGLISH, &CHINESE] {
            assert_eq!(all.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), variants);
            for (_, texts) in all {
                assert!(texts.choices.len() >= 2);
                let parts = [texts.title, texts.question, texts.explanation];
                for part in texts.choices.iter().chain(&parts) {
                    assert!(!part.trim().is_empty());
                }
            }
        }
        for variant in Lesson::all().flat_map(|lesson| lesson.variants) {
            let [english, chinese] = ["en", "ZH-cn"].map(|tag| Texts::of(variant, tag));
            assert_eq!(english.choices.len(), chinese.choices.len(), "lesson {}", variant.name);
        }
    }
}

//! The texts of the lessons, from the files in `www/lessons`. `build.rs` reads the files.

use super::lesson::Variant;

/// The texts of one variant of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    /// A few words.
    pub title: &'static str,
    /// The question, to be answered before the run.
    pub question: &'static str,
    /// The answers to choose from. [`Variant::outcome`] says which one a trace confirms.
    pub choices: &'static [&'static str],
    /// Why the answer is as it is, to be read after the run.
    pub explanation: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

impl Texts {
    /// The texts of a variant: in Simplified Chinese if `language` begins with `zh`, otherwise in
    /// English.
    ///
    /// # Panics
    ///
    /// If the file has no texts for the variant. A test checks that both files have them all.
    #[must_use]
    pub fn of(variant: &Variant, language: &str) -> Self {
        let is_chinese = language
            .as_bytes()
            .first_chunk()
            .is_some_and(|tag: &[u8; 2]| tag.eq_ignore_ascii_case(b"zh"));
        let all = if is_chinese { &CHINESE } else { &ENGLISH };
        let found = all.iter().find(|(name, _)| *name == variant.name);
        found.map(|(_, texts)| *texts).expect("a test checks that both files have every variant")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lessons::variants;

    #[test]
    fn each_language_has_texts_for_every_variant_and_for_nothing_else() {
        let names: BTreeSet<&str> = variants().map(|variant| variant.name).collect();
        for all in [&ENGLISH, &CHINESE] {
            assert_eq!(all.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), names);
            for (_, texts) in all {
                assert!(texts.choices.len() >= 2);
                let parts = [texts.title, texts.question, texts.explanation];
                for part in texts.choices.iter().chain(&parts) {
                    assert!(!part.trim().is_empty());
                }
            }
        }
        for variant in variants() {
            let [english, chinese] = ["en", "ZH-cn"].map(|tag| Texts::of(variant, tag));
            assert_eq!(english.choices.len(), chinese.choices.len(), "lesson {}", variant.name);
        }
    }
}

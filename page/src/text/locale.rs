//! The page's texts, from the files in `www/locales`. The shell fetches the file of the user's language.

use framescope_framing::DecodeError;

use super::bidi::isolated;
use super::texts::Texts;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// The language for a browser that prefers `tag`, such as `zh-Hans-CN`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") { Self::Chinese } else { Self::English }
    }

    /// The tag for the `lang` attribute (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The other language.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }
}

/// The texts of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale {
    /// The language.
    pub language: Language,
    texts: Texts,
}

impl Locale {
    /// A language, and its texts.
    #[must_use]
    pub const fn new(language: Language, texts: Texts) -> Self {
        Self { language, texts }
    }

    /// The text with this key. If there is none, the key itself. A test checks that every key that is
    /// used exists.
    #[must_use]
    pub fn text<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).unwrap_or(key)
    }

    /// The text with this key. Each `{name}` in it is replaced with its value, whose
    /// letters and marks do not change the direction of the text.
    #[must_use]
    pub fn fill(&self, key: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
        Self::filled(self.text(key), values)
    }

    /// A text, filled in the same way.
    #[must_use]
    pub fn filled(text: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                filled.push_str(&isolated(&value.to_string()));
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// The text for a bad header.
    #[must_use]
    pub fn decode_error(&self, error: &DecodeError) -> String {
        let (offset, number) = (error.offset(), declared(error));
        match error {
            DecodeError::TooLong { limit, .. } => self.fill(
                "error-too-long",
                &[("offset", &offset), ("number", &number), ("limit", limit)],
            ),
            DecodeError::Negative { .. } => {
                self.fill("error-negative", &[("offset", &offset), ("number", &number)])
            }
        }
    }
}

/// The number in a bad header.
#[must_use]
pub fn declared(error: &DecodeError) -> i64 {
    match error {
        DecodeError::Negative { declared, .. } => *declared,
        DecodeError::TooLong { declared, .. } => i64::try_from(*declared).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    use super::*;

    fn file(language: Language) -> BTreeMap<String, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = root.join(format!("../www/locales/{}.json", language.tag()));
        let json = fs::read_to_string(path).expect("each language has a file");
        serde_json::from_str(&json).expect("it has texts by their keys")
    }

    fn keys(language: Language) -> BTreeSet<String> {
        file(language).into_keys().collect()
    }

    /// Every text between `before` and the next quotation mark.
    fn quoted_after(source: &str, before: &str) -> BTreeSet<String> {
        let pieces = source.split(before).skip(1);
        pieces.filter_map(|piece| piece.split('"').next()).map(str::to_owned).collect()
    }

    fn rust_sources(folder: &Path) -> String {
        let mut all = String::new();
        for entry in fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("the sources can be listed").path();
            if path.is_dir() {
                all.push_str(&rust_sources(&path));
            } else {
                all.push_str(&fs::read_to_string(path).expect("sources are UTF-8"));
            }
        }
        all
    }

    fn used_keys() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let html = fs::read_to_string(root.join("../www/index.html")).expect("the page is there");
        let sources = rust_sources(&root.join("src")) + &rust_sources(&root.join("../web/src"));
        let rust: String = sources.split_whitespace().collect();
        let mut used = BTreeSet::new();
        for attribute in ["data-text=\"", "data-label=\"", "data-title=\"", "data-placeholder=\""] {
            used.extend(quoted_after(&html, attribute));
        }
        for call in [".text(\"", ".fill(\""] {
            used.extend(quoted_after(&rust, call));
        }
        used
    }

    #[test]
    fn every_language_has_the_same_keys_and_no_empty_text() {
        assert_eq!(keys(Language::English), keys(Language::Chinese));
        for language in [Language::English, Language::Chinese] {
            for (key, text) in file(language) {
                assert!(!text.trim().is_empty(), "{language:?} has no text for {key}");
            }
        }
    }

    /// The texts that are the same in each language: names, calls and signs.
    const SAME: [&str; 8] = [
        "connection-tab",
        "input-end",
        "lab-capture",
        "lane-bad",
        "lane-recv",
        "lane-send",
        "row-broken",
        "rung-accepted",
    ];

    #[test]
    fn each_text_is_translated() {
        let (english, chinese) = (file(Language::English), file(Language::Chinese));
        let same: Vec<_> = english.keys().filter(|key| english[*key] == chinese[*key]).collect();
        assert_eq!(same, SAME);
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for (key, text) in english.iter().filter(|(key, _)| *key != "language") {
            assert!(!text.contains(is_chinese), "{key}: {text}");
        }
        for (key, text) in chinese {
            let is_translated = text.contains(is_chinese) || SAME.contains(&&*key);
            let names = ["announce-both", "language", "reader-naive"];
            assert!(is_translated || names.contains(&&*key), "{key}: {text}");
        }
    }

    #[test]
    fn chinese_texts_use_chinese_punctuation_once_and_call_a_lesson_a_lesson() {
        let marks = ['。', '，', '：', '；', '！', '？'];
        for (key, text) in file(Language::Chinese) {
            let doubled = text.chars().zip(text.chars().skip(1)).find(|(first, second)| {
                let is_mark = |c: &char| marks.contains(c) || ".,:;!?".contains(*c);
                (marks.contains(first) && is_mark(second))
                    || (is_mark(first) && marks.contains(second))
            });
            assert_eq!(doubled, None, "{key}: {text}");
            assert!(!text.contains("课程"), "{key}: {text}");
        }
        for variant in framescope_lab::variants() {
            let texts = variant.texts("zh-CN");
            for text in [texts.title, texts.question, texts.explanation] {
                assert!(!text.contains("。.") && !text.contains("。。"), "{}", variant.name);
            }
        }
    }

    #[test]
    fn every_key_that_is_used_exists_and_every_key_that_exists_is_used() {
        let (used, exist) = (used_keys(), keys(Language::English));
        let missing: Vec<_> = used.difference(&exist).collect();
        let unused: Vec<_> = exist.difference(&used).collect();
        assert!(missing.is_empty() && unused.is_empty(), "missing {missing:?}, unused {unused:?}");
    }

    #[test]
    fn both_languages_have_the_same_placeholders() {
        let places = |language, key: &str| {
            let places: BTreeSet<String> = file(language)[key]
                .split('{')
                .skip(1)
                .filter_map(|piece| Some(piece.split_once('}')?.0.to_owned()))
                .collect();
            places
        };
        for key in keys(Language::English) {
            assert_eq!(places(Language::English, &key), places(Language::Chinese, &key), "{key}");
        }
    }

    #[test]
    fn placeholders_are_replaced_by_name() {
        let key = "a key of this test";
        let locale = Locale {
            language: Language::English,
            texts: [(key.to_owned(), "{b} of {a}, {b}!".to_owned())].into_iter().collect(),
        };
        assert_eq!(locale.fill(key, &[("a", &1), ("b", &"x")]), "x of 1, x!");
    }

    #[test]
    fn a_browser_that_prefers_chinese_gets_chinese_and_every_other_english() {
        assert_eq!(Language::from_tag("zh-Hans-CN"), Language::Chinese);
        assert_eq!(Language::from_tag("ZH"), Language::Chinese);
        assert_eq!(Language::from_tag("de-AT"), Language::English);
    }
}

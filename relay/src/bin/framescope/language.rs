//! The languages in which the command line speaks.

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// Simplified Chinese if `name` begins with `zh`, otherwise English.
    pub(crate) fn of(name: &str) -> Self {
        let is_chinese = name.to_ascii_lowercase().starts_with("zh");
        if is_chinese { Self::Chinese } else { Self::English }
    }
}

//! The kinds of tokens.

/// The number of a kind: its place in [`KINDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind(u8);

const KINDS: [&str; 93] = [
    "NAME", "NUMBER", "STRING", "NEWLINE", "INDENT", "DEDENT", "END", "OTHER", "False", "None",
    "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    "!=", "<>", "%", "%=", "&", "&=", "(", ")", "*", "**", "**=", "*=", "+", "+=", ",", "-", "-=",
    "->", ".", "...", "/", "//", "//=", "/=", ":", ":=", ";", "<", "<<", "<<=", "<=", "=", "==",
    ">", ">=", ">>", ">>=", "@", "@=", "[", "]", "^", "^=", "{", "|", "|=", "}", "~", "ERROR",
    "START",
];

const KEYWORDS: std::ops::Range<usize> = 8..43;
const OPERATORS: std::ops::Range<usize> = 43..91;

impl Kind {
    pub(crate) const NAME: Self = Self(0);
    pub(crate) const NUMBER: Self = Self(1);
    pub(crate) const STRING: Self = Self(2);
    pub(crate) const NEWLINE: Self = Self(3);
    pub(crate) const INDENT: Self = Self(4);
    pub(crate) const DEDENT: Self = Self(5);
    pub(crate) const END: Self = Self(6);
    /// A character that no rule of the grammar has.
    pub(crate) const OTHER: Self = Self(7);

    /// The kind with this text or name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let at = KINDS.iter().position(|kind| *kind == name)?;
        u8::try_from(at).ok().map(Self)
    }

    pub(crate) fn keyword(text: &str) -> Option<Self> {
        Self::within(KEYWORDS, text)
    }

    pub(crate) fn operator(text: &str) -> Option<Self> {
        Self::within(OPERATORS, text)
    }

    fn within(range: std::ops::Range<usize>, text: &str) -> Option<Self> {
        let at = KINDS[range.clone()].iter().position(|kind| *kind == text)?;
        u8::try_from(range.start + at).ok().map(Self)
    }

    pub(crate) fn text(self) -> &'static str {
        KINDS[usize::from(self.0)]
    }
}

//! A syntax error as CPython raises it.

/// A syntax error, with the numbers that CPython gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raised {
    pub(crate) class: &'static str,
    pub(crate) message: String,
    pub(crate) mark: Mark,
}

/// What a syntax error marks. Columns count from 1; CPython also has columns below that, which mark nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) line: u32,
    pub(crate) column: i64,
    pub(crate) end_line: u32,
    pub(crate) end_column: i64,
    /// The text that is shown, if it is not the line of the file.
    pub(crate) text: Option<String>,
}

pub(crate) const SYNTAX_ERROR: &str = "SyntaxError";
pub(crate) const INDENTATION_ERROR: &str = "IndentationError";
pub(crate) const TAB_ERROR: &str = "TabError";

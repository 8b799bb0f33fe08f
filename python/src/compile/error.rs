//! Why a program cannot be run.

use std::fmt;

use super::syntax::{INDENTATION_ERROR, Mark, Raised};
use crate::code::Span;

/// Why a program was not compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileErrorKind {
    /// Python does not accept it either. The class is `SyntaxError`, `IndentationError` or `TabError`.
    Syntax(&'static str),
    /// Python accepts it, and it is outside of the subset.
    Refused,
}

/// Why a program was not compiled, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// What kind of error it is.
    pub kind: CompileErrorKind,
    /// In Python's words if it is a syntax error.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, as Python numbers it: in characters for errors of its tokenizer, and in bytes of
    /// UTF-8 for most others. 0 if the error marks no column.
    pub column: u32,
    /// The line at which the marked text ends.
    pub end_line: u32,
    /// The column after the marked text. 0 if Python tells none.
    pub end_column: u32,
    /// The text that Python shows, if it is not the line: the expression of an f-string.
    pub shown: Option<String>,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, line, column, .. } = self;
        write!(f, "line {line}, column {column}: {message}")
    }
}

impl std::error::Error for CompileError {}

impl CompileError {
    pub(super) fn new(kind: CompileErrorKind, message: String, mark: Mark) -> Self {
        let column = |column: i64| u32::try_from(column.max(0)).unwrap_or(u32::MAX);
        Self {
            kind,
            message,
            line: mark.line,
            column: column(mark.column),
            end_line: mark.end_line,
            end_column: column(mark.end_column),
            shown: mark.text,
        }
    }

    /// The text that Python prints for it, of a program with this text in this file.
    #[must_use]
    pub fn traceback(&self, file: &str, text: &str) -> String {
        let Self { kind, message, line, .. } = self;
        let class = match kind {
            CompileErrorKind::Syntax(class) => class,
            CompileErrorKind::Refused => "Outside of the subset",
        };
        let code = match &self.shown {
            Some(shown) => Some(shown.as_str()),
            None => line_of(text, *line),
        };
        let marked = code.map(|code| self.marked(code)).unwrap_or_default();
        format!("  File \"{file}\", line {line}\n{marked}{class}: {message}\n")
    }

    /// The line and the carets under it.
    fn marked(&self, code: &str) -> String {
        // A line of the file has an end, and a line of an f-string has it only if Python kept it.
        let has_end = self.shown.is_none() || code.ends_with('\n');
        let code = code.trim_end_matches(['\n', '\r']);
        let column = self.column as usize;
        let end = if self.end_line > self.line {
            code.len() + usize::from(has_end)
        } else {
            self.end_column as usize
        };
        let is_range = self.kind != CompileErrorKind::Syntax(INDENTATION_ERROR) && end > column;
        let carets = if is_range { end - column } else { 1 };
        let stripped = code.trim_start_matches([' ', '\t', '\x0c']);
        let indent = code.len() - stripped.len();
        let line = format!("    {stripped}\n");
        let Some(before) = column.checked_sub(1 + indent) else { return line };
        let before = " ".repeat(before.min(stripped.len()));
        format!("{line}    {before}{}\n", "^".repeat(carets))
    }
}

/// A line of a text. `None` if there is no such line.
fn line_of(text: &str, line: u32) -> Option<&str> {
    let mut rest = text;
    for _ in 1..line {
        let end = rest.find(['\n', '\r'])?;
        let length = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[end + length..];
    }
    Some(&rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())])
}

/// An error before its place is turned into a line and a column. It is small, so that a result takes little
/// of the stack while expressions are compiled.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) Box<Details>);

#[derive(Debug)]
pub(crate) struct Details {
    pub(crate) kind: CompileErrorKind,
    pub(crate) message: String,
    pub(crate) place: Place,
}

/// Where an error is.
#[derive(Debug)]
pub(crate) enum Place {
    Span(Span),
    Mark(Mark),
}

pub(crate) fn syntax(span: Span, message: impl Into<String>) -> Problem {
    let kind = CompileErrorKind::Syntax("SyntaxError");
    Problem(Box::new(Details { kind, message: message.into(), place: Place::Span(span) }))
}

pub(crate) fn refused(span: Span, message: impl Into<String>) -> Problem {
    let kind = CompileErrorKind::Refused;
    Problem(Box::new(Details { kind, message: message.into(), place: Place::Span(span) }))
}

impl From<Raised> for Problem {
    fn from(raised: Raised) -> Self {
        let Raised { class, message, mark } = raised;
        let kind = CompileErrorKind::Syntax(class);
        Self(Box::new(Details { kind, message, place: Place::Mark(mark) }))
    }
}

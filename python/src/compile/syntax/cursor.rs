//! Reads the bytes of a text, and knows where it is.

use super::raised::{Mark, Raised, SYNTAX_ERROR};

/// What ended the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The text ended inside a bracket or after a backslash.
    End,
    Dedent,
    Tabs,
    TooDeep,
    Continuation,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The tokenizer raises it itself.
    Raised(Raised),
    /// The parser raises it.
    Fault(Fault),
}

/// A place in a text whose lines all end with `\n`. It reads line by line, as CPython's tokenizer does.
#[derive(Debug)]
pub(crate) struct Cursor<'t> {
    pub(crate) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(crate) at: usize,
    /// The end of the lines that were read.
    pub(crate) read: usize,
    /// The start of the lines that are held since the start of the last token.
    pub(crate) held: usize,
    pub(crate) line_start: usize,
    pub(crate) line: u32,
    pub(super) start: Option<usize>,
    pub(super) is_file: bool,
    pub(super) is_at_end: bool,
    /// Whether it has failed or come to the end.
    pub(crate) is_done: bool,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str, is_file: bool, first_line: u32) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            read: 0,
            held: 0,
            line_start: 0,
            line: first_line.saturating_sub(1),
            start: None,
            is_file,
            is_at_end: false,
            is_done: false,
        }
    }

    /// Whether it came to the end of the text.
    pub(crate) fn has_ended(&self) -> bool {
        self.is_at_end
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        if self.at == self.read {
            if self.is_at_end {
                return None;
            }
            if self.start.is_none() {
                self.held = self.at;
            }
            let rest = &self.bytes[self.read..];
            if rest.is_empty() {
                self.is_at_end = true;
                if self.is_file && self.start.is_none() {
                    // The buffer is empty, and the line that it had still begins at its start.
                    self.line_start = self.at;
                }
                return None;
            }
            let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            self.line_start = self.at;
            self.line += 1;
            self.read += length;
        }
        let byte = self.bytes[self.at];
        self.at += 1;
        Some(byte)
    }

    pub(super) fn back(&mut self, byte: Option<u8>) {
        if byte.is_some() {
            self.at -= 1;
        }
    }

    /// Whether the text goes on with this.
    pub(super) fn goes_on_with(&self, word: &str) -> bool {
        self.bytes[self.at..].starts_with(word.as_bytes())
    }

    /// Whether the text goes on with this, and no letter or digit comes after it.
    pub(super) fn word_ends_with(&self, end: &str) -> bool {
        let after = self.bytes.get(self.at + end.len()).copied();
        self.goes_on_with(end) && !after.is_some_and(is_name_part)
    }

    /// An error at the character before this place.
    pub(super) fn error(&mut self, message: impl Into<String>) -> Failure {
        let before = &self.bytes[self.line_start..self.at];
        let column = i64::try_from(String::from_utf8_lossy(before).chars().count()).unwrap_or(0);
        self.error_at(column, -1, message)
    }

    pub(super) fn error_at(
        &mut self,
        column: i64,
        end_column: i64,
        message: impl Into<String>,
    ) -> Failure {
        self.is_done = true;
        let line_end = memchr::memchr(b'\n', &self.bytes[self.line_start..]);
        let line_end = line_end.map_or(self.bytes.len(), |end| self.line_start + end);
        let text = (!self.is_file)
            .then(|| self.text.get(self.line_start..line_end).unwrap_or_default().to_owned());
        let mark = Mark { line: self.line, column, end_line: self.line, end_column, text };
        Failure::Raised(Raised { class: SYNTAX_ERROR, message: message.into(), mark })
    }

    pub(super) fn fault(&mut self, fault: Fault) -> Failure {
        self.is_done = true;
        Failure::Fault(fault)
    }
}

pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 128
}

pub(super) fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}

//! Characters of a text by their index.

use std::ops::Range;

use crate::failure::{Failure, check_len};
use crate::sequence::bounds::{self, Slice};

/// A text, and how many characters it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    text: &'a str,
    len: usize,
}

impl<'a> Text<'a> {
    /// Counts the characters.
    #[cfg(test)]
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, len: text.chars().count() }
    }

    /// With a count that the caller kept.
    pub(crate) fn with_len(text: &'a str, len: usize) -> Self {
        Self { text, len }
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.text
    }

    /// In characters.
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// Every character is one byte.
    pub(crate) fn is_ascii(self) -> bool {
        self.len == self.text.len()
    }

    /// The index of the byte at which the character `index` starts. `len` is the end.
    pub(crate) fn byte_of(self, index: usize) -> usize {
        if self.is_ascii() {
            return index.min(self.text.len());
        }
        self.text.char_indices().nth(index).map_or(self.text.len(), |(at, _)| at)
    }

    /// The index of the character that starts at a byte.
    pub(crate) fn char_of(self, byte: usize) -> usize {
        if self.is_ascii() {
            byte
        } else {
            self.text.get(..byte).map_or(self.len, |before| before.chars().count())
        }
    }

    /// The characters of a range.
    pub(crate) fn part(self, range: Range<usize>) -> &'a str {
        let start = self.byte_of(range.start);
        let rest = self.text.get(start..).unwrap_or_default();
        let len =
            Self { text: rest, len: self.len.saturating_sub(range.start) }.byte_of(range.len());
        rest.get(..len).unwrap_or_default()
    }

    /// `text[index]`.
    pub(crate) fn item(self, index: i64) -> Result<char, Failure> {
        bounds::index(index, self.len)
            .and_then(|index| self.text.get(self.byte_of(index)..)?.chars().next())
            .ok_or_else(|| Failure::index("string index out of range"))
    }

    /// `text[start:end:step]`.
    pub(crate) fn slice(
        self,
        start: Option<i64>,
        end: Option<i64>,
        step: Option<i64>,
    ) -> Result<String, Failure> {
        let slice = Slice::new(start, end, step, self.len)?;
        if slice.step == 1 {
            return Ok(self.part(slice.range()).to_owned());
        }
        let step = usize::try_from(slice.step.unsigned_abs()).unwrap_or(usize::MAX);
        let first = slice.range().start;
        Ok(if slice.step > 0 {
            let rest = self.text.get(self.byte_of(first)..).unwrap_or_default();
            rest.chars().step_by(step).take(slice.count).collect()
        } else {
            let before = self
                .text
                .get(..self.byte_of(if slice.count == 0 { 0 } else { first + 1 }))
                .unwrap_or_default();
            before.chars().rev().step_by(step).take(slice.count).collect()
        })
    }
}

/// `text * count`. There are at most `limit` bytes.
pub(crate) fn repeat(text: &str, count: i64, limit: usize) -> Result<String, Failure> {
    let count = usize::try_from(count).unwrap_or(0);
    check_len(text.len().saturating_mul(count), limit)?;
    Ok(text.repeat(count))
}

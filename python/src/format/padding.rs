//! Padding to a width, and separators between groups of digits.

use crate::failure::{Failure, check_len};

/// Where the padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
    Center,
    /// Between the sign and the digits.
    AfterSign,
}

impl Align {
    pub(super) fn parse(c: char) -> Option<Self> {
        match c {
            '<' => Some(Self::Left),
            '>' => Some(Self::Right),
            '^' => Some(Self::Center),
            '=' => Some(Self::AfterSign),
            _ => None,
        }
    }
}

/// How a text is padded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Padding {
    pub(super) fill: char,
    pub(super) align: Align,
    /// In characters.
    pub(super) width: usize,
}

impl Padding {
    /// `head` (the sign and prefix) and `body`, padded. The result has at most `limit` bytes.
    pub(super) fn apply(self, head: &str, body: &str, limit: usize) -> Result<String, Failure> {
        let len = head.chars().count() + body.chars().count();
        let total = self.width.saturating_sub(len);
        let bytes = total.saturating_mul(self.fill.len_utf8());
        check_len(bytes.saturating_add(head.len()).saturating_add(body.len()), limit)?;
        let (left, inner, right) = match self.align {
            Align::Left => (0, 0, total),
            Align::Right => (total, 0, 0),
            Align::Center => (total / 2, 0, total - total / 2),
            Align::AfterSign => (0, total, 0),
        };
        let mut text = String::with_capacity(bytes + head.len() + body.len());
        text.extend(std::iter::repeat_n(self.fill, left));
        text.push_str(head);
        text.extend(std::iter::repeat_n(self.fill, inner));
        text.push_str(body);
        text.extend(std::iter::repeat_n(self.fill, right));
        Ok(text)
    }
}

/// The digits with `separator` between groups of `size`, and zeros before them up to `min_width`.
pub(super) fn group(digits: &str, separator: char, size: usize, min_width: usize) -> String {
    // From the last digit to the first.
    let mut reversed = String::new();
    let mut left = digits.bytes().rev().map(char::from).peekable();
    let mut width = 0;
    let mut in_group = 0;
    while left.peek().is_some() || width < min_width || width == 0 {
        if in_group == size {
            reversed.push(separator);
            width += 1;
            in_group = 0;
        }
        reversed.push(left.next().unwrap_or('0'));
        width += 1;
        in_group += 1;
    }
    reversed.chars().rev().collect()
}

//! A `%` format taken apart.
//!
//! [`Pieces`] gives one piece after the other, and the caller takes the arguments between them. CPython
//! finds an error only when it comes to it, so a caller goes through a [`Directive`] in the order of its
//! fields: look up the key, take the width, take the precision, check the end, take the argument.

use crate::failure::Failure;

/// A part of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Goes out as it is.
    Literal(String),
    Directive(Directive),
}

/// The name in `%(name)s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Name(String),
    /// There is no closing parenthesis: [`incomplete_key`], after the check for a mapping.
    Incomplete,
}

/// A width or a precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    None,
    Given(usize),
    /// `*`: the next argument.
    Argument,
    TooBig,
}

/// What follows the width and precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The format ends too early: [`incomplete`].
    Incomplete,
    /// A character, and its index in the format. The conversion is parsed after the argument is taken.
    Character(char, usize),
}

/// `%...d`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directive {
    pub(crate) key: Option<Key>,
    pub(crate) flags: Flags,
    pub(crate) width: Count,
    pub(crate) precision: Count,
    pub(crate) end: End,
}

/// The flags of a directive.
#[expect(clippy::struct_excessive_bools, reason = "each is a character of the format")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// `-`
    pub(crate) left: bool,
    /// `+`
    pub(crate) plus: bool,
    /// ` `
    pub(crate) blank: bool,
    /// `#`
    pub(crate) alternate: bool,
    /// `0`
    pub(crate) zero: bool,
}

/// Bytes as the text that goes through the pieces: each byte is the character with its code.
pub(crate) fn text_of_bytes(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The bytes of a text whose characters are all bytes.
pub(crate) fn bytes_of_text(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The pieces of a format, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    /// For bytes, each byte is the character with its code.
    format: Vec<char>,
    at: usize,
}

impl Pieces {
    pub(crate) fn of_text(format: &str) -> Self {
        Self { format: format.chars().collect(), at: 0 }
    }

    /// Literals come out as one character for each byte.
    pub(crate) fn of_bytes(format: &[u8]) -> Self {
        Self::of_text(&text_of_bytes(format))
    }

    fn peek(&self) -> Option<char> {
        self.format.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn take_if(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    fn key(&mut self) -> Option<Key> {
        if !self.take_if('(') {
            return None;
        }
        let mut depth = 1;
        let mut name = String::new();
        while let Some(c) = self.take() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(Key::Name(name));
            }
            name.push(c);
        }
        Some(Key::Incomplete)
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        loop {
            match self.peek() {
                Some('-') => flags.left = true,
                Some('+') => flags.plus = true,
                Some(' ') => flags.blank = true,
                Some('#') => flags.alternate = true,
                Some('0') => flags.zero = true,
                _ => return flags,
            }
            self.at += 1;
        }
    }

    fn count(&mut self, largest: i64) -> Count {
        if self.take_if('*') {
            return Count::Argument;
        }
        let mut count = None;
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            self.at += 1;
            let digit = i64::from(digit.to_digit(10).unwrap_or_default());
            let before = count.unwrap_or(0_i64);
            if before > (largest - digit) / 10 {
                return Count::TooBig;
            }
            count = Some(before * 10 + digit);
        }
        count
            .map_or(Count::None, |count| Count::Given(usize::try_from(count).unwrap_or(usize::MAX)))
    }

    fn directive(&mut self) -> Directive {
        let key = self.key();
        let flags = self.flags();
        let width = self.count(i64::MAX);
        let mut precision = Count::None;
        if width != Count::TooBig && self.take_if('.') {
            precision = match self.count(i64::from(i32::MAX)) {
                Count::None => Count::Given(0),
                count @ (Count::Given(_) | Count::Argument | Count::TooBig) => count,
            };
        }
        if matches!(self.peek(), Some('h' | 'l' | 'L')) {
            self.at += 1;
        }
        let end = match self.take() {
            Some(c) => End::Character(c, self.at - 1),
            None => End::Incomplete,
        };
        Directive { key, flags, width, precision, end }
    }
}

impl Iterator for Pieces {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        self.peek()?;
        if self.take_if('%') {
            if self.take_if('%') {
                return Some(Piece::Literal("%".to_owned()));
            }
            return Some(Piece::Directive(self.directive()));
        }
        let rest = self.format.get(self.at..).unwrap_or_default();
        let literal: String = rest.iter().take_while(|&&c| c != '%').collect();
        self.at += literal.chars().count();
        Some(Piece::Literal(literal))
    }
}

pub(crate) fn requires_mapping() -> Failure {
    Failure::type_error("format requires a mapping")
}

pub(crate) fn incomplete_key() -> Failure {
    Failure::value("incomplete format key")
}

pub(crate) fn incomplete() -> Failure {
    Failure::value("incomplete format")
}

//! Splits a text into tokens as CPython does, and raises the errors of its tokenizer.

use super::cursor::{Cursor, Failure, Fault, is_name_part, is_name_start};
use super::kind::Kind;
use super::number::number;
use super::raised::{INDENTATION_ERROR, Mark, Raised, SYNTAX_ERROR, TAB_ERROR};
use crate::unicode::{is_id_continue, is_id_start, is_printable};

/// The most open brackets.
const MAX_BRACKETS: usize = 200;
/// The most indentations in each other, the one of the module included.
const MAX_INDENTATIONS: usize = 100;
const TAB: usize = 8;

/// A token. Columns are bytes from 0, and -1 if it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) line: u32,
    pub(crate) column: i64,
    pub(crate) end_line: u32,
    pub(crate) end_column: i64,
    /// The number of brackets that are open after it.
    pub(crate) level: usize,
}

#[derive(Clone, Copy, Debug)]
struct Bracket {
    opening: u8,
    line: u32,
    column: usize,
}

/// Reads tokens from a text whose lines all end with `\n`.
#[derive(Debug)]
pub(crate) struct Tokenizer<'t> {
    pub(crate) cursor: Cursor<'t>,
    at_line_start: bool,
    pending: i32,
    indents: Vec<(usize, usize)>,
    brackets: Vec<Bracket>,
}

type Result<T> = std::result::Result<T, Failure>;

impl<'t> Tokenizer<'t> {
    /// Of a file, or of the text of an expression whose first line has this number.
    pub(crate) fn new(text: &'t str, is_file: bool, first_line: u32) -> Self {
        Self {
            cursor: Cursor::new(text, is_file, first_line),
            at_line_start: true,
            pending: 0,
            indents: vec![(0, 0)],
            brackets: Vec::new(),
        }
    }

    /// The error of the innermost bracket that is open.
    pub(crate) fn never_closed(&self) -> Option<(u32, Raised)> {
        let Bracket { opening, line, column } = *self.brackets.last()?;
        let message = format!("'{}' was never closed", char::from(opening));
        let column = i64::try_from(column).unwrap_or(i64::MAX) + 1;
        let mark = Mark { line, column, end_line: line, end_column: 0, text: None };
        Some((line, Raised { class: SYNTAX_ERROR, message, mark }))
    }

    /// The next token, or why there is none. `start` and `end` are empty if the token has no text.
    pub(crate) fn token(&mut self) -> (Token, Option<Failure>) {
        let mut place = Place::default();
        let kind = self.scan(&mut place);
        let is_string = matches!(kind, Ok(Kind::STRING));
        let (line_start, line) = if is_string {
            (place.line_start, place.line)
        } else {
            (self.cursor.line_start, self.cursor.line)
        };
        let column = |offset: usize, line_start: usize| {
            offset.checked_sub(line_start).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
        };
        let (start, end, failure, kind) = match kind {
            Ok(kind) => {
                (place.range.map(|range| range.0), place.range.map(|range| range.1), None, kind)
            }
            Err(failure) => (None, None, Some(failure), Kind::OTHER),
        };
        let token = Token {
            kind,
            start: start.unwrap_or(self.cursor.at),
            end: end.unwrap_or(self.cursor.at),
            line,
            column: start.map_or(-1, |start| column(start, line_start)),
            end_line: self.cursor.line,
            end_column: end.map_or(-1, |end| column(end, self.cursor.line_start)),
            level: self.brackets.len(),
        };
        (token, failure)
    }

    fn scan(&mut self, place: &mut Place) -> Result<Kind> {
        loop {
            self.cursor.start = None;
            let is_blank = self.at_line_start && self.indentation()?;
            self.cursor.start = Some(self.cursor.at);
            if self.pending != 0 {
                let kind = if self.pending < 0 { Kind::DEDENT } else { Kind::INDENT };
                self.pending -= self.pending.signum();
                return Ok(kind);
            }
            let peeked = self.cursor.next();
            self.cursor.back(peeked);
            if let Some(kind) = self.in_line(place, is_blank)? {
                return Ok(kind);
            }
        }
    }

    /// Reads the indentation of a line. Returns whether the line is blank or has only a comment.
    fn indentation(&mut self) -> Result<bool> {
        self.at_line_start = false;
        let (mut column, mut with_tabs, mut continued) = (0usize, 0usize, 0usize);
        let next = loop {
            match self.cursor.next() {
                Some(b' ') => (column, with_tabs) = (column + 1, with_tabs + 1),
                Some(b'\t') => (column, with_tabs) = ((column / TAB + 1) * TAB, with_tabs + 1),
                Some(b'\x0c') => (column, with_tabs) = (0, 0),
                Some(b'\\') => {
                    if continued == 0 {
                        continued = column;
                    }
                    self.continuation()?;
                }
                other => break other,
            }
        };
        self.cursor.back(next);
        if matches!(next, Some(b'#' | b'\n')) {
            return Ok(true);
        }
        if !self.brackets.is_empty() {
            return Ok(false);
        }
        if continued != 0 {
            (column, with_tabs) = (continued, continued);
        }
        let last = |tokenizer: &Self| tokenizer.indents.last().copied().unwrap_or_default();
        if column > last(self).0 {
            if self.indents.len() >= MAX_INDENTATIONS {
                self.cursor.at = self.cursor.read;
                return Err(self.cursor.fault(Fault::TooDeep));
            }
            if with_tabs <= last(self).1 {
                return Err(self.tabs());
            }
            self.pending += 1;
            self.indents.push((column, with_tabs));
            return Ok(false);
        }
        while self.indents.len() > 1 && column < last(self).0 {
            self.pending -= 1;
            self.indents.pop();
        }
        if column != last(self).0 {
            self.cursor.at = self.cursor.read;
            return Err(self.cursor.fault(Fault::Dedent));
        }
        if with_tabs != last(self).1 {
            return Err(self.tabs());
        }
        Ok(false)
    }

    fn tabs(&mut self) -> Failure {
        self.cursor.at = self.cursor.read;
        self.cursor.fault(Fault::Tabs)
    }

    /// After a backslash. Goes to the next line.
    fn continuation(&mut self) -> Result<()> {
        if self.cursor.next() != Some(b'\n') {
            return Err(self.cursor.fault(Fault::Continuation));
        }
        let next = self.cursor.next();
        if next.is_none() {
            self.cursor.at = self.cursor.read;
            return Err(self.cursor.fault(Fault::End));
        }
        self.cursor.back(next);
        Ok(())
    }

    /// A token after the indentation. `None` at the end of a line that is no end of a statement.
    fn in_line(&mut self, place: &mut Place, is_blank: bool) -> Result<Option<Kind>> {
        loop {
            self.cursor.start = None;
            let mut next = self.cursor.next();
            while matches!(next, Some(b' ' | b'\t' | b'\x0c')) {
                next = self.cursor.next();
            }
            let start = self.cursor.at.saturating_sub(1);
            if next == Some(b'#') {
                self.cursor.start = Some(start);
                while !matches!(next, None | Some(b'\n')) {
                    next = self.cursor.next();
                }
            }
            let Some(byte) = next else {
                self.cursor.is_done = true;
                return if self.brackets.is_empty() {
                    Ok(Some(Kind::END))
                } else {
                    Err(self.cursor.fault(Fault::End))
                };
            };
            self.cursor.start = Some(start);
            if byte == b'\n' {
                self.at_line_start = true;
                if is_blank || !self.brackets.is_empty() {
                    return Ok(None);
                }
                place.range = Some((start, self.cursor.at - 1));
                return Ok(Some(Kind::NEWLINE));
            }
            if byte == b'\\' {
                self.continuation()?;
                continue;
            }
            let kind = self.visible(start, byte, place)?;
            place.range = Some((start, self.cursor.at));
            return Ok(Some(kind));
        }
    }

    /// A token that begins with this byte.
    fn visible(&mut self, start: usize, byte: u8, place: &mut Place) -> Result<Kind> {
        if is_name_start(byte) {
            return self.name(start, byte, place);
        }
        if byte.is_ascii_digit() {
            number(&mut self.cursor, byte)?;
            return Ok(Kind::NUMBER);
        }
        match byte {
            b'.' if self.cursor.bytes.get(self.cursor.at).is_some_and(u8::is_ascii_digit) => {
                number(&mut self.cursor, byte)?;
                Ok(Kind::NUMBER)
            }
            b'.' => {
                let is_ellipsis = self.cursor.goes_on_with("..");
                self.cursor.at += if is_ellipsis { 2 } else { 0 };
                Ok(Kind::operator(if is_ellipsis { "..." } else { "." }).unwrap_or(Kind::OTHER))
            }
            b'\'' | b'"' => self.string(start, byte, place),
            _ => self.operator(start, byte),
        }
    }

    fn name(&mut self, start: usize, first: u8, place: &mut Place) -> Result<Kind> {
        let mut next = Some(first);
        let mut prefix = String::new();
        while let Some(byte) = next {
            let letter = char::from(byte.to_ascii_lowercase());
            let fits = match letter {
                'b' | 'f' => !prefix.contains(['b', 'u', 'f']),
                'u' => prefix.is_empty(),
                'r' => !prefix.contains(['r', 'u']),
                _ => false,
            };
            if !fits {
                break;
            }
            prefix.push(letter);
            next = self.cursor.next();
            if let Some(quote @ (b'\'' | b'"')) = next {
                return self.string(start, quote, place);
            }
        }
        while next.is_some_and(is_name_part) {
            next = self.cursor.next();
        }
        self.cursor.back(next);
        let text = self.cursor.text.get(start..self.cursor.at).unwrap_or_default();
        if !text.is_ascii() {
            self.check_name(start, text)?;
        }
        Ok(Kind::keyword(text).unwrap_or(Kind::NAME))
    }

    fn check_name(&mut self, start: usize, text: &str) -> Result<()> {
        let invalid = text.char_indices().find(|(at, c)| {
            if *at == 0 { !(is_id_start(*c) || *c == '_') } else { !is_id_continue(*c) }
        });
        let Some((at, c)) = invalid else { return Ok(()) };
        self.cursor.at = start + at + c.len_utf8();
        Err(if is_printable(c) {
            self.cursor.error(format!("invalid character '{c}' (U+{:04X})", u32::from(c)))
        } else {
            self.cursor.error(format!("invalid non-printable character U+{:04X}", u32::from(c)))
        })
    }

    fn string(&mut self, start: usize, quote: u8, place: &mut Place) -> Result<Kind> {
        (place.line_start, place.line) = (self.cursor.line_start, self.cursor.line);
        let (mut size, mut closing) = (1, 0);
        let mut next = self.cursor.next();
        if next == Some(quote) {
            next = self.cursor.next();
            if next == Some(quote) {
                size = 3;
            } else {
                closing = 1;
            }
        }
        if next != Some(quote) {
            self.cursor.back(next);
        }
        while closing != size {
            next = self.cursor.next();
            if next.is_none() || (size == 1 && next == Some(b'\n')) {
                let line = self.cursor.line;
                (self.cursor.at, self.cursor.line_start, self.cursor.line) =
                    (start + 1, place.line_start, place.line);
                let what = if size == 3 { "triple-quoted string" } else { "string" };
                return Err(self
                    .cursor
                    .error(format!("unterminated {what} literal (detected at line {line})")));
            }
            if next == Some(quote) {
                closing += 1;
            } else {
                closing = 0;
                if next == Some(b'\\') {
                    self.cursor.next();
                }
            }
        }
        Ok(Kind::STRING)
    }

    fn operator(&mut self, start: usize, byte: u8) -> Result<Kind> {
        for length in [3, 2] {
            let kind = self.cursor.text.get(start..start + length).and_then(Kind::operator);
            if let Some(kind) = kind {
                self.cursor.at = start + length;
                return Ok(kind);
            }
        }
        match byte {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_BRACKETS {
                    return Err(self.cursor.error("too many nested parentheses"));
                }
                let column = start - self.cursor.line_start;
                self.brackets.push(Bracket { opening: byte, line: self.cursor.line, column });
            }
            b')' | b']' | b'}' => {
                let closing = char::from(byte);
                let Some(bracket) = self.brackets.pop() else {
                    return Err(self.cursor.error(format!("unmatched '{closing}'")));
                };
                let opening = char::from(bracket.opening);
                if !matches!((opening, closing), ('(', ')') | ('[', ']') | ('{', '}')) {
                    let mut message = format!(
                        "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'"
                    );
                    if bracket.line != self.cursor.line {
                        message = format!("{message} on line {}", bracket.line);
                    }
                    return Err(self.cursor.error(message));
                }
            }
            _ => {}
        }
        if !is_printable(char::from(byte)) {
            return Err(self.cursor.error(format!("invalid non-printable character U+{byte:04X}")));
        }
        Ok(self.cursor.text.get(start..=start).and_then(Kind::operator).unwrap_or(Kind::OTHER))
    }

    /// The error that the parser raises for a fault, unless it is at the end of the text.
    pub(crate) fn fault_raised(&self, fault: Fault) -> Option<Raised> {
        let (class, column, message) = match fault {
            Fault::End | Fault::Dedent => return None,
            Fault::Tabs => (TAB_ERROR, 0, "inconsistent use of tabs and spaces in indentation"),
            Fault::TooDeep => (INDENTATION_ERROR, 0, "too many levels of indentation"),
            Fault::Continuation => {
                let column = i64::try_from(self.cursor.at - self.cursor.held).unwrap_or(0) - 1;
                (SYNTAX_ERROR, column, "unexpected character after line continuation character")
            }
        };
        let mark = Mark {
            line: self.cursor.line,
            column: column + 1,
            end_line: self.cursor.line,
            end_column: 0,
            text: None,
        };
        Some(Raised { class, message: message.to_owned(), mark })
    }
}

/// Where a token is.
#[derive(Debug, Default)]
struct Place {
    range: Option<(usize, usize)>,
    /// Of the first line of a string.
    line_start: usize,
    line: u32,
}

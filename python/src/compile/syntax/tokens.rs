//! The tokens that a parser has read, and the errors that it raises at them.

use super::cursor::{Failure, Fault};
use super::kind::Kind;
use super::raised::{INDENTATION_ERROR, Mark, Raised, SYNTAX_ERROR};
use super::tokenizer::{Token, Tokenizer};

/// Where the text of an expression in an f-string comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// Its first line.
    pub(crate) line: u32,
    /// What CPython adds to the columns of that line.
    pub(crate) column: i64,
}

/// The tokens of a file, or of an expression in an f-string, as far as they were read.
#[derive(Debug)]
pub(crate) struct Tokens<'t> {
    tokenizer: Tokenizer<'t>,
    pub(crate) read: Vec<Token>,
    origin: Option<Origin>,
    columns: Columns,
}

/// How CPython counts the columns of its parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// If it is not told the encoding of the file.
    Bytes,
    /// If a comment tells the encoding.
    Characters,
    /// If the file begins with the mark of UTF-8, which it takes for a part of the first line.
    CharactersAfterMark,
}

impl<'t> Tokens<'t> {
    pub(crate) fn new(text: &'t str, origin: Option<Origin>, columns: Columns) -> Self {
        let line = origin.map_or(1, |origin| origin.line);
        let tokenizer = Tokenizer::new(text, origin.is_none(), line);
        Self { tokenizer, read: Vec::new(), origin, columns }
    }

    pub(crate) fn text(&self, token: usize) -> &'t str {
        self.read.get(token).map_or("", |token| &self.tokenizer.cursor.text[token.start..token.end])
    }

    pub(crate) fn kind(&self, token: usize) -> Option<Kind> {
        self.read.get(token).map(|token| token.kind)
    }

    /// Reads up to a token.
    pub(crate) fn kind_at(&mut self, token: usize) -> Result<Kind, Raised> {
        while self.read.len() <= token {
            let (mut token, failure) = self.tokenizer.token();
            if let Some(origin) = self.origin
                && origin.line == token.end_line
            {
                token.column += origin.column;
                token.end_column += origin.column;
            }
            self.read.push(token);
            match failure {
                None => {}
                Some(Failure::Raised(raised)) => return Err(raised),
                Some(Failure::Fault(fault)) => return Err(self.fault(fault)),
            }
        }
        Ok(self.read[token].kind)
    }

    fn fault(&self, fault: Fault) -> Raised {
        if let Some(mut raised) = self.tokenizer.fault_raised(fault) {
            raised.mark.text = self.shown(raised.mark.line);
            return raised;
        }
        if fault == Fault::Dedent {
            let message = "unindent does not match any outer indentation level";
            return self.at_last(INDENTATION_ERROR, message);
        }
        match self.tokenizer.never_closed() {
            Some((_, raised)) => self.finished(raised),
            None => self.at_last(SYNTAX_ERROR, "unexpected EOF while parsing"),
        }
    }

    fn finished(&self, mut raised: Raised) -> Raised {
        raised.mark = self.mark(raised.mark);
        raised
    }

    /// Columns as CPython gives them.
    fn mark(&self, mut mark: Mark) -> Mark {
        if let Some(origin) = self.origin {
            mark.column -= origin.column;
            mark.end_column -= origin.column;
        }
        if self.columns != Columns::Bytes {
            let has_mark = self.columns == Columns::CharactersAfterMark && mark.line == 1;
            let line = if has_mark { "\u{feff}" } else { "" }.to_owned() + self.line(mark.line);
            mark.column = characters(&line, mark.column);
            if mark.end_column > 0 {
                mark.end_column = characters(&line, mark.end_column);
            }
        }
        mark.text = self.shown(mark.line);
        mark
    }

    fn line(&self, line: u32) -> &'t str {
        let index = (line as usize).saturating_sub(1);
        self.tokenizer.cursor.text.split_inclusive('\n').nth(index).unwrap_or_default()
    }

    /// The text that CPython shows for an expression in an f-string.
    fn shown(&self, line: u32) -> Option<String> {
        let origin = self.origin?;
        let tokenizer = &self.tokenizer;
        if tokenizer.cursor.line <= line && tokenizer.cursor.read > tokenizer.cursor.held {
            return Some(
                tokenizer.cursor.text[tokenizer.cursor.held..tokenizer.cursor.read].to_owned(),
            );
        }
        let lines: Vec<&str> = tokenizer.cursor.text.split('\n').collect();
        let wanted = line.saturating_sub(origin.line) as usize;
        let held = tokenizer.cursor.text[..tokenizer.cursor.read].matches('\n').count();
        lines.get(wanted.min(held)).map(|line| (*line).to_owned())
    }

    fn prefixed(&self, message: &str) -> String {
        if self.origin.is_some() { format!("f-string: {message}") } else { message.to_owned() }
    }

    /// An error at the last token.
    pub(crate) fn at_last(&self, class: &'static str, message: &str) -> Raised {
        let mut mark = Mark::default();
        if let Some(token) = self.read.last() {
            let tokenizer = &self.tokenizer;
            let here = tokenizer.cursor.at.saturating_sub(tokenizer.cursor.line_start);
            mark.line = token.line;
            mark.end_line = token.end_line;
            mark.column = match token.column {
                -1 => i64::try_from(here).unwrap_or(0),
                column => column + 1,
            };
            mark.end_column = if token.end_column == -1 { -1 } else { token.end_column + 1 };
        }
        Raised { class, message: self.prefixed(message), mark: self.mark(mark) }
    }

    /// An error from the start of one token to the end of another.
    pub(crate) fn at_tokens(&self, first: usize, last: usize, message: &str) -> Raised {
        self.at(
            first,
            self.read.get(last).map_or((0, 0), |last| (last.end_line, last.end_column + 1)),
            message,
        )
    }

    /// An error from the start of a token to the last token.
    pub(crate) fn since_token(&self, first: usize, message: &str) -> Raised {
        let tokenizer = &self.tokenizer;
        let here = i64::try_from(tokenizer.cursor.at.saturating_sub(tokenizer.cursor.line_start))
            .unwrap_or(0);
        self.at(first, (tokenizer.cursor.line, here), message)
    }

    /// An error that begins before the end of a token, and marks one character.
    pub(crate) fn at_end_of(&self, first: usize, last: usize, message: &str) -> Raised {
        let mut raised = self.at(first, (0, 0), message);
        let (Some(first), Some(last)) = (self.read.get(first), self.read.get(last)) else {
            return raised;
        };
        raised.mark = self.mark(Mark {
            line: first.line,
            column: last.end_column,
            end_line: last.end_line,
            end_column: 0,
            text: None,
        });
        raised
    }

    fn at(&self, first: usize, (end_line, end_column): (u32, i64), message: &str) -> Raised {
        let token = self.read.get(first);
        let (line, column) = token.map_or((0, 0), |token| (token.line, token.column + 1));
        let mark = Mark { line, column, end_line, end_column, text: None };
        Raised { class: SYNTAX_ERROR, message: self.prefixed(message), mark: self.mark(mark) }
    }

    /// The error of a text that no rule recognizes. `last` is the number of tokens that were read by then.
    pub(crate) fn unrecognized(&mut self, last: usize) -> Raised {
        let Some(token) = self.read.get(last.saturating_sub(1)).copied() else {
            return self.at_last(SYNTAX_ERROR, "invalid syntax");
        };
        if token.kind == Kind::INDENT {
            return self.at_last(INDENTATION_ERROR, "unexpected indent");
        }
        if token.kind == Kind::DEDENT {
            return self.at_last(INDENTATION_ERROR, "unexpected unindent");
        }
        let raised = self.at_tokens(last - 1, last - 1, "invalid syntax");
        self.or_of_the_rest(raised)
    }

    /// The error of a rule, unless the tokenizer finds one in the rest of the text.
    pub(crate) fn or_of_tokenizer(&mut self, raised: Raised) -> Raised {
        if self.tokenizer.cursor.is_done || self.tokenizer.cursor.has_ended() {
            return raised;
        }
        self.or_of_the_rest(raised)
    }

    fn or_of_the_rest(&mut self, raised: Raised) -> Raised {
        let line = self.read.last().map_or(0, |token| token.line);
        loop {
            let (token, failure) = self.tokenizer.token();
            match failure {
                Some(Failure::Raised(other)) => return other,
                Some(Failure::Fault(_)) => {
                    return match self.tokenizer.never_closed() {
                        Some((opened, other)) if line > opened => self.finished(other),
                        _ => raised,
                    };
                }
                None if token.kind == Kind::END => return raised,
                None => {}
            }
        }
    }
}

/// The column in characters of a column in bytes.
fn characters(line: &str, column: i64) -> i64 {
    let Ok(bytes) = usize::try_from(column) else { return column };
    let before = &line.as_bytes()[..bytes.min(line.len())];
    let count =
        String::from_utf8_lossy(before).chars().count() + bytes.saturating_sub(line.len()).min(1);
    i64::try_from(count).unwrap_or(column)
}

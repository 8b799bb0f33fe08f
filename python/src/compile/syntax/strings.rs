//! String literals: their escapes, and the expressions of f-strings, which are texts of their own in 3.11.

use super::escapes::{bytes_error, unicode_error};
use super::parse::parse;
use super::raised::{Raised, SYNTAX_ERROR};
use super::tokenizer::Token;
use super::tokens::{Columns, Origin, Tokens};

/// The most brackets in each other in the expression of an f-string.
const MAX_BRACKETS: usize = 200;

type Result<T = ()> = std::result::Result<T, Raised>;

/// Checks the string literals between two tokens. Returns whether one is an f-string.
pub(super) fn check_strings(tokens: &Tokens, from: usize, to: usize) -> Result<bool> {
    let mut are_bytes = None;
    let mut has_f_string = false;
    for at in from..to {
        let text = tokens.text(at);
        let quote = text.find(['\'', '"']).unwrap_or(0);
        let prefix = text[..quote].to_ascii_lowercase();
        let body = &text[quote..];
        let size =
            if body.len() >= 6 && body.as_bytes()[..3] == [body.as_bytes()[0]; 3] { 3 } else { 1 };
        let body = body.get(size..body.len() - size).unwrap_or_default();
        let is_bytes = prefix.contains('b');
        let is_raw = prefix.contains('r');
        if is_bytes {
            if !body.is_ascii() {
                let message = "bytes can only contain ASCII literal characters";
                return Err(tokens.at_tokens(at, at, message));
            }
            if !is_raw && let Some(error) = bytes_error(body) {
                return Err(tokens.at_last(SYNTAX_ERROR, &format!("(value error) {error}")));
            }
        } else if !is_raw && !prefix.contains('f') {
            check_escapes(tokens, body)?;
        }
        if are_bytes.is_some_and(|are_bytes| are_bytes != is_bytes) {
            return Err(tokens.at_last(SYNTAX_ERROR, "cannot mix bytes and nonbytes literals"));
        }
        are_bytes = Some(is_bytes);
        if prefix.contains('f') {
            has_f_string = true;
            let token = tokens.read[at];
            let (at, end) = (quote + size, text.len() - size);
            let lines = Lines::default();
            FString { tokens, token, text, at, end, is_raw, lines }.parts(0)?;
        }
    }
    Ok(has_f_string)
}

fn check_escapes(tokens: &Tokens, text: &str) -> Result {
    match unicode_error(text) {
        None => Ok(()),
        Some(error) => Err(tokens.at_last(SYNTAX_ERROR, &format!("(unicode error) {error}"))),
    }
}

struct FString<'a, 't> {
    tokens: &'a Tokens<'t>,
    token: Token,
    /// The token.
    text: &'a str,
    at: usize,
    end: usize,
    is_raw: bool,
    /// The lines that end before the last expression, where the last of them ends, and where it begins.
    lines: Lines,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    count: u32,
    last_end: usize,
    counted: usize,
}

impl FString<'_, '_> {
    fn peek(&self) -> Option<u8> {
        if self.at < self.end { self.text.as_bytes().get(self.at).copied() } else { None }
    }

    fn error<T>(&self, message: &str) -> Result<T> {
        Err(self.tokens.at_last(SYNTAX_ERROR, &format!("f-string: {message}")))
    }

    /// Its literals and expressions, or those of a format in it.
    fn parts(&mut self, depth: usize) -> Result {
        loop {
            if self.literal(depth)? {
                continue;
            }
            if matches!(self.peek(), None | Some(b'}')) {
                break;
            }
            self.replacement(depth)?;
        }
        if depth == 0 && self.at + 1 < self.end {
            return self.error("unexpected end of string");
        }
        if depth != 0 && self.peek() != Some(b'}') {
            return self.error("expecting '}'");
        }
        Ok(())
    }

    /// Reads up to an expression. Returns whether it ended at a doubled brace.
    fn literal(&mut self, depth: usize) -> Result<bool> {
        let start = self.at;
        let mut is_doubled = false;
        let mut end = self.end;
        while let Some(mut byte) = self.peek() {
            self.at += 1;
            if byte == b'\\' && !self.is_raw && self.peek().is_some() {
                byte = self.peek().unwrap_or_default();
                self.at += 1;
                if byte == b'N' {
                    if self.peek() == Some(b'{') {
                        while self.peek().is_some_and(|byte| byte != b'}') {
                            self.at += 1;
                        }
                    }
                    self.at = (self.at + usize::from(self.at < self.end)).min(self.end);
                    continue;
                }
            }
            if byte != b'{' && byte != b'}' {
                continue;
            }
            if depth == 0 {
                if self.peek() == Some(byte) {
                    end = self.at;
                    self.at += 1;
                    is_doubled = true;
                    break;
                }
                if byte == b'}' {
                    return self.error("single '}' is not allowed");
                }
            }
            self.at -= 1;
            break;
        }
        if !is_doubled {
            end = self.at;
        }
        if !self.is_raw {
            check_escapes(self.tokens, self.text.get(start..end).unwrap_or_default())?;
        }
        Ok(is_doubled)
    }

    fn replacement(&mut self, depth: usize) -> Result {
        if depth >= 2 {
            return self.error("expressions nested too deeply");
        }
        self.at += 1;
        let start = self.at;
        self.skip_expression()?;
        if self.peek().is_none() {
            return self.error("expecting '}'");
        }
        self.expression(start)?;
        if self.peek() == Some(b'=') {
            self.at += 1;
            while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | 11..=13)) {
                self.at += 1;
            }
            if self.peek().is_none() {
                return self.error("expecting '}'");
            }
        }
        if self.peek() == Some(b'!') {
            self.at += 1;
            self.conversion()?;
        }
        if self.peek() == Some(b':') {
            self.at += 1;
            if self.peek().is_none() {
                return self.error("expecting '}'");
            }
            self.parts(depth + 1)?;
        }
        if self.peek() != Some(b'}') {
            return self.error("expecting '}'");
        }
        self.at += 1;
        Ok(())
    }

    fn conversion(&mut self) -> Result {
        let letter = self.peek();
        self.at += 1;
        match letter {
            None => self.error("expecting '}'"),
            Some(b's' | b'r' | b'a') => Ok(()),
            Some(_) => self.error("invalid conversion character: expected 's', 'r', or 'a'"),
        }
    }

    /// Goes to the end of an expression, as CPython does: by its brackets and quotes.
    fn skip_expression(&mut self) -> Result {
        let mut quote: Option<(u8, bool)> = None;
        let mut brackets = Vec::new();
        let text = self.text.as_bytes();
        while let Some(byte) = self.peek() {
            let is_tripled =
                self.at + 2 < self.end && text[self.at + 1] == byte && text[self.at + 2] == byte;
            if byte == b'\\' {
                return Err(self
                    .tokens
                    .at_last(SYNTAX_ERROR, "f-string expression part cannot include a backslash"));
            }
            if let Some((closing, is_triple)) = quote {
                if byte == closing && (is_tripled || !is_triple) {
                    quote = None;
                    self.at += if is_triple { 2 } else { 0 };
                }
                self.at += 1;
                continue;
            }
            match byte {
                b'\'' | b'"' => {
                    quote = Some((byte, is_tripled));
                    self.at += if is_tripled { 2 } else { 0 };
                }
                b'(' | b'[' | b'{' => {
                    if brackets.len() >= MAX_BRACKETS {
                        return self.error("too many nested parenthesis");
                    }
                    brackets.push(byte);
                }
                b'#' => {
                    return Err(self
                        .tokens
                        .at_last(SYNTAX_ERROR, "f-string expression part cannot include '#'"));
                }
                b'!' | b':' | b'}' | b'=' | b'<' | b'>' if brackets.is_empty() => {
                    let next = (self.at + 1 < self.end).then(|| text[self.at + 1]);
                    if next == Some(b'=') && matches!(byte, b'!' | b'=' | b'<' | b'>') {
                        self.at += 2;
                        continue;
                    }
                    if byte != b'<' && byte != b'>' {
                        break;
                    }
                }
                b')' | b']' | b'}' => {
                    let closing = char::from(byte);
                    let Some(opening) = brackets.pop().map(char::from) else {
                        return self.error(&format!("unmatched '{closing}'"));
                    };
                    if !matches!((opening, closing), ('(', ')') | ('[', ']') | ('{', '}')) {
                        return self.error(&format!(
                            "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'"
                        ));
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        if quote.is_some() {
            return self.error("unterminated string");
        }
        match brackets.last() {
            Some(opening) => self.error(&format!("unmatched '{}'", char::from(*opening))),
            None => Ok(()),
        }
    }

    /// Parses the expression that begins here and ends where this is.
    fn expression(&mut self, start: usize) -> Result {
        let expression = self.text.get(start..self.at).unwrap_or_default();
        if expression.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c')) {
            return match self.peek() {
                Some(byte @ (b'!' | b':' | b'=')) => {
                    self.error(&format!("expression required before '{}'", char::from(byte)))
                }
                _ => self.error("empty expression not allowed"),
            };
        }
        let brace = start - 1;
        let mut lines = self.lines;
        for end in memchr::memchr_iter(b'\n', &self.text.as_bytes()[lines.counted..brace]) {
            lines.count += 1;
            lines.last_end = lines.counted + end;
        }
        lines.counted = brace;
        self.lines = lines;
        let begins_with_line = self.text[start..]
            .bytes()
            .find(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'))
            .is_some_and(|byte| matches!(byte, b'\n' | b'}'));
        let mut column = if begins_with_line { 0 } else { brace - lines.last_end };
        if lines.count == 0 {
            column += usize::try_from(self.token.column).unwrap_or(0);
        }
        let column = i64::try_from(column).unwrap_or(0);
        let origin = Origin { line: self.token.line + lines.count, column };
        let text = format!("({expression})\n");
        parse(&mut Tokens::new(&text, Some(origin), Columns::Bytes), "fstring", check_strings)
    }
}

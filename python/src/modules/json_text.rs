//! Reads JSON as CPython's scanner does. It knows no values: what it finds goes to a [`Builder`].

use crate::failure::Failure;

/// The deepest arrays and objects in each other. CPython's bound is that of its recursion.
pub(super) const MAX_DEPTH: usize = 200;

/// Makes values of what is read.
pub(super) trait Builder {
    type Value;
    fn constant(&mut self, constant: Constant) -> Self::Value;
    /// A number. It is a float if it has a fraction or an exponent.
    fn number(&mut self, text: &str, is_float: bool) -> Result<Self::Value, Failure>;
    fn text(&mut self, text: String) -> Result<Self::Value, Failure>;
    fn array(&mut self, items: Vec<Self::Value>) -> Result<Self::Value, Failure>;
    fn object(&mut self, entries: Vec<(String, Self::Value)>) -> Result<Self::Value, Failure>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constant {
    Null,
    True,
    False,
    Nan,
    Infinity,
    NegativeInfinity,
}

/// Why a text is no JSON.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The message of the `JSONDecodeError`, and the character at which it is.
    Syntax(&'static str, usize),
    Failure(Failure),
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// The value of a text.
pub(super) fn read<B: Builder>(text: &str, builder: &mut B) -> Result<B::Value, ReadError> {
    let mut reader = Reader { text: text.chars().collect(), at: 0, depth: 0 };
    reader.skip_space();
    let value = reader.value(builder)?;
    reader.skip_space();
    if reader.at < reader.text.len() {
        return Err(ReadError::Syntax("Extra data", reader.at));
    }
    Ok(value)
}

struct Reader {
    text: Vec<char>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let length = word.len();
        let found = self
            .text
            .get(self.at..self.at + length)
            .is_some_and(|part| part.iter().copied().eq(word.chars()));
        if found {
            self.at += length;
        }
        found
    }

    fn value<B: Builder>(&mut self, builder: &mut B) -> Result<B::Value, ReadError> {
        let constants = [
            ("null", Constant::Null),
            ("true", Constant::True),
            ("false", Constant::False),
            ("NaN", Constant::Nan),
            ("Infinity", Constant::Infinity),
            ("-Infinity", Constant::NegativeInfinity),
        ];
        match self.peek() {
            Some('"') => {
                let text = self.string()?;
                Ok(builder.text(text)?)
            }
            Some('[') => self.nested(|reader| reader.array(builder)),
            Some('{') => self.nested(|reader| reader.object(builder)),
            _ => {
                for (word, constant) in constants {
                    if self.takes(word) {
                        return Ok(builder.constant(constant));
                    }
                }
                self.number(builder)
            }
        }
    }

    fn nested<V>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<V, ReadError>,
    ) -> Result<V, ReadError> {
        if self.depth >= MAX_DEPTH {
            return Err(Failure::Refused("JSON this deep is outside of the subset".into()).into());
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array<B: Builder>(&mut self, builder: &mut B) -> Result<B::Value, ReadError> {
        let mut items = Vec::new();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(builder.array(items)?);
        }
        loop {
            items.push(self.value(builder)?);
            self.skip_space();
            match self.peek() {
                Some(']') => break,
                Some(',') => self.at += 1,
                _ => return Err(ReadError::Syntax("Expecting ',' delimiter", self.at)),
            }
            self.skip_space();
        }
        self.at += 1;
        Ok(builder.array(items)?)
    }

    fn object<B: Builder>(&mut self, builder: &mut B) -> Result<B::Value, ReadError> {
        let mut entries = Vec::new();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(builder.object(entries)?);
        }
        loop {
            if self.peek() != Some('"') {
                let message = "Expecting property name enclosed in double quotes";
                return Err(ReadError::Syntax(message, self.at));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(':') {
                return Err(ReadError::Syntax("Expecting ':' delimiter", self.at));
            }
            self.at += 1;
            self.skip_space();
            entries.push((key, self.value(builder)?));
            self.skip_space();
            match self.peek() {
                Some('}') => break,
                Some(',') => self.at += 1,
                _ => return Err(ReadError::Syntax("Expecting ',' delimiter", self.at)),
            }
            self.skip_space();
        }
        self.at += 1;
        Ok(builder.object(entries)?)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn number<B: Builder>(&mut self, builder: &mut B) -> Result<B::Value, ReadError> {
        let start = self.at;
        if self.peek() == Some('-') {
            self.at += 1;
        }
        if self.peek() == Some('0') {
            self.at += 1;
        } else if self.digits() == 0 {
            self.at = start;
            return Err(ReadError::Syntax("Expecting value", start));
        }
        let mut is_float = false;
        let mut end = self.at;
        if self.peek() == Some('.') {
            self.at += 1;
            if self.digits() > 0 {
                is_float = true;
                end = self.at;
            }
        }
        self.at = end;
        if matches!(self.peek(), Some('e' | 'E')) {
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            if self.digits() > 0 {
                is_float = true;
                end = self.at;
            }
        }
        self.at = end;
        let text: String = self.text.get(start..end).unwrap_or_default().iter().collect();
        Ok(builder.number(&text, is_float)?)
    }

    fn string(&mut self) -> Result<String, ReadError> {
        let begin = self.at;
        let unterminated = ReadError::Syntax("Unterminated string starting at", begin);
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(unterminated) };
            self.at += 1;
            match c {
                '"' => return Ok(text),
                '\\' => {
                    let Some(escape) = self.peek() else { return Err(unterminated) };
                    self.at += 1;
                    text.push(match escape {
                        '"' | '\\' | '/' => escape,
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'u' => self.unicode()?,
                        _ => return Err(ReadError::Syntax("Invalid \\escape", self.at - 2)),
                    });
                }
                '\0'..='\u{1f}' => {
                    return Err(ReadError::Syntax("Invalid control character at", self.at - 1));
                }
                _ => text.push(c),
            }
        }
    }

    /// The four digits after `\u`, which start at the current place.
    fn code(&self, start: usize) -> Result<u32, ReadError> {
        let wrong = ReadError::Syntax("Invalid \\uXXXX escape", start - 1);
        // CPython wants a character after them.
        if start + 4 >= self.text.len() {
            return Err(wrong);
        }
        let mut code = 0;
        for c in self.text.get(start..start + 4).unwrap_or_default() {
            match c.to_digit(16) {
                Some(digit) => code = code * 16 + digit,
                None => return Err(wrong),
            }
        }
        Ok(code)
    }

    fn unicode(&mut self) -> Result<char, ReadError> {
        let mut code = self.code(self.at)?;
        self.at += 4;
        let is_high = (0xd800..0xdc00).contains(&code);
        if is_high
            && self.at + 6 < self.text.len()
            && self.peek() == Some('\\')
            && self.text.get(self.at + 1) == Some(&'u')
        {
            let low = self.code(self.at + 2)?;
            if (0xdc00..0xe000).contains(&low) {
                code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                self.at += 6;
            }
        }
        char::from_u32(code).ok_or_else(|| {
            let message = "half of a surrogate pair is outside of the subset";
            Failure::Refused(message.into()).into()
        })
    }
}

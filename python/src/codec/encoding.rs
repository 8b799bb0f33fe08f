//! `str.encode`.

use std::io::Write as _;

use crate::codec::error::{CodecError, EncodeError, unknown_handler};
use crate::codec::gbk;
use crate::codec::names::{Encoding, Named};
use crate::failure::{Failure, check_len};
use crate::repr::text::push_escape;

/// `text.encode(encoding, errors)`. There are at most `limit` bytes.
pub(crate) fn encode(
    text: &str,
    named: Named,
    errors: &str,
    limit: usize,
) -> Result<Vec<u8>, CodecError> {
    let encoder = Encoder { named, errors, limit, bytes: Vec::new() };
    match named.encoding {
        Encoding::Utf8 => {
            check_len(text.len(), limit)?;
            Ok(text.as_bytes().to_vec())
        }
        Encoding::Ascii => encoder.one_byte(text, '\u{7f}', "ordinal not in range(128)"),
        Encoding::Latin1 => encoder.one_byte(text, '\u{ff}', "ordinal not in range(256)"),
        Encoding::Gbk => encoder.gbk(text, gbk::encode),
        Encoding::Gb2312 => encoder.gbk(text, gbk::encode_gb2312),
    }
}

struct Encoder<'a> {
    named: Named,
    errors: &'a str,
    limit: usize,
    bytes: Vec<u8>,
}

impl Encoder<'_> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        check_len(self.bytes.len().saturating_add(bytes.len()), self.limit)?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// For the encodings in which the code of a character is its byte, up to `last`.
    fn one_byte(
        mut self,
        text: &str,
        last: char,
        reason: &'static str,
    ) -> Result<Vec<u8>, CodecError> {
        let mut chars = text.chars().enumerate().peekable();
        let mut wrong = String::new();
        while let Some((at, c)) = chars.next() {
            if let Some(byte) = u8::try_from(u32::from(c)).ok().filter(|_| c <= last) {
                self.push(&[byte])?;
                continue;
            }
            // All that follow and cannot be encoded are one error.
            wrong.clear();
            wrong.push(c);
            while let Some((_, c)) = chars.next_if(|&(_, c)| c > last) {
                wrong.push(c);
            }
            self.wrong(at, &wrong, reason)?;
        }
        Ok(self.bytes)
    }

    fn gbk(mut self, text: &str, pair: fn(char) -> Option<[u8; 2]>) -> Result<Vec<u8>, CodecError> {
        let mut buffer = [0; 4];
        for (at, c) in text.chars().enumerate() {
            let utf8 = c.encode_utf8(&mut buffer);
            if c.is_ascii() {
                self.push(utf8.as_bytes())?;
            } else if let Some(bytes) = pair(c) {
                self.push(&bytes)?;
            } else {
                self.wrong(at, utf8, "illegal multibyte sequence")?;
            }
        }
        Ok(self.bytes)
    }

    /// Does with the characters from `start` what the error handler says.
    fn wrong(&mut self, start: usize, wrong: &str, reason: &'static str) -> Result<(), CodecError> {
        match self.errors {
            "ignore" => {}
            "replace" => {
                for _ in wrong.chars() {
                    self.push(b"?")?;
                }
            }
            "backslashreplace" => {
                for c in wrong.chars() {
                    let mut escape = String::new();
                    push_escape(&mut escape, c);
                    self.push(escape.as_bytes())?;
                }
            }
            "xmlcharrefreplace" => {
                for c in wrong.chars() {
                    let mut reference = Vec::new();
                    // Writing to a `Vec` cannot fail.
                    let _ = write!(reference, "&#{};", u32::from(c));
                    self.push(&reference)?;
                }
            }
            // The handlers of surrogates do nothing for other characters.
            "strict" | "surrogateescape" | "surrogatepass" => {
                return Err(CodecError::Encode(EncodeError {
                    encoding: self.named.encoding.name(),
                    start,
                    end: start + wrong.chars().count(),
                    reason,
                    character: wrong.chars().next().unwrap_or_default(),
                }));
            }
            "namereplace" => {
                let message = "the error handler namereplace is not supported".to_owned();
                return Err(CodecError::Other(Failure::Refused(message)));
            }
            name => return Err(unknown_handler(name, self.named.built_in)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{bytes_literal, cases, compare_text, rng, text_literal};

    #[test]
    fn any_text_encodes_as_in_cpython() {
        let mut rng = rng();
        let mut ours = Vec::new();
        let pieces = ["a", "é", "你好", "😀", "€", "\u{b7}", "—", "\u{e000}", "ÿ", "\u{80}", "'"];
        for _ in 0..cases(1500) {
            let text: String = (0..rng.usize(..7)).map(|_| *rng.choice(&pieces).unwrap()).collect();
            let encoding = *rng.choice(&["utf-8", "ascii", "latin-1", "gbk", "gb2312"]).unwrap();
            let handlers = [
                "strict",
                "strict",
                "ignore",
                "replace",
                "backslashreplace",
                "xmlcharrefreplace",
                "surrogateescape",
                "surrogatepass",
                "foo",
            ];
            let errors = *rng.choice(&handlers).unwrap();
            let expression = format!("{}.encode('{encoding}', '{errors}')", text_literal(&text));
            let here = match encode(&text, Named::find(encoding).unwrap(), errors, 1000) {
                Ok(bytes) => bytes_literal(&bytes),
                Err(CodecError::Other(Failure::Refused(_))) => continue,
                Err(CodecError::Other(failure @ Failure::Raise(class, _))) => {
                    format!("{}: {}", class.name(), text_literal(&failure.to_string()))
                }
                Err(error) => format!("UnicodeEncodeError: {}", text_literal(&error.to_string())),
            };
            ours.push((expression, here));
        }
        compare_text(ours);
    }

    #[test]
    fn a_long_result_is_too_large_before_it_is_made() {
        let named = Named::find("ascii").unwrap();
        let result = encode(&"é".repeat(1000), named, "xmlcharrefreplace", 3000);
        assert_eq!(result, Err(CodecError::Other(Failure::TooLarge)));
    }
}

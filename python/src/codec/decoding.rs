//! `bytes.decode`.

use std::fmt::Write as _;

use crate::codec::error::{CodecError, DecodeError, handler_failure, unknown_handler};
use crate::codec::gbk;
use crate::codec::names::{Encoding, Named};
use crate::failure::{Failure, check_len};

/// `bytes.decode(encoding, errors)`. The text has at most `limit` bytes.
pub(crate) fn decode(
    bytes: &[u8],
    named: Named,
    errors: &str,
    limit: usize,
) -> Result<String, CodecError> {
    let mut decoder = Decoder { named, errors, bytes, limit, text: String::new() };
    match named.encoding {
        Encoding::Utf8 => decoder.utf8()?,
        Encoding::Ascii => decoder.ascii()?,
        Encoding::Latin1 => {
            let wide = bytes.iter().filter(|byte| !byte.is_ascii()).count();
            check_len(bytes.len().saturating_add(wide), limit)?;
            decoder.text.extend(bytes.iter().copied().map(char::from));
        }
        Encoding::Gbk => decoder.gbk(gbk::decode)?,
        Encoding::Gb2312 => decoder.gbk(gbk::decode_gb2312)?,
    }
    Ok(decoder.text)
}

struct Decoder<'a> {
    named: Named,
    errors: &'a str,
    bytes: &'a [u8],
    limit: usize,
    text: String,
}

impl Decoder<'_> {
    fn push(&mut self, text: &str) -> Result<(), Failure> {
        check_len(self.text.len().saturating_add(text.len()), self.limit)?;
        self.text.push_str(text);
        Ok(())
    }

    fn utf8(&mut self) -> Result<(), CodecError> {
        let mut at = 0;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let error = match std::str::from_utf8(rest) {
                Ok(text) => return Ok(self.push(text)?),
                Err(error) => error,
            };
            let (valid, wrong) = rest.split_at(error.valid_up_to());
            self.push(std::str::from_utf8(valid).unwrap_or_default())?;
            at += valid.len();
            let (len, reason) = match error.error_len() {
                None => (wrong.len(), "unexpected end of data"),
                Some(len) => {
                    let starts = matches!(wrong.first(), Some(0xc2..=0xf4));
                    (len, if starts { "invalid continuation byte" } else { "invalid start byte" })
                }
            };
            self.wrong(at, at + len, reason)?;
            at += len;
        }
    }

    fn ascii(&mut self) -> Result<(), CodecError> {
        for (at, &byte) in self.bytes.iter().enumerate() {
            if byte.is_ascii() {
                self.push(char::from(byte).encode_utf8(&mut [0; 4]))?;
            } else {
                self.wrong(at, at + 1, "ordinal not in range(128)")?;
            }
        }
        Ok(())
    }

    fn gbk(&mut self, pair: fn(u8, u8) -> Option<char>) -> Result<(), CodecError> {
        let mut at = 0;
        while let Some(&byte) = self.bytes.get(at) {
            if byte.is_ascii() {
                self.push(char::from(byte).encode_utf8(&mut [0; 4]))?;
                at += 1;
                continue;
            }
            let Some(&second) = self.bytes.get(at + 1) else {
                self.wrong(at, at + 1, "incomplete multibyte sequence")?;
                break;
            };
            if let Some(c) = pair(byte, second) {
                self.push(c.encode_utf8(&mut [0; 4]))?;
                at += 2;
            } else {
                self.wrong(at, at + 1, "illegal multibyte sequence")?;
                at += 1;
            }
        }
        Ok(())
    }

    /// Does with the bytes from `start` to `end` what the error handler says.
    fn wrong(&mut self, start: usize, end: usize, reason: &'static str) -> Result<(), CodecError> {
        let wrong = self.bytes.get(start..end).unwrap_or_default();
        match self.errors {
            "ignore" => {}
            "replace" => self.push("\u{fffd}")?,
            "backslashreplace" => {
                check_len(self.text.len().saturating_add(4 * wrong.len()), self.limit)?;
                for byte in wrong {
                    // Writing to a `String` cannot fail.
                    let _ = write!(self.text, "\\x{byte:02x}");
                }
            }
            "strict" => {
                return Err(CodecError::Decode(DecodeError {
                    encoding: self.named.encoding.name(),
                    start,
                    end,
                    reason,
                    byte: wrong.first().copied().unwrap_or_default(),
                }));
            }
            "xmlcharrefreplace" | "namereplace" => {
                let message = "don't know how to handle UnicodeDecodeError in error callback";
                return Err(handler_failure(Failure::type_error(message), self.named.built_in));
            }
            "surrogateescape" | "surrogatepass" => {
                let message = format!("the error handler {} is not supported", self.errors);
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
    fn any_bytes_decode_as_in_cpython() {
        let mut rng = rng();
        let mut ours = Vec::new();
        let pieces: [&[u8]; 24] = [
            b"a",
            b"\xe4",
            b"\xb8",
            b"\xad",
            b"\xf0",
            b"\x90",
            b"\x80",
            b"\xed",
            b"\xa0",
            b"\xff",
            b"\xc0",
            b"\xc2",
            b"\xf4",
            b"\x8f",
            b"\xbf",
            b"\xe0",
            b"\x9f",
            b"\xf5",
            b"\xc4\xe3\xba\xc3",
            b"\x81",
            b"0",
            b"\xa1\xa4",
            "你好".as_bytes(),
            "é😀".as_bytes(),
        ];
        for _ in 0..cases(1500) {
            let mut bytes = Vec::new();
            for _ in 0..rng.usize(..7) {
                bytes.extend_from_slice(rng.choice(&pieces).unwrap());
            }
            let encoding = *rng.choice(&["utf-8", "ascii", "latin-1", "gbk", "gb2312"]).unwrap();
            let handlers = [
                "strict",
                "strict",
                "ignore",
                "replace",
                "backslashreplace",
                "xmlcharrefreplace",
                "foo",
            ];
            let errors = *rng.choice(&handlers).unwrap();
            let expression = format!("{}.decode('{encoding}', '{errors}')", bytes_literal(&bytes));
            let here = match decode(&bytes, Named::find(encoding).unwrap(), errors, 1000) {
                Ok(text) => text_literal(&text),
                Err(CodecError::Other(Failure::Refused(_))) => continue,
                Err(CodecError::Other(failure @ Failure::Raise(class, _))) => {
                    format!("{}: {}", class.name(), text_literal(&failure.to_string()))
                }
                Err(error) => format!("UnicodeDecodeError: {}", text_literal(&error.to_string())),
            };
            ours.push((expression, here));
        }
        compare_text(ours);
    }

    #[test]
    fn a_long_result_is_too_large_before_it_is_made() {
        let named = Named::find("utf-8").unwrap();
        let result = decode(&[0xff; 1000], named, "backslashreplace", 3000);
        assert_eq!(result, Err(CodecError::Other(Failure::TooLarge)));
    }
}

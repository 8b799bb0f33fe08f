//! Bytes in programs and traces.

use std::fmt::{self, Write as _};

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes in a trace. In JSON they are pairs of hexadecimal digits. In a binary format they are bytes.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Data(pub Vec<u8>);

impl From<&[u8]> for Data {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Data {
    fn from(bytes: &[u8; N]) -> Self {
        Self(bytes.to_vec())
    }
}

/// As Python prints them: `b'\x05hello'`.
impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&python_repr(&self.0))
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes as Python's `repr` writes them: `b'\x05hello'`. In double quotes if the bytes contain a single
/// quote and no double quote.
#[must_use]
pub fn python_repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut repr = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\t' => repr.push_str("\\t"),
            b'\n' => repr.push_str("\\n"),
            b'\r' => repr.push_str("\\r"),
            b'\\' => repr.push_str("\\\\"),
            _ if char::from(byte) == quote => repr.extend(['\\', quote]),
            b' '..=b'~' => repr.push(char::from(byte)),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(repr, "\\x{byte:02x}");
            }
        }
    }
    repr.push(quote);
    repr
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&to_hex(&self.0))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let digits = String::deserialize(deserializer)?;
            from_hex(&digits)
                .map(Self)
                .ok_or_else(|| D::Error::custom("bytes are written as pairs of hexadecimal digits"))
        } else {
            deserializer.deserialize_bytes(BytesVisitor).map(Self)
        }
    }
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(bytes.to_vec())
    }
}

fn to_hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_hexadecimal_digits_in_json() {
        let data = Data::from(b"\x00\xffhi");
        let json = serde_json::to_string(&data).unwrap();
        assert_eq!(json, "\"00ff6869\"");
        assert_eq!(serde_json::from_str::<Data>(&json).unwrap(), data);
        for bad in ["\"0\"", "\"0g\"", "\"\u{e9}\u{e9}\"", "\"+1\"", "1"] {
            assert!(serde_json::from_str::<Data>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bytes_print_as_python_prints_them() {
        for (bytes, repr) in [
            (&b""[..], "b''"),
            (b"\x05\x00\x00\x00h", r"b'\x05\x00\x00\x00h'"),
            (b"it's", r#"b"it's""#),
            (b"\"it's\"", r#"b'"it\'s"'"#),
            (b"a\tb\nc\rd\\", r"b'a\tb\nc\rd\\'"),
            ("你".as_bytes(), r"b'\xe4\xbd\xa0'"),
            (b"\x7f~ ", r"b'\x7f~ '"),
        ] {
            assert_eq!(python_repr(bytes), repr);
        }
    }
}

//! `repr` and `ascii` of strings, and `repr` of bytes.

use std::fmt::Write as _;

use crate::unicode;

/// `repr(text)`.
pub(crate) fn repr(text: &str) -> String {
    quoted(text, unicode::is_printable)
}

/// `ascii(text)`.
#[cfg(test)]
pub(crate) fn ascii(text: &str) -> String {
    quoted(text, |_| false)
}

/// `repr` with every character outside of ASCII as an escape: `ascii()` of any other repr.
pub(crate) fn escape_non_ascii(repr: &str) -> String {
    let mut escaped = String::with_capacity(repr.len());
    for c in repr.chars() {
        if c.is_ascii() { escaped.push(c) } else { push_escape(&mut escaped, c) }
    }
    escaped
}

/// `repr(bytes)`.
pub(crate) fn repr_bytes(bytes: &[u8]) -> String {
    let quote = quote(bytes.contains(&b'\''), bytes.contains(&b'"'));
    let mut repr = String::with_capacity(bytes.len() + 3);
    repr.push('b');
    repr.push(quote);
    for &byte in bytes {
        push_ascii(&mut repr, char::from(byte), quote, |c| c.is_ascii());
    }
    repr.push(quote);
    repr
}

/// Single quotes, unless there is a single quote and no double quote inside.
fn quote(single: bool, double: bool) -> char {
    if single && !double { '"' } else { '\'' }
}

fn quoted(text: &str, printable: impl Fn(char) -> bool) -> String {
    let quote = quote(text.contains('\''), text.contains('"'));
    let mut repr = String::with_capacity(text.len() + 2);
    repr.push(quote);
    for c in text.chars() {
        push_ascii(&mut repr, c, quote, |c| c.is_ascii() || printable(c));
    }
    repr.push(quote);
    repr
}

fn push_ascii(repr: &mut String, c: char, quote: char, kept: impl Fn(char) -> bool) {
    match c {
        '\t' => repr.push_str("\\t"),
        '\n' => repr.push_str("\\n"),
        '\r' => repr.push_str("\\r"),
        '\\' => repr.push_str("\\\\"),
        c if c == quote => repr.extend(['\\', c]),
        c if c.is_ascii_control() || !kept(c) => push_escape(repr, c),
        c => repr.push(c),
    }
}

/// Appends `\xe9`, `\u4f60` or `\U0001f600`, as the `backslashreplace` error handler does too.
pub(crate) fn push_escape(text: &mut String, c: char) {
    let code = u32::from(c);
    // Writing to a `String` cannot fail.
    let _ = match code {
        0..=0xff => write!(text, "\\x{code:02x}"),
        0x100..=0xffff => write!(text, "\\u{code:04x}"),
        _ => write!(text, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{cases, compare, rng};

    #[test]
    fn the_quote_is_chosen_as_cpython_does() {
        assert_eq!(repr("it's"), r#""it's""#);
        assert_eq!(repr(r#"it's "x""#), r#"'it\'s "x"'"#);
        assert_eq!(repr("a\0\x7f\u{a0}é你\u{e000}😀"), r"'a\x00\x7f\xa0é你\ue000😀'");
        assert_eq!(ascii("é你😀"), r"'\xe9\u4f60\U0001f600'");
        assert_eq!(repr_bytes(b"\x00'a\xff\n"), r#"b"\x00'a\xff\n""#);
    }

    #[test]
    fn the_repr_of_every_character_is_cpythons() {
        let mut every = String::new();
        every.extend('\0'..=char::MAX);
        let expression =
            "repr(''.join(chr(n) for n in range(0x110000) if not 0xd800 <= n < 0xe000))";
        compare(vec![(expression.to_owned(), Ok(ascii(&repr(&every))))]);
    }

    #[test]
    fn a_random_repr_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        for _ in 0..cases(300) {
            let data: Vec<u8> = (0..rng.usize(..9))
                .map(|_| *rng.choice(b"'\"\\a\n\x00\xff\x7f").unwrap())
                .collect();
            let list_of: Vec<String> = data.iter().map(u8::to_string).collect();
            let list_of = list_of.join(",");
            list.push((format!("bytes([{list_of}])"), Ok(repr_bytes(&data))));
            let latin: String = data.iter().copied().map(char::from).collect();
            list.push((
                format!("repr(bytes([{list_of}]).decode('latin-1'))"),
                Ok(ascii(&repr(&latin))),
            ));
        }
        compare(list);
    }
}

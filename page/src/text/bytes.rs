//! Bytes as text: as Python prints them, as hex, or as UTF-8. Also times.

use super::bidi::is_mark;

/// How a byte is shown in its cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notation {
    /// The ASCII character, or an escape such as `\x05` if there is none.
    #[default]
    Python,
    /// Two hexadecimal digits.
    Hex,
}

/// The text for one byte in its cell.
#[must_use]
pub fn glyph(byte: u8, notation: Notation) -> String {
    match (notation, byte) {
        (Notation::Hex, _) => format!("{byte:02x}"),
        (Notation::Python, b' ') => "\u{2423}".to_owned(),
        (Notation::Python, _) => {
            // Without the b and the quotes.
            let repr = framescope_record::python_repr(&[byte]);
            repr[2..repr.len() - 1].to_owned()
        }
    }
}

/// Bytes as Python's `repr` writes them: `b'\x05\x00hello'`. If there are more than `limit` bytes, the
/// first `limit` and an ellipsis.
#[must_use]
pub fn python_repr(bytes: &[u8], limit: usize) -> String {
    let shown = &bytes[..bytes.len().min(limit)];
    let ellipsis = if shown.len() < bytes.len() { "…" } else { "" };
    framescope_record::python_repr(shown) + ellipsis
}

/// Bytes in hexadecimal with spaces between them. If there are more than `limit` bytes, the first
/// `limit` and an ellipsis.
#[must_use]
pub fn hex(bytes: &[u8], limit: usize) -> String {
    let shown = &bytes[..bytes.len().min(limit)];
    let pairs: Vec<String> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    let ellipsis = if shown.len() < bytes.len() { " …" } else { "" };
    pairs.join(" ") + ellipsis
}

/// A payload as text in quotes if it is UTF-8, and otherwise as Python prints bytes. At most `limit`
/// bytes of it. Text is never cut inside a character.
#[must_use]
pub fn text_or_repr(payload: &[u8], limit: usize) -> String {
    let Ok(text) = std::str::from_utf8(payload) else { return python_repr(payload, limit) };
    let shown = &text[..text.floor_char_boundary(limit)];
    let mut quoted = String::from("\"");
    for character in shown.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '"' | '\\' => quoted.extend(['\\', character]),
            // Control characters, and the marks that change the direction of the rest of the line.
            _ if character.is_control() || is_mark(character) => {
                quoted.extend(character.escape_unicode());
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    if shown.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

/// A byte in one character: itself if it can be read, and a point if not.
#[must_use]
pub const fn letter(byte: u8) -> char {
    match byte {
        b' ' => '\u{2423}',
        b'!'..=b'~' => byte as char,
        _ => '·',
    }
}

/// Bytes as a short text: what can be read of them. Cut in the middle if there are more than `most`, which is at least 3.
#[must_use]
pub fn short_text(bytes: &[u8], most: usize) -> String {
    let shown = |character: char| {
        if character.is_control() || is_mark(character) { '·' } else { character }
    };
    let readable = |bytes: &[u8]| -> String {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => text.chars().map(shown).collect(),
            Ok(_) | Err(_) => bytes.iter().map(|byte| letter(*byte)).collect(),
        }
    };
    if bytes.len() <= most {
        return readable(bytes);
    }
    let first = most / 2;
    let last = most - first - 1;
    format!("{}…{}", readable(&bytes[..first]), readable(&bytes[bytes.len() - last..]))
}

/// A time in milliseconds, with one digit after the point.
#[must_use]
pub fn milliseconds(microseconds: u64) -> String {
    format!("{}.{}", microseconds / 1000, microseconds % 1000 / 100)
}

/// A time in milliseconds, with each microsecond: three digits after the point.
#[must_use]
pub fn exact_milliseconds(microseconds: u64) -> String {
    format!("{}.{:03}", microseconds / 1000, microseconds % 1000)
}

/// A time with its unit, in few digits.
#[must_use]
pub fn duration(microseconds: u64) -> String {
    let rounded = |unit: u64| microseconds.saturating_add(unit / 2) / unit;
    match microseconds {
        0..1000 => format!("{microseconds} µs"),
        1000..9_950 => format!("{}.{} ms", rounded(100) / 10, rounded(100) % 10),
        9_950..999_500 => format!("{} ms", rounded(1000)),
        _ => format!("{}.{} s", rounded(100_000) / 10, rounded(100_000) % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_repr_is_cut_at_its_limit() {
        assert_eq!(python_repr(b"\x05\x00h", 100), r"b'\x05\x00h'");
        assert_eq!(python_repr(b"hello world", 5), "b'hello'…");
    }

    #[test]
    fn a_cell_shows_a_character_an_escape_or_hex() {
        assert_eq!(glyph(b'h', Notation::Python), "h");
        assert_eq!(glyph(b' ', Notation::Python), "␣");
        assert_eq!(glyph(5, Notation::Python), r"\x05");
        assert_eq!(glyph(b'\'', Notation::Python), "'");
        assert_eq!(glyph(b'h', Notation::Hex), "68");
    }

    #[test]
    fn a_payload_is_text_if_it_is_utf_8_and_python_bytes_if_not() {
        assert_eq!(text_or_repr("你好".as_bytes(), 100), "\"你好\"");
        assert_eq!(text_or_repr("你好".as_bytes(), 4), "\"你\"…");
        assert_eq!(text_or_repr(b"\xe4\xbd", 100), r"b'\xe4\xbd'");
        assert_eq!(text_or_repr(b"a\nb\x07\"", 100), r#""a\nb\u{7}\"""#);
        assert_eq!(text_or_repr("\u{202e}evil".as_bytes(), 100), r#""\u{202e}evil""#);
    }

    #[test]
    fn a_time_has_few_digits() {
        let said = [0, 999, 1000, 9_950, 204_321, 1_000_000, 75_300_000].map(duration);
        assert_eq!(said, ["0 µs", "999 µs", "1.0 ms", "10 ms", "204 ms", "1.0 s", "75.3 s"]);
    }

    #[test]
    fn hex_is_cut_at_its_limit() {
        assert_eq!(hex(b"\x05\x00h", 8), "05 00 68");
        assert_eq!(hex(b"\x05\x00h", 2), "05 00 …");
    }

    #[test]
    fn bytes_are_shown_as_text_that_can_be_read() {
        assert_eq!(short_text(b"hello", 8), "hello");
        assert_eq!(short_text(b"a b\x00", 8), "a␣b·");
        assert_eq!(short_text("你好".as_bytes(), 8), "你好");
        assert_eq!(short_text("a\u{202e}é".as_bytes(), 8), "a·é");
        assert_eq!(short_text(b"abcdefghijkl", 8), "abcd…jkl");
    }
}

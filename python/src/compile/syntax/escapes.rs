//! Escapes that CPython does not accept.

/// What is wrong with the escapes of a string literal.
pub(super) fn unicode_error(text: &str) -> Option<String> {
    // CPython writes characters that are not ASCII as `\UXXXXXXXX` first, and its positions are in that text.
    let mut position = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            position += width(c);
            continue;
        }
        let escaped = rest.chars().next()?;
        if !escaped.is_ascii() {
            position += 6;
            continue;
        }
        rest = &rest[1..];
        let (length, fault) = match escaped {
            'x' => hexadecimal(rest, 2, "truncated \\xXX escape"),
            'u' => hexadecimal(rest, 4, "truncated \\uXXXX escape"),
            'U' => hexadecimal(rest, 8, "truncated \\UXXXXXXXX escape"),
            'N' => named(rest),
            _ => (0, None),
        };
        let end = position + 2 + rest[..length].chars().map(width).sum::<usize>();
        if let Some(fault) = fault {
            return Some(format!(
                "'unicodeescape' codec can't decode bytes in position {position}-{}: {fault}",
                end - 1
            ));
        }
        position = end;
        rest = &rest[length..];
    }
    None
}

fn width(c: char) -> usize {
    if c.is_ascii() { 1 } else { 10 }
}

/// The length of an escape after its letter, and what is wrong with it.
fn hexadecimal(rest: &str, count: usize, fault: &'static str) -> (usize, Option<&'static str>) {
    let digits = rest.bytes().take(count).take_while(u8::is_ascii_hexdigit).count();
    if digits < count {
        return (digits, Some(fault));
    }
    let number = u32::from_str_radix(&rest[..count], 16).unwrap_or(u32::MAX);
    (count, (number > 0x0010_FFFF).then_some("illegal Unicode character"))
}

fn named(rest: &str) -> (usize, Option<&'static str>) {
    const MALFORMED: Option<&str> = Some("malformed \\N character escape");
    if !rest.starts_with('{') {
        return (0, MALFORMED);
    }
    match rest.find('}') {
        None => (rest.len(), MALFORMED),
        Some(1) => (1, MALFORMED),
        // Whether there is a character with this name is not known.
        Some(end) => (end + 1, None),
    }
}

/// What is wrong with the escapes of a bytes literal.
pub(super) fn bytes_error(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        let digits = bytes.iter().skip(at + 2).take(2).take_while(|byte| byte.is_ascii_hexdigit());
        if bytes.get(at + 1) == Some(&b'x') && digits.count() < 2 {
            return Some(format!("invalid \\x escape at position {at}"));
        }
        at += 2;
    }
    None
}

//! The numbers of the tokenizer.

use super::cursor::{Cursor, Failure, is_name_part};

type Result<T = ()> = std::result::Result<T, Failure>;

/// Reads the rest of a number that begins with this byte: a digit, or a point with a digit after it.
pub(super) fn number(t: &mut Cursor, first: u8) -> Result {
    if first == b'.' {
        let next = t.next();
        return fraction(t, next);
    }
    if first != b'0' {
        let next = decimal_tail(t)?;
        return after_digits(t, next);
    }
    let next = t.next();
    match next {
        Some(b'x' | b'X') => based(t, 16, "hexadecimal"),
        Some(b'o' | b'O') => based(t, 8, "octal"),
        Some(b'b' | b'B') => based(t, 2, "binary"),
        _ => after_zero(t, next),
    }
}

fn based(t: &mut Cursor, radix: u32, name: &str) -> Result {
    let fits = |byte: Option<u8>| byte.is_some_and(|byte| char::from(byte).is_digit(radix));
    let is_digit = |byte: Option<u8>| radix < 10 && byte.is_some_and(|byte| byte.is_ascii_digit());
    let wrong_digit = |t: &mut Cursor, byte: Option<u8>| {
        let digit = char::from(byte.unwrap_or_default());
        t.error(format!("invalid digit '{digit}' in {name} literal"))
    };
    let mut next = t.next();
    loop {
        if next == Some(b'_') {
            next = t.next();
        }
        if !fits(next) {
            if is_digit(next) {
                return Err(wrong_digit(t, next));
            }
            t.back(next);
            return Err(t.error(format!("invalid {name} literal")));
        }
        while fits(next) {
            next = t.next();
        }
        if next != Some(b'_') {
            break;
        }
    }
    if is_digit(next) {
        return Err(wrong_digit(t, next));
    }
    end(t, next, name)
}

fn after_zero(t: &mut Cursor, mut next: Option<u8>) -> Result {
    let start = t.at - 1 - usize::from(next.is_some());
    loop {
        if next == Some(b'_') {
            next = t.next();
            if !next.is_some_and(|byte| byte.is_ascii_digit()) {
                t.back(next);
                return Err(t.error("invalid decimal literal"));
            }
        }
        if next != Some(b'0') {
            break;
        }
        next = t.next();
    }
    let zeros_end = t.at;
    let is_nonzero = next.is_some_and(|byte| byte.is_ascii_digit());
    if is_nonzero {
        next = decimal_tail(t)?;
    }
    match next {
        Some(b'.' | b'e' | b'E' | b'j' | b'J') => after_digits(t, next),
        _ if is_nonzero => {
            t.back(next);
            let column = |at: usize| i64::try_from(at - t.line_start).unwrap_or(0);
            let (from, to) = (column(start + 1), column(zeros_end));
            Err(t.error_at(
                from,
                to,
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal \
                 integers",
            ))
        }
        _ => end(t, next, "decimal"),
    }
}

/// Reads digits. Returns what comes after them.
fn decimal_tail(t: &mut Cursor) -> Result<Option<u8>> {
    loop {
        let mut next = t.next();
        while next.is_some_and(|byte| byte.is_ascii_digit()) {
            next = t.next();
        }
        if next != Some(b'_') {
            return Ok(next);
        }
        next = t.next();
        if !next.is_some_and(|byte| byte.is_ascii_digit()) {
            t.back(next);
            return Err(t.error("invalid decimal literal"));
        }
    }
}

fn after_digits(t: &mut Cursor, next: Option<u8>) -> Result {
    if next == Some(b'.') {
        let next = t.next();
        return fraction(t, next);
    }
    exponent(t, next)
}

fn fraction(t: &mut Cursor, mut next: Option<u8>) -> Result {
    if next.is_some_and(|byte| byte.is_ascii_digit()) {
        next = decimal_tail(t)?;
    }
    exponent(t, next)
}

fn exponent(t: &mut Cursor, mut next: Option<u8>) -> Result {
    if matches!(next, Some(b'e' | b'E')) {
        let letter = next;
        next = t.next();
        if matches!(next, Some(b'+' | b'-')) {
            next = t.next();
            if !next.is_some_and(|byte| byte.is_ascii_digit()) {
                t.back(next);
                return Err(t.error("invalid decimal literal"));
            }
        } else if !next.is_some_and(|byte| byte.is_ascii_digit()) {
            t.back(next);
            return end(t, letter, "decimal");
        }
        next = decimal_tail(t)?;
    }
    if matches!(next, Some(b'j' | b'J')) {
        next = t.next();
        return end(t, next, "imaginary");
    }
    end(t, next, "decimal")
}

/// After a number comes no letter, except that of a keyword.
fn end(t: &mut Cursor, next: Option<u8>, name: &str) -> Result {
    let is_keyword = match next {
        Some(b'a') => t.word_ends_with("nd"),
        Some(b'e') => t.word_ends_with("lse"),
        Some(b'f') => t.word_ends_with("or"),
        Some(b'i') => ["f", "n", "s"].iter().any(|letter| t.goes_on_with(letter)),
        Some(b'o') => t.word_ends_with("r"),
        Some(b'n') => t.word_ends_with("ot"),
        _ => false,
    };
    t.back(next);
    if !is_keyword && next.is_some_and(|byte| byte.is_ascii() && is_name_part(byte)) {
        return Err(t.error(format!("invalid {name} literal")));
    }
    Ok(())
}

//! `hex` and `fromhex`.

use crate::bytes::ascii::is_space_byte;
use crate::failure::{Failure, check_len};

/// The separator of `hex`, from a `str`.
pub(crate) fn separator(text: &str) -> Result<char, Failure> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii() => Ok(c),
        (Some(_), None) => Err(Failure::value("sep must be ASCII.")),
        _ => Err(Failure::value("sep must be length 1.")),
    }
}

/// `bytes.hex(separator, per_separator)`. A positive `per_separator` counts the groups from the right. There
/// are at most `limit` bytes.
pub(crate) fn hex(
    bytes: &[u8],
    separator: Option<char>,
    per_separator: i64,
    limit: usize,
) -> Result<String, Failure> {
    check_len(bytes.len().saturating_mul(3), limit)?;
    let group = usize::try_from(per_separator.unsigned_abs()).unwrap_or(usize::MAX);
    let mut text = String::with_capacity(bytes.len() * 3);
    for (at, byte) in bytes.iter().enumerate() {
        let from = if per_separator > 0 { bytes.len() - at } else { at };
        if let Some(separator) = separator
            && at > 0
            && group > 0
            && from.is_multiple_of(group)
        {
            text.push(separator);
        }
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    Ok(text)
}

/// `bytes.fromhex(text)`. White space may stand between the bytes.
pub(crate) fn from_hex(text: &str) -> Result<Vec<u8>, Failure> {
    let wrong = |at: usize| {
        Failure::value(format!("non-hexadecimal number found in fromhex() arg at position {at}"))
    };
    // CPython looks for other characters first.
    if let Some(at) = text.chars().position(|c| !c.is_ascii()) {
        return Err(wrong(at));
    }
    let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let space = |c: char| u8::try_from(u32::from(c)).is_ok_and(is_space_byte);
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut chars = text.chars().enumerate();
    while let Some((at, c)) = chars.next() {
        if space(c) {
            continue;
        }
        let high = digit(c).ok_or_else(|| wrong(at))?;
        let low = chars.next().and_then(|(_, c)| digit(c)).ok_or_else(|| wrong(at + 1))?;
        bytes.push(high << 4 | low);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{bytes_literal, cases, compare, rng, text_literal};

    #[test]
    fn any_hex_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        for _ in 0..cases(500) {
            let text: String = (0..rng.usize(..7))
                .map(|_| *rng.choice(&['1', 'a', 'F', ' ', '\n', 'g', '你', '\u{1c}']).unwrap())
                .collect();
            let ours = from_hex(&text).map(|bytes| bytes_literal(&bytes));
            list.push((format!("bytes.fromhex({})", text_literal(&text)), ours));
            let bytes: Vec<u8> = (0..rng.usize(..7)).map(|_| rng.u8(..)).collect();
            let sep = *rng.choice(&[":", "-", "", "ab", "你"]).unwrap();
            let per = rng.i64(-4..5);
            let ours = separator(sep).and_then(|sep| hex(&bytes, Some(sep), per, 100));
            let python = format!("{}.hex({}, {per})", bytes_literal(&bytes), text_literal(sep));
            list.push((python, ours.map(|text| text_literal(&text))));
            list.push((
                format!("{}.hex()", bytes_literal(&bytes)),
                hex(&bytes, None, 1, 100).map(|text| text_literal(&text)),
            ));
        }
        compare(list);
    }

    #[test]
    fn any_group_is_possible() {
        for group in [i64::MIN, i64::MAX] {
            assert_eq!(hex(b"ab", Some(':'), group, 10), Ok("6162".to_owned()));
        }
        assert_eq!(hex(b"abcd", None, 1, 10), Err(Failure::TooLarge));
    }
}

//! Padding, tabs and replacement.

use crate::failure::{Failure, check_len};
use crate::sequence::padding::Justify;
use crate::sequence::search;
use crate::text::index::Text;

/// `text.ljust(width, fill)`, `rjust` or `center`. There are at most `limit` bytes.
pub(crate) fn justify(
    text: Text<'_>,
    justify: Justify,
    width: i64,
    fill: char,
    limit: usize,
) -> Result<String, Failure> {
    let (left, right) = justify.padding(text.len(), width);
    let padding = left.saturating_add(right).saturating_mul(fill.len_utf8());
    check_len(text.as_str().len().saturating_add(padding), limit)?;
    let mut justified = String::with_capacity(text.as_str().len() + padding);
    justified.extend(std::iter::repeat_n(fill, left));
    justified.push_str(text.as_str());
    justified.extend(std::iter::repeat_n(fill, right));
    Ok(justified)
}

/// The argument `fill` of `justify`.
pub(crate) fn fill_character(fill: &str) -> Result<char, Failure> {
    let mut chars = fill.chars();
    match (chars.next(), chars.next()) {
        (Some(fill), None) => Ok(fill),
        _ => Err(Failure::type_error("The fill character must be exactly one character long")),
    }
}

/// `text.zfill(width)`: zeros after the sign. There are at most `limit` bytes.
pub(crate) fn zfill(text: Text<'_>, width: i64, limit: usize) -> Result<String, Failure> {
    let (zeros, _) = Justify::Right.padding(text.len(), width);
    check_len(text.as_str().len().saturating_add(zeros), limit)?;
    let sign = usize::from(text.as_str().starts_with(['+', '-']));
    let (sign, digits) = text.as_str().split_at(sign);
    Ok(format!("{sign}{}{digits}", "0".repeat(zeros)))
}

/// `text.expandtabs(size)`. There are at most `limit` bytes.
pub(crate) fn expand_tabs(text: &str, size: i64, limit: usize) -> Result<String, Failure> {
    let size = usize::try_from(size).unwrap_or(0);
    let mut expanded = String::with_capacity(text.len().min(limit));
    let mut column = 0;
    for c in text.chars() {
        if c == '\t' {
            let spaces = if size == 0 { 0 } else { size - column % size };
            check_len(expanded.len().saturating_add(spaces), limit)?;
            expanded.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        } else {
            check_len(expanded.len() + c.len_utf8(), limit)?;
            expanded.push(c);
            column = if matches!(c, '\n' | '\r') { 0 } else { column + 1 };
        }
    }
    Ok(expanded)
}

/// `text.replace(old, new, count)`. There are at most `limit` bytes.
pub(crate) fn replace(
    text: &str,
    old: &str,
    new: &str,
    count: i64,
    limit: usize,
) -> Result<String, Failure> {
    // The first byte of a character is no continuation byte.
    let starts = |byte: u8| byte & 0xc0 != 0x80;
    let pair = (old.as_bytes(), new.as_bytes());
    let replaced = search::replace(text.as_bytes(), pair, count, starts, limit)?;
    // It is put together from whole characters.
    Ok(String::from_utf8(replaced).unwrap_or_default())
}

//! Padding, tabs and replacement.

use crate::failure::{Failure, check_len};
use crate::sequence::padding::Justify;
use crate::sequence::search;

/// `bytes.ljust(width, fill)`, `rjust` or `center`. There are at most `limit` bytes.
pub(crate) fn justify(
    bytes: &[u8],
    justify: Justify,
    width: i64,
    fill: u8,
    limit: usize,
) -> Result<Vec<u8>, Failure> {
    let (left, right) = justify.padding(bytes.len(), width);
    let total = left.saturating_add(bytes.len()).saturating_add(right);
    check_len(total, limit)?;
    let mut justified = vec![fill; left];
    justified.extend_from_slice(bytes);
    justified.resize(total, fill);
    Ok(justified)
}

/// `bytes.zfill(width)`: zeros after the sign. There are at most `limit` bytes.
pub(crate) fn zfill(bytes: &[u8], width: i64, limit: usize) -> Result<Vec<u8>, Failure> {
    let (zeros, _) = Justify::Right.padding(bytes.len(), width);
    check_len(bytes.len().saturating_add(zeros), limit)?;
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let (sign, digits) = bytes.split_at(sign);
    Ok([sign, &vec![b'0'; zeros], digits].concat())
}

/// `bytes.expandtabs(size)`. There are at most `limit` bytes.
pub(crate) fn expand_tabs(bytes: &[u8], size: i64, limit: usize) -> Result<Vec<u8>, Failure> {
    let size = usize::try_from(size).unwrap_or(0);
    let mut expanded = Vec::with_capacity(bytes.len().min(limit));
    let mut column = 0;
    for &byte in bytes {
        if byte == b'\t' {
            let spaces = if size == 0 { 0 } else { size - column % size };
            check_len(expanded.len().saturating_add(spaces), limit)?;
            expanded.resize(expanded.len() + spaces, b' ');
            column += spaces;
        } else {
            check_len(expanded.len() + 1, limit)?;
            expanded.push(byte);
            column = if matches!(byte, b'\n' | b'\r') { 0 } else { column + 1 };
        }
    }
    Ok(expanded)
}

/// `bytes.replace(old, new, count)`. There are at most `limit` bytes.
pub(crate) fn replace(
    bytes: &[u8],
    old: &[u8],
    new: &[u8],
    count: i64,
    limit: usize,
) -> Result<Vec<u8>, Failure> {
    search::replace(bytes, (old, new), count, |_| true, limit)
}

//! `find`, `count`, `startswith` and what is like them.

use crate::failure::{Failure, check_len};
use crate::sequence::bounds::{self, Slice};
use crate::sequence::search;

/// The arguments `start` and `end`.
pub(crate) type Bounds = (Option<i64>, Option<i64>);

/// The part between the bounds, and the index of its first byte.
fn part(bytes: &[u8], (start, end): Bounds) -> Option<(usize, &[u8])> {
    let range = bounds::range(start, end, bytes.len())?;
    Some((range.start, bytes.get(range)?))
}

/// The byte that an int stands for in `find`, `count` and `in`.
pub(crate) fn byte_of(number: Option<i64>) -> Result<u8, Failure> {
    number
        .and_then(|number| u8::try_from(number).ok())
        .ok_or_else(|| Failure::value("byte must be in range(0, 256)"))
}

/// `bytes.find(sub, start, end)`. `None`: -1.
pub(crate) fn find(bytes: &[u8], sub: &[u8], bounds: Bounds) -> Option<usize> {
    let (start, part) = part(bytes, bounds)?;
    let at = if sub.is_empty() { 0 } else { search::find(part, sub)? };
    Some(start + at)
}

/// `bytes.rfind(sub, start, end)`. `None`: -1.
pub(crate) fn rfind(bytes: &[u8], sub: &[u8], bounds: Bounds) -> Option<usize> {
    let (start, part) = part(bytes, bounds)?;
    let at = if sub.is_empty() { part.len() } else { search::rfind(part, sub)? };
    Some(start + at)
}

/// `index` and `rindex` find nothing.
pub(crate) fn not_found() -> Failure {
    Failure::value("subsection not found")
}

/// `bytes.count(sub, start, end)`.
pub(crate) fn count(bytes: &[u8], sub: &[u8], bounds: Bounds) -> usize {
    let Some((_, part)) = part(bytes, bounds) else { return 0 };
    if sub.is_empty() { part.len() + 1 } else { search::count(part, sub) }
}

/// `sub in bytes`.
pub(crate) fn contains(bytes: &[u8], sub: &[u8]) -> bool {
    sub.is_empty() || search::find(bytes, sub).is_some()
}

/// `bytes.startswith(prefix, start, end)`.
pub(crate) fn starts_with(bytes: &[u8], prefix: &[u8], bounds: Bounds) -> bool {
    part(bytes, bounds).is_some_and(|(_, part)| part.starts_with(prefix))
}

/// `bytes.endswith(suffix, start, end)`.
pub(crate) fn ends_with(bytes: &[u8], suffix: &[u8], bounds: Bounds) -> bool {
    part(bytes, bounds).is_some_and(|(_, part)| part.ends_with(suffix))
}

/// `bytes.removeprefix(prefix)`.
pub(crate) fn remove_prefix<'a>(bytes: &'a [u8], prefix: &[u8]) -> &'a [u8] {
    bytes.strip_prefix(prefix).unwrap_or(bytes)
}

/// `bytes.removesuffix(suffix)`.
pub(crate) fn remove_suffix<'a>(bytes: &'a [u8], suffix: &[u8]) -> &'a [u8] {
    bytes.strip_suffix(suffix).unwrap_or(bytes)
}

/// `bytes[start:end:step]`.
pub(crate) fn slice(
    bytes: &[u8],
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
) -> Result<Vec<u8>, Failure> {
    let slice = Slice::new(start, end, step, bytes.len())?;
    if slice.step == 1 {
        return Ok(bytes.get(slice.range()).unwrap_or_default().to_vec());
    }
    Ok(slice.places().filter_map(|place| bytes.get(place).copied()).collect())
}

/// `bytes * count`. There are at most `limit` bytes.
pub(crate) fn repeat(bytes: &[u8], count: i64, limit: usize) -> Result<Vec<u8>, Failure> {
    let count = usize::try_from(count).unwrap_or(0);
    check_len(bytes.len().saturating_mul(count), limit)?;
    Ok(bytes.repeat(count))
}

//! Searching and splitting in bytes. In UTF-8, what is found starts and ends between characters.

use std::ops::Range;

use memchr::memmem;

use crate::failure::{Failure, check_len};

/// The first place of `needle`, which is not empty.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memmem::find(haystack, needle)
}

/// The last place of `needle`, which is not empty.
pub(crate) fn rfind(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memmem::rfind(haystack, needle)
}

/// How often `needle`, which is not empty, is there without overlaps.
pub(crate) fn count(haystack: &[u8], needle: &[u8]) -> usize {
    memmem::find_iter(haystack, needle).count()
}

/// `maxsplit` as a number of splits. A negative one has no limit.
pub(crate) fn limit_of(maxsplit: i64) -> usize {
    usize::try_from(maxsplit).unwrap_or(usize::MAX)
}

pub(crate) fn empty_separator() -> Failure {
    Failure::value("empty separator")
}

/// `split(separator, maxsplit)`.
pub(crate) fn split(
    text: &[u8],
    separator: &[u8],
    maxsplit: i64,
) -> Result<Vec<Range<usize>>, Failure> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(text, separator).take(limit_of(maxsplit)) {
        parts.push(start..at);
        start = at + separator.len();
    }
    parts.push(start..text.len());
    Ok(parts)
}

/// `rsplit(separator, maxsplit)`.
pub(crate) fn rsplit(
    text: &[u8],
    separator: &[u8],
    maxsplit: i64,
) -> Result<Vec<Range<usize>>, Failure> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    let mut parts = Vec::new();
    let mut end = text.len();
    for at in memmem::rfind_iter(text, separator).take(limit_of(maxsplit)) {
        parts.push(at + separator.len()..end);
        end = at;
    }
    parts.push(0..end);
    parts.reverse();
    Ok(parts)
}

/// `partition(separator)`: the range of the separator, if it is there.
pub(crate) fn partition(text: &[u8], separator: &[u8]) -> Result<Option<Range<usize>>, Failure> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    Ok(find(text, separator).map(|at| at..at + separator.len()))
}

/// `rpartition(separator)`: the range of the separator, if it is there.
pub(crate) fn rpartition(text: &[u8], separator: &[u8]) -> Result<Option<Range<usize>>, Failure> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    Ok(rfind(text, separator).map(|at| at..at + separator.len()))
}

/// The places at which `replace` puts the new text: of `old`, or before every item and at the end if it is
/// empty. `starts` tells where the items start.
fn places<'a>(
    text: &'a [u8],
    old: &'a [u8],
    starts: fn(u8) -> bool,
) -> Box<dyn Iterator<Item = usize> + 'a> {
    if old.is_empty() {
        let before =
            text.iter().enumerate().filter(move |&(_, &byte)| starts(byte)).map(|(at, _)| at);
        Box::new(before.chain([text.len()]))
    } else {
        Box::new(memmem::find_iter(text, old))
    }
}

/// `replace(old, new, count)`. There are at most `limit` bytes.
pub(crate) fn replace(
    text: &[u8],
    (old, new): (&[u8], &[u8]),
    count: i64,
    starts: fn(u8) -> bool,
    limit: usize,
) -> Result<Vec<u8>, Failure> {
    let most = limit_of(count);
    let found = places(text, old, starts).take(most).count();
    let len = (text.len() - found.saturating_mul(old.len()).min(text.len()))
        .saturating_add(found.saturating_mul(new.len()));
    check_len(len, limit)?;
    let mut replaced = Vec::with_capacity(len);
    let mut start = 0;
    for at in places(text, old, starts).take(most) {
        replaced.extend_from_slice(text.get(start..at).unwrap_or_default());
        replaced.extend_from_slice(new);
        start = at + old.len();
    }
    replaced.extend_from_slice(text.get(start..).unwrap_or_default());
    Ok(replaced)
}

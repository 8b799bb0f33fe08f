//! `split`, `splitlines`, `partition` and `strip`.

use std::ops::Range;

use crate::bytes::ascii::is_space_byte;
use crate::failure::Failure;
use crate::sequence::search;

fn parts(bytes: &[u8], ranges: Vec<Range<usize>>) -> Vec<&[u8]> {
    ranges.into_iter().map(|range| bytes.get(range).unwrap_or_default()).collect()
}

/// `bytes.split(separator, maxsplit)`.
pub(crate) fn split<'a>(
    bytes: &'a [u8],
    separator: &[u8],
    maxsplit: i64,
) -> Result<Vec<&'a [u8]>, Failure> {
    search::split(bytes, separator, maxsplit).map(|ranges| parts(bytes, ranges))
}

/// `bytes.rsplit(separator, maxsplit)`.
pub(crate) fn rsplit<'a>(
    bytes: &'a [u8],
    separator: &[u8],
    maxsplit: i64,
) -> Result<Vec<&'a [u8]>, Failure> {
    search::rsplit(bytes, separator, maxsplit).map(|ranges| parts(bytes, ranges))
}

fn trim_start(bytes: &[u8], is: impl Fn(u8) -> bool) -> &[u8] {
    let start = bytes.iter().position(|&byte| !is(byte)).unwrap_or(bytes.len());
    bytes.get(start..).unwrap_or_default()
}

fn trim_end(bytes: &[u8], is: impl Fn(u8) -> bool) -> &[u8] {
    let end = bytes.iter().rposition(|&byte| !is(byte)).map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

/// `bytes.split(None, maxsplit)`.
pub(crate) fn split_whitespace(bytes: &[u8], maxsplit: i64) -> Vec<&[u8]> {
    let mut words = Vec::new();
    let mut rest = trim_start(bytes, is_space_byte);
    while !rest.is_empty() {
        if words.len() == search::limit_of(maxsplit) {
            words.push(rest);
            break;
        }
        let end = rest.iter().position(|&byte| is_space_byte(byte)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = trim_start(after, is_space_byte);
    }
    words
}

/// `bytes.rsplit(None, maxsplit)`.
pub(crate) fn rsplit_whitespace(bytes: &[u8], maxsplit: i64) -> Vec<&[u8]> {
    let mut words = Vec::new();
    let mut rest = trim_end(bytes, is_space_byte);
    while !rest.is_empty() {
        if words.len() == search::limit_of(maxsplit) {
            words.push(rest);
            break;
        }
        let start = rest.iter().rposition(|&byte| is_space_byte(byte)).map_or(0, |at| at + 1);
        let (before, word) = rest.split_at(start);
        words.push(word);
        rest = trim_end(before, is_space_byte);
    }
    words.reverse();
    words
}

/// `bytes.splitlines(keepends)`. Only `\n`, `\r` and both together end a line.
pub(crate) fn lines(bytes: &[u8], keep_ends: bool) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let len = rest.iter().position(|&byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        let (line, after) = rest.split_at(len);
        let end = if after.starts_with(b"\r\n") { 2 } else { after.len().min(1) };
        let (with_end, after) = rest.split_at(len + end);
        lines.push(if keep_ends { with_end } else { line });
        rest = after;
    }
    lines
}

/// `bytes.partition(separator)`.
pub(crate) fn partition<'a>(bytes: &'a [u8], separator: &[u8]) -> Result<[&'a [u8]; 3], Failure> {
    let found = search::partition(bytes, separator)?;
    Ok(found.map_or([bytes, b"", b""], |range| three(bytes, &range)))
}

/// `bytes.rpartition(separator)`.
pub(crate) fn rpartition<'a>(bytes: &'a [u8], separator: &[u8]) -> Result<[&'a [u8]; 3], Failure> {
    let found = search::rpartition(bytes, separator)?;
    Ok(found.map_or([b"", b"", bytes], |range| three(bytes, &range)))
}

fn three<'a>(bytes: &'a [u8], middle: &Range<usize>) -> [&'a [u8]; 3] {
    [0..middle.start, middle.clone(), middle.end..bytes.len()]
        .map(|range| bytes.get(range).unwrap_or_default())
}

/// The ends that `strip` takes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    Both,
    Left,
    Right,
}

/// `bytes.strip(chars)`. `None`: white space.
pub(crate) fn strip<'a>(bytes: &'a [u8], chars: Option<&[u8]>, ends: Ends) -> &'a [u8] {
    let mut set = [false; 256];
    for &byte in chars.unwrap_or(b" \t\n\r\x0b\x0c") {
        set[usize::from(byte)] = true;
    }
    let stripped = |byte: u8| set[usize::from(byte)];
    let bytes = if ends == Ends::Right { bytes } else { trim_start(bytes, stripped) };
    if ends == Ends::Left { bytes } else { trim_end(bytes, stripped) }
}

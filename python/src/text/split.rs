//! `split`, `splitlines`, `partition` and `strip`.

use std::ops::Range;

use crate::failure::Failure;
use crate::sequence::search;
use crate::unicode;

fn parts(text: &str, ranges: Vec<Range<usize>>) -> Vec<&str> {
    ranges.into_iter().map(|range| text.get(range).unwrap_or_default()).collect()
}

/// `text.split(separator, maxsplit)`.
pub(crate) fn split<'a>(
    text: &'a str,
    separator: &str,
    maxsplit: i64,
) -> Result<Vec<&'a str>, Failure> {
    search::split(text.as_bytes(), separator.as_bytes(), maxsplit).map(|ranges| parts(text, ranges))
}

/// `text.rsplit(separator, maxsplit)`.
pub(crate) fn rsplit<'a>(
    text: &'a str,
    separator: &str,
    maxsplit: i64,
) -> Result<Vec<&'a str>, Failure> {
    search::rsplit(text.as_bytes(), separator.as_bytes(), maxsplit)
        .map(|ranges| parts(text, ranges))
}

/// `text.split(None, maxsplit)`.
pub(crate) fn split_whitespace(text: &str, maxsplit: i64) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(unicode::is_space);
    while !rest.is_empty() {
        if words.len() == search::limit_of(maxsplit) {
            words.push(rest);
            break;
        }
        let (word, after) = rest.split_at(rest.find(unicode::is_space).unwrap_or(rest.len()));
        words.push(word);
        rest = after.trim_start_matches(unicode::is_space);
    }
    words
}

/// `text.rsplit(None, maxsplit)`.
pub(crate) fn rsplit_whitespace(text: &str, maxsplit: i64) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_end_matches(unicode::is_space);
    while !rest.is_empty() {
        if words.len() == search::limit_of(maxsplit) {
            words.push(rest);
            break;
        }
        let len = rest.trim_end_matches(|c| !unicode::is_space(c)).len();
        let (before, word) = rest.split_at(len);
        words.push(word);
        rest = before.trim_end_matches(unicode::is_space);
    }
    words.reverse();
    words
}

/// `text.splitlines(keepends)`.
pub(crate) fn lines(text: &str, keep_ends: bool) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let len = rest.find(unicode::is_line_break).unwrap_or(rest.len());
        let (line, after) = rest.split_at(len);
        let end = if after.starts_with("\r\n") {
            2
        } else {
            after.chars().next().map_or(0, char::len_utf8)
        };
        let (with_end, after) = rest.split_at(len + end);
        lines.push(if keep_ends { with_end } else { line });
        rest = after;
    }
    lines
}

/// `text.partition(separator)`.
pub(crate) fn partition<'a>(text: &'a str, separator: &str) -> Result<[&'a str; 3], Failure> {
    let found = search::partition(text.as_bytes(), separator.as_bytes())?;
    Ok(found.map_or([text, "", ""], |range| three(text, &range)))
}

/// `text.rpartition(separator)`.
pub(crate) fn rpartition<'a>(text: &'a str, separator: &str) -> Result<[&'a str; 3], Failure> {
    let found = search::rpartition(text.as_bytes(), separator.as_bytes())?;
    Ok(found.map_or(["", "", text], |range| three(text, &range)))
}

fn three<'a>(text: &'a str, middle: &Range<usize>) -> [&'a str; 3] {
    [0..middle.start, middle.clone(), middle.end..text.len()]
        .map(|range| text.get(range).unwrap_or_default())
}

/// The ends that `strip` takes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    Both,
    Left,
    Right,
}

/// `text.strip(chars)`. `None`: white space.
pub(crate) fn strip<'a>(text: &'a str, chars: Option<&str>, ends: Ends) -> &'a str {
    let mut sorted: Vec<char> = chars.unwrap_or_default().chars().collect();
    sorted.sort_unstable();
    let stripped = |c: char| match chars {
        None => unicode::is_space(c),
        Some(_) => sorted.binary_search(&c).is_ok(),
    };
    let text = if ends == Ends::Right { text } else { text.trim_start_matches(stripped) };
    if ends == Ends::Left { text } else { text.trim_end_matches(stripped) }
}

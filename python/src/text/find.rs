//! `find`, `count`, `startswith` and what is like them. The bounds are in characters.

use crate::failure::Failure;
use crate::sequence::{bounds, search};
use crate::text::index::Text;

/// The arguments `start` and `end`.
pub(crate) type Bounds = (Option<i64>, Option<i64>);

/// The part between the bounds, and the index of its first character.
fn part(text: Text<'_>, (start, end): Bounds) -> Option<(usize, Text<'_>)> {
    let range = bounds::range(start, end, text.len())?;
    if range == (0..text.len()) {
        return Some((0, text));
    }
    let (start, len) = (range.start, range.len());
    Some((start, Text::with_len(text.part(range), len)))
}

/// `text.find(sub, start, end)`. `None`: -1.
pub(crate) fn find(text: Text<'_>, sub: &str, bounds: Bounds) -> Option<usize> {
    let (start, part) = part(text, bounds)?;
    if sub.is_empty() {
        return Some(start);
    }
    let byte = search::find(part.as_str().as_bytes(), sub.as_bytes())?;
    Some(start + part.char_of(byte))
}

/// `text.rfind(sub, start, end)`. `None`: -1.
pub(crate) fn rfind(text: Text<'_>, sub: &str, bounds: Bounds) -> Option<usize> {
    let (start, part) = part(text, bounds)?;
    if sub.is_empty() {
        return Some(start + part.len());
    }
    let byte = search::rfind(part.as_str().as_bytes(), sub.as_bytes())?;
    Some(start + part.char_of(byte))
}

/// `index` and `rindex` find nothing.
pub(crate) fn not_found() -> Failure {
    Failure::value("substring not found")
}

/// `text.count(sub, start, end)`.
pub(crate) fn count(text: Text<'_>, sub: &str, bounds: Bounds) -> usize {
    let Some((_, part)) = part(text, bounds) else { return 0 };
    if sub.is_empty() {
        return part.len() + 1;
    }
    search::count(part.as_str().as_bytes(), sub.as_bytes())
}

/// `sub in text`.
pub(crate) fn contains(text: &str, sub: &str) -> bool {
    sub.is_empty() || search::find(text.as_bytes(), sub.as_bytes()).is_some()
}

/// `text.startswith(prefix, start, end)`.
pub(crate) fn starts_with(text: Text<'_>, prefix: &str, bounds: Bounds) -> bool {
    part(text, bounds).is_some_and(|(_, part)| part.as_str().starts_with(prefix))
}

/// `text.endswith(suffix, start, end)`.
pub(crate) fn ends_with(text: Text<'_>, suffix: &str, bounds: Bounds) -> bool {
    part(text, bounds).is_some_and(|(_, part)| part.as_str().ends_with(suffix))
}

/// `text.removeprefix(prefix)`.
pub(crate) fn remove_prefix<'a>(text: &'a str, prefix: &str) -> &'a str {
    text.strip_prefix(prefix).unwrap_or(text)
}

/// `text.removesuffix(suffix)`.
pub(crate) fn remove_suffix<'a>(text: &'a str, suffix: &str) -> &'a str {
    text.strip_suffix(suffix).unwrap_or(text)
}

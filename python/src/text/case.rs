//! Upper, lower and title case.

use crate::unicode;

/// `text.upper()`.
pub(crate) fn upper(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_uppercase()
    } else {
        map(text, |result, _, c| unicode::push_upper(result, c))
    }
}

/// `text.lower()`.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        map(text, |result, at, c| push_lower(result, text, at, c))
    }
}

/// `text.casefold()`.
pub(crate) fn casefold(text: &str) -> String {
    map(text, |result, _, c| unicode::push_folded(result, c))
}

/// `text.swapcase()`.
pub(crate) fn swapcase(text: &str) -> String {
    map(text, |result, at, c| {
        if unicode::is_upper(c) {
            push_lower(result, text, at, c);
        } else if unicode::is_lower(c) {
            unicode::push_upper(result, c);
        } else {
            result.push(c);
        }
    })
}

/// `text.capitalize()`.
pub(crate) fn capitalize(text: &str) -> String {
    map(text, |result, at, c| {
        if at == 0 {
            unicode::push_title(result, c);
        } else {
            push_lower(result, text, at, c);
        }
    })
}

/// `text.title()`.
pub(crate) fn title(text: &str) -> String {
    let mut in_word = false;
    map(text, |result, at, c| {
        if in_word {
            push_lower(result, text, at, c);
        } else {
            unicode::push_title(result, c);
        }
        in_word = unicode::is_cased(c);
    })
}

/// Each character with the index of its byte. The result is at most three times as long.
fn map(text: &str, mut push: impl FnMut(&mut String, usize, char)) -> String {
    let mut result = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        push(&mut result, at, c);
    }
    result
}

fn push_lower(result: &mut String, text: &str, at: usize, c: char) {
    if c == 'Σ' {
        result.push(if ends_word(text, at) { 'ς' } else { 'σ' });
    } else {
        unicode::push_lower(result, c);
    }
}

/// Whether the sigma at `at` is the last letter of a word. This is the rule `Final_Sigma` of Unicode.
fn ends_word(text: &str, at: usize) -> bool {
    let (before, from) = text.split_at(at);
    let not_ignorable = |c: &char| !unicode::is_case_ignorable(*c);
    let cased_before = before.chars().rev().find(not_ignorable).is_some_and(unicode::is_cased);
    cased_before && !from.chars().skip(1).find(not_ignorable).is_some_and(unicode::is_cased)
}

/// `text.isupper()`.
pub(crate) fn is_upper(text: &str) -> bool {
    let other = |c| unicode::is_lower(c) || unicode::is_title(c);
    !text.chars().any(other) && text.chars().any(unicode::is_upper)
}

/// `text.islower()`.
pub(crate) fn is_lower(text: &str) -> bool {
    let other = |c| unicode::is_upper(c) || unicode::is_title(c);
    !text.chars().any(other) && text.chars().any(unicode::is_lower)
}

/// `text.istitle()`.
pub(crate) fn is_title(text: &str) -> bool {
    let mut in_word = false;
    let mut cased = false;
    for c in text.chars() {
        let starts = unicode::is_upper(c) || unicode::is_title(c);
        let follows = !starts && unicode::is_lower(c);
        if (starts && in_word) || (follows && !in_word) {
            return false;
        }
        in_word = starts || follows;
        cased |= in_word;
    }
    cased
}

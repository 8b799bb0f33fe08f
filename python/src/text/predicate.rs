//! The `is` methods that ask every character.

use crate::unicode;

fn all(text: &str, is: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(is)
}

/// `text.isalpha()`.
pub(crate) fn is_alpha(text: &str) -> bool {
    all(text, unicode::is_alpha)
}

/// `text.isdecimal()`.
pub(crate) fn is_decimal(text: &str) -> bool {
    all(text, unicode::is_decimal)
}

/// `text.isdigit()`.
pub(crate) fn is_digit(text: &str) -> bool {
    all(text, unicode::is_digit)
}

/// `text.isnumeric()`.
pub(crate) fn is_numeric(text: &str) -> bool {
    all(text, unicode::is_numeric)
}

/// `text.isalnum()`.
pub(crate) fn is_alnum(text: &str) -> bool {
    let digit = |c| unicode::is_decimal(c) || unicode::is_digit(c) || unicode::is_numeric(c);
    all(text, |c| unicode::is_alpha(c) || digit(c))
}

/// `text.isspace()`.
pub(crate) fn is_space(text: &str) -> bool {
    all(text, unicode::is_space)
}

/// `text.isprintable()`: also if it is empty.
pub(crate) fn is_printable(text: &str) -> bool {
    text.chars().all(unicode::is_printable)
}

/// `text.isidentifier()`.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(unicode::is_id_start) && chars.all(unicode::is_id_continue)
}

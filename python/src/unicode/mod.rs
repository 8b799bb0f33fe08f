//! The properties and case mappings of characters, in Unicode 14, the version of CPython 3.11.
//!
//! What comes in: a character. What goes out: what `str`'s methods say about it.
//!
//! May use: nothing.

#[expect(clippy::unreadable_literal, reason = "generated")]
mod tables;

const PRINTABLE: u32 = 1;
const ALPHA: u32 = 1 << 1;
const UPPER: u32 = 1 << 2;
const LOWER: u32 = 1 << 3;
const TITLE: u32 = 1 << 4;
const ID_START: u32 = 1 << 5;
const ID_CONTINUE: u32 = 1 << 6;
const NUMERIC: u32 = 1 << 7;
const DIGIT: u32 = 1 << 8;
const DECIMAL: u32 = 1 << 9;
const CASE_IGNORABLE: u32 = 1 << 10;

/// The run of characters that `c` is in.
fn run(c: char) -> u32 {
    let code = u32::from(c);
    let after = tables::RUNS.partition_point(|&run| run >> 11 <= code);
    // The first run starts at 0, so there is always one before `after`.
    tables::RUNS.get(after.wrapping_sub(1)).copied().unwrap_or_default()
}

fn has(c: char, flags: u32) -> bool {
    run(c) & flags != 0
}

pub(crate) fn is_printable(c: char) -> bool {
    if c.is_ascii() { !c.is_ascii_control() } else { has(c, PRINTABLE) }
}

pub(crate) fn is_alpha(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { has(c, ALPHA) }
}

pub(crate) fn is_upper(c: char) -> bool {
    has(c, UPPER)
}

pub(crate) fn is_lower(c: char) -> bool {
    has(c, LOWER)
}

/// A letter in title case, like U+01C5.
pub(crate) fn is_title(c: char) -> bool {
    has(c, TITLE)
}

/// Has an upper, lower or title case.
pub(crate) fn is_cased(c: char) -> bool {
    has(c, UPPER | LOWER | TITLE)
}

pub(crate) fn is_case_ignorable(c: char) -> bool {
    has(c, CASE_IGNORABLE)
}

pub(crate) fn is_id_start(c: char) -> bool {
    has(c, ID_START)
}

pub(crate) fn is_id_continue(c: char) -> bool {
    has(c, ID_CONTINUE)
}

pub(crate) fn is_numeric(c: char) -> bool {
    has(c, NUMERIC)
}

pub(crate) fn is_digit(c: char) -> bool {
    has(c, DIGIT)
}

pub(crate) fn is_decimal(c: char) -> bool {
    has(c, DECIMAL)
}

/// The value of a decimal digit, 0 to 9.
pub(crate) fn decimal_value(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
    }
    let run = run(c);
    // Every run of decimal digits is one or more sets of 0 to 9.
    let offset = (u32::from(c) - (run >> 11)) % 10;
    if run & DECIMAL == 0 { None } else { u8::try_from(offset).ok() }
}

/// White space for `split`, `strip`, `int()` and `float()`.
pub(crate) fn is_space(c: char) -> bool {
    matches!(
        u32::from(c),
        0x09..=0x0d | 0x1c..=0x20 | 0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a
            | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000
    )
}

/// Ends a line for `splitlines`.
pub(crate) fn is_line_break(c: char) -> bool {
    matches!(u32::from(c), 0x0a..=0x0d | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
}

/// Appends the upper case of `c`.
pub(crate) fn push_upper(text: &mut String, c: char) {
    push_mapping(text, c, c.to_uppercase());
}

/// Appends the lower case of `c`. A capital sigma at the end of a word is the caller's business.
pub(crate) fn push_lower(text: &mut String, c: char) {
    push_mapping(text, c, c.to_lowercase());
}

/// Appends the title case of `c`.
pub(crate) fn push_title(text: &mut String, c: char) {
    match lookup(&tables::TITLE, c) {
        Some(title) => text.push_str(title),
        None => push_upper(text, c),
    }
}

/// Appends the case folding of `c`.
pub(crate) fn push_folded(text: &mut String, c: char) {
    match lookup(&tables::FOLD, c) {
        Some(folded) => text.push_str(folded),
        None => push_lower(text, c),
    }
}

/// The standard library knows a newer Unicode. A mapping from or to a character that Unicode 14 does
/// not have is newer too: the mappings between older characters never change.
fn push_mapping(text: &mut String, c: char, mapping: impl Iterator<Item = char> + Clone) {
    if c.is_ascii() || (is_printable(c) && mapping.clone().all(is_printable)) {
        text.extend(mapping);
    } else {
        text.push(c);
    }
}

fn lookup(table: &[(char, &'static str)], c: char) -> Option<&'static str> {
    let at = table.binary_search_by_key(&c, |&(key, _)| key).ok()?;
    table.get(at).map(|&(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::eval;

    type Predicate = fn(char) -> bool;
    type Mapping = fn(&mut String, char);

    /// The code points at which the predicate changes.
    fn changes(of: impl Fn(char) -> bool) -> String {
        let mut last = false;
        let mut text = Vec::new();
        for code in 0..0x0011_0000 {
            let now = char::from_u32(code).is_some_and(&of);
            if now != last {
                text.push(code.to_string());
            }
            last = now;
        }
        text.join(",")
    }

    #[test]
    fn every_property_of_every_character_is_cpythons() {
        let predicates: [(&str, Predicate); 14] = [
            ("c.isprintable()", is_printable),
            ("c.isalpha()", is_alpha),
            ("c.isupper()", is_upper),
            ("c.islower()", is_lower),
            ("c.istitle()", |c| is_title(c) || is_upper(c)),
            ("c.isidentifier()", is_id_start),
            ("('a' + c).isidentifier()", is_id_continue),
            ("c.isnumeric()", is_numeric),
            ("c.isdigit()", is_digit),
            ("c.isdecimal()", is_decimal),
            ("c.isspace()", is_space),
            ("len((c + 'a').splitlines()) == 2", is_line_break),
            ("('A' + c + '\u{3a3}').lower()[-1] == '\u{3c2}'", |c| {
                is_cased(c) || is_case_ignorable(c)
            }),
            ("(' ' + c + '\u{3a3}').lower()[-1] == '\u{3c2}'", |c| {
                is_cased(c) && !is_case_ignorable(c)
            }),
        ];
        let expressions: Vec<String> = predicates
            .iter()
            .map(|(text, _)| {
                let changed = "len(s) and s[-1][1] == v or s.append((n, v))";
                format!(
                    "(s := [(-1, False)]) and [({changed}) for n in range(0x110000) for c in [chr(n)] \
                     for v in [not 0xd800 <= n < 0xe000 and ({text})]] and ','.join(str(n) for n, v in s[1:])"
                )
            })
            .collect();
        for ((text, of), theirs) in predicates.iter().zip(eval(&expressions)) {
            assert!(format!("'{}'", changes(of)) == theirs, "{text}");
        }
    }

    #[test]
    fn every_case_mapping_and_decimal_digit_is_cpythons() {
        let mappings: [(&str, Mapping); 5] = [
            ("c.upper()", push_upper),
            ("c.lower()", push_lower),
            ("c.title()", push_title),
            ("c.casefold()", push_folded),
            ("str(int(c)) if c.isdecimal() else c", |text, c| match decimal_value(c) {
                Some(value) => text.push_str(&value.to_string()),
                None => text.push(c),
            }),
        ];
        let expressions: Vec<String> = mappings
            .iter()
            .map(|(text, _)| {
                let surrogate = "0xd800 <= n < 0xe000";
                format!("''.join(({text}) for n in range(0x110000) for c in [chr(n)] if not {surrogate} and ({text}) != c)")
            })
            .collect();
        for ((text, push), theirs) in mappings.iter().zip(eval(&expressions)) {
            let mut ours = String::new();
            for c in '\0'..=char::MAX {
                let mut mapped = String::new();
                push(&mut mapped, c);
                if mapped.chars().ne([c]) {
                    ours.push_str(&mapped);
                }
            }
            assert!(crate::repr::text::ascii(&ours) == theirs, "{text}");
        }
    }
}

//! `int(text)` and `float(text)`.

use num_bigint::{BigInt, Sign};
use num_traits::Zero as _;

use crate::failure::Failure;
use crate::numbers::integer::MAX_DIGITS;
use crate::repr::text::{repr, repr_bytes};
use crate::unicode;

/// The text of a number, as `int` and `float` take it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Source<'_> {
    /// In ASCII: other decimal digits as ASCII digits, other white space as spaces. A character that no
    /// number has becomes `?`.
    fn to_ascii(self) -> String {
        match self {
            Self::Text(text) => text.chars().map(ascii_char).collect(),
            Self::Bytes(bytes) => {
                bytes.iter().map(|&b| if b.is_ascii() { char::from(b) } else { '?' }).collect()
            }
        }
    }

    fn repr(self) -> String {
        match self {
            Self::Text(text) => repr(text),
            Self::Bytes(bytes) => repr_bytes(bytes),
        }
    }
}

fn ascii_char(c: char) -> char {
    if c.is_ascii() {
        c
    } else if unicode::is_space(c) {
        ' '
    } else {
        unicode::decimal_value(c).map_or('?', |digit| char::from(b'0' + digit))
    }
}

/// Without the white space around it. U+001C to U+001F are no white space here, unlike in `str.strip`.
fn strip(text: &str) -> &str {
    text.trim_matches(|c| matches!(c, '\t'..='\r' | ' '))
}

/// `int(source, base)`.
pub(crate) fn int(source: Source<'_>, base: u32) -> Result<BigInt, Failure> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(Failure::value("int() base must be >= 2 and <= 36, or 0"));
    }
    let ascii = source.to_ascii();
    match int_digits(strip(&ascii), base) {
        Ok(Some(number)) => Ok(number),
        Ok(None) => {
            let repr: String = source.repr().chars().take(200).collect();
            Err(Failure::value(format!("invalid literal for int() with base {base}: {repr}")))
        }
        Err(failure) => Err(failure),
    }
}

/// `None`: not a number.
fn int_digits(text: &str, base: u32) -> Result<Option<BigInt>, Failure> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (Sign::Minus, rest),
        None => (Sign::Plus, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefix = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let has_prefix = prefix != 0 && (base == 0 || base == prefix);
    // An underscore may follow the prefix.
    let digits = if has_prefix {
        let rest = text.get(2..).unwrap_or_default();
        rest.strip_prefix('_').unwrap_or(rest)
    } else {
        text
    };
    let radix = match base {
        0 if has_prefix => prefix,
        0 => 10,
        base => base,
    };
    let mut values = Vec::with_capacity(digits.len());
    let mut after_digit = false;
    let mut ended = false;
    for c in digits.chars() {
        match c.to_digit(radix) {
            Some(digit) => values.push(u8::try_from(digit).unwrap_or_default()),
            None if c == '_' && after_digit => {}
            None if c == '_' => return Ok(None),
            None => {
                ended = true;
                break;
            }
        }
        after_digit = c != '_';
    }
    if !after_digit {
        return Ok(None);
    }
    // CPython counts the digits before it sees what is wrong after them.
    if !radix.is_power_of_two() && values.len() > MAX_DIGITS {
        return Err(Failure::value(format!(
            "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {} digits; \
             use sys.set_int_max_str_digits() to increase the limit",
            values.len()
        )));
    }
    if ended {
        return Ok(None);
    }
    let number = BigInt::from_radix_be(sign, &values, radix).unwrap_or_default();
    // Without a base, "012" is an old octal number, and refused.
    let octal = base == 0 && !has_prefix && values.first() == Some(&0) && !number.is_zero();
    Ok((!octal).then_some(number))
}

/// `float(source)`.
pub(crate) fn float(source: Source<'_>) -> Result<f64, Failure> {
    let ascii = source.to_ascii();
    float_text(strip(&ascii)).ok_or_else(|| {
        let repr = source.repr();
        Failure::value(format!("could not convert string to float: {repr}"))
    })
}

fn float_text(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let word = ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word));
    let known = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E' | '_');
    if !word && !text.chars().all(known) {
        return None;
    }
    // An underscore stands between two digits.
    let bytes = text.as_bytes();
    let digit_at =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'_' && !(digit_at(at.checked_sub(1)) && digit_at(Some(at + 1))) {
            return None;
        }
    }
    let value: f64 = text.replace('_', "").parse().ok()?;
    // The sign of a NaN is kept, and the standard library drops it.
    let negative_nan = value.is_nan() && text.starts_with('-');
    Some(if negative_nan { -f64::NAN } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{bytes_literal, cases, compare, rng, text_literal};

    fn any_number_text(rng: &mut fastrand::Rng) -> String {
        let pieces = [
            "1",
            "0",
            "9",
            "_",
            "-",
            "+",
            " ",
            "0x",
            "0b",
            "0o",
            "f",
            "z",
            ".",
            "e",
            "E5",
            "\u{661}",
            "\u{3000}",
            "\u{1c}",
            "inf",
            "nan",
            "Infinity",
            "007",
            "\n",
            "é",
            "\0",
            "12345678901234567890",
        ];
        (0..rng.usize(..6)).map(|_| *rng.choice(&pieces).unwrap()).collect()
    }

    #[test]
    fn int_of_any_text_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        for _ in 0..cases(1000) {
            let text = any_number_text(&mut rng);
            let base = *rng.choice(&[0, 2, 8, 10, 10, 10, 16, 36, 1, 37]).unwrap();
            let shown = |result: Result<BigInt, Failure>| result.map(|n| n.to_string());
            let ours = shown(int(Source::Text(&text), base));
            list.push((format!("int({}, {base})", text_literal(&text)), ours));
            let ours = shown(int(Source::Bytes(text.as_bytes()), base));
            list.push((format!("int({}, {base})", bytes_literal(text.as_bytes())), ours));
        }
        for text in [
            "'1' * 4300",
            "'1' * 4301",
            "'0' * 5000",
            "'1' * 5000 + 'x'",
            "'x' * 300",
            "'_'.join('1' * 4301)",
        ] {
            let value = match text {
                "'1' * 4300" => "1".repeat(4300),
                "'1' * 4301" => "1".repeat(4301),
                "'0' * 5000" => "0".repeat(5000),
                "'1' * 5000 + 'x'" => "1".repeat(5000) + "x",
                "'x' * 300" => "x".repeat(300),
                _ => vec!["1"; 4301].join("_"),
            };
            list.push((
                format!("int({text})"),
                int(Source::Text(&value), 10).map(|n| n.to_string()),
            ));
            list.push((
                format!("int({text}, 16) % 1000007"),
                int(Source::Text(&value), 16).map(|n| (n % 1_000_007_u32).to_string()),
            ));
        }
        compare(list);
    }

    #[test]
    fn float_of_any_text_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        let bits = |result: Result<f64, Failure>| result.map(|value| value.to_bits().to_string());
        let of = |text: &str| format!("struct.unpack('Q', struct.pack('d', float({text})))[0]");
        for _ in 0..cases(1000) {
            let text = any_number_text(&mut rng);
            list.push((of(&text_literal(&text)), bits(float(Source::Text(&text)))));
            list.push((
                of(&bytes_literal(text.as_bytes())),
                bits(float(Source::Bytes(text.as_bytes()))),
            ));
        }
        compare(list);
    }
}

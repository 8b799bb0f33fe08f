//! The format specification mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _};

use crate::failure::{Failure, check_len};
use crate::format::padding::{Align, Padding, group};
use crate::numbers::integer;
use crate::repr::float::{self, FloatStyle};
use crate::unicode;

/// A separator between groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grouping {
    Comma,
    Underscore,
}

impl Grouping {
    fn char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Underscore => '_',
        }
    }
}

/// A specification taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spec {
    fill: Option<char>,
    align: Option<Align>,
    sign: Option<char>,
    no_negative_zero: bool,
    alternate: bool,
    /// A `0` before the width, without a fill character.
    zero: bool,
    width: Option<usize>,
    grouping: Option<Grouping>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// The type of the value, for the messages and the defaults.
#[derive(Clone, Copy)]
struct Operand<'a> {
    type_name: &'a str,
    default_kind: Option<char>,
    default_align: Align,
}

/// Reads decimal digits. `None`: there are none.
fn number(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Option<usize>, Failure> {
    let mut value = None;
    while let Some(digit) = chars.peek().and_then(|&c| unicode::decimal_value(c)) {
        chars.next();
        let next = value
            .unwrap_or(0_i64)
            .checked_mul(10)
            .and_then(|value| value.checked_add(i64::from(digit)))
            .ok_or_else(|| Failure::value("Too many decimal digits in format string"))?;
        value = Some(next);
    }
    // On a 32-bit machine, every number that does not fit is too large for the limits.
    Ok(value.map(|value| usize::try_from(value).unwrap_or(usize::MAX)))
}

impl Spec {
    fn parse(text: &str, operand: Operand<'_>) -> Result<Self, Failure> {
        let mut fill = None;
        let mut align = None;
        let mut chars = text.chars().peekable();
        let mut ahead = text.chars();
        let (first, second) = (ahead.next(), ahead.next());
        if let Some(found) = second.and_then(Align::parse) {
            (fill, align) = (first, Some(found));
            chars.next();
            chars.next();
        } else if let Some(found) = first.and_then(Align::parse) {
            align = Some(found);
            chars.next();
        }
        let sign = chars.next_if(|c| matches!(c, ' ' | '+' | '-'));
        let no_negative_zero = chars.next_if_eq(&'z').is_some();
        let alternate = chars.next_if_eq(&'#').is_some();
        let zero = fill.is_none() && chars.next_if_eq(&'0').is_some();
        let width = number(&mut chars)?;
        let comma = chars.next_if_eq(&',').is_some();
        let underscore = chars.next_if_eq(&'_').is_some();
        if underscore && (comma || chars.peek() == Some(&',')) {
            return Err(Failure::value("Cannot specify both ',' and '_'."));
        }
        let grouping =
            if comma { Some(Grouping::Comma) } else { underscore.then_some(Grouping::Underscore) };
        let precision = if chars.next_if_eq(&'.').is_some() {
            let missing = || Failure::value("Format specifier missing precision");
            Some(number(&mut chars)?.ok_or_else(missing)?)
        } else {
            None
        };
        let kind = chars.next().or(operand.default_kind);
        if chars.peek().is_some() {
            return Err(Failure::value(format!(
                "Invalid format specifier '{text}' for object of type '{:.200}'",
                operand.type_name
            )));
        }
        let spec = Self {
            fill,
            align,
            sign,
            no_negative_zero,
            alternate,
            zero,
            width,
            grouping,
            precision,
            kind,
        };
        spec.check_grouping()?;
        Ok(spec)
    }

    fn check_grouping(&self) -> Result<(), Failure> {
        let (Some(grouping), Some(kind)) = (self.grouping, self.kind) else { return Ok(()) };
        let allowed = match kind {
            'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' => true,
            'b' | 'o' | 'x' | 'X' => grouping == Grouping::Underscore,
            _ => false,
        };
        if allowed {
            return Ok(());
        }
        let message = format!("Cannot specify '{}' with '{}'.", grouping.char(), shown(kind));
        Err(Failure::value(message))
    }

    fn padding(&self, operand: Operand<'_>) -> Padding {
        let zero_align = self.zero && self.align.is_none() && operand.default_align == Align::Right;
        let default = if zero_align { Align::AfterSign } else { operand.default_align };
        Padding {
            fill: self.fill.unwrap_or(if self.zero { '0' } else { ' ' }),
            align: self.align.unwrap_or(default),
            width: self.width.unwrap_or(0),
        }
    }

    fn unknown_kind(&self, operand: Operand<'_>) -> Failure {
        let kind = self.kind.map(shown).unwrap_or_default();
        let name = operand.type_name;
        Failure::value(format!("Unknown format code '{kind}' for object of type '{name:.200}'"))
    }

    fn sign_of(&self, negative: bool) -> &'static str {
        match self.sign {
            _ if negative => "-",
            Some('+') => "+",
            Some(' ') => " ",
            _ => "",
        }
    }

    /// A number from its parts. `whole` gets the separators, `rest` is what follows it.
    fn number(
        &self,
        operand: Operand<'_>,
        head: &str,
        whole: &str,
        rest: &str,
        limit: usize,
    ) -> Result<String, Failure> {
        let padding = self.padding(operand);
        let Some(grouping) = self.grouping.filter(|_| !whole.is_empty()) else {
            return padding.apply(head, &format!("{whole}{rest}"), limit);
        };
        let size = if matches!(self.kind, Some('b' | 'o' | 'x' | 'X')) { 4 } else { 3 };
        let zeros = padding.fill == '0' && padding.align == Align::AfterSign;
        let min_width = if zeros {
            check_len(padding.width, limit)?;
            padding.width.saturating_sub(head.len() + rest.len())
        } else {
            0
        };
        let grouped = group(whole, grouping.char(), size, min_width);
        padding.apply(head, &(grouped + rest), limit)
    }

    fn int(&self, operand: Operand<'_>, value: &BigInt, limit: usize) -> Result<String, Failure> {
        if self.precision.is_some() {
            return Err(Failure::value("Precision not allowed in integer format specifier"));
        }
        if self.no_negative_zero {
            let message = "Negative zero coercion (z) not allowed in integer format specifier";
            return Err(Failure::value(message));
        }
        if self.kind == Some('c') {
            return self.character(operand, value, limit);
        }
        let (prefix, digits) = match self.kind {
            Some('b') => ("0b", value.magnitude().to_str_radix(2)),
            Some('o') => ("0o", value.magnitude().to_str_radix(8)),
            Some('x') => ("0x", value.magnitude().to_str_radix(16)),
            Some('X') => ("0X", value.magnitude().to_str_radix(16).to_uppercase()),
            _ => ("", integer::to_text(&value.abs())?),
        };
        let prefix = if self.alternate { prefix } else { "" };
        let head = format!("{}{prefix}", self.sign_of(value.is_negative()));
        self.number(operand, &head, &digits, "", limit)
    }

    fn character(
        &self,
        operand: Operand<'_>,
        value: &BigInt,
        limit: usize,
    ) -> Result<String, Failure> {
        if self.sign.is_some() {
            return Err(Failure::value("Sign not allowed with integer format specifier 'c'"));
        }
        if self.alternate {
            let message = "Alternate form (#) not allowed with integer format specifier 'c'";
            return Err(Failure::value(message));
        }
        let Some(code) = value.to_i64() else {
            return Err(Failure::overflow("Python int too large to convert to C long"));
        };
        let code = u32::try_from(code)
            .ok()
            .filter(|&code| code <= 0x0010_ffff)
            .ok_or_else(|| Failure::overflow("%c arg not in range(0x110000)"))?;
        let c = char::from_u32(code).ok_or_else(surrogate)?;
        self.padding(operand).apply("", c.encode_utf8(&mut [0; 4]), limit)
    }

    fn float(&self, operand: Operand<'_>, value: f64, limit: usize) -> Result<String, Failure> {
        let precision = self.precision;
        if precision.is_some_and(|precision| i32::try_from(precision).is_err()) {
            return Err(Failure::value("precision too big"));
        }
        check_len(precision.unwrap_or(0), limit)?;
        let (style, default) = match self.kind {
            Some('e' | 'E') => (FloatStyle::Scientific, 6),
            Some('f' | 'F' | '%') => (FloatStyle::Fixed, 6),
            Some(_) => (FloatStyle::General, 6),
            None if precision.is_some() => (FloatStyle::GeneralWithPoint, 0),
            None => (FloatStyle::Shortest, 0),
        };
        let percent = self.kind == Some('%');
        let value = if percent { value * 100.0 } else { value };
        let text = float::text(value, style, precision.unwrap_or(default), self.alternate);
        let text =
            if matches!(self.kind, Some('E' | 'F' | 'G')) { text.to_uppercase() } else { text };
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text.as_str()),
        };
        let is_zero = || {
            let mantissa = unsigned.split(['e', 'E']).next().unwrap_or_default();
            mantissa.chars().all(|c| matches!(c, '0' | '.'))
        };
        let negative = negative && !(self.no_negative_zero && is_zero());
        let whole = unsigned.chars().take_while(char::is_ascii_digit).count();
        let (whole, rest) = unsigned.split_at(whole);
        let rest = if percent { format!("{rest}%") } else { rest.to_owned() };
        self.number(operand, self.sign_of(negative), whole, &rest, limit)
    }

    fn text(&self, operand: Operand<'_>, value: &str, limit: usize) -> Result<String, Failure> {
        let refused = |what: &str| {
            Err(Failure::value(format!("{what} not allowed in string format specifier")))
        };
        match self.sign {
            Some(' ') => return refused("Space"),
            Some(_) => return refused("Sign"),
            None => {}
        }
        if self.no_negative_zero {
            return refused("Negative zero coercion (z)");
        }
        if self.alternate {
            return refused("Alternate form (#)");
        }
        if self.align == Some(Align::AfterSign) {
            return Err(Failure::value("'=' alignment not allowed in string format specifier"));
        }
        let end = self.precision.and_then(|precision| value.char_indices().nth(precision));
        let shown = end.map_or(value, |(end, _)| &value[..end]);
        self.padding(operand).apply("", shown, limit)
    }
}

/// A type character in a message.
fn shown(kind: char) -> String {
    if matches!(kind, '!'..='\u{7f}') {
        kind.to_string()
    } else {
        format!("\\x{:x}", u32::from(kind))
    }
}

fn surrogate() -> Failure {
    Failure::Refused("a surrogate cannot be a character here".to_owned())
}

/// `format(value, spec)` for a string.
pub(crate) fn text(
    value: &str,
    spec: &str,
    type_name: &str,
    limit: usize,
) -> Result<String, Failure> {
    let operand = Operand { type_name, default_kind: Some('s'), default_align: Align::Left };
    if spec.is_empty() {
        check_len(value.len(), limit)?;
        return Ok(value.to_owned());
    }
    let spec = Spec::parse(spec, operand)?;
    match spec.kind {
        Some('s') => spec.text(operand, value, limit),
        _ => Err(spec.unknown_kind(operand)),
    }
}

/// `format(value, spec)` for an int. With an empty `spec`, the caller calls `str` instead: a bool is
/// `True` then.
pub(crate) fn int(
    value: &BigInt,
    spec: &str,
    type_name: &str,
    limit: usize,
) -> Result<String, Failure> {
    let operand = Operand { type_name, default_kind: Some('d'), default_align: Align::Right };
    let spec = Spec::parse(spec, operand)?;
    match spec.kind {
        Some('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n') => spec.int(operand, value, limit),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            spec.float(operand, integer::to_float(value)?, limit)
        }
        _ => Err(spec.unknown_kind(operand)),
    }
}

/// `format(value, spec)` for a float.
pub(crate) fn float(
    value: f64,
    spec: &str,
    type_name: &str,
    limit: usize,
) -> Result<String, Failure> {
    let operand = Operand { type_name, default_kind: None, default_align: Align::Right };
    if spec.is_empty() {
        return Ok(float::repr(value));
    }
    let spec = Spec::parse(spec, operand)?;
    match spec.kind {
        None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => {
            spec.float(operand, value, limit)
        }
        Some(_) => Err(spec.unknown_kind(operand)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{cases, compare, float_literal, rng, text_literal};
    use crate::numbers::integer::tests::any_int;
    use crate::repr::float::tests::any_float;

    fn any_spec(rng: &mut fastrand::Rng) -> String {
        let mut spec = String::new();
        let mut part = |rng: &mut fastrand::Rng, chance: u8, choices: &[&str]| {
            if rng.u8(..10) < chance {
                spec.push_str(rng.choice(choices).unwrap());
            }
        };
        part(rng, 3, &["x<", "0=", "*^", "<", ">", "=", "^", "你>"]);
        part(rng, 3, &["+", "-", " "]);
        part(rng, 1, &["z"]);
        part(rng, 2, &["#"]);
        part(rng, 3, &["0"]);
        part(rng, 5, &["1", "5", "12", "25", "٣"]);
        part(rng, 2, &[",", "_", ",_"]);
        part(rng, 4, &[".0", ".1", ".3", ".", ".20", ".60"]);
        part(
            rng,
            7,
            &[
                "b", "c", "d", "o", "x", "X", "n", "e", "E", "f", "F", "g", "G", "%", "s", "y",
                "é", "dd", "\u{7f}",
            ],
        );
        spec
    }

    #[test]
    fn any_value_in_any_format_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        let literal = |text: String| text_literal(&text);
        for _ in 0..cases(1000) {
            let spec = any_spec(&mut rng);
            let python = text_literal(&spec);
            let value = any_float(&mut rng);
            let ours = float(value, &spec, "float", 10_000).map(literal);
            list.push((format!("format({}, {python})", float_literal(value)), ours));
            let value =
                if rng.bool() { any_int(&mut rng) } else { BigInt::from(rng.i32(-3..70000)) };
            if !spec.is_empty() {
                list.push((
                    format!("format({value}, {python})"),
                    int(&value, &spec, "int", 10_000).map(literal),
                ));
            }
            let value = *rng.choice(&["", "a", "héllo", "你好世界 and more"]).unwrap();
            let ours = text(value, &spec, "str", 10_000).map(literal);
            list.push((format!("format({}, {python})", text_literal(value)), ours));
        }
        for spec in ["99999999999999999999d", ".2147483648f", ".99999999999999999999f"] {
            list.push((format!("format(1.5, '{spec}')"), float(1.5, spec, "float", 10_000)));
        }
        compare(list);
    }

    #[test]
    fn a_wide_result_is_too_large_before_it_is_made() {
        for spec in ["999999999999", ".999999999f", "0999999999999,"] {
            assert_eq!(float(1.5, spec, "float", 1000), Err(Failure::TooLarge), "{spec}");
        }
        assert_eq!(int(&1.into(), "09999999999,d", "int", 1000), Err(Failure::TooLarge));
        assert_eq!(text("a", "9999999999", "str", 1000), Err(Failure::TooLarge));
    }
}

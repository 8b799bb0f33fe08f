//! The text of a float: `repr`, and a fixed number of digits.

/// `repr(value)`, which is also `str(value)`: the shortest digits that read back as the same float.
pub(crate) fn repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let digits = Digits::shortest(value.abs());
    let mut text = String::new();
    if value.is_sign_negative() {
        text.push('-');
    }
    if (-4..16).contains(&digits.exponent) {
        text.push_str(&digits.fixed());
        if !text.contains('.') {
            text.push_str(".0");
        }
    } else {
        text.push_str(&digits.scientific(2));
    }
    text
}

/// Decimal digits, the first of them before the point, times ten to `exponent`.
struct Digits {
    digits: String,
    exponent: i32,
}

impl Digits {
    /// Takes `12.5e3` apart, as `{:e}` writes it.
    fn parse(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
        Self { digits, exponent: exponent.parse().unwrap_or_default() }
    }

    fn shortest(value: f64) -> Self {
        let shortest = Self::parse(&format!("{value:e}"));
        let len = shortest.digits.len();
        // If the float is halfway between two shortest texts, CPython takes the even digit, and the
        // standard library does not. With fewer digits there is no such case.
        if len >= 15 {
            let even = format!("{value:.*e}", len - 1);
            if even.parse() == Ok(value) {
                return Self::parse(&even);
            }
        }
        shortest
    }

    /// `count` significant digits, at least one.
    fn rounded(value: f64, count: usize) -> Self {
        // No float has more significant digits than this. The standard library's precision is a `u16`.
        let shown = count.clamp(1, 800);
        let mut digits = Self::parse(&format!("{value:.*e}", shown - 1));
        digits.digits.extend(std::iter::repeat_n('0', count.saturating_sub(shown)));
        digits
    }

    /// Without an exponent: `0.00123` or `12300`, with a point only if there are digits after it.
    fn fixed(&self) -> String {
        let len = self.digits.len();
        match usize::try_from(self.exponent) {
            Err(_) => {
                let zeros = usize::try_from(-1 - self.exponent).unwrap_or_default();
                format!("0.{}{}", "0".repeat(zeros), self.digits)
            }
            Ok(exponent) if exponent + 1 >= len => {
                format!("{}{}", self.digits, "0".repeat(exponent + 1 - len))
            }
            Ok(exponent) => {
                let (whole, fraction) = self.digits.split_at(exponent + 1);
                format!("{whole}.{fraction}")
            }
        }
    }

    /// With an exponent of at least `width` digits: `1.5e+20`.
    fn scientific(&self, width: usize) -> String {
        let (first, rest) = self.digits.split_at(1.min(self.digits.len()));
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if self.exponent < 0 { '-' } else { '+' };
        format!("{first}{point}{rest}e{sign}{:0width$}", self.exponent.unsigned_abs())
    }

    /// Without the zeros at the end.
    fn trimmed(mut self) -> Self {
        let len = self.digits.trim_end_matches('0').len().max(1);
        self.digits.truncate(len);
        self
    }
}

/// How a float becomes text: `PyOS_double_to_string`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FloatStyle {
    /// `e`: with an exponent.
    Scientific,
    /// `f`: without.
    Fixed,
    /// `g`: with an exponent if it is large or small.
    General,
    /// `g`, but with an exponent one digit sooner and with a digit after the point: a precision
    /// without a type.
    GeneralWithPoint,
    /// `repr`.
    Shortest,
}

/// The text of `value` with `precision`, in lower case. `alternate` keeps the point and, for `g`, the
/// zeros at the end. The sign is there only if it is negative.
///
/// The caller bounds `precision`: the text can be that long, and 310 bytes more.
pub(crate) fn text(value: f64, style: FloatStyle, precision: usize, alternate: bool) -> String {
    if !value.is_finite() {
        return repr(value);
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let magnitude = value.abs();
    let mut text = match style {
        FloatStyle::Shortest => {
            let text = repr(magnitude);
            let bare = alternate && !text.contains('.');
            if bare { text.replacen('e', ".e", 1) } else { text }
        }
        FloatStyle::Fixed => {
            // No float has more digits after the point than this.
            let shown = precision.min(1100);
            let mut text = format!("{magnitude:.shown$}");
            text.extend(std::iter::repeat_n('0', precision - shown));
            if alternate && precision == 0 {
                text.push('.');
            }
            text
        }
        FloatStyle::Scientific => {
            let text = Digits::rounded(magnitude, precision.saturating_add(1)).scientific(2);
            if alternate && precision == 0 { text.replacen('e', ".e", 1) } else { text }
        }
        FloatStyle::General | FloatStyle::GeneralWithPoint => {
            general(magnitude, style, precision.max(1), alternate)
        }
    };
    text.insert_str(0, sign);
    text
}

fn general(magnitude: f64, style: FloatStyle, precision: usize, alternate: bool) -> String {
    let digits = Digits::rounded(magnitude, precision);
    let digits = if alternate { digits } else { digits.trimmed() };
    let with_point = style == FloatStyle::GeneralWithPoint;
    // The largest exponent that is still written without one.
    let below = i64::try_from(precision).unwrap_or(i64::MAX) - i64::from(with_point);
    let exponent = i64::from(digits.exponent);
    if exponent < -4 || exponent >= below {
        let text = digits.scientific(2);
        return if alternate && !text.contains('.') { text.replacen('e', ".e", 1) } else { text };
    }
    let mut text = digits.fixed();
    if !text.contains('.') {
        if with_point {
            text.push_str(".0");
        } else if alternate {
            text.push('.');
        }
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cpython::{cases, compare, float_literal, rng};

    /// Floats of all kinds: any bits, short decimals, halves, powers of ten.
    pub(crate) fn any_float(rng: &mut fastrand::Rng) -> f64 {
        let sign = if rng.bool() { 1.0 } else { -1.0 };
        sign * match rng.u8(..8) {
            0 => f64::from_bits(rng.u64(..)).abs(),
            1 => f64::from(rng.u32(..2000)),
            2 => f64::from(rng.u32(..20000)) / 2.0_f64.powi(rng.i32(0..12)),
            3 => format!("{}e{}", rng.u32(..1000), rng.i32(-30..30)).parse().unwrap(),
            4 => {
                *rng.choice(&[0.0, f64::INFINITY, f64::NAN, f64::MAX, 5e-324, 1e16, 1e22]).unwrap()
            }
            5 => f64::from(rng.u32(..1000)) / 100.0,
            6 => 10.0_f64.powi(rng.i32(-320..308)),
            _ => f64::from_bits(rng.u64(..)).abs() % 1e6,
        }
    }

    #[test]
    fn the_repr_is_cpythons() {
        for (value, expected) in [
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (-0.0, "-0.0"),
            (1e-5, "1e-05"),
            (0.1, "0.1"),
        ] {
            assert_eq!(repr(value), expected);
        }
        let mut rng = rng();
        let list = (0..cases(500)).map(|_| any_float(&mut rng));
        compare(list.map(|value| (float_literal(value), Ok(repr(value)))).collect());
    }
}

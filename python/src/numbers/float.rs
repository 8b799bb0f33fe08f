//! Arithmetic of Python's float that differs from Rust's.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer as _;
use num_traits::{FromPrimitive as _, Zero as _};

use crate::failure::Failure;

/// The message when the C library says `ERANGE`.
pub(crate) const OUT_OF_RANGE: &str = "(34, 'Numerical result out of range')";

/// `a / b`.
pub(crate) fn true_div(a: f64, b: f64) -> Result<f64, Failure> {
    if b == 0.0 { Err(Failure::zero_division("float division by zero")) } else { Ok(a / b) }
}

/// `a // b`.
pub(crate) fn floor_div(a: f64, b: f64) -> Result<f64, Failure> {
    if b == 0.0 {
        return Err(Failure::zero_division("float floor division by zero"));
    }
    Ok(div_mod_floor(a, b).0)
}

/// `a % b`.
pub(crate) fn modulo(a: f64, b: f64) -> Result<f64, Failure> {
    if b == 0.0 { Err(Failure::zero_division("float modulo")) } else { Ok(div_mod_floor(a, b).1) }
}

/// `divmod(a, b)`.
pub(crate) fn divmod(a: f64, b: f64) -> Result<(f64, f64), Failure> {
    if b == 0.0 { Err(Failure::zero_division("float divmod()")) } else { Ok(div_mod_floor(a, b)) }
}

/// For `b` other than zero. The remainder has the sign of `b`.
fn div_mod_floor(a: f64, b: f64) -> (f64, f64) {
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0.0_f64.copysign(b);
    } else if (b < 0.0) != (remainder < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(a / b), remainder);
    }
    let floor = quotient.floor();
    // The subtraction above may have rounded to just below the next number.
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, remainder)
}

/// `int(value)`: without the fraction.
pub(crate) fn to_int(value: f64) -> Result<BigInt, Failure> {
    if value.is_nan() {
        return Err(Failure::value("cannot convert float NaN to integer"));
    }
    BigInt::from_f64(value.trunc())
        .ok_or_else(|| Failure::overflow("cannot convert float infinity to integer"))
}

/// `round(value)`: to an int, half to even.
pub(crate) fn round_to_int(value: f64) -> Result<BigInt, Failure> {
    to_int(value.round_ties_even())
}

/// `round(value, digits)`. It rounds the exact value, so that `round(2.675, 2)` is 2.67.
pub(crate) fn round(value: f64, digits: i64) -> Result<f64, Failure> {
    // Beyond these there is nothing to round, or nothing left.
    if !value.is_finite() || digits > 323 {
        return Ok(value);
    }
    if digits < -308 {
        return Ok(0.0_f64.copysign(value));
    }
    let rounded: f64 = match usize::try_from(digits) {
        Ok(digits) => format!("{value:.digits$}").parse().unwrap_or(value),
        Err(_) => round_whole(value, u32::try_from(-digits).unwrap_or(308)),
    };
    if rounded.is_infinite() {
        return Err(Failure::overflow("rounded value too large to represent"));
    }
    Ok(rounded)
}

/// To a multiple of ten to `zeros`, half to even.
fn round_whole(value: f64, zeros: u32) -> f64 {
    let whole = BigUint::from_f64(value.abs().trunc()).unwrap_or_default();
    let unit = BigUint::from(10_u8).pow(zeros);
    let (mut quotient, rest) = whole.div_rem(&unit);
    let up = match (rest * 2_u8).cmp(&unit) {
        Ordering::Less => false,
        // The fraction tells whether this is exactly half.
        Ordering::Equal => quotient.is_odd() || value.fract() != 0.0,
        Ordering::Greater => true,
    };
    quotient += u8::from(up);
    if quotient.is_zero() {
        return 0.0_f64.copysign(value);
    }
    let magnitude: f64 = format!("{quotient}e{zeros}").parse().unwrap_or(f64::INFINITY);
    magnitude.copysign(value)
}

/// `value.is_integer()`.
pub(crate) fn is_integer(value: f64) -> bool {
    value.is_finite() && value.fract() == 0.0
}

/// Compares with an int exactly. `None` for NaN.
pub(crate) fn compare_int(value: f64, number: &BigInt) -> Option<Ordering> {
    if value.is_nan() {
        return None;
    }
    let Some(whole) = BigInt::from_f64(value.floor()) else {
        return Some(if value > 0.0 { Ordering::Greater } else { Ordering::Less });
    };
    let fraction = value.fract() != 0.0;
    // Above its floor, a float with a fraction is larger than an int that equals the floor.
    Some(whole.cmp(number).then(if fraction { Ordering::Greater } else { Ordering::Equal }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{cases, compare, float_literal, rng};
    use crate::numbers::integer::tests::any_int;
    use crate::repr::float::repr;
    use crate::repr::float::tests::any_float;

    #[test]
    fn arithmetic_of_any_floats_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        for _ in 0..cases(500) {
            let (x, y) = (any_float(&mut rng), any_float(&mut rng));
            let (a, b) = (float_literal(x), float_literal(y));
            list.push((format!("{a} / {b}"), true_div(x, y).map(repr)));
            list.push((format!("{a} // {b}"), floor_div(x, y).map(repr)));
            list.push((format!("{a} % {b}"), modulo(x, y).map(repr)));
            let pair = divmod(x, y).map(|(q, r)| format!("({}, {})", repr(q), repr(r)));
            list.push((format!("divmod({a}, {b})"), pair));
            list.push((format!("int({a})"), to_int(x).map(|n| n.to_string())));
            list.push((format!("round({a})"), round_to_int(x).map(|n| n.to_string())));
            let digits = rng.i64(-330..330) / *rng.choice(&[1, 20, 100]).unwrap();
            list.push((format!("round({a}, {digits})"), round(x, digits).map(repr)));
            let integer = if is_integer(x) { "True" } else { "False" };
            list.push((format!("{a}.is_integer()"), Ok(integer.to_owned())));
            let number = if rng.bool() { any_int(&mut rng) } else { to_int(x).unwrap_or_default() };
            let order = match compare_int(x, &number) {
                None | Some(Ordering::Greater) => "(False, False)",
                Some(Ordering::Less) => "(True, False)",
                Some(Ordering::Equal) => "(False, True)",
            };
            list.push((format!("({a} < {number}, {a} == {number})"), Ok(order.to_owned())));
        }
        for text in ["2.675", "0.5", "1.5", "2.5", "1e308", "25.0", "35.0", "25.5", "0.05", "1e16"]
        {
            for digits in -2..4 {
                let value: f64 = text.parse().unwrap();
                list.push((format!("round({text}, {digits})"), round(value, digits).map(repr)));
            }
        }
        compare(list);
    }
}

//! Arithmetic of Python's int that differs from Rust's.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};

use crate::failure::{Failure, check_len};
use crate::numbers::rounding::ratio;

/// The most decimal digits that `int(text)` and `str(int)` convert.
pub(crate) const MAX_DIGITS: usize = 4300;

/// The bits of 10 to [`MAX_DIGITS`]. A number with more bits has more digits.
const MAX_BITS: u64 = 14_285;

/// `str(number)`.
pub(crate) fn to_text(number: &BigInt) -> Result<String, Failure> {
    let too_long = || {
        Failure::value(format!(
            "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        ))
    };
    // Converting is quadratic, so most long numbers fail before it.
    if number.bits() > MAX_BITS {
        return Err(too_long());
    }
    let text = number.to_string();
    if text.trim_start_matches('-').len() > MAX_DIGITS { Err(too_long()) } else { Ok(text) }
}

/// `a // b` of small numbers. `None`: the result needs a [`BigInt`].
pub(crate) fn floor_div_small(a: i64, b: i64) -> Result<Option<i64>, Failure> {
    if b == 0 {
        return Err(floor_div_by_zero());
    }
    let Some(quotient) = a.checked_div(b) else { return Ok(None) };
    let inexact = a.wrapping_rem(b) != 0 && (a < 0) != (b < 0);
    Ok(Some(quotient - i64::from(inexact)))
}

/// `a % b` of small numbers.
pub(crate) fn modulo_small(a: i64, b: i64) -> Result<i64, Failure> {
    if b == 0 {
        return Err(modulo_by_zero());
    }
    let remainder = a.wrapping_rem(b);
    Ok(if remainder != 0 && (remainder < 0) != (b < 0) { remainder + b } else { remainder })
}

/// `a // b`.
pub(crate) fn floor_div(a: &BigInt, b: &BigInt) -> Result<BigInt, Failure> {
    if b.is_zero() { Err(floor_div_by_zero()) } else { Ok(a.div_floor(b)) }
}

/// `a % b`.
pub(crate) fn modulo(a: &BigInt, b: &BigInt) -> Result<BigInt, Failure> {
    if b.is_zero() { Err(modulo_by_zero()) } else { Ok(a.mod_floor(b)) }
}

/// `divmod(a, b)`.
pub(crate) fn divmod(a: &BigInt, b: &BigInt) -> Result<(BigInt, BigInt), Failure> {
    if b.is_zero() { Err(floor_div_by_zero()) } else { Ok(a.div_mod_floor(b)) }
}

fn floor_div_by_zero() -> Failure {
    Failure::zero_division("integer division or modulo by zero")
}

fn modulo_by_zero() -> Failure {
    Failure::zero_division("integer modulo by zero")
}

/// `a / b`, correctly rounded.
pub(crate) fn true_div(a: &BigInt, b: &BigInt) -> Result<f64, Failure> {
    if b.is_zero() {
        return Err(Failure::zero_division("division by zero"));
    }
    let negative = a.is_negative() != b.is_negative();
    let value = ratio(a.magnitude(), b.magnitude());
    if value.is_infinite() {
        return Err(Failure::overflow("integer division result too large for a float"));
    }
    Ok(if negative { -value } else { value })
}

/// `float(number)`.
pub(crate) fn to_float(number: &BigInt) -> Result<f64, Failure> {
    let value = ratio(number.magnitude(), &BigUint::one());
    if value.is_infinite() {
        return Err(Failure::overflow("int too large to convert to float"));
    }
    Ok(if number.is_negative() { -value } else { value })
}

/// `a << b`. The result has at most `limit` bits.
pub(crate) fn shift_left(a: &BigInt, b: &BigInt, limit: usize) -> Result<BigInt, Failure> {
    if b.is_negative() {
        return Err(Failure::value("negative shift count"));
    }
    if a.is_zero() {
        return Ok(BigInt::zero());
    }
    let Some(shift) = b.to_usize() else {
        return Err(Failure::overflow("too many digits in integer"));
    };
    let bits = usize::try_from(a.bits()).unwrap_or(usize::MAX);
    check_len(bits.saturating_add(shift), limit)?;
    Ok(a << shift)
}

/// `a >> b`.
pub(crate) fn shift_right(a: &BigInt, b: &BigInt) -> Result<BigInt, Failure> {
    if b.is_negative() {
        return Err(Failure::value("negative shift count"));
    }
    match b.to_usize() {
        Some(shift) if u64::try_from(shift).is_ok_and(|shift| shift < a.bits()) => Ok(a >> shift),
        _ if a.is_negative() => Ok(-BigInt::one()),
        _ => Ok(BigInt::zero()),
    }
}

/// `round(number, digits)`: for negative `digits` to a multiple of ten, half to even.
pub(crate) fn round(number: &BigInt, digits: &BigInt) -> BigInt {
    if !digits.is_negative() {
        return number.clone();
    }
    // 10 to more than the bits is more than twice the number.
    let exponent = digits.magnitude().to_u64().filter(|&digits| digits <= number.bits() / 3 + 1);
    let Some(exponent) = exponent.and_then(|exponent| u32::try_from(exponent).ok()) else {
        return BigInt::zero();
    };
    let unit = BigInt::from(10).pow(exponent);
    let (quotient, rest) = number.div_mod_floor(&unit);
    let up = match (rest * 2_u8).cmp(&unit) {
        Ordering::Less => false,
        Ordering::Equal => quotient.is_odd(),
        Ordering::Greater => true,
    };
    (quotient + i32::from(up)) * unit
}

/// The byte order of `to_bytes` and `from_bytes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Big,
    Little,
}

impl ByteOrder {
    /// From the argument `byteorder`.
    pub(crate) fn parse(name: &str) -> Result<Self, Failure> {
        match name {
            "big" => Ok(Self::Big),
            "little" => Ok(Self::Little),
            _ => Err(Failure::value("byteorder must be either 'little' or 'big'")),
        }
    }
}

/// `number.to_bytes(length, order, signed=signed)`. The caller bounds `length`.
pub(crate) fn to_bytes(
    number: &BigInt,
    length: usize,
    order: ByteOrder,
    signed: bool,
) -> Result<Vec<u8>, Failure> {
    if number.is_negative() && !signed {
        return Err(Failure::overflow("can't convert negative int to unsigned"));
    }
    // Two's complement has one bit for the sign.
    let bits = if number.is_negative() { (number + 1_u8).bits() } else { number.bits() }
        + u64::from(signed);
    // CPython fits -1 into no bytes too.
    let nothing = length == 0 && (number.is_zero() || *number == -BigInt::one());
    if !nothing && bits.div_ceil(8) > u64::try_from(length).unwrap_or(u64::MAX) {
        return Err(Failure::overflow("int too big to convert"));
    }
    let mut bytes = number.to_signed_bytes_le();
    bytes.resize(length, if number.is_negative() { 0xff } else { 0 });
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    Ok(bytes)
}

/// `int.from_bytes(bytes, order, signed=signed)`.
pub(crate) fn from_bytes(bytes: &[u8], order: ByteOrder, signed: bool) -> BigInt {
    match (order, signed) {
        (ByteOrder::Big, true) => BigInt::from_signed_bytes_be(bytes),
        (ByteOrder::Little, true) => BigInt::from_signed_bytes_le(bytes),
        (ByteOrder::Big, false) => BigUint::from_bytes_be(bytes).into(),
        (ByteOrder::Little, false) => BigUint::from_bytes_le(bytes).into(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cpython::{bytes_literal, cases, compare, float_literal, rng};

    /// Ints of all sizes, often near a power of two.
    pub(crate) fn any_int(rng: &mut fastrand::Rng) -> BigInt {
        let magnitude = match rng.u8(..5) {
            0 => BigInt::from(rng.u32(..20)),
            1 => BigInt::from(rng.i64(..)).abs(),
            2 => (BigInt::one() << rng.usize(..1100)) + rng.i32(-2..3),
            3 => BigInt::from(rng.u64(..)) << rng.usize(..200),
            _ => BigInt::from(rng.u32(..)).pow(rng.u32(..12)),
        };
        if rng.bool() { magnitude } else { -magnitude }
    }

    fn bits(result: Result<f64, Failure>) -> Result<String, Failure> {
        result.map(|value| value.to_bits().to_string())
    }

    fn bits_of(expression: &str) -> String {
        format!("struct.unpack('Q', struct.pack('d', {expression}))[0]")
    }

    #[test]
    fn arithmetic_of_any_ints_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        for _ in 0..cases(500) {
            let (a, b) = (any_int(&mut rng), any_int(&mut rng));
            list.push((format!("({a}) // ({b})"), floor_div(&a, &b).map(|n| n.to_string())));
            list.push((format!("({a}) % ({b})"), modulo(&a, &b).map(|n| n.to_string())));
            list.push((
                format!("divmod({a}, {b})"),
                divmod(&a, &b).map(|(q, r)| format!("({q}, {r})")),
            ));
            list.push((bits_of(&format!("({a}) / ({b})")), bits(true_div(&a, &b))));
            list.push((bits_of(&format!("float({a})")), bits(to_float(&a))));
            let shift = BigInt::from(rng.i32(-1..300));
            list.push((
                format!("({a}) << ({shift})"),
                shift_left(&a, &shift, 10_000).map(|n| n.to_string()),
            ));
            list.push((
                format!("({a}) >> ({shift})"),
                shift_right(&a, &shift).map(|n| n.to_string()),
            ));
            let digits = BigInt::from(rng.i32(-40..2));
            list.push((format!("round({a}, {digits})"), Ok(round(&a, &digits).to_string())));
            let (length, signed) = (rng.usize(..20), rng.bool());
            let (order, name) =
                if rng.bool() { (ByteOrder::Big, "big") } else { (ByteOrder::Little, "little") };
            let python = if signed { "True" } else { "False" };
            let packed = to_bytes(&a, length, order, signed);
            if let Ok(bytes) = &packed {
                let back = from_bytes(bytes, order, !signed);
                let other = if signed { "False" } else { "True" };
                let text =
                    format!("int.from_bytes({}, '{name}', signed={other})", bytes_literal(bytes));
                list.push((text, Ok(back.to_string())));
            }
            list.push((
                format!("({a}).to_bytes({length}, '{name}', signed={python})"),
                packed.map(|bytes| bytes_literal(&bytes)),
            ));
        }
        for (a, b) in
            [("10**4299", 4299), ("10**4300", 4300), ("-10**4300+1", 4300), ("10**9000", 9000)]
        {
            let ten = BigInt::from(10).pow(b);
            let number = if a.starts_with('-') { -ten + 1 } else { ten };
            list.push((format!("str({a})"), to_text(&number).map(|text| format!("'{text}'"))));
        }
        compare(list);
    }

    #[test]
    fn small_division_agrees_with_the_large_one() {
        let mut rng = rng();
        for _ in 0..cases(1000) {
            let any = |rng: &mut fastrand::Rng| {
                *rng.choice(&[0, 1, -1, 7, -7, i64::MIN, i64::MAX, rng.clone().i64(..)]).unwrap()
            };
            let (a, b) = (any(&mut rng), any(&mut rng));
            if let Some(small) = floor_div_small(a, b).transpose() {
                assert_eq!(small.map(BigInt::from), floor_div(&a.into(), &b.into()), "{a} // {b}");
            }
            assert_eq!(
                modulo_small(a, b).map(BigInt::from),
                modulo(&a.into(), &b.into()),
                "{a} % {b}"
            );
        }
    }

    #[test]
    fn a_huge_shift_is_too_large_before_it_is_made() {
        let one = BigInt::one();
        assert_eq!(shift_left(&one, &BigInt::from(1_u64 << 60), 1000), Err(Failure::TooLarge));
        assert_eq!(shift_right(&one, &(BigInt::one() << 70)), Ok(BigInt::zero()));
        assert_eq!(float_literal(1.0), "F(4607182418800017408)");
    }
}

//! `**` and `pow`.

use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};

use crate::failure::{Failure, check_len};
use crate::numbers::{float, integer, nearest_power};

/// What `int ** int` is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Power {
    Int(BigInt),
    /// For a negative exponent.
    Float(f64),
}

/// `base ** exponent`. An int of more than `limit` bits is too large.
pub(crate) fn int(base: &BigInt, exponent: &BigInt, limit: usize) -> Result<Power, Failure> {
    if exponent.is_negative() {
        let (base, exponent) = (integer::to_float(base)?, integer::to_float(exponent)?);
        return float(base, exponent).map(Power::Float);
    }
    let small = base.magnitude().is_zero() || base.magnitude().is_one();
    if small {
        let odd = exponent.is_odd();
        return Ok(Power::Int(match base.sign() {
            _ if exponent.is_zero() => BigInt::one(),
            Sign::Minus if !odd => BigInt::one(),
            Sign::Minus | Sign::NoSign | Sign::Plus => base.clone(),
        }));
    }
    let exponent = exponent.to_u32().ok_or(Failure::TooLarge)?;
    let bits = usize::try_from(base.bits()).unwrap_or(usize::MAX);
    // The result has more bits than this.
    let at_least = (bits - 1).saturating_mul(usize::try_from(exponent).unwrap_or(usize::MAX));
    check_len(at_least, limit)?;
    Ok(Power::Int(base.pow(exponent)))
}

/// `pow(base, exponent, modulus)`. More than `limit` multiplications of 64-bit words are too many.
pub(crate) fn int_modulo(
    base: &BigInt,
    exponent: &BigInt,
    modulus: &BigInt,
    limit: u64,
) -> Result<BigInt, Failure> {
    if modulus.is_zero() {
        return Err(Failure::value("pow() 3rd argument cannot be 0"));
    }
    let words = modulus.bits().div_ceil(64);
    if exponent.bits().saturating_mul(words).saturating_mul(words) > limit {
        return Err(Failure::TooLarge);
    }
    if !exponent.is_negative() {
        return Ok(base.modpow(exponent, modulus));
    }
    let inverse = base
        .modinv(modulus)
        .ok_or_else(|| Failure::value("base is not invertible for the given modulus"))?;
    Ok(inverse.modpow(&-exponent, modulus))
}

/// `base ** exponent`. A negative base with a fraction as exponent is complex, and refused.
///
/// CPython asks the C library, whose result is one of the two floats next to the exact one, and nearly
/// always the nearest. So does this on a machine with a C library. The page has none, and takes the
/// nearest for whole and half exponents. Other exponents may differ there in the last digit.
pub(crate) fn float(base: f64, exponent: f64) -> Result<f64, Failure> {
    if base == 0.0 && exponent < 0.0 && exponent.is_finite() {
        return Err(Failure::zero_division("0.0 cannot be raised to a negative power"));
    }
    if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent.fract() != 0.0 {
        return Err(Failure::Refused("complex numbers are not supported".to_owned()));
    }
    let nearest =
        if cfg!(target_arch = "wasm32") { nearest_power::nearest(base, exponent) } else { None };
    let power = nearest.unwrap_or_else(|| base.powf(exponent));
    if power.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err(Failure::overflow(float::OUT_OF_RANGE));
    }
    Ok(power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{cases, compare, float_literal, rng};
    use crate::numbers::integer::tests::any_int;
    use crate::repr::float::repr;
    use crate::repr::float::tests::any_float;

    #[test]
    fn powers_are_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        for _ in 0..cases(400) {
            let (a, modulus) = (any_int(&mut rng), any_int(&mut rng));
            let b = BigInt::from(rng.i32(-5..9));
            let ours = int(&a, &b, 10_000).map(|power| match power {
                Power::Int(number) => number.to_string(),
                Power::Float(value) => repr(value),
            });
            list.push((format!("({a}) ** ({b})"), ours));
            list.push((
                format!("pow({a}, {b}, {modulus})"),
                int_modulo(&a, &b, &modulus, 1_000_000).map(|n| n.to_string()),
            ));
            let (x, y) = (any_float(&mut rng), any_float(&mut rng));
            let ours = float(x, y).map(repr);
            list.push((format!("{} ** {}", float_literal(x), float_literal(y)), ours));
        }
        compare(list);
    }

    #[test]
    fn a_huge_power_is_too_large_before_it_is_made() {
        let huge = BigInt::from(10).pow(30);
        assert_eq!(int(&2.into(), &huge, 1000), Err(Failure::TooLarge));
        assert_eq!(int(&10.into(), &1_000_000_000.into(), 1_000_000), Err(Failure::TooLarge));
        assert_eq!(int(&BigInt::from(-1), &(huge + 1), 1000), Ok(Power::Int(BigInt::from(-1))));
    }
}

//! The float nearest to a power, for the exponents that programs write.

use num_bigint::BigUint;
use num_integer::Integer as _;
use num_traits::{One as _, ToPrimitive as _, Zero as _};

use crate::numbers::rounding;

/// The largest exponent. Two to this is beyond the floats, in both directions.
const MAX_EXPONENT: f64 = 1100.0;

/// `base ** exponent`, rounded once, for a finite base other than zero and a multiple of a half as exponent.
/// `None`: another base or exponent, or a result that is no real number.
pub(super) fn nearest(base: f64, exponent: f64) -> Option<f64> {
    let halves = exponent * 2.0;
    if base == 0.0 || !base.is_finite() || halves.fract() != 0.0 || exponent.abs() > MAX_EXPONENT {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number up to 2200")]
    let halves = halves as i64;
    let root = halves % 2 != 0;
    let times = u32::try_from(halves.unsigned_abs() / if root { 1 } else { 2 }).ok()?;
    if base < 0.0 && root {
        return None;
    }
    let (mantissa, two_to) = parts(base.abs());
    // The power, or its square if a root is to be taken: `power * 2**exponent`.
    let power = BigUint::from(mantissa).pow(times);
    let sign = if halves < 0 { -1 } else { 1 };
    let (top, bottom) = if halves < 0 { (BigUint::one(), power) } else { (power, BigUint::one()) };
    let value = quotient(&top, &bottom, sign * two_to * i64::from(times), root);
    Some(if base < 0.0 && times % 2 == 1 { -value } else { value })
}

/// A positive float as an odd number times a power of two.
fn parts(value: f64) -> (u64, i64) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let field = i64::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
    let (mantissa, exponent) =
        if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    let zeros = mantissa.trailing_zeros();
    (mantissa >> zeros, exponent + i64::from(zeros))
}

/// `top / bottom * 2**exponent`, or its square root.
fn quotient(top: &BigUint, bottom: &BigUint, exponent: i64, root: bool) -> f64 {
    // Enough bits that the root has 64 of them, and an even exponent.
    let more = (bottom.bits() + 130).saturating_sub(top.bits());
    let shift = more + u64::from((exponent - more.cast_signed()).rem_euclid(2) == 1);
    let mut exponent = exponent - shift.cast_signed();
    let (mut value, rest) = (top << shift).div_rem(bottom);
    let mut exact = rest.is_zero();
    if root {
        let square = value;
        value = square.sqrt();
        exact &= &value * &value == square;
        exponent /= 2;
    }
    // The first 63 bits, and one that stands for all after them.
    let dropped = value.bits().saturating_sub(63);
    exact &= value.trailing_zeros().is_none_or(|zeros| zeros >= dropped);
    let mantissa = (value >> dropped).to_u64().unwrap_or_default();
    rounding::scale(mantissa << 1 | u64::from(!exact), exponent + dropped.cast_signed() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_powers_are_exact() {
        for (base, exponent, power) in [
            (2.0, 10.0, 1024.0),
            (2.0, -1074.0, 5e-324),
            (2.0, -1075.0, 0.0),
            (-3.0, 3.0, -27.0),
            (1.5, 2.0, 2.25),
            (9.0, 0.5, 3.0),
            (4.0, -1.5, 0.125),
            (2.0, 1024.0, f64::INFINITY),
            (1e300, 2.0, f64::INFINITY),
            (1e-300, 2.0, 0.0),
            (7.0, 0.0, 1.0),
        ] {
            assert_eq!(nearest(base, exponent), Some(power), "{base} ** {exponent}");
        }
        assert_eq!(nearest(-2.0, 0.5), None);
        assert_eq!(nearest(2.0, 0.3), None);
    }

    #[test]
    fn the_nearest_power_is_nearly_always_that_of_the_c_library() {
        let (mut all, mut different) = (0, 0);
        for tenths in 1..200 {
            for halves in -40..80 {
                let (base, exponent) = (f64::from(tenths) / 10.0, f64::from(halves) / 2.0);
                let library = base.powf(exponent);
                let nearest = nearest(base, exponent).unwrap();
                let neighbour = nearest.to_bits().abs_diff(library.to_bits()) <= 1;
                assert!(neighbour, "{base} ** {exponent}: {nearest:?} {library:?}");
                all += 1;
                different += u32::from(nearest.to_bits() != library.to_bits());
            }
        }
        assert!(different < all / 100, "{different} of {all}");
    }
}

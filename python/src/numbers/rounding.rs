//! Exact numbers to the nearest float, half to even.

use std::cmp::Ordering;

use num_bigint::BigUint;
use num_integer::Integer as _;
use num_traits::{ToPrimitive as _, Zero as _};

/// `a / b` for positive `b`, rounded once, half to even. Infinite if it is too large.
pub(super) fn ratio(a: &BigUint, b: &BigUint) -> f64 {
    if a.is_zero() {
        return 0.0;
    }
    let bits = |n: &BigUint| i64::try_from(n.bits()).unwrap_or(i64::MAX / 4);
    let difference = bits(a) - bits(b);
    if difference > 1025 {
        return f64::INFINITY;
    }
    if difference < -1080 {
        return 0.0;
    }
    // A quotient of 55 or 56 bits, times two to `exponent`. The smallest float is 2 to -1074, and
    // one bit more tells where to round.
    let exponent = (difference - 55).max(-1076);
    let (a, b) = match u64::try_from(exponent) {
        Ok(up) => (a.clone(), b << up),
        Err(_) => (a << exponent.unsigned_abs(), b.clone()),
    };
    let (quotient, rest) = a.div_rem(&b);
    // The last bit stands for everything after it.
    let quotient = quotient.to_u64().unwrap_or(u64::MAX) | u64::from(!rest.is_zero());
    scale(quotient, exponent)
}

/// `mantissa * 2**exponent`, rounded once. Infinite if it is too large.
pub(super) fn scale(mantissa: u64, exponent: i64) -> f64 {
    let bits = i64::from(64 - mantissa.leading_zeros());
    // The bits that do not fit: a float has 53, and fewer below 2 to -1022.
    let dropped = (bits - 53).max((-1074_i64).saturating_sub(exponent)).max(0);
    // With one bit more than there are, nothing is left, and nothing is rounded up.
    let shift = u32::try_from(dropped).unwrap_or(65).min(65);
    let kept = u128::from(mantissa) >> shift;
    let rest = u128::from(mantissa) - (kept << shift);
    let half = (1_u128 << shift) >> 1;
    let up = shift > 0
        && match rest.cmp(&half) {
            Ordering::Less => false,
            Ordering::Equal => kept & 1 == 1,
            Ordering::Greater => true,
        };
    // Both factors are exact, and so is their product: `kept` has at most 53 bits, or is 2 to 53.
    #[expect(clippy::cast_precision_loss, reason = "at most 53 bits")]
    let mut value = (kept + u128::from(up)) as f64;
    let mut left = exponent.saturating_add(i64::from(shift)).clamp(-1200, 2000);
    while left != 0 && value != 0.0 {
        let step = left.clamp(-1000, 1000);
        value *= 2.0_f64.powi(i32::try_from(step).unwrap_or_default());
        left -= step;
    }
    value
}

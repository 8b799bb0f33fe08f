//! The operators of dates and durations.
#![allow(clippy::wildcard_enum_match_arm, reason = "few operators take times")]

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

use crate::code::Operator;
use crate::native::{error, refuse};
use crate::numbers::integer;
use crate::types::{Exc, Type};
use crate::value::{Fail, Time, Value};

/// The first and the last microsecond of a date: the years 1 to 9999.
const DATES: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// A date.
pub(crate) fn date(us: Option<i64>) -> Result<Value, Fail> {
    match us.filter(|us| DATES.contains(us)) {
        Some(us) => Ok(Value::Time(Time { kind: Type::DateTime, us }.into())),
        None => Err(error(Exc::OverflowError, "date value out of range")),
    }
}

/// A duration.
pub(crate) fn duration(us: Option<i64>) -> Result<Value, Fail> {
    match us {
        Some(us) => Ok(Value::Time(Time { kind: Type::TimeDelta, us }.into())),
        None => Err(refuse("a duration this long is outside of the subset")),
    }
}

/// `left operator right`, one of which is a time. `None` if there is no such operator.
pub(crate) fn binary(
    operator: Operator,
    left: &Value,
    right: &Value,
) -> Result<Option<Value>, Fail> {
    match (left, right) {
        (Value::Time(one), Value::Time(other)) => times(operator, one, other),
        (Value::Time(time), other) | (other, Value::Time(time)) if time.kind == Type::TimeDelta => {
            let is_left = matches!(left, Value::Time(_));
            if let Value::Float(_) = other
                && (operator == Operator::Multiply || (operator == Operator::Divide && is_left))
            {
                return Err(refuse("a duration times a float is outside of the subset"));
            }
            match super::kind::int_of(other) {
                Some(int) => scaled(operator, time.us, &int, is_left),
                None => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

fn times(operator: Operator, left: &Time, right: &Time) -> Result<Option<Value>, Fail> {
    use Type::{DateTime, TimeDelta};
    let sum = || left.us.checked_add(right.us);
    let difference = || left.us.checked_sub(right.us);
    Ok(Some(match (operator, left.kind, right.kind) {
        (Operator::Add, DateTime, TimeDelta) | (Operator::Add, TimeDelta, DateTime) => date(sum())?,
        (Operator::Add, TimeDelta, TimeDelta) => duration(sum())?,
        (Operator::Subtract, DateTime, TimeDelta) => date(difference())?,
        (Operator::Subtract, DateTime, DateTime) | (Operator::Subtract, TimeDelta, TimeDelta) => {
            duration(difference())?
        }
        (Operator::Divide, TimeDelta, TimeDelta) => {
            Value::Float(integer::true_div(&left.us.into(), &right.us.into())?)
        }
        (Operator::FloorDivide, TimeDelta, TimeDelta) => {
            Value::big(integer::floor_div(&left.us.into(), &right.us.into())?)
        }
        (Operator::Modulo, TimeDelta, TimeDelta) => {
            duration(integer::modulo(&left.us.into(), &right.us.into())?.to_i64())?
        }
        _ => return Ok(None),
    }))
}

fn scaled(operator: Operator, us: i64, int: &BigInt, is_left: bool) -> Result<Option<Value>, Fail> {
    let us = BigInt::from(us);
    let result = match operator {
        Operator::Multiply => us * int,
        Operator::FloorDivide if is_left => integer::floor_div(&us, int)?,
        Operator::Divide if is_left => {
            if int.is_zero() {
                let message = "integer division or modulo by zero";
                return Err(error(Exc::ZeroDivisionError, message));
            }
            nearest(&us, int)
        }
        _ => return Ok(None),
    };
    duration(result.to_i64()).map(Some)
}

/// `one / other`, rounded. A half goes to the even number.
fn nearest(one: &BigInt, other: &BigInt) -> BigInt {
    let (quotient, rest) = one.div_mod_floor(other);
    let twice = rest.abs() * 2_u8;
    let size = other.abs();
    if twice > size || (twice == size && quotient.is_odd()) { quotient + 1_u8 } else { quotient }
}

//! `+`, `-`, `*` and the other operators on built-in values. `%` of text is in `builtins`.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

use super::compare::as_bytes;
use super::durations;
use super::key::key_of;
use super::kind::{int_of, type_name};
use crate::budget::{MAX_LIVE_BYTES, afford, room_for, spend};
use crate::bytes::find;
use crate::code::{Operator, Unary};
use crate::native::{error, type_error};
use crate::numbers::power::{self, Power};
use crate::numbers::{float, integer};
use crate::text::index;
use crate::types::{Exc, Type};
use crate::value::{Fail, Time, Value, charge_of};

/// The most bits of an int: more is over the budget of memory.
const MAX_INT_BITS: usize = 8 * 8 * 1024 * 1024;

/// The symbol of an operator, in a message.
pub(crate) const fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::FloorDivide => "//",
        Operator::Modulo => "%",
        Operator::Power => "** or pow()",
        Operator::LeftShift => "<<",
        Operator::RightShift => ">>",
        Operator::And => "&",
        Operator::Or => "|",
        Operator::Xor => "^",
    }
}

/// A number for arithmetic.
enum Number {
    Small(i64),
    Big(BigInt),
    Float(f64),
}

fn number(value: &Value) -> Option<Number> {
    Some(match value {
        Value::Bool(bool) => Number::Small(i64::from(*bool)),
        Value::Int(int) => Number::Small(*int),
        Value::Big(big) => Number::Big(big.number.clone()),
        Value::Float(float) => Number::Float(*float),
        _ => return None,
    })
}

/// `left operator right`. `assigned` is whether it stands in `+=` or the like.
pub(crate) fn binary(
    operator: Operator,
    left: &Value,
    right: &Value,
    assigned: bool,
) -> Result<Value, Fail> {
    if let (Value::Int(left), Value::Int(right)) = (left, right)
        && let Some(value) = small(operator, *left, *right)?
    {
        return Ok(value);
    }
    if let (Some(left_number), Some(right_number)) = (number(left), number(right)) {
        if let (Value::Bool(left), Value::Bool(right)) = (left, right) {
            match operator {
                Operator::And => return Ok(Value::Bool(left & right)),
                Operator::Or => return Ok(Value::Bool(left | right)),
                Operator::Xor => return Ok(Value::Bool(left ^ right)),
                _ => {}
            }
        }
        if let Some(value) = numbers(operator, left_number, right_number)? {
            return Ok(value);
        }
        return Err(unsupported(operator, left, right, assigned));
    }
    if let (Value::Time(_), _) | (_, Value::Time(_)) = (left, right)
        && let Some(value) = durations::binary(operator, left, right)?
    {
        return Ok(value);
    }
    match operator {
        Operator::Add => add(left, right, assigned),
        Operator::Multiply => multiply(left, right, assigned),
        Operator::Subtract | Operator::And | Operator::Or | Operator::Xor => match (left, right) {
            (Value::Set(_), Value::Set(_)) => sets(operator, left, right),
            (Value::Dict(one), Value::Dict(other)) if operator == Operator::Or => {
                let mut table = one.table.borrow().clone();
                room_for(charge_of(table.len()))?;
                for (key, pair) in &*other.table.borrow() {
                    spend(1);
                    match table.get_mut(key) {
                        Some((_, value)) => value.clone_from(&pair.1),
                        None => {
                            table.insert(key.clone(), pair.clone());
                        }
                    }
                }
                Ok(Value::dict(table))
            }
            _ => Err(unsupported(operator, left, right, assigned)),
        },
        _ => Err(unsupported(operator, left, right, assigned)),
    }
}

fn unsupported(operator: Operator, left: &Value, right: &Value, assigned: bool) -> Fail {
    let sign = match (operator, assigned) {
        (Operator::Power, true) => "**=".to_owned(),
        (_, true) => format!("{}=", sign(operator)),
        (_, false) => sign(operator).to_owned(),
    };
    let (left, right) = (type_name(left), type_name(right));
    type_error(format!("unsupported operand type(s) for {sign}: '{left}' and '{right}'"))
}

/// The result of two small ints, if it is small.
#[inline]
fn small(operator: Operator, left: i64, right: i64) -> Result<Option<Value>, Fail> {
    Ok(match operator {
        Operator::Add => left.checked_add(right).map(Value::Int),
        Operator::Subtract => left.checked_sub(right).map(Value::Int),
        Operator::Multiply => left.checked_mul(right).map(Value::Int),
        Operator::And => Some(Value::Int(left & right)),
        Operator::Or => Some(Value::Int(left | right)),
        Operator::Xor => Some(Value::Int(left ^ right)),
        Operator::FloorDivide => integer::floor_div_small(left, right)?.map(Value::Int),
        Operator::Modulo => Some(Value::Int(integer::modulo_small(left, right)?)),
        Operator::RightShift if right >= 0 => Some(Value::Int(left >> right.min(63))),
        Operator::LeftShift
            if (0..62).contains(&right) && left.unsigned_abs() < 1 << (62 - right) =>
        {
            Some(Value::Int(left << right))
        }
        Operator::Divide | Operator::Power | Operator::LeftShift | Operator::RightShift => None,
    })
}

fn numbers(operator: Operator, left: Number, right: Number) -> Result<Option<Value>, Fail> {
    let is_float = matches!(left, Number::Float(_)) || matches!(right, Number::Float(_));
    if is_float && !takes_floats(operator) {
        return Ok(None);
    }
    let (left, right) = match (left, right) {
        (Number::Float(left), right) => return floats(operator, left, float_of(right)?),
        (left, Number::Float(right)) => return floats(operator, float_of(left)?, right),
        (left, right) => (big(left), big(right)),
    };
    let bits = |number: &BigInt| usize::try_from(number.bits()).unwrap_or(usize::MAX);
    afford(product_cost(bits(&left), bits(&right)))?;
    let limit = || -> Result<(), Fail> { Ok(room_for((bits(&left) + bits(&right)) / 8)?) };
    Ok(Some(match operator {
        Operator::Add => Value::big(left + right),
        Operator::Subtract => Value::big(left - right),
        Operator::Multiply => {
            limit()?;
            Value::big(left * right)
        }
        Operator::Divide => Value::Float(integer::true_div(&left, &right)?),
        Operator::FloorDivide => Value::big(integer::floor_div(&left, &right)?),
        Operator::Modulo => Value::big(integer::modulo(&left, &right)?),
        Operator::Power => {
            let exponent = right.to_usize().unwrap_or(usize::MAX);
            let size = bits(&left).saturating_mul(exponent);
            if !left.magnitude().is_zero() && bits(&left) > 1 && right.is_positive() {
                room_for(size / 8)?;
                afford(product_cost(size, size))?;
            }
            match power::int(&left, &right, MAX_INT_BITS)? {
                Power::Int(int) => Value::big(int),
                Power::Float(float) => Value::Float(float),
            }
        }
        Operator::LeftShift => {
            if !left.is_zero() && right.is_positive() {
                room_for(right.to_usize().unwrap_or(usize::MAX) / 8)?;
            }
            Value::big(integer::shift_left(&left, &right, MAX_INT_BITS)?)
        }
        Operator::RightShift => Value::big(integer::shift_right(&left, &right)?),
        Operator::And => Value::big(left & right),
        Operator::Or => Value::big(left | right),
        Operator::Xor => Value::big(left ^ right),
    }))
}

const fn takes_floats(operator: Operator) -> bool {
    !matches!(
        operator,
        Operator::LeftShift | Operator::RightShift | Operator::And | Operator::Or | Operator::Xor
    )
}

/// The operations that the product or the quotient of two ints of these lengths in bits counts for. Long ones
/// take more than linear time.
fn product_cost(left: usize, right: usize) -> usize {
    let (short, long) = (left.min(right) / 64, left.max(right) / 64);
    long.saturating_mul(short.isqrt()).saturating_mul(8)
}

fn big(number: Number) -> BigInt {
    match number {
        Number::Small(int) => int.into(),
        Number::Big(big) => big,
        Number::Float(_) => BigInt::zero(),
    }
}

fn float_of(number: Number) -> Result<f64, Fail> {
    Ok(match number {
        #[expect(clippy::cast_precision_loss, reason = "as in Python")]
        Number::Small(int) => int as f64,
        Number::Big(big) => integer::to_float(&big)?,
        Number::Float(float) => float,
    })
}

fn floats(operator: Operator, left: f64, right: f64) -> Result<Option<Value>, Fail> {
    Ok(Some(Value::Float(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => float::true_div(left, right)?,
        Operator::FloorDivide => float::floor_div(left, right)?,
        Operator::Modulo => float::modulo(left, right)?,
        Operator::Power => power::float(left, right)?,
        Operator::LeftShift
        | Operator::RightShift
        | Operator::And
        | Operator::Or
        | Operator::Xor => {
            return Ok(None);
        }
    })))
}

fn add(left: &Value, right: &Value, assigned: bool) -> Result<Value, Fail> {
    match (left, right) {
        (Value::Str(one), Value::Str(other)) => {
            let length = one.text.len() + other.text.len();
            room_for(length)?;
            spend(length / 64);
            let mut text = String::with_capacity(length);
            text.push_str(&one.text);
            text.push_str(&other.text);
            Ok(Value::str(text))
        }
        (Value::Str(_), _) => Err(type_error(format!(
            "can only concatenate str (not \"{}\") to str",
            type_name(right)
        ))),
        (Value::Tuple(one), Value::Tuple(other)) => {
            room_for(charge_of(one.items.len() + other.items.len()))?;
            spend(one.items.len() + other.items.len());
            Ok(Value::tuple(one.items.iter().chain(&other.items).cloned().collect()))
        }
        (Value::Tuple(_), _) => Err(type_error(format!(
            "can only concatenate tuple (not \"{}\") to tuple",
            type_name(right)
        ))),
        (Value::List(one), Value::List(other)) => {
            let (one, other) = (one.items.borrow(), other.items.borrow());
            room_for(charge_of(one.len() + other.len()))?;
            spend(one.len() + other.len());
            Ok(Value::list(one.iter().chain(&*other).cloned().collect()))
        }
        (Value::List(_), _) if !assigned => Err(type_error(format!(
            "can only concatenate list (not \"{}\") to list",
            type_name(right)
        ))),
        (Value::Bytes(_) | Value::ByteArray(_), _) => {
            let Some(other) = as_bytes(right) else {
                let (right, left) = (type_name(right), type_name(left));
                return Err(type_error(format!("can't concat {right} to {left}")));
            };
            let one = as_bytes(left).map(|bytes| bytes.to_vec()).unwrap_or_default();
            room_for(one.len() + other.len())?;
            spend((one.len() + other.len()) / 64);
            let joined = [&one[..], &other].concat();
            Ok(if let Value::Bytes(_) = left {
                Value::bytes(joined)
            } else {
                Value::byte_array(joined)
            })
        }
        _ => Err(unsupported(Operator::Add, left, right, assigned)),
    }
}

/// How often a sequence is repeated. Negative counts are 0.
fn count_of(value: &Value) -> Result<Option<usize>, Fail> {
    let Some(int) = int_of(value) else { return Ok(None) };
    if int.is_negative() {
        return Ok(Some(0));
    }
    match int.to_i64() {
        Some(count) => Ok(Some(usize::try_from(count).unwrap_or(usize::MAX))),
        None => Err(error(Exc::OverflowError, "cannot fit 'int' into an index-sized integer")),
    }
}

fn multiply(left: &Value, right: &Value, assigned: bool) -> Result<Value, Fail> {
    let is_sequence = |value: &Value| {
        matches!(
            value,
            Value::Str(_)
                | Value::Bytes(_)
                | Value::ByteArray(_)
                | Value::Tuple(_)
                | Value::List(_)
        )
    };
    let (sequence, other) = if is_sequence(left) { (left, right) } else { (right, left) };
    if !is_sequence(sequence) {
        return Err(unsupported(Operator::Multiply, left, right, assigned));
    }
    let Some(count) = count_of(other)? else {
        let name = type_name(other);
        return Err(type_error(format!("can't multiply sequence by non-int of type '{name}'")));
    };
    let times = i64::try_from(count).unwrap_or(i64::MAX);
    let sized = |length: usize| -> Result<(), Fail> {
        room_for(length.saturating_mul(count))?;
        spend(length.saturating_mul(count) / 64);
        Ok(())
    };
    Ok(match sequence {
        Value::Str(text) => {
            sized(text.text.len())?;
            Value::str(index::repeat(&text.text, times, MAX_LIVE_BYTES)?)
        }
        Value::Bytes(bytes) => {
            sized(bytes.bytes.len())?;
            Value::bytes(find::repeat(&bytes.bytes, times, MAX_LIVE_BYTES)?)
        }
        Value::ByteArray(array) => {
            let bytes = array.bytes.borrow();
            sized(bytes.len())?;
            Value::byte_array(find::repeat(&bytes, times, MAX_LIVE_BYTES)?)
        }
        Value::Tuple(tuple) => {
            sized(tuple.items.len().saturating_mul(size_of::<Value>()))?;
            Value::tuple(repeat(&tuple.items, count))
        }
        Value::List(list) => {
            let items = list.items.borrow();
            sized(items.len().saturating_mul(size_of::<Value>()))?;
            Value::list(repeat(&items, count))
        }
        _ => return Err(unsupported(Operator::Multiply, left, right, assigned)),
    })
}

fn repeat(items: &[Value], count: usize) -> Vec<Value> {
    std::iter::repeat_n(items, if items.is_empty() { 0 } else { count })
        .flatten()
        .cloned()
        .collect()
}

fn sets(operator: Operator, left: &Value, right: &Value) -> Result<Value, Fail> {
    let (Value::Set(left), Value::Set(right)) = (left, right) else {
        return Err(unsupported(operator, left, right, false));
    };
    let (left, right) = (left.keys.borrow(), right.keys.borrow());
    spend(left.len() + right.len());
    room_for(charge_of(left.len() + right.len()))?;
    let pair = |(key, value): (&crate::table::Key, &Value)| (key.clone(), value.clone());
    let without = |one: &crate::table::KeySet<Value>, other: &crate::table::KeySet<Value>| {
        one.iter().filter(|(key, _)| !other.contains_key(*key)).map(pair).collect::<Vec<_>>()
    };
    let keys: crate::table::KeySet<Value> = match operator {
        Operator::Subtract => without(&left, &right).into_iter().collect(),
        Operator::And => {
            // CPython goes through the smaller one, and takes its items.
            let (one, other) = if right.len() > left.len() { (left, right) } else { (right, left) };
            one.iter().filter(|(key, _)| other.contains_key(*key)).map(pair).collect()
        }
        Operator::Or => left.iter().map(pair).chain(without(&right, &left)).collect(),
        _ => without(&left, &right).into_iter().chain(without(&right, &left)).collect(),
    };
    Ok(Value::set(keys))
}

/// `left operator= right`. A list, a bytearray, a dict or a set is changed in place.
pub(crate) fn in_place(
    operator: Operator,
    left: &Value,
    right: &Value,
) -> Result<Option<Value>, Fail> {
    match (operator, left, right) {
        (Operator::Add, Value::ByteArray(array), _) => {
            let Some(bytes) = as_bytes(right).map(|bytes| bytes.to_vec()) else {
                let (right, left) = (type_name(right), type_name(left));
                return Err(type_error(format!("can't concat {right} to {left}")));
            };
            room_for(bytes.len())?;
            spend(bytes.len() / 64);
            let mut own = array.bytes.borrow_mut();
            own.extend_from_slice(&bytes);
            array.charge.set(own.len() + 64);
            Ok(Some(left.clone()))
        }
        (Operator::Add, Value::List(list), Value::List(other)) => {
            let other = other.items.borrow().clone();
            room_for(charge_of(other.len()))?;
            spend(other.len());
            let mut items = list.items.borrow_mut();
            items.extend(other);
            list.charge.set(charge_of(items.len()));
            Ok(Some(left.clone()))
        }
        (Operator::Multiply, Value::List(list), _) => {
            let product = multiply(left, right, true)?;
            if let Value::List(product) = &product {
                let items = product.items.take();
                list.charge.set(charge_of(items.len()));
                list.items.replace(items);
            }
            Ok(Some(left.clone()))
        }
        (Operator::Or, Value::Dict(dict), Value::Dict(other)) => {
            let pairs: Vec<_> = other
                .table
                .borrow()
                .values()
                .map(|(key, value)| Ok((key_of(key)?, key.clone(), value.clone())))
                .collect::<Result<_, Fail>>()?;
            let mut table = dict.table.borrow_mut();
            for (key, given, value) in pairs {
                spend(1);
                match table.get_mut(&key) {
                    Some((_, old)) => *old = value,
                    None => {
                        table.insert(key, (given, value));
                    }
                }
            }
            dict.charge.set(crate::value::table_charge(table.len()));
            Ok(Some(left.clone()))
        }
        (
            Operator::Or | Operator::And | Operator::Xor | Operator::Subtract,
            Value::Set(set),
            Value::Set(_),
        ) => {
            let result = sets(operator, left, right)?;
            if let Value::Set(result) = &result {
                let keys = result.keys.take();
                set.charge.set(crate::value::table_charge(keys.len()));
                set.keys.replace(keys);
            }
            Ok(Some(left.clone()))
        }
        _ => Ok(None),
    }
}

/// `-value`, `+value` and `~value`.
pub(crate) fn unary(operator: Unary, value: &Value) -> Result<Value, Fail> {
    let sign = match operator {
        Unary::Plus => "+",
        Unary::Minus => "-",
        Unary::Invert => "~",
        Unary::Not => return Ok(Value::Bool(!super::truth::is_true(value))),
    };
    match (operator, number(value)) {
        (Unary::Plus, Some(Number::Small(int))) => return Ok(Value::Int(int)),
        (Unary::Plus, Some(Number::Big(_))) => return Ok(value.clone()),
        (Unary::Plus, Some(Number::Float(float))) => return Ok(Value::Float(float)),
        (Unary::Minus, Some(Number::Small(int))) => return Ok(Value::big(-BigInt::from(int))),
        (Unary::Minus, Some(Number::Big(big))) => return Ok(Value::big(-big)),
        (Unary::Minus, Some(Number::Float(float))) => return Ok(Value::Float(-float)),
        (Unary::Invert, Some(Number::Small(int))) => return Ok(Value::Int(!int)),
        (Unary::Invert, Some(Number::Big(big))) => return Ok(Value::big(!big)),
        _ => {}
    }
    if let (Unary::Minus | Unary::Plus, Value::Time(time)) = (operator, value)
        && time.kind == Type::TimeDelta
    {
        let us = if operator == Unary::Minus { -time.us } else { time.us };
        return Ok(Value::Time(Time { kind: time.kind, us }.into()));
    }
    Err(type_error(format!("bad operand type for unary {sign}: '{}'", type_name(value))))
}

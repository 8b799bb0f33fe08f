//! Comparisons of built-in values.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::cmp::Ordering;

use num_bigint::BigInt;

use super::key::{address, is_same, key_of};
use super::kind::type_name;
use crate::budget::spend;
use crate::code::Comparison;
use crate::native::{error, type_error};
use crate::numbers::float;
use crate::types::{Exc, Type};
use crate::value::{Fail, Value};

/// The deepest values that are compared. CPython's bound is that of its recursion.
const MAX_DEPTH: usize = 900;

/// `left == right`.
pub(crate) fn equal(left: &Value, right: &Value) -> Result<bool, Fail> {
    equal_at(left, right, 0)
}

fn equal_at(left: &Value, right: &Value, depth: usize) -> Result<bool, Fail> {
    if depth > MAX_DEPTH {
        return Err(error(Exc::RecursionError, "maximum recursion depth exceeded in comparison"));
    }
    if let Some(order) = number_order(left, right) {
        return Ok(order == Some(Ordering::Equal));
    }
    Ok(match (left, right) {
        (Value::Str(left), Value::Str(right)) => {
            spend(left.text.len() / 64);
            left.text == right.text
        }
        (Value::Tuple(left), Value::Tuple(right)) => {
            return items_equal(&left.items, &right.items, depth);
        }
        (Value::List(left), Value::List(right)) => {
            if std::rc::Rc::ptr_eq(left, right) {
                return Ok(true);
            }
            let (left, right) = (left.items.borrow(), right.items.borrow());
            return items_equal(&left, &right, depth);
        }
        (Value::Dict(left), Value::Dict(right)) => {
            if std::rc::Rc::ptr_eq(left, right) {
                return Ok(true);
            }
            let (left, right) = (left.table.borrow(), right.table.borrow());
            if left.len() != right.len() {
                return Ok(false);
            }
            for (key, (_, value)) in &*left {
                spend(1);
                match right.get(key) {
                    Some((_, other)) if same_or_equal(value, other, depth)? => {}
                    Some(_) | None => return Ok(false),
                }
            }
            true
        }
        (Value::Set(left), Value::Set(right)) => {
            let (left, right) = (left.keys.borrow(), right.keys.borrow());
            spend(left.len());
            left.len() == right.len() && left.keys().all(|key| right.contains_key(key))
        }
        (Value::Range(left), Value::Range(right)) => {
            let length = |range: &crate::value::Range| {
                super::truth::range_length(range.start, range.stop, range.step)
            };
            let count = length(left);
            count == length(right)
                && (count == 0
                    || (left.start == right.start && (count == 1 || left.step == right.step)))
        }
        (Value::Time(left), Value::Time(right)) => left.kind == right.kind && left.us == right.us,
        (Value::Slice(left), Value::Slice(right)) => {
            let left = [left.start.clone(), left.stop.clone(), left.step.clone()];
            let right = [right.start.clone(), right.stop.clone(), right.step.clone()];
            return items_equal(&left, &right, depth);
        }
        (Value::Method(left), Value::Method(right)) => {
            std::rc::Rc::ptr_eq(&left.function, &right.function)
                && is_same(&left.object, &right.object)
        }
        (Value::NativeMethod(left), Value::NativeMethod(right)) => {
            std::ptr::eq(left.native, right.native) && is_same(&left.object, &right.object)
        }
        _ => match (as_bytes(left), as_bytes(right)) {
            (Some(left), Some(right)) => {
                spend(left.len() / 64);
                *left == *right
            }
            _ => is_same(left, right),
        },
    })
}

fn same_or_equal(left: &Value, right: &Value, depth: usize) -> Result<bool, Fail> {
    if let (Value::Float(left), Value::Float(right)) = (left, right)
        && left.is_nan()
        && right.is_nan()
    {
        // In a container, a nan equals itself and no other, and floats have no identity here.
        return Err(crate::native::refuse("comparing containers of nan is outside of the subset"));
    }
    Ok(is_same(left, right) || equal_at(left, right, depth + 1)?)
}

/// Whether an item of a container is this value: the same one, or an equal one.
pub(crate) fn is_item(item: &Value, value: &Value) -> Result<bool, Fail> {
    same_or_equal(item, value, 0)
}

fn items_equal(left: &[Value], right: &[Value], depth: usize) -> Result<bool, Fail> {
    if left.len() != right.len() {
        return Ok(false);
    }
    spend(left.len());
    for (left, right) in left.iter().zip(right) {
        if !same_or_equal(left, right, depth)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The bytes of a bytes or a bytearray.
pub(crate) fn as_bytes(value: &Value) -> Option<BytesOf<'_>> {
    match value {
        Value::Bytes(bytes) => Some(BytesOf::Fixed(&bytes.bytes)),
        Value::ByteArray(array) => Some(BytesOf::Array(array.bytes.borrow())),
        _ => None,
    }
}

pub(crate) enum BytesOf<'a> {
    Fixed(&'a [u8]),
    Array(std::cell::Ref<'a, Vec<u8>>),
}

impl std::ops::Deref for BytesOf<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Fixed(bytes) => bytes,
            Self::Array(bytes) => bytes,
        }
    }
}

/// How two numbers compare. `Some(None)` if one of them is a NaN, `None` if one is not a number.
#[expect(clippy::option_option, reason = "not numbers, and numbers without an order")]
fn number_order(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    let int = |value: &Value| match value {
        Value::Bool(bool) => Some(i64::from(*bool)),
        Value::Int(int) => Some(*int),
        _ => None,
    };
    match (left, right) {
        (Value::Float(left), Value::Float(right)) => Some(left.partial_cmp(right)),
        (Value::Float(left), right) => {
            let right = int(right).map(BigInt::from).or_else(|| big(right))?;
            Some(float::compare_int(*left, &right))
        }
        (left, Value::Float(right)) => {
            let left = int(left).map(BigInt::from).or_else(|| big(left))?;
            Some(float::compare_int(*right, &left).map(Ordering::reverse))
        }
        (left, right) => match (int(left), int(right)) {
            (Some(left), Some(right)) => Some(Some(left.cmp(&right))),
            (left_int, right_int) => {
                let left = left_int.map(BigInt::from).or_else(|| big(left))?;
                let right = right_int.map(BigInt::from).or_else(|| big(right))?;
                Some(Some(left.cmp(&right)))
            }
        },
    }
}

fn big(value: &Value) -> Option<BigInt> {
    if let Value::Big(big) = value { Some(big.number.clone()) } else { None }
}

/// One of `<`, `<=`, `>`, `>=`.
pub(crate) fn order(comparison: Comparison, left: &Value, right: &Value) -> Result<bool, Fail> {
    order_at(comparison, left, right, 0)
}

fn order_at(
    comparison: Comparison,
    left: &Value,
    right: &Value,
    depth: usize,
) -> Result<bool, Fail> {
    if depth > MAX_DEPTH {
        return Err(error(Exc::RecursionError, "maximum recursion depth exceeded in comparison"));
    }
    if let Some(order) = number_order(left, right) {
        return Ok(order.is_some_and(|order| holds(comparison, order)));
    }
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => Ok(holds(comparison, left.text.cmp(&right.text))),
        (Value::Tuple(left), Value::Tuple(right)) => {
            items_order(comparison, &left.items, &right.items, depth)
        }
        (Value::List(left), Value::List(right)) => {
            let (left, right) = (left.items.borrow(), right.items.borrow());
            items_order(comparison, &left, &right, depth)
        }
        (Value::Set(left), Value::Set(right)) => {
            let (left, right) = (left.keys.borrow(), right.keys.borrow());
            spend(left.len() + right.len());
            let below = || left.keys().all(|key| right.contains_key(key));
            let above = || right.keys().all(|key| left.contains_key(key));
            Ok(match comparison {
                Comparison::Less => left.len() < right.len() && below(),
                Comparison::LessEqual => below(),
                Comparison::Greater => left.len() > right.len() && above(),
                _ => above(),
            })
        }
        (Value::Time(left), Value::Time(right)) if left.kind == right.kind => {
            Ok(holds(comparison, left.us.cmp(&right.us)))
        }
        _ => match (as_bytes(left), as_bytes(right)) {
            (Some(left), Some(right)) => Ok(holds(comparison, left.cmp(&right))),
            _ => Err(type_error(format!(
                "'{}' not supported between instances of '{}' and '{}'",
                sign(comparison),
                type_name(left),
                type_name(right)
            ))),
        },
    }
}

fn items_order(
    comparison: Comparison,
    left: &[Value],
    right: &[Value],
    depth: usize,
) -> Result<bool, Fail> {
    for (left, right) in left.iter().zip(right) {
        spend(1);
        if !same_or_equal(left, right, depth)? {
            return order_at(comparison, left, right, depth + 1);
        }
    }
    Ok(holds(comparison, left.len().cmp(&right.len())))
}

fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::LessEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterEqual => order.is_ge(),
        Comparison::Equal | Comparison::Is => order.is_eq(),
        Comparison::NotEqual | Comparison::IsNot => order.is_ne(),
        Comparison::In | Comparison::NotIn => false,
    }
}

const fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "<",
        Comparison::LessEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterEqual => ">=",
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Is => "is",
        Comparison::IsNot => "is not",
        Comparison::In => "in",
        Comparison::NotIn => "not in",
    }
}

/// `item in container`, for a built-in container. `None` if it has to be iterated over.
pub(crate) fn contains(container: &Value, item: &Value) -> Result<Option<bool>, Fail> {
    let any = |items: &[Value]| -> Result<bool, Fail> {
        for one in items {
            spend(1);
            if same_or_equal(one, item, 0)? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    Ok(Some(match container {
        Value::Str(text) => match item {
            Value::Str(part) => {
                spend(text.text.len() / 16);
                crate::text::find::contains(&text.text, &part.text)
            }
            other => {
                return Err(type_error(format!(
                    "'in <string>' requires string as left operand, not {}",
                    type_name(other)
                )));
            }
        },
        Value::Bytes(_) | Value::ByteArray(_) => {
            let Some(bytes) = as_bytes(container) else { return Ok(None) };
            spend(bytes.len() / 16);
            match item {
                Value::Int(int) => match u8::try_from(*int) {
                    Ok(byte) => bytes.contains(&byte),
                    Err(_) => {
                        return Err(error(Exc::ValueError, "byte must be in range(0, 256)"));
                    }
                },
                Value::Bool(bool) => bytes.contains(&u8::from(*bool)),
                Value::Big(_) => {
                    return Err(error(Exc::ValueError, "byte must be in range(0, 256)"));
                }
                other => match as_bytes(other) {
                    Some(part) => crate::bytes::find::contains(&bytes, &part),
                    None => {
                        return Err(type_error(format!(
                            "a bytes-like object is required, not '{}'",
                            type_name(other)
                        )));
                    }
                },
            }
        }
        Value::Tuple(tuple) => any(&tuple.items)?,
        Value::List(list) => any(&list.items.borrow())?,
        Value::Dict(dict) => dict.table.borrow().contains_key(&key_of(item)?),
        // A set is looked up as the frozenset that it equals, and there are none here.
        Value::Set(_) if matches!(item, Value::Set(_)) => false,
        Value::Set(set) => set.keys.borrow().contains_key(&key_of(item)?),
        Value::View(view) => {
            let table = view.dict.table.borrow();
            match view.kind {
                Type::DictKeys => table.contains_key(&key_of(item)?),
                Type::DictItems => match item {
                    Value::Tuple(pair) if pair.items.len() == 2 => {
                        match table.get(&key_of(&pair.items[0])?) {
                            Some((_, value)) => same_or_equal(value, &pair.items[1], 0)?,
                            None => false,
                        }
                    }
                    _ => false,
                },
                _ => {
                    let values: Vec<Value> =
                        table.values().map(|(_, value)| value.clone()).collect();
                    any(&values)?
                }
            }
        }
        Value::Range(range) => match item {
            Value::Int(int) => in_range(range, *int),
            Value::Bool(bool) => in_range(range, i64::from(*bool)),
            _ => return Ok(None),
        },
        Value::Iterator(_) | Value::Generator(_) | Value::Stream(_) => return Ok(None),
        other => {
            return Err(type_error(format!(
                "argument of type '{}' is not iterable",
                type_name(other)
            )));
        }
    }))
}

fn in_range(range: &crate::value::Range, int: i64) -> bool {
    let inside = if range.step > 0 {
        range.start <= int && int < range.stop
    } else {
        range.stop < int && int <= range.start
    };
    inside
        && i128::from(int).abs_diff(i128::from(range.start)) % u128::from(range.step.unsigned_abs())
            == 0
}

/// The number that `id` returns.
pub(crate) fn identity(value: &Value) -> i64 {
    match value {
        Value::Int(int) => int.wrapping_mul(32).wrapping_add(0x1000),
        other => i64::try_from(address(other)).unwrap_or(0).max(0x100),
    }
}

//! What is hashed of a value.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::FromPrimitive as _;

use super::kind::type_name;
use crate::native::{refuse, type_error};
use crate::table::Key;
use crate::value::{Fail, Value};

/// The deepest tuple that is a key.
const MAX_DEPTH: usize = 200;

/// The key of a value in a dict or a set.
///
/// # Errors
///
/// `TypeError` if it cannot be hashed.
pub(crate) fn key_of(value: &Value) -> Result<Key, Fail> {
    key_at(value, 0)
}

fn key_at(value: &Value, depth: usize) -> Result<Key, Fail> {
    Ok(match value {
        Value::None => Key::None,
        Value::Ellipsis => Key::Ellipsis,
        Value::Bool(bool) => Key::Int(i64::from(*bool)),
        Value::Int(int) => Key::Int(*int),
        Value::Big(big) => Key::Big(big.number.clone()),
        Value::Float(float) => float_key(*float),
        Value::Str(text) => Key::Str(Rc::clone(&text.text)),
        Value::Bytes(bytes) => Key::Bytes(Rc::clone(&bytes.bytes)),
        Value::Tuple(tuple) => {
            if depth > MAX_DEPTH {
                return Err(refuse("a tuple this deep is no key here"));
            }
            let keys: Result<Vec<Key>, Fail> =
                tuple.items.iter().map(|item| key_at(item, depth + 1)).collect();
            Key::Tuple(keys?.into())
        }
        Value::Range(range) => {
            Key::Tuple([range.start, range.stop, range.step].map(Key::Int).into())
        }
        Value::Native(native) => Key::Object(std::ptr::from_ref(*native).addr()),
        Value::Time(time) => Key::Tuple([time.kind as i64, time.us].map(Key::Int).into()),
        Value::List(_)
        | Value::Dict(_)
        | Value::Set(_)
        | Value::ByteArray(_)
        | Value::Slice(_)
        | Value::Unbound => {
            return Err(type_error(format!("unhashable type: '{}'", type_name(value))));
        }
        Value::View(_)
        | Value::Iterator(_)
        | Value::Generator(_)
        | Value::Function(_)
        | Value::Method(_)
        | Value::NativeMethod(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Exception(_)
        | Value::Super(_)
        | Value::Wrapped(_)
        | Value::Module(_)
        | Value::Cell(_)
        | Value::Socket(_)
        | Value::Stream(_)
        | Value::Lock(_) => Key::Object(address(value)),
    })
}

fn float_key(float: f64) -> Key {
    #[expect(clippy::cast_possible_truncation, reason = "it is checked")]
    let int = float as i64;
    #[expect(clippy::cast_precision_loss, reason = "it is checked")]
    let back = int as f64;
    if back.to_bits() == float.to_bits() && float.abs() < 9.0e18 || float == 0.0 {
        return Key::Int(int);
    }
    match BigInt::from_f64(float).filter(|_| float.fract() == 0.0) {
        Some(big) => i64::try_from(&big).map_or(Key::Big(big), Key::Int),
        None => Key::Float(float.to_bits()),
    }
}

/// The address of a value that is shared, for `is` and `id`. 0 for those that are not.
pub(crate) fn address(value: &Value) -> usize {
    match value {
        Value::Unbound
        | Value::None
        | Value::Ellipsis
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_) => 0,
        Value::Big(rc) => Rc::as_ptr(rc).addr(),
        Value::Str(rc) => Rc::as_ptr(rc).addr(),
        Value::Bytes(rc) => Rc::as_ptr(rc).addr(),
        Value::ByteArray(rc) => Rc::as_ptr(rc).addr(),
        Value::Tuple(rc) => Rc::as_ptr(rc).addr(),
        Value::List(rc) => Rc::as_ptr(rc).addr(),
        Value::Dict(rc) => Rc::as_ptr(rc).addr(),
        Value::Set(rc) => Rc::as_ptr(rc).addr(),
        Value::Range(rc) => Rc::as_ptr(rc).addr(),
        Value::Slice(rc) => Rc::as_ptr(rc).addr(),
        Value::View(rc) => Rc::as_ptr(rc).addr(),
        Value::Iterator(rc) => Rc::as_ptr(rc).addr(),
        Value::Generator(rc) => Rc::as_ptr(rc).addr(),
        Value::Function(rc) => Rc::as_ptr(rc).addr(),
        Value::Method(rc) => Rc::as_ptr(rc).addr(),
        Value::Native(native) => std::ptr::from_ref(*native).addr(),
        Value::NativeMethod(rc) => Rc::as_ptr(rc).addr(),
        Value::Class(rc) => Rc::as_ptr(rc).addr(),
        Value::Instance(rc) => Rc::as_ptr(rc).addr(),
        Value::Exception(rc) => Rc::as_ptr(rc).addr(),
        Value::Super(rc) => Rc::as_ptr(rc).addr(),
        Value::Wrapped(rc) => Rc::as_ptr(rc).addr(),
        Value::Module(rc) => Rc::as_ptr(rc).addr(),
        Value::Cell(rc) => Rc::as_ptr(rc).addr(),
        Value::Socket(rc) => Rc::as_ptr(rc).addr(),
        Value::Stream(rc) => Rc::as_ptr(rc).addr(),
        Value::Lock(rc) => Rc::as_ptr(rc).addr(),
        Value::Time(rc) => Rc::as_ptr(rc).addr(),
    }
}

/// `left is right`.
pub(crate) fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::None, Value::None) | (Value::Ellipsis, Value::Ellipsis) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        // CPython shares small ints only, and each other int has an identity of its own.
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        (Value::Str(left), Value::Str(right)) => {
            Rc::ptr_eq(left, right) || (left.length <= 1 && left.text == right.text)
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            Rc::ptr_eq(left, right) || (left.bytes.len() <= 1 && left.bytes == right.bytes)
        }
        (Value::Tuple(left), Value::Tuple(right)) => {
            Rc::ptr_eq(left, right) || (left.items.is_empty() && right.items.is_empty())
        }
        _ => {
            std::mem::discriminant(left) == std::mem::discriminant(right)
                && address(left) != 0
                && address(left) == address(right)
        }
    }
}

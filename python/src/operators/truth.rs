//! Whether a value counts as true.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use num_traits::Zero as _;

use crate::types::Type;
use crate::value::Value;

/// `bool(value)`. An instance whose class has `__len__` is for the machine.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Unbound | Value::None => false,
        Value::Bool(bool) => *bool,
        Value::Int(int) => *int != 0,
        Value::Float(float) => *float != 0.0,
        Value::Big(big) => !big.number.is_zero(),
        Value::Time(time) => time.kind != Type::TimeDelta || time.us != 0,
        other => length(other) != Some(0),
    }
}

/// `len(value)` of a built-in value that has one.
pub(crate) fn length(value: &Value) -> Option<usize> {
    Some(match value {
        Value::Str(text) => text.length,
        Value::Bytes(bytes) => bytes.bytes.len(),
        Value::ByteArray(array) => array.bytes.borrow().len(),
        Value::Tuple(tuple) => tuple.items.len(),
        Value::List(list) => list.items.borrow().len(),
        Value::Dict(dict) => dict.table.borrow().len(),
        Value::Set(set) => set.keys.borrow().len(),
        Value::View(view) => view.dict.table.borrow().len(),
        Value::Range(range) => {
            usize::try_from(range_length(range.start, range.stop, range.step)).ok()?
        }
        Value::Unbound
        | Value::None
        | Value::Ellipsis
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Big(_)
        | Value::Slice(_)
        | Value::Iterator(_)
        | Value::Generator(_)
        | Value::Function(_)
        | Value::Method(_)
        | Value::Native(_)
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
        | Value::Lock(_)
        | Value::Time(_) => {
            return match value {
                Value::Time(time) if time.kind == Type::StructTime => Some(9),
                _ => None,
            };
        }
    })
}

/// The number of items of a range.
pub(crate) fn range_length(start: i64, stop: i64, step: i64) -> u64 {
    let (low, high) = if step > 0 { (start, stop) } else { (stop, start) };
    if low >= high {
        return 0;
    }
    let span = low.abs_diff(high);
    (span - 1) / step.unsigned_abs() + 1
}

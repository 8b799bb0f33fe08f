//! The methods that change a bytearray.

use std::rc::Rc;

use num_traits::ToPrimitive as _;

use super::arguments::{int, method, none, one, positional, wrong_object};
use super::iterables::with_items;
use crate::budget::{room_for, spend};
use crate::bytes::find::byte_of;
use crate::native::{Flow, error, type_error, value_error};
use crate::operators::compare::as_bytes;
use crate::operators::iterate;
use crate::operators::kind::int_of;
use crate::operators::kind::type_name;
use crate::types::Exc;
use crate::value::{Args, ByteArray, Cx, Fail, Native, Outcome, Value};

fn receive(args: Args, name: &str) -> Result<(Rc<ByteArray>, Args), Fail> {
    let (object, args) = method(args);
    if let Value::ByteArray(array) = object {
        return Ok((array, args));
    }
    Err(wrong_object(name, &object))
}

fn alone(args: Args, name: &str) -> Result<Rc<ByteArray>, Fail> {
    let (array, mut args) = receive(args, name)?;
    args.values.insert(0, Value::None);
    none(args, name)?;
    Ok(array)
}

#[expect(clippy::unnecessary_wraps, reason = "the methods end with it")]
fn done(array: &ByteArray) -> Outcome {
    array.charge.set(array.bytes.borrow().len() + size_of::<ByteArray>());
    Ok(Flow::Value(Value::None))
}

fn byte(value: &Value) -> Result<u8, Fail> {
    match int_of(value) {
        Some(int) => Ok(byte_of(int.to_i64())?),
        None => Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            type_name(value)
        ))),
    }
}

fn extend(cx: &mut Cx, args: Args) -> Outcome {
    let (array, args) = receive(args, "bytearray.extend")?;
    let iterable = one(args, "bytearray.extend")?;
    if let Some(bytes) = as_bytes(&iterable).map(|bytes| bytes.to_vec()) {
        room_for(bytes.len())?;
        array.bytes.borrow_mut().extend(bytes);
        return done(&array);
    }
    if iterate::iterator(&iterable).is_err() {
        let name = type_name(&iterable);
        return Err(type_error(format!("can't extend bytearray with {name}")));
    }
    with_items(cx, &iterable, vec![Value::ByteArray(array)], |_, items, kept| {
        let Some(Value::ByteArray(array)) = kept.first() else {
            return Ok(Flow::Value(Value::None));
        };
        let bytes: Result<Vec<u8>, Fail> = items.iter().map(byte).collect();
        array.bytes.borrow_mut().extend(bytes?);
        done(array)
    })
}

fn insert(_: &mut Cx, args: Args) -> Outcome {
    let (array, args) = receive(args, "bytearray.insert")?;
    let values = positional(args, "bytearray.insert", 2, 2)?;
    let (at, byte) = (int(&values[0])?, byte(&values[1])?);
    let mut bytes = array.bytes.borrow_mut();
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let at = if at < 0 { at.saturating_add(length) } else { at }.clamp(0, length);
    spend(bytes.len() / 64);
    bytes.insert(usize::try_from(at).unwrap_or(0), byte);
    drop(bytes);
    done(&array)
}

fn pop(_: &mut Cx, args: Args) -> Outcome {
    let (array, args) = receive(args, "bytearray.pop")?;
    let values = positional(args, "bytearray.pop", 0, 1)?;
    let at = values.first().map_or(Ok(-1), int)?;
    let mut bytes = array.bytes.borrow_mut();
    if bytes.is_empty() {
        return Err(error(Exc::IndexError, "pop from empty bytearray"));
    }
    let at = crate::sequence::bounds::index(at, bytes.len())
        .ok_or_else(|| error(Exc::IndexError, "pop index out of range"))?;
    spend(bytes.len() / 64);
    let byte = bytes.remove(at);
    drop(bytes);
    done(&array)?;
    Ok(Flow::Value(Value::Int(byte.into())))
}

fn remove(_: &mut Cx, args: Args) -> Outcome {
    let (array, args) = receive(args, "bytearray.remove")?;
    let byte = byte(&one(args, "bytearray.remove")?)?;
    let mut bytes = array.bytes.borrow_mut();
    spend(bytes.len() / 64);
    let at = bytes.iter().position(|one| *one == byte);
    let at = at.ok_or_else(|| value_error("value not found in bytearray"))?;
    bytes.remove(at);
    drop(bytes);
    done(&array)
}

pub(crate) static BYTE_ARRAY: &[Native] = &[
    Native {
        name: "append",
        call: |_, args| {
            let (array, args) = receive(args, "bytearray.append")?;
            let byte = byte(&one(args, "bytearray.append")?)?;
            array.bytes.borrow_mut().push(byte);
            done(&array)
        },
    },
    Native { name: "extend", call: extend },
    Native { name: "insert", call: insert },
    Native { name: "pop", call: pop },
    Native { name: "remove", call: remove },
    Native {
        name: "clear",
        call: |_, args| {
            let array = alone(args, "bytearray.clear")?;
            array.bytes.take();
            done(&array)
        },
    },
    Native {
        name: "copy",
        call: |_, args| {
            let array = alone(args, "bytearray.copy")?;
            let bytes = array.bytes.borrow().clone();
            room_for(bytes.len())?;
            Ok(Flow::Value(Value::byte_array(bytes)))
        },
    },
    Native {
        name: "reverse",
        call: |_, args| {
            let array = alone(args, "bytearray.reverse")?;
            array.bytes.borrow_mut().reverse();
            Ok(Flow::Value(Value::None))
        },
    },
];

//! `container[index]`: read, set and deleted.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::rc::Rc;

use num_traits::{Signed as _, ToPrimitive as _};

use super::compare::as_bytes;
use super::iterate;
use super::key::key_of;
use super::kind::int_of;
use super::kind::type_name;
use super::truth::range_length;
use crate::budget::spend;
use crate::bytes::find;
use crate::native::{Raised, error, type_error, value_error};
use crate::sequence::bounds::{Slice as Places, index as position};
use crate::text::index::Text;
use crate::types::Exc;
use crate::value::{Fail, Range, Slice, Value, charge_of, table_charge};

/// An int as an index: of more than 64 bits it is `IndexError`.
fn index_of(value: &Value, what: &str) -> Result<i64, Fail> {
    match value {
        Value::Int(int) => Ok(*int),
        Value::Bool(bool) => Ok(i64::from(*bool)),
        Value::Big(_) => {
            Err(error(Exc::IndexError, "cannot fit 'int' into an index-sized integer"))
        }
        other => Err(type_error(format!("{what}, not {}", type_name(other)))),
    }
}

/// The parts of a slice. An int of more than 64 bits is cut.
fn parts(slice: &Slice) -> Result<[Option<i64>; 3], Fail> {
    let part = |value: &Value| match value {
        Value::None => Ok(None),
        other => match int_of(other) {
            Some(int) if int.is_negative() => Ok(Some(int.to_i64().unwrap_or(i64::MIN + 1))),
            Some(int) => Ok(Some(int.to_i64().unwrap_or(i64::MAX))),
            None => Err(type_error(
                "slice indices must be integers or None or have an __index__ method",
            )),
        },
    };
    let step = part(&slice.step)?;
    if step == Some(0) {
        return Err(value_error("slice step cannot be zero"));
    }
    Ok([part(&slice.start)?, part(&slice.stop)?, step])
}

/// The places that a slice names, in a sequence of this length.
fn places(slice: &Slice, length: usize) -> Result<Places, Fail> {
    let [start, stop, step] = parts(slice)?;
    Ok(Places::new(start, stop, step, length)?)
}

fn slice_of<T: Clone>(items: &[T], slice: &Slice) -> Result<Vec<T>, Fail> {
    let places = places(slice, items.len())?;
    spend(places.count / 16);
    if places.step == 1 {
        return Ok(items[places.range()].to_vec());
    }
    Ok(places.places().filter_map(|at| items.get(at).cloned()).collect())
}

fn bytes_slice(bytes: &[u8], slice: &Slice) -> Result<Vec<u8>, Fail> {
    let [start, stop, step] = parts(slice)?;
    spend(bytes.len() / 64);
    Ok(find::slice(bytes, start, stop, step)?)
}

/// `container[index]`.
pub(crate) fn get(container: &Value, index: &Value) -> Result<Value, Fail> {
    if let Value::Time(time) = container
        && let Some(tuple) = super::times::as_tuple(time)
    {
        return get(&tuple, index);
    }
    match (container, index) {
        (Value::List(list), Value::Slice(slice)) => {
            Ok(Value::list(slice_of(&list.items.borrow(), slice)?))
        }
        (Value::List(list), index) => {
            let at = index_of(index, "list indices must be integers or slices")?;
            let items = list.items.borrow();
            position(at, items.len())
                .map(|at| items[at].clone())
                .ok_or_else(|| error(Exc::IndexError, "list index out of range"))
        }
        (Value::Tuple(tuple), Value::Slice(slice)) => {
            Ok(Value::tuple(slice_of(&tuple.items, slice)?))
        }
        (Value::Tuple(tuple), index) => {
            let at = index_of(index, "tuple indices must be integers or slices")?;
            position(at, tuple.items.len())
                .map(|at| tuple.items[at].clone())
                .ok_or_else(|| error(Exc::IndexError, "tuple index out of range"))
        }
        (Value::Dict(dict), index) => {
            let key = key_of(index)?;
            let found = dict.table.borrow().get(&key).map(|(_, value)| value.clone());
            found.ok_or_else(|| Box::new(Raised::With(Exc::KeyError, vec![index.clone()])))
        }
        (Value::Str(text), Value::Slice(slice)) => {
            spend(text.text.len() / 16);
            let [start, stop, step] = parts(slice)?;
            let text = Text::with_len(&text.text, text.length);
            Ok(Value::str(text.slice(start, stop, step)?))
        }
        (Value::Str(text), index) => {
            let at = index_of(index, "string indices must be integers")
                .map_err(|error| string_index(error, index))?;
            if !text.text.is_ascii() {
                spend(text.text.len() / 64);
            }
            let item = Text::with_len(&text.text, text.length).item(at)?;
            Ok(Value::str(item.to_string()))
        }
        (Value::Bytes(bytes), Value::Slice(slice)) => {
            Ok(Value::bytes(bytes_slice(&bytes.bytes, slice)?))
        }
        (Value::ByteArray(array), Value::Slice(slice)) => {
            Ok(Value::byte_array(bytes_slice(&array.bytes.borrow(), slice)?))
        }
        (Value::Bytes(bytes), index) => {
            let at = index_of(index, "byte indices must be integers or slices")?;
            position(at, bytes.bytes.len())
                .map(|at| Value::Int(bytes.bytes[at].into()))
                .ok_or_else(|| error(Exc::IndexError, "index out of range"))
        }
        (Value::ByteArray(array), index) => {
            let at = index_of(index, "bytearray indices must be integers or slices")?;
            let bytes = array.bytes.borrow();
            position(at, bytes.len())
                .map(|at| Value::Int(bytes[at].into()))
                .ok_or_else(|| error(Exc::IndexError, "bytearray index out of range"))
        }
        // The step would be cut, and the range that is returned shows it.
        (Value::Range(_), Value::Slice(slice))
            if matches!(slice.step, Value::Big(_) | Value::Int(i64::MIN)) =>
        {
            Err(crate::native::refuse("a range this long is outside of the subset"))
        }
        (Value::Range(range), Value::Slice(slice)) => {
            let length = range_length(range.start, range.stop, range.step);
            let places = places(slice, usize::try_from(length).unwrap_or(usize::MAX))?;
            let at = |index: i64| range.start.checked_add(index.checked_mul(range.step)?);
            let step = range.step.checked_mul(places.step);
            match (at(places.start), at(places.end), step) {
                (Some(start), Some(stop), Some(step)) => {
                    Ok(Value::Range(Rc::new(Range { start, stop, step })))
                }
                _ => Err(crate::native::refuse("a range this long is outside of the subset")),
            }
        }
        (Value::Range(range), index) => {
            let length = range_length(range.start, range.stop, range.step);
            if let Value::Big(_) = index {
                return Err(error(Exc::IndexError, "range object index out of range"));
            }
            let at = index_of(index, "range indices must be integers or slices")?;
            position(at, usize::try_from(length).unwrap_or(usize::MAX))
                .map(|at| {
                    let at = i64::try_from(at).unwrap_or(0);
                    Value::Int(range.start.wrapping_add(at.wrapping_mul(range.step)))
                })
                .ok_or_else(|| error(Exc::IndexError, "range object index out of range"))
        }
        (Value::Class(_), _) => {
            Err(crate::native::refuse("a type with '[...]' is outside of the subset"))
        }
        _ => Err(type_error(format!("'{}' object is not subscriptable", type_name(container)))),
    }
}

fn string_index(other: Fail, index: &Value) -> Fail {
    match index {
        Value::Big(_) => other,
        _ => type_error(format!("string indices must be integers, not '{}'", type_name(index))),
    }
}

/// A value in a bytearray.
fn byte(value: &Value) -> Result<u8, Fail> {
    match value {
        Value::Int(int) => {
            u8::try_from(*int).map_err(|_| value_error("byte must be in range(0, 256)"))
        }
        Value::Bool(bool) => Ok(u8::from(*bool)),
        Value::Big(_) => Err(value_error("byte must be in range(0, 256)")),
        other => Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            type_name(other)
        ))),
    }
}

/// `container[index] = value`.
pub(crate) fn set(container: &Value, index: &Value, value: Value) -> Result<(), Fail> {
    match (container, index) {
        (Value::List(list), Value::Slice(slice)) => {
            let places = places(slice, list.items.borrow().len())?;
            let new = iterate::items(&value)
                .map_err(|_| {
                    type_error(match places.step {
                        1 => "can only assign an iterable",
                        _ => "must assign iterable to extended slice",
                    })
                })?
                .ok_or_else(|| crate::native::refuse("assign a list to a slice"))?;
            let mut items = list.items.borrow_mut();
            replace(&mut items, slice, new)?;
            list.charge.set(charge_of(items.len()));
            Ok(())
        }
        (Value::List(list), index) => {
            let at = index_of(index, "list indices must be integers or slices")?;
            let mut items = list.items.borrow_mut();
            let at = position(at, items.len())
                .ok_or_else(|| error(Exc::IndexError, "list assignment index out of range"))?;
            let old = std::mem::replace(&mut items[at], value);
            drop(items);
            drop(old);
            Ok(())
        }
        (Value::Dict(dict), index) => insert(dict, index.clone(), value),
        (Value::ByteArray(array), Value::Slice(slice)) => {
            let new = match as_bytes(&value) {
                Some(bytes) => bytes.to_vec(),
                None => iterate::items(&value)
                    .map_err(|_| {
                        type_error(
                            "can assign only bytes, buffers, or iterables of ints in range(0, 256)",
                        )
                    })?
                    .ok_or_else(|| crate::native::refuse("assign bytes to a slice of a bytearray"))?
                    .iter()
                    .map(byte)
                    .collect::<Result<_, Fail>>()?,
            };
            let mut bytes = array.bytes.borrow_mut();
            replace(&mut bytes, slice, new)?;
            array.charge.set(bytes.len() + 64);
            Ok(())
        }
        (Value::ByteArray(array), index) => {
            let at = index_of(index, "bytearray indices must be integers or slices")?;
            let byte = byte(&value)?;
            let mut bytes = array.bytes.borrow_mut();
            let at = position(at, bytes.len())
                .ok_or_else(|| error(Exc::IndexError, "bytearray index out of range"))?;
            bytes[at] = byte;
            Ok(())
        }
        _ => Err(type_error(format!(
            "'{}' object does not support item assignment",
            type_name(container)
        ))),
    }
}

/// Puts an entry into a dict.
pub(crate) fn insert(dict: &crate::value::Dict, key: Value, value: Value) -> Result<(), Fail> {
    let hashed = key_of(&key)?;
    let mut table = dict.table.borrow_mut();
    let old = if let Some((_, old)) = table.get_mut(&hashed) {
        Some(std::mem::replace(old, value))
    } else {
        table.insert(hashed, (key, value));
        dict.charge.set(table_charge(table.len()));
        None
    };
    drop(table);
    drop(old);
    Ok(())
}

fn replace<T>(items: &mut Vec<T>, slice: &Slice, new: Vec<T>) -> Result<(), Fail> {
    let places = places(slice, items.len())?;
    spend(items.len() / 16 + new.len());
    if places.step == 1 {
        drop(items.splice(places.range(), new).collect::<Vec<T>>());
        return Ok(());
    }
    if places.count != new.len() {
        return Err(value_error(format!(
            "attempt to assign {} of size {} to extended slice of size {}",
            if size_of::<T>() == 1 { "bytes" } else { "sequence" },
            new.len(),
            places.count
        )));
    }
    for (at, item) in places.places().zip(new) {
        items[at] = item;
    }
    Ok(())
}

/// `del container[index]`.
pub(crate) fn delete(container: &Value, index: &Value) -> Result<(), Fail> {
    match (container, index) {
        (Value::List(list), Value::Slice(slice)) => {
            let mut items = list.items.borrow_mut();
            remove(&mut items, slice)?;
            list.charge.set(charge_of(items.len()));
            Ok(())
        }
        (Value::List(list), index) => {
            let at = index_of(index, "list indices must be integers or slices")?;
            let mut items = list.items.borrow_mut();
            let at = position(at, items.len())
                .ok_or_else(|| error(Exc::IndexError, "list assignment index out of range"))?;
            spend((items.len() - at) / 16);
            let old = items.remove(at);
            list.charge.set(charge_of(items.len()));
            drop(items);
            drop(old);
            Ok(())
        }
        (Value::Dict(dict), index) => {
            let key = key_of(index)?;
            let mut table = dict.table.borrow_mut();
            spend(table.len() / 16);
            let removed = table.shift_remove(&key);
            dict.charge.set(table_charge(table.len()));
            drop(table);
            match removed {
                Some(_) => Ok(()),
                None => Err(Box::new(Raised::With(Exc::KeyError, vec![index.clone()]))),
            }
        }
        (Value::ByteArray(array), Value::Slice(slice)) => {
            let mut bytes = array.bytes.borrow_mut();
            remove(&mut bytes, slice)?;
            array.charge.set(bytes.len() + 64);
            Ok(())
        }
        (Value::ByteArray(array), index) => {
            let at = index_of(index, "bytearray indices must be integers or slices")?;
            let mut bytes = array.bytes.borrow_mut();
            let at = position(at, bytes.len())
                .ok_or_else(|| error(Exc::IndexError, "bytearray index out of range"))?;
            bytes.remove(at);
            Ok(())
        }
        _ => Err(type_error(format!(
            "'{}' object doesn't support item deletion",
            type_name(container)
        ))),
    }
}

fn remove<T>(items: &mut Vec<T>, slice: &Slice) -> Result<(), Fail> {
    let places = places(slice, items.len())?;
    spend(items.len() / 16);
    if places.step == 1 {
        drop(items.drain(places.range()).collect::<Vec<T>>());
        return Ok(());
    }
    let mut at: Vec<usize> = places.places().collect();
    at.sort_unstable();
    let mut index = 0;
    let mut next = 0;
    items.retain(|_| {
        let removed = at.get(next) == Some(&index);
        next += usize::from(removed);
        index += 1;
        !removed
    });
    Ok(())
}

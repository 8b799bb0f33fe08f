//! Iterators over built-in values.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::rc::Rc;

use super::compare::as_bytes;
use super::kind::type_name;
use super::truth::range_length;
use crate::budget::spend;
use crate::native::{error, type_error};
use crate::types::{Exc, Type};
use crate::value::{Fail, IteratorState, Range, Value};

/// `iter(value)`.
pub(crate) fn iterator(value: &Value) -> Result<Value, Fail> {
    let state = match value {
        Value::Iterator(_) | Value::Generator(_) => return Ok(value.clone()),
        Value::List(list) => IteratorState::List { list: Rc::clone(list), next: 0 },
        Value::Tuple(tuple) => IteratorState::Tuple { tuple: Rc::clone(tuple), next: 0 },
        Value::Str(text) => IteratorState::Str { text: Rc::clone(text), next: 0 },
        Value::Bytes(_) | Value::ByteArray(_) => {
            IteratorState::Bytes { bytes: value.clone(), next: 0 }
        }
        Value::Range(range) => forwards(range),
        Value::Dict(dict) => IteratorState::Dict {
            dict: Rc::clone(dict),
            next: 0,
            length: dict.table.borrow().len(),
            kind: Type::DictKeys,
        },
        Value::View(view) => IteratorState::Dict {
            dict: Rc::clone(&view.dict),
            next: 0,
            length: view.dict.table.borrow().len(),
            kind: view.kind,
        },
        Value::Set(set) => {
            IteratorState::Set { set: Rc::clone(set), next: 0, length: set.keys.borrow().len() }
        }
        Value::Stream(stream) => IteratorState::Lines { stream: Rc::clone(stream) },
        Value::Time(time) if time.kind == Type::StructTime => {
            return iterator(&super::times::as_tuple(time).unwrap_or_default());
        }
        other => {
            return Err(type_error(format!("'{}' object is not iterable", type_name(other))));
        }
    };
    Ok(Value::iterator(state))
}

fn forwards(range: &Range) -> IteratorState {
    IteratorState::Range {
        next: range.start,
        left: range_length(range.start, range.stop, range.step),
        step: range.step,
        kind: Type::RangeIterator,
    }
}

/// What the next item of an iterator is.
pub(crate) enum Step {
    Item(Value),
    End,
    /// It calls functions or reads from a socket, so the machine makes it.
    Machine,
}

/// The next item of an iterator.
pub(crate) fn next(iterator: &crate::value::Iterator) -> Result<Step, Fail> {
    let mut state = iterator.state.borrow_mut();
    let item = match &mut *state {
        IteratorState::Ended(_) => None,
        IteratorState::List { list, next } => {
            let item = list.items.borrow().get(*next).cloned();
            *next += 1;
            item
        }
        IteratorState::ReversedList { list, left } => {
            *left = left.wrapping_sub(1);
            list.items.borrow().get(*left).cloned()
        }
        IteratorState::Tuple { tuple, next } => {
            *next += 1;
            tuple.items.get(*next - 1).cloned()
        }
        IteratorState::Str { text, next } => text.text[*next..].chars().next().map(|character| {
            *next += character.len_utf8();
            Value::str(character.to_string())
        }),
        IteratorState::Bytes { bytes, next } => {
            *next += 1;
            as_bytes(bytes)
                .and_then(|bytes| bytes.get(*next - 1).map(|byte| Value::Int((*byte).into())))
        }
        IteratorState::Range { next, left, step, .. } => left.checked_sub(1).map(|rest| {
            *left = rest;
            Value::Int(std::mem::replace(next, next.wrapping_add(*step)))
        }),
        IteratorState::Dict { dict, next, length, kind } => {
            let table = dict.table.borrow();
            if table.len() != *length {
                return Err(error(Exc::RuntimeError, "dictionary changed size during iteration"));
            }
            *next += 1;
            table.get_index(*next - 1).map(|(_, (key, value))| match kind {
                Type::DictValues => value.clone(),
                Type::DictItems => Value::tuple(vec![key.clone(), value.clone()]),
                _ => key.clone(),
            })
        }
        IteratorState::Set { set, next, length } => {
            let keys = set.keys.borrow();
            if keys.len() != *length {
                return Err(error(Exc::RuntimeError, "Set changed size during iteration"));
            }
            *next += 1;
            keys.get_index(*next - 1).map(|(_, value)| value.clone())
        }
        IteratorState::Items { items, .. } => items.next(),
        IteratorState::Enumerate { .. }
        | IteratorState::Zip { .. }
        | IteratorState::Map { .. }
        | IteratorState::Filter { .. }
        | IteratorState::Lines { .. } => return Ok(Step::Machine),
    };
    Ok(if let Some(item) = item {
        Step::Item(item)
    } else {
        let kind = super::kind::type_of(&Value::None);
        let kind = match &*state {
            IteratorState::Ended(kind) => *kind,
            IteratorState::List { .. } => Type::ListIterator,
            IteratorState::Tuple { .. } => Type::TupleIterator,
            _ => kind,
        };
        let is_range = matches!(&*state, IteratorState::Range { .. });
        if !is_range {
            *state = IteratorState::Ended(kind);
        }
        Step::End
    })
}

/// The items of a built-in value that needs no machine. `None` if it needs one.
pub(crate) fn items(value: &Value) -> Result<Option<Vec<Value>>, Fail> {
    let items = match value {
        Value::List(list) => list.items.borrow().clone(),
        Value::Tuple(tuple) => tuple.items.clone(),
        Value::Generator(_) | Value::Stream(_) => return Ok(None),
        other => {
            if super::truth::length(other).is_some_and(|length| length > 1 << 20) {
                crate::budget::room_for(
                    super::truth::length(other).unwrap_or(0).saturating_mul(16),
                )?;
            }
            let Value::Iterator(iterator) = iterator(other)? else { return Ok(None) };
            let mut items = Vec::new();
            loop {
                match next(&iterator)? {
                    Step::Item(item) => items.push(item),
                    Step::End => break,
                    Step::Machine => return Ok(None),
                }
                if items.len().is_multiple_of(1024) {
                    spend(1024);
                    crate::budget::room_for(items.len() * size_of::<Value>())?;
                }
            }
            items
        }
    };
    spend(items.len());
    Ok(Some(items))
}

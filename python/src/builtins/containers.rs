//! The methods of list, tuple, dict, set and int.
#![allow(clippy::wildcard_enum_match_arm, reason = "a method knows the type of its object")]

use std::rc::Rc;

use num_bigint::BigInt;

use super::arguments::{bound_or, bytes, int, method, named, none, one, positional, wrong_object};
use super::functions::sort_options;
use super::iterables::{with_items, with_results};
use super::sorting::sort_list;
use crate::budget::{room_for, spend};
use crate::native::{Flow, Raised, error, refuse, type_error, value_error};
use crate::numbers::integer::{self, ByteOrder};
use crate::operators::compare::{as_bytes, is_item};
use crate::operators::items;
use crate::operators::key::key_of;
use crate::operators::kind::int_of;
use crate::operators::kind::{argument_type, type_name};
use crate::operators::truth;
use crate::table::Table;
use crate::types::{Exc, Type};
use crate::value::{
    Args, Cx, Dict, Fail, List, Native, Outcome, Set, Value, View, charge_of, table_charge,
};

fn list_of(args: Args, name: &str) -> Result<(Rc<List>, Args), Fail> {
    let (object, args) = method(args);
    match object {
        Value::List(list) => Ok((list, args)),
        other => Err(wrong_object(name, &other)),
    }
}

/// The list of a method that takes nothing else.
fn list_alone(args: Args, name: &str) -> Result<Rc<List>, Fail> {
    let (list, args) = list_of(args, name)?;
    none(with_object(args), name)?;
    Ok(list)
}

fn done(list: &List) -> Outcome {
    list.charge.set(charge_of(list.items.borrow().len()));
    Ok(Flow::Value(Value::None))
}

pub(crate) static LIST: &[Native] = &[
    Native {
        name: "append",
        call: |_, args| {
            let (list, args) = list_of(args, "list.append")?;
            let value = one(args, "list.append")?;
            list.items.borrow_mut().push(value);
            done(&list)
        },
    },
    Native {
        name: "extend",
        call: |cx, args| {
            let (list, args) = list_of(args, "list.extend")?;
            let iterable = one(args, "list.extend")?;
            with_items(cx, &iterable, vec![Value::List(list)], |_, new, kept| {
                let Some(Value::List(list)) = kept.first() else {
                    return Ok(Flow::Value(Value::None));
                };
                room_for(charge_of(new.len()))?;
                list.items.borrow_mut().extend(new);
                done(list)
            })
        },
    },
    Native {
        name: "insert",
        call: |_, args| {
            let (list, args) = list_of(args, "list.insert")?;
            let mut values = positional(args, "list.insert", 2, 2)?;
            let (value, at) = (values.pop().unwrap_or_default(), int(&values[0])?);
            let mut items = list.items.borrow_mut();
            let at = clamp(at, items.len());
            spend((items.len() - at) / 16);
            items.insert(at, value);
            drop(items);
            done(&list)
        },
    },
    Native {
        name: "remove",
        call: |_, args| {
            let (list, args) = list_of(args, "list.remove")?;
            let value = one(args, "list.remove")?;
            let items = list.items.borrow().clone();
            match position(&items, &value)? {
                Some(at) => {
                    let old = list.items.borrow_mut().remove(at);
                    drop(old);
                    done(&list)
                }
                None => Err(value_error("list.remove(x): x not in list")),
            }
        },
    },
    Native {
        name: "pop",
        call: |_, args| {
            let (list, args) = list_of(args, "list.pop")?;
            let values = positional(args, "list.pop", 0, 1)?;
            let at = match values.first() {
                Some(at) => int(at)?,
                None => -1,
            };
            let mut items = list.items.borrow_mut();
            if items.is_empty() {
                return Err(error(Exc::IndexError, "pop from empty list"));
            }
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let at = if at < 0 { at + length } else { at };
            if !(0..length).contains(&at) {
                return Err(error(Exc::IndexError, "pop index out of range"));
            }
            let at = usize::try_from(at).unwrap_or(0);
            spend((items.len() - at) / 16);
            let value = items.remove(at);
            list.charge.set(charge_of(items.len()));
            Ok(Flow::Value(value))
        },
    },
    Native {
        name: "clear",
        call: |_, args| {
            let list = list_alone(args, "list.clear")?;
            let old = list.items.take();
            drop(old);
            done(&list)
        },
    },
    Native {
        name: "copy",
        call: |_, args| {
            let list = list_alone(args, "list.copy")?;
            let items = list.items.borrow().clone();
            room_for(charge_of(items.len()))?;
            Ok(Flow::Value(Value::list(items)))
        },
    },
    Native {
        name: "reverse",
        call: |_, args| {
            let list = list_alone(args, "list.reverse")?;
            list.items.borrow_mut().reverse();
            Ok(Flow::Value(Value::None))
        },
    },
    Native {
        name: "index",
        call: |_, args| {
            let (list, args) = list_of(args, "list.index")?;
            let items = list.items.borrow().clone();
            index(&items, args, |value| format!("{value} is not in list"))
        },
    },
    Native {
        name: "count",
        call: |_, args| {
            let (list, args) = list_of(args, "list.count")?;
            let items = list.items.borrow().clone();
            count(&items, &one(args, "list.count")?)
        },
    },
    Native {
        name: "sort",
        call: |cx, args| {
            let (list, args) = list_of(args, "list.sort")?;
            if !args.values.is_empty() {
                return Err(type_error("sort() takes no positional arguments"));
            }
            let (key, reverse) = sort_options(args.named, "sort")?;
            let items = list.items.borrow().clone();
            let kept = vec![Value::List(list), Value::Bool(reverse), Value::tuple(items.clone())];
            with_results(cx, &key, items, kept, |_, keys, kept| {
                let [Value::List(list), reverse, Value::Tuple(items)] = kept.as_slice() else {
                    return Ok(Flow::Value(Value::None));
                };
                let reverse = truth::is_true(reverse);
                let (sorted, ended) = sort_list(keys, items.items.clone(), reverse);
                list.items.replace(sorted);
                ended?;
                done(list)
            })
        },
    },
];

/// A place for the object that was taken from the arguments.
fn with_object(mut args: Args) -> Args {
    args.values.insert(0, Value::None);
    args
}

fn clamp(at: i64, length: usize) -> usize {
    let length_int = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if at < 0 { at.saturating_add(length_int) } else { at };
    usize::try_from(at.clamp(0, length_int)).unwrap_or(length)
}

fn position(items: &[Value], value: &Value) -> Result<Option<usize>, Fail> {
    for (at, item) in items.iter().enumerate() {
        spend(1);
        if is_item(item, value)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn index(items: &[Value], args: Args, message: fn(&str) -> String) -> Outcome {
    let values = positional(args, "list.index", 1, 3)?;
    let unbound = Value::Unbound;
    let start = clamp(bound_or(values.get(1).unwrap_or(&unbound), 0)?, items.len());
    let stop = clamp(bound_or(values.get(2).unwrap_or(&unbound), i64::MAX)?, items.len());
    let part = items.get(start..stop.max(start)).unwrap_or_default();
    if let Some(at) = position(part, &values[0])? {
        Ok(Flow::Value(Value::size(start + at)))
    } else {
        let written = crate::operators::show::Written::default();
        let shown = crate::operators::show::repr_of(&values[0], &written)?;
        Err(value_error(message(&shown)))
    }
}

fn count(items: &[Value], value: &Value) -> Outcome {
    let mut count = 0;
    for item in items {
        spend(1);
        count += usize::from(is_item(item, value)?);
    }
    Ok(Flow::Value(Value::size(count)))
}

pub(crate) static TUPLE: &[Native] = &[
    Native {
        name: "index",
        call: |_, args| {
            let (object, args) = method(args);
            let items = crate::operators::iterate::items(&object)?.unwrap_or_default();
            match object {
                Value::Range(_) => index(&items, args, |value| format!("{value} is not in range")),
                _ => index(&items, args, |_| "tuple.index(x): x not in tuple".to_owned()),
            }
        },
    },
    Native {
        name: "count",
        call: |_, args| {
            let (object, args) = method(args);
            let items = crate::operators::iterate::items(&object)?.unwrap_or_default();
            count(&items, &one(args, "tuple.count")?)
        },
    },
];

fn dict_of(args: Args, name: &str) -> Result<(Rc<Dict>, Args), Fail> {
    let (object, args) = method(args);
    match object {
        Value::Dict(dict) => Ok((dict, args)),
        other => Err(wrong_object(name, &other)),
    }
}

/// The dict of a method that takes nothing else.
fn dict_alone(args: Args, name: &str) -> Result<Rc<Dict>, Fail> {
    let (dict, args) = dict_of(args, name)?;
    none(with_object(args), name)?;
    Ok(dict)
}

fn view(args: Args, kind: Type, name: &str) -> Outcome {
    let (dict, args) = dict_of(args, "tuple.count")?;
    none(with_object(args), name)?;
    Ok(Flow::Value(Value::View(Rc::new(View { dict, kind }))))
}

pub(crate) static DICT: &[Native] = &[
    Native { name: "keys", call: |_, args| view(args, Type::DictKeys, "dict.keys") },
    Native { name: "values", call: |_, args| view(args, Type::DictValues, "dict.values") },
    Native { name: "items", call: |_, args| view(args, Type::DictItems, "dict.items") },
    Native {
        name: "get",
        call: |_, args| {
            let (dict, args) = dict_of(args, "dict.get")?;
            let values = positional(args, "dict.get", 1, 2)?;
            let found =
                dict.table.borrow().get(&key_of(&values[0])?).map(|(_, value)| value.clone());
            Ok(Flow::Value(found.or_else(|| values.get(1).cloned()).unwrap_or(Value::None)))
        },
    },
    Native {
        name: "pop",
        call: |_, args| {
            let (dict, args) = dict_of(args, "dict.pop")?;
            let values = positional(args, "dict.pop", 1, 2)?;
            let mut table = dict.table.borrow_mut();
            spend(table.len() / 16);
            let removed = table.shift_remove(&key_of(&values[0])?);
            dict.charge.set(table_charge(table.len()));
            match (removed, values.get(1)) {
                (Some((_, value)), _) => Ok(Flow::Value(value)),
                (None, Some(default)) => Ok(Flow::Value(default.clone())),
                (None, None) => Err(Box::new(Raised::With(Exc::KeyError, vec![values[0].clone()]))),
            }
        },
    },
    Native {
        name: "popitem",
        call: |_, args| {
            let dict = dict_alone(args, "dict.popitem")?;
            let popped = dict.table.borrow_mut().pop();
            dict.charge.set(table_charge(dict.table.borrow().len()));
            if let Some((_, (key, value))) = popped {
                Ok(Flow::Value(Value::tuple(vec![key, value])))
            } else {
                let message = Value::str("popitem(): dictionary is empty");
                Err(Box::new(Raised::With(Exc::KeyError, vec![message])))
            }
        },
    },
    Native {
        name: "setdefault",
        call: |_, args| {
            let (dict, args) = dict_of(args, "dict.setdefault")?;
            let values = positional(args, "dict.setdefault", 1, 2)?;
            let found =
                dict.table.borrow().get(&key_of(&values[0])?).map(|(_, value)| value.clone());
            if let Some(value) = found {
                return Ok(Flow::Value(value));
            }
            let default = values.get(1).cloned().unwrap_or(Value::None);
            items::insert(&dict, values[0].clone(), default.clone())?;
            Ok(Flow::Value(default))
        },
    },
    Native {
        name: "update",
        call: |_, args| {
            let (dict, args) = dict_of(args, "dict.update")?;
            let Args { values, named } = args;
            if values.len() > 1 {
                return Err(type_error(format!(
                    "update expected at most 1 argument, got {}",
                    values.len()
                )));
            }
            let mut pairs: Vec<(Value, Value)> = Vec::new();
            match values.first() {
                None => {}
                Some(Value::Dict(from)) => pairs.extend(from.table.borrow().values().cloned()),
                Some(other) => {
                    let Some(list) = crate::operators::iterate::items(other)? else {
                        return Err(refuse("'update' with a generator is outside of the subset"));
                    };
                    for (at, pair) in list.iter().enumerate() {
                        let items = crate::operators::iterate::items(pair)
                            .map_err(|_| {
                                type_error(format!(
                                    "cannot convert dictionary update sequence element #{at} to a \
                                     sequence"
                                ))
                            })?
                            .unwrap_or_default();
                        let [key, value] = items.as_slice() else {
                            return Err(value_error(format!(
                                "dictionary update sequence element #{at} has length {}; 2 is required",
                                items.len()
                            )));
                        };
                        pairs.push((key.clone(), value.clone()));
                    }
                }
            }
            pairs.extend(named.into_iter().map(|(name, value)| (Value::str(name), value)));
            for (key, value) in pairs {
                items::insert(&dict, key, value)?;
            }
            Ok(Flow::Value(Value::None))
        },
    },
    Native {
        name: "clear",
        call: |_, args| {
            let dict = dict_alone(args, "dict.clear")?;
            let old = dict.table.take();
            dict.charge.set(table_charge(0));
            drop(old);
            Ok(Flow::Value(Value::None))
        },
    },
    Native {
        name: "copy",
        call: |_, args| {
            let dict = dict_alone(args, "dict.copy")?;
            let table = dict.table.borrow().clone();
            room_for(table_charge(table.len()))?;
            Ok(Flow::Value(Value::dict(table)))
        },
    },
];

pub(crate) static DICT_CLASS: &[Native] = &[Native {
    name: "fromkeys",
    call: |cx, args| {
        let (_, args) = method(args);
        let values = positional(args, "dict.fromkeys", 1, 2)?;
        let value = values.get(1).cloned().unwrap_or(Value::None);
        with_items(cx, &values[0], vec![value], |_, keys, kept| {
            let mut table = Table::default();
            for key in keys {
                table.insert(key_of(&key)?, (key, kept[0].clone()));
            }
            Ok(Flow::Value(Value::dict(table)))
        })
    },
}];

fn set_of(args: Args, name: &str) -> Result<(Rc<Set>, Args), Fail> {
    let (object, args) = method(args);
    match object {
        Value::Set(set) => Ok((set, args)),
        other => Err(wrong_object(name, &other)),
    }
}

/// The set of a method that takes nothing else.
fn set_alone(args: Args, name: &str) -> Result<Rc<Set>, Fail> {
    let (set, args) = set_of(args, name)?;
    none(with_object(args), name)?;
    Ok(set)
}

fn set_done(set: &Set) -> Outcome {
    set.charge.set(table_charge(set.keys.borrow().len()));
    Ok(Flow::Value(Value::None))
}

/// A method that is an operator for any iterable.
fn set_operator(cx: &mut Cx, args: Args, operator: crate::code::Operator, name: &str) -> Outcome {
    let (set, args) = set_of(args, name)?;
    let other = one(args, name)?;
    let code = match operator {
        crate::code::Operator::Or => 0,
        crate::code::Operator::And => 1,
        crate::code::Operator::Subtract => 2,
        _ => 3,
    };
    let is_set = Value::Bool(matches!(other, Value::Set(_)));
    with_items(cx, &other, vec![Value::Set(set), Value::Int(code), is_set], |_, items, kept| {
        let mut keys = crate::table::KeySet::default();
        for item in items {
            keys.entry(key_of(&item)?).or_insert(item);
        }
        let operator = match kept[1] {
            Value::Int(0) => crate::code::Operator::Or,
            Value::Int(1) => crate::code::Operator::And,
            Value::Int(2) => crate::code::Operator::Subtract,
            _ => crate::code::Operator::Xor,
        };
        if let (crate::code::Operator::And, Value::Set(set), Value::Bool(false)) =
            (operator, &kept[0], &kept[2])
        {
            let own = set.keys.borrow();
            keys.retain(|key, _| own.contains_key(key));
            return Ok(Flow::Value(Value::set(keys)));
        }
        let other = Value::set(keys);
        crate::operators::arithmetic::binary(operator, &kept[0], &other, false).map(Flow::Value)
    })
}

pub(crate) static SET: &[Native] = &[
    Native {
        name: "add",
        call: |_, args| {
            let (set, args) = set_of(args, "set.add")?;
            let value = one(args, "set.add")?;
            set.keys.borrow_mut().entry(key_of(&value)?).or_insert(value);
            set_done(&set)
        },
    },
    Native {
        name: "remove",
        call: |_, args| {
            let (set, args) = set_of(args, "set.remove")?;
            let value = one(args, "set.remove")?;
            spend(set.keys.borrow().len() / 16);
            // A set is looked up as the frozenset that it equals, and there are none here.
            if let Value::Set(_) = value {
                return Err(Box::new(Raised::With(Exc::KeyError, vec![value])));
            }
            match set.keys.borrow_mut().shift_remove(&key_of(&value)?) {
                Some(_) => {}
                None => return Err(Box::new(Raised::With(Exc::KeyError, vec![value]))),
            }
            set_done(&set)
        },
    },
    Native {
        name: "discard",
        call: |_, args| {
            let (set, args) = set_of(args, "set.discard")?;
            let value = one(args, "set.discard")?;
            spend(set.keys.borrow().len() / 16);
            if let Value::Set(_) = value {
                return set_done(&set);
            }
            set.keys.borrow_mut().shift_remove(&key_of(&value)?);
            set_done(&set)
        },
    },
    Native {
        name: "clear",
        call: |_, args| {
            let set = set_alone(args, "set.clear")?;
            drop(set.keys.take());
            set_done(&set)
        },
    },
    Native {
        name: "copy",
        call: |_, args| {
            let set = set_alone(args, "set.copy")?;
            let keys = set.keys.borrow().clone();
            Ok(Flow::Value(Value::set(keys)))
        },
    },
    Native {
        name: "update",
        call: |cx, args| {
            let (set, args) = set_of(args, "set.update")?;
            let iterable = one(args, "set.update")?;
            with_items(cx, &iterable, vec![Value::Set(set)], |_, items, kept| {
                let Some(Value::Set(set)) = kept.first() else {
                    return Ok(Flow::Value(Value::None));
                };
                for item in items {
                    set.keys.borrow_mut().entry(key_of(&item)?).or_insert(item);
                }
                set_done(set)
            })
        },
    },
    Native {
        name: "union",
        call: |cx, args| set_operator(cx, args, crate::code::Operator::Or, "set.union"),
    },
    Native {
        name: "intersection",
        call: |cx, args| set_operator(cx, args, crate::code::Operator::And, "set.intersection"),
    },
    Native {
        name: "difference",
        call: |cx, args| set_operator(cx, args, crate::code::Operator::Subtract, "set.difference"),
    },
    Native {
        name: "symmetric_difference",
        call: |cx, args| {
            set_operator(cx, args, crate::code::Operator::Xor, "set.symmetric_difference")
        },
    },
];

/// The int of a method that takes nothing else.
fn int_alone(args: Args, name: &str) -> Result<BigInt, Fail> {
    if let Some(object) = args.values.first()
        && int_of(object).is_none()
    {
        return Err(wrong_object(name, object));
    }
    Ok(int_of(&none(args, name)?).unwrap_or_default())
}

pub(crate) static INT: &[Native] = &[
    Native {
        name: "bit_length",
        call: |_, args| {
            let bits = int_alone(args, "int.bit_length")?.bits();
            Ok(Flow::Value(Value::Int(i64::try_from(bits).unwrap_or(i64::MAX))))
        },
    },
    Native {
        name: "bit_count",
        call: |_, args| {
            let int = int_alone(args, "int.bit_count")?;
            let count: u32 = int.magnitude().iter_u64_digits().map(u64::count_ones).sum();
            Ok(Flow::Value(Value::Int(count.into())))
        },
    },
    Native {
        name: "conjugate",
        call: |_, args| Ok(Flow::Value(Value::big(int_alone(args, "int.conjugate")?))),
    },
    Native {
        name: "to_bytes",
        call: |_, args| {
            let (object, args) = method(args);
            let (args, signed) = take_signed(args)?;
            let [length, order] = named(args, "to_bytes", ["length", "byteorder"], 0)?;
            let length = if length.is_bound() { int(&length)? } else { 1 };
            let order = byte_order(&order)?;
            let length = usize::try_from(length)
                .map_err(|_| value_error("length argument must be non-negative"))?;
            room_for(length)?;
            let int = int_of(&object).unwrap_or_default();
            Ok(Flow::Value(Value::bytes(integer::to_bytes(&int, length, order, signed)?)))
        },
    },
];

/// The argument that has to be named.
fn take_signed(mut args: Args) -> Result<(Args, bool), Fail> {
    let at = args.named.iter().position(|(name, _)| &**name == "signed");
    let signed = at.map(|at| args.named.remove(at).1);
    Ok((args, signed.is_some_and(|signed| truth::is_true(&signed))))
}

fn byte_order(value: &Value) -> Result<ByteOrder, Fail> {
    match value {
        Value::Unbound => Ok(ByteOrder::parse("big")?),
        Value::Str(text) => Ok(ByteOrder::parse(&text.text)?),
        other => Err(type_error(format!(
            "argument 'byteorder' must be str, not {}",
            argument_type(other)
        ))),
    }
}

pub(crate) static INT_CLASS: &[Native] = &[Native {
    name: "from_bytes",
    call: |cx, args| {
        let (_, args) = method(args);
        let (args, signed) = take_signed(args)?;
        let [source, order] = named(args, "from_bytes", ["bytes", "byteorder"], 1)?;
        let order = byte_order(&order)?;
        let kept = vec![Value::Bool(signed), Value::Bool(order == ByteOrder::parse("big")?)];
        if as_bytes(&source).is_some() {
            let bytes = bytes(&source)?;
            return Ok(Flow::Value(Value::big(integer::from_bytes(&bytes, order, signed))));
        }
        if let Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::None = source {
            let name = type_name(&source);
            return Err(type_error(format!("cannot convert '{name}' object to bytes")));
        }
        with_items(cx, &source, kept, |_, items, kept| {
            let bytes: Option<Vec<u8>> = items
                .iter()
                .map(|item| if let Value::Int(int) = item { u8::try_from(*int).ok() } else { None })
                .collect();
            let order = ByteOrder::parse(if truth::is_true(&kept[1]) { "big" } else { "little" })?;
            match bytes {
                Some(bytes) => {
                    let int = integer::from_bytes(&bytes, order, truth::is_true(&kept[0]));
                    Ok(Flow::Value(Value::big(int)))
                }
                None => Err(value_error("bytes must be in range(0, 256)")),
            }
        })
    },
}];

//! The types of `builtins` as functions: `int('5')`, `list(range(3))`.
#![allow(clippy::wildcard_enum_match_arm, reason = "most types are made of a few others")]

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use super::arguments::{bytes, int, named, one, positional};
use super::codecs::Codec;
use super::dates;
use super::functions::class_of;
use super::iterables::with_items;
use super::texts::text_of;
use crate::budget::room_for;
use crate::native::{Flow, refuse, type_error, value_error};
use crate::numbers::parse::{self, Source};
use crate::numbers::{float, integer};
use crate::operators::compare::as_bytes;
use crate::operators::key::key_of;
use crate::operators::kind::int_of;
use crate::operators::kind::type_name;
use crate::operators::show::{Written, repr_of, str_of};
use crate::operators::truth;
use crate::operators::{items, iterate};
use crate::symbols::Symbol;
use crate::table::{KeySet, Table};
use crate::types::Type;
use crate::value::{
    Args, Cx, Fail, IteratorState, Native, Outcome, Range, Slice, Super, Value, Wrapped,
};

/// The constructor of a built-in type.
pub(crate) fn find(kind: Type) -> Option<&'static Native> {
    CONSTRUCTORS.iter().find(|(of, _)| *of == kind).map(|(_, native)| native)
}

static CONSTRUCTORS: &[(Type, Native)] = &[
    (
        Type::Object,
        Native { name: "object", call: |_, _| Err(refuse("'object()' is outside of the subset")) },
    ),
    (
        Type::Type,
        Native {
            name: "type",
            call: |cx, args| {
                let values = positional(args, "type", 1, 3)?;
                match values.as_slice() {
                    [value] => Ok(Flow::Value(class_of(cx, value))),
                    _ => Err(refuse("'type' with three arguments is outside of the subset")),
                }
            },
        },
    ),
    (
        Type::Bool,
        Native {
            name: "bool",
            call: |_, args| {
                let value = positional(args, "bool", 0, 1)?.pop();
                if let Some(Value::Instance(instance)) = &value
                    && instance.class.find(Symbol::LEN).is_some()
                {
                    return Err(refuse(
                        "'bool' of an instance with '__len__' is outside of the subset",
                    ));
                }
                Ok(Flow::Value(Value::Bool(value.is_some_and(|value| truth::is_true(&value)))))
            },
        },
    ),
    (Type::Int, Native { name: "int", call: int_call }),
    (Type::Float, Native { name: "float", call: float_call }),
    (Type::Str, Native { name: "str", call: str_call }),
    (Type::Bytes, Native { name: "bytes", call: |cx, args| bytes_call(cx, args, "bytes") }),
    (
        Type::ByteArray,
        Native { name: "bytearray", call: |cx, args| bytes_call(cx, args, "bytearray") },
    ),
    (
        Type::List,
        Native {
            name: "list",
            call: |cx, args| match positional(args, "list", 0, 1)?.pop() {
                None => Ok(Flow::Value(Value::list(Vec::new()))),
                Some(iterable) => with_items(cx, &iterable, Vec::new(), |_, items, _| {
                    Ok(Flow::Value(Value::list(items)))
                }),
            },
        },
    ),
    (
        Type::Tuple,
        Native {
            name: "tuple",
            call: |cx, args| match positional(args, "tuple", 0, 1)?.pop() {
                None => Ok(Flow::Value(Value::tuple(Vec::new()))),
                Some(value @ Value::Tuple(_)) => Ok(Flow::Value(value)),
                Some(iterable) => with_items(cx, &iterable, Vec::new(), |_, items, _| {
                    Ok(Flow::Value(Value::tuple(items)))
                }),
            },
        },
    ),
    (
        Type::Set,
        Native {
            name: "set",
            call: |cx, args| match positional(args, "set", 0, 1)?.pop() {
                None => Ok(Flow::Value(Value::set(KeySet::default()))),
                Some(iterable) => with_items(cx, &iterable, Vec::new(), |_, items, _| {
                    let mut keys = KeySet::default();
                    for item in items {
                        keys.entry(key_of(&item)?).or_insert(item);
                    }
                    Ok(Flow::Value(Value::set(keys)))
                }),
            },
        },
    ),
    (Type::Dict, Native { name: "dict", call: dict_call }),
    (Type::DateTime, Native { name: "datetime", call: dates::new_date }),
    (Type::TimeDelta, Native { name: "timedelta", call: dates::new_duration }),
    (Type::Range, Native { name: "range", call: range_call }),
    (
        Type::Slice,
        Native {
            name: "slice",
            call: |_, args| {
                let values = positional(args, "slice", 1, 3)?;
                let part = |at: usize| values.get(at).cloned().unwrap_or(Value::None);
                let (start, stop, step) = match values.len() {
                    1 => (Value::None, part(0), Value::None),
                    _ => (part(0), part(1), part(2)),
                };
                Ok(Flow::Value(Value::Slice(Rc::new(Slice { start, stop, step }))))
            },
        },
    ),
    (
        Type::Enumerate,
        Native {
            name: "enumerate",
            call: |_, args| {
                let [iterable, start] = named(args, "enumerate", ["iterable", "start"], 1)?;
                if matches!(start, Value::Big(_) | Value::Int(0x7000_0000_0000_0000..)) {
                    iterate::iterator(&iterable)?;
                    return Err(refuse(
                        "'enumerate' of numbers this large is outside of the subset",
                    ));
                }
                let next = if start.is_bound() { int(&start)? } else { 0 };
                let inner = iterate::iterator(&iterable)?;
                Ok(Flow::Value(Value::iterator(IteratorState::Enumerate { inner, next })))
            },
        },
    ),
    (
        Type::Zip,
        Native {
            name: "zip",
            call: |_, args| {
                let strict = args
                    .named
                    .iter()
                    .any(|(name, value)| &**name == "strict" && truth::is_true(value));
                let inner: Result<Vec<Value>, Fail> =
                    args.values.iter().map(iterate::iterator).collect();
                Ok(Flow::Value(Value::iterator(IteratorState::Zip { inner: inner?, strict })))
            },
        },
    ),
    (
        Type::Map,
        Native {
            name: "map",
            call: |_, args| {
                let mut values = args.values;
                if values.len() < 2 {
                    return Err(type_error("map() must have at least two arguments."));
                }
                let rest = values.split_off(1);
                let inner: Result<Vec<Value>, Fail> = rest.iter().map(iterate::iterator).collect();
                let function = values.pop().unwrap_or_default();
                Ok(Flow::Value(Value::iterator(IteratorState::Map { function, inner: inner? })))
            },
        },
    ),
    (
        Type::Filter,
        Native {
            name: "filter",
            call: |_, args| {
                let mut values = positional(args, "filter", 2, 2)?;
                let inner = iterate::iterator(&values.pop().unwrap_or_default())?;
                let function = values.pop().unwrap_or_default();
                Ok(Flow::Value(Value::iterator(IteratorState::Filter { function, inner })))
            },
        },
    ),
    (Type::Reversed, Native { name: "reversed", call: reversed_call }),
    (
        Type::Super,
        Native {
            name: "super",
            call: |_, args| {
                let mut values = positional(args, "super", 0, 2)?.into_iter();
                match (values.next(), values.next()) {
                    (Some(Value::Class(class)), Some(object)) => {
                        Ok(Flow::Value(Value::Super(Rc::new(Super { class, object }))))
                    }
                    _ => Err(refuse("'super()' stands in a method here, without arguments")),
                }
            },
        },
    ),
    (
        Type::StaticMethod,
        Native {
            name: "staticmethod",
            call: |_, args| {
                let function = one(args, "staticmethod")?;
                Ok(Flow::Value(Value::Wrapped(Rc::new(Wrapped {
                    kind: Type::StaticMethod,
                    function,
                }))))
            },
        },
    ),
    (
        Type::Property,
        Native {
            name: "property",
            call: |_, args| {
                let function = one(args, "property")?;
                Ok(Flow::Value(Value::Wrapped(Rc::new(Wrapped { kind: Type::Property, function }))))
            },
        },
    ),
];

fn int_call(_: &mut Cx, args: Args) -> Outcome {
    let mut base = Value::Unbound;
    let Args { mut values, named } = args;
    for (name, value) in named {
        match &*name {
            "base" => base = value,
            other => {
                return Err(type_error(format!(
                    "'{other}' is an invalid keyword argument for int()"
                )));
            }
        }
    }
    if values.len() > 2 {
        return Err(type_error(format!(
            "int() takes at most 2 arguments ({} given)",
            values.len()
        )));
    }
    if values.len() == 2 {
        base = values.pop().unwrap_or_default();
    }
    let Some(value) = values.pop() else {
        if base.is_bound() {
            return Err(type_error("int() missing string argument"));
        }
        return Ok(Flow::Value(Value::Int(0)));
    };
    let source = |value: &Value| match value {
        Value::Str(text) => Some(Source::Text(&text.text).parse_int(&base)),
        _ => None,
    };
    if base.is_bound() {
        return match (&value, as_bytes(&value)) {
            (Value::Str(text), _) => Source::Text(&text.text).parse_int(&base).map(Flow::Value),
            (_, Some(bytes)) => Source::Bytes(&bytes).parse_int(&base).map(Flow::Value),
            _ => Err(type_error("int() can't convert non-string with explicit base")),
        };
    }
    if let Some(parsed) = source(&value) {
        return parsed.map(Flow::Value);
    }
    Ok(Flow::Value(match &value {
        Value::Float(number) => Value::big(float::to_int(*number)?),
        other => match (int_of(other), as_bytes(other)) {
            (Some(int), _) => Value::big(int),
            (None, Some(bytes)) => Source::Bytes(&bytes).parse_int(&base)?,
            (None, None) => {
                return Err(type_error(format!(
                    "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                    type_name(other)
                )));
            }
        },
    }))
}

trait ParseInt {
    fn parse_int(self, base: &Value) -> Result<Value, Fail>;
}

impl ParseInt for Source<'_> {
    fn parse_int(self, base: &Value) -> Result<Value, Fail> {
        let base = match base {
            Value::Unbound => 10,
            other => {
                let base = int(other)?;
                u32::try_from(base)
                    .ok()
                    .filter(|base| *base == 0 || (2..=36).contains(base))
                    .ok_or_else(|| value_error("int() base must be >= 2 and <= 36, or 0"))?
            }
        };
        Ok(Value::big(parse::int(self, base)?))
    }
}

fn float_call(_: &mut Cx, args: Args) -> Outcome {
    let value = positional(args, "float", 0, 1)?.pop();
    Ok(Flow::Value(Value::Float(match &value {
        None => 0.0,
        Some(Value::Float(float)) => *float,
        Some(Value::Str(text)) => parse::float(Source::Text(&text.text))?,
        Some(other) => match (int_of(other), as_bytes(other)) {
            (Some(int), _) => integer::to_float(&int)?,
            (None, Some(bytes)) => {
                parse::float(Source::Bytes(&bytes)).map_err(|fail| match other {
                    Value::ByteArray(_) => {
                        let shown = repr_of(other, &Written::default()).unwrap_or_default();
                        value_error(format!("could not convert string to float: {shown}"))
                    }
                    _ => fail.into(),
                })?
            }
            (None, None) => {
                return Err(type_error(format!(
                    "float() argument must be a string or a real number, not '{}'",
                    type_name(other)
                )));
            }
        },
    })))
}

fn str_call(cx: &mut Cx, args: Args) -> Outcome {
    let [object, encoding, errors] = named(args, "str", ["object", "encoding", "errors"], 0)?;
    let codec = Codec::of(&encoding, &errors, "str")?;
    if !object.is_bound() {
        return Ok(Flow::Value(Value::str("")));
    }
    if encoding.is_bound() || errors.is_bound() {
        if let Value::Str(_) = object {
            return Err(type_error("decoding str is not supported"));
        }
        let Some(bytes) = as_bytes(&object) else {
            return Err(type_error(format!(
                "decoding to str: need a bytes-like object, {} found",
                type_name(&object)
            )));
        };
        return codec.decode(&bytes).map(Flow::Value);
    }
    text_of(cx, object, false, |_, written, kept| {
        Ok(Flow::Value(match &kept[0] {
            text @ Value::Str(_) => text.clone(),
            other => Value::str(str_of(other, written)?),
        }))
    })
}

fn bytes_call(cx: &mut Cx, args: Args, name: &'static str) -> Outcome {
    let [source, encoding, errors] = named(args, name, ["source", "encoding", "errors"], 0)?;
    let codec = Codec::of(&encoding, &errors, name)?;
    let make = if name == "bytes" {
        (|bytes: Vec<u8>| Value::bytes(bytes)) as fn(Vec<u8>) -> Value
    } else {
        Value::byte_array
    };
    if let Value::Str(text) = &source {
        if !encoding.is_bound() {
            return Err(type_error("string argument without an encoding"));
        }
        return Ok(Flow::Value(make(codec.encode(&text.text)?)));
    }
    if encoding.is_bound() || errors.is_bound() {
        let what = if encoding.is_bound() { "encoding" } else { "errors" };
        return Err(type_error(format!("{what} without a string argument")));
    }
    if !source.is_bound() {
        return Ok(Flow::Value(make(Vec::new())));
    }
    if as_bytes(&source).is_some() {
        return Ok(Flow::Value(make(bytes(&source)?)));
    }
    if let Some(count) = int_of(&source) {
        let count = count.to_i64().ok_or_else(|| {
            crate::native::error(
                crate::types::Exc::OverflowError,
                "cannot fit 'int' into an index-sized integer",
            )
        })?;
        let count = usize::try_from(count).map_err(|_| value_error("negative count"))?;
        room_for(count)?;
        return Ok(Flow::Value(make(vec![0; count])));
    }
    if !matches!(
        source,
        Value::List(_)
            | Value::Tuple(_)
            | Value::Range(_)
            | Value::Iterator(_)
            | Value::Generator(_)
            | Value::Set(_)
            | Value::Dict(_)
            | Value::View(_)
    ) {
        return Err(type_error(format!(
            "cannot convert '{}' object to {name}",
            type_name(&source)
        )));
    }
    with_items(cx, &source, vec![Value::str(name)], |_, items, kept| {
        let is_bytes = matches!(&kept[0], Value::Str(name) if &*name.text == "bytes");
        let kind = if is_bytes { "bytes" } else { "byte" };
        let bytes: Result<Vec<u8>, Fail> = items
            .iter()
            .map(|item| match int_of(item) {
                Some(int) => int
                    .to_u8()
                    .ok_or_else(|| value_error(format!("{kind} must be in range(0, 256)"))),
                None => Err(type_error(format!(
                    "'{}' object cannot be interpreted as an integer",
                    type_name(item)
                ))),
            })
            .collect();
        Ok(Flow::Value(if is_bytes { Value::bytes(bytes?) } else { Value::byte_array(bytes?) }))
    })
}

fn dict_call(cx: &mut Cx, args: Args) -> Outcome {
    let Args { mut values, named } = args;
    if values.len() > 1 {
        return Err(type_error(format!("dict expected at most 1 argument, got {}", values.len())));
    }
    let keywords: Vec<Value> =
        named.into_iter().flat_map(|(name, value)| [Value::str(name), value]).collect();
    match values.pop() {
        None => fill_dict(cx, Vec::new(), keywords),
        Some(Value::Dict(from)) => {
            let pairs: Vec<Value> = from
                .table
                .borrow()
                .values()
                .map(|(key, value)| Value::tuple(vec![key.clone(), value.clone()]))
                .collect();
            fill_dict(cx, pairs, keywords)
        }
        Some(iterable) => with_items(cx, &iterable, keywords, fill_dict),
    }
}

fn fill_dict(_: &mut Cx, pairs: Vec<Value>, keywords: Vec<Value>) -> Outcome {
    let dict = Value::dict(Table::default());
    let Value::Dict(table) = &dict else { return Ok(Flow::Value(dict)) };
    for (at, pair) in pairs.iter().enumerate() {
        let Some(pair) = iterate::items(pair).map_err(|_| {
            type_error(format!(
                "cannot convert dictionary update sequence element #{at} to a sequence"
            ))
        })?
        else {
            return Err(refuse("'dict' of generators is outside of the subset"));
        };
        let [key, value] = pair.as_slice() else {
            return Err(value_error(format!(
                "dictionary update sequence element #{at} has length {}; 2 is required",
                pair.len()
            )));
        };
        items::insert(table, key.clone(), value.clone())?;
    }
    let mut keywords = keywords.into_iter();
    while let (Some(key), Some(value)) = (keywords.next(), keywords.next()) {
        items::insert(table, key, value)?;
    }
    Ok(Flow::Value(dict))
}

fn range_call(_: &mut Cx, args: Args) -> Outcome {
    let values = positional(args, "range", 1, 3)?;
    let mut bounds = Vec::new();
    for value in &values {
        let bound: BigInt = int_of(value).ok_or_else(|| {
            type_error(format!("'{}' object cannot be interpreted as an integer", type_name(value)))
        })?;
        let small = bound.to_i64().filter(|bound| bound.unsigned_abs() < 1 << 62);
        bounds.push(small.ok_or_else(|| refuse("a range this long is outside of the subset"))?);
    }
    let (start, stop, step) = match bounds.as_slice() {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step, ..] => (*start, *stop, *step),
        [] => (0, 0, 1),
    };
    if step == 0 {
        return Err(value_error("range() arg 3 must not be zero"));
    }
    Ok(Flow::Value(Value::Range(Rc::new(Range { start, stop, step }))))
}

fn reversed_call(_: &mut Cx, args: Args) -> Outcome {
    let value = one(args, "reversed")?;
    let kind = Type::Reversed;
    let state = match &value {
        Value::List(list) => {
            IteratorState::ReversedList { list: Rc::clone(list), left: list.items.borrow().len() }
        }
        Value::Range(range) => {
            let left = truth::range_length(range.start, range.stop, range.step);
            let last = i64::try_from(left).unwrap_or(0).wrapping_sub(1).wrapping_mul(range.step);
            let step = range.step.wrapping_neg();
            IteratorState::Range {
                next: range.start.wrapping_add(last),
                left,
                step,
                kind: Type::RangeIterator,
            }
        }
        Value::Tuple(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::ByteArray(_)
        | Value::Dict(_)
        | Value::View(_) => {
            let mut items = iterate::items(&value)?.unwrap_or_default();
            items.reverse();
            IteratorState::Items { items: items.into_iter(), kind }
        }
        other => {
            return Err(type_error(format!("'{}' object is not reversible", type_name(other))));
        }
    };
    Ok(Flow::Value(Value::iterator(state)))
}

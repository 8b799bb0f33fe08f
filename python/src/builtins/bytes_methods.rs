//! The methods that bytes and bytearray both have. Each returns the type of its object.
#![allow(
    clippy::single_match_else,
    clippy::wildcard_enum_match_arm,
    reason = "an argument is of one type, or it is an error"
)]

use num_traits::ToPrimitive as _;

use super::arguments::{
    bounds, bytes, c_int_or, int, int_or, method, named, none, one, parsed, positional,
    wrong_object,
};
use super::codecs::Codec;
use super::iterables::with_items;
use super::texts::limit;
use crate::budget::{room_for, spend};
use crate::bytes::find::{self, Bounds};
use crate::bytes::split::{self, Ends};
use crate::bytes::{ascii, hex, layout};
use crate::native::{Flow, type_error};
use crate::operators::compare::{BytesOf, as_bytes};
use crate::operators::iterate;
use crate::operators::kind::int_of;
use crate::operators::kind::{argument_type, type_name};
use crate::sequence::join::joined_len;
use crate::sequence::padding::Justify;
use crate::value::{self, Args, Cx, Fail, Native, Outcome, Value, charge_of};

/// The object of a method.
struct Object {
    value: Value,
    kind: &'static str,
}

impl Object {
    fn bytes(&self) -> Result<BytesOf<'_>, Fail> {
        as_bytes(&self.value).ok_or_else(|| type_error("a bytes-like object is required"))
    }

    /// A value of the same type.
    fn like(&self, bytes: &[u8]) -> Value {
        match &self.value {
            Value::ByteArray(_) => Value::byte_array(bytes.to_vec()),
            _ => Value::bytes(bytes),
        }
    }

    /// The name of a method, as in a message.
    fn method(&self, name: &str) -> String {
        format!("{}.{name}", self.kind)
    }
}

/// The object of a method, and its other arguments.
fn receive(args: Args, name: &str) -> Result<(Object, Args), Fail> {
    let (value, args) = method(args);
    let kind = match &value {
        Value::Bytes(_) => "bytes",
        Value::ByteArray(_) => "bytearray",
        other => return Err(wrong_object(&format!("bytes.{name}"), other)),
    };
    let object = Object { value, kind };
    spend(object.bytes()?.len() / 64);
    Ok((object, args))
}

fn alone(args: Args, name: &str) -> Result<Object, Fail> {
    let (object, mut args) = receive(args, name)?;
    args.values.insert(0, Value::None);
    none(args, &object.method(name))?;
    Ok(object)
}

/// A method that takes nothing and returns bytes.
fn changed(args: Args, name: &str, change: fn(&[u8]) -> Vec<u8>) -> Outcome {
    let object = alone(args, name)?;
    let bytes = object.bytes()?;
    room_for(bytes.len())?;
    Ok(Flow::Value(object.like(&change(&bytes))))
}

/// A method that takes nothing and returns whether the bytes are something.
fn is(args: Args, name: &str, is: fn(&[u8]) -> bool) -> Outcome {
    let object = alone(args, name)?;
    Ok(Flow::Value(Value::Bool(is(&object.bytes()?))))
}

/// What is looked for: bytes, or a byte as an int.
fn sought(value: &Value) -> Result<Vec<u8>, Fail> {
    if let Some(int) = int_of(value) {
        return Ok(vec![find::byte_of(int.to_i64())?]);
    }
    match as_bytes(value) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => Err(type_error(format!(
            "argument should be integer or bytes-like object, not '{}'",
            type_name(value)
        ))),
    }
}

type Find = fn(&[u8], &[u8], Bounds) -> Option<usize>;

fn found(args: Args, name: &str, find: Find) -> Result<Option<usize>, Fail> {
    let (object, args) = receive(args, name)?;
    let values = parsed(args, &object.method(name), 1, 3)?;
    let bounds = bounds(&values)?;
    let sought = sought(&values[0])?;
    Ok(find(&object.bytes()?, &sought, bounds))
}

fn position(args: Args, name: &str, find: Find) -> Outcome {
    Ok(Flow::Value(found(args, name, find)?.map_or(Value::Int(-1), Value::size)))
}

fn index(args: Args, name: &str, find: Find) -> Outcome {
    match found(args, name, find)? {
        Some(at) => Ok(Flow::Value(Value::size(at))),
        None => Err(find::not_found().into()),
    }
}

fn count(_: &mut Cx, args: Args) -> Outcome {
    let (object, args) = receive(args, "count")?;
    let values = parsed(args, &object.method("count"), 1, 3)?;
    let bounds = bounds(&values)?;
    let sought = sought(&values[0])?;
    Ok(Flow::Value(Value::size(find::count(&object.bytes()?, &sought, bounds))))
}

type Affix = fn(&[u8], &[u8], Bounds) -> bool;

fn affix(args: Args, name: &str, has: Affix) -> Outcome {
    let (object, args) = receive(args, name)?;
    let values = parsed(args, &object.method(name), 1, 3)?;
    let bounds = bounds(&values)?;
    let own = object.bytes()?;
    if let Value::Tuple(tuple) = &values[0] {
        for item in &tuple.items {
            if has(&own, &bytes(item)?, bounds) {
                return Ok(Flow::Value(Value::Bool(true)));
            }
        }
        return Ok(Flow::Value(Value::Bool(false)));
    }
    match as_bytes(&values[0]) {
        Some(part) => Ok(Flow::Value(Value::Bool(has(&own, &part, bounds)))),
        None => Err(type_error(format!(
            "{name} first arg must be bytes or a tuple of bytes, not {}",
            type_name(&values[0])
        ))),
    }
}

fn list(object: &Object, parts: &[&[u8]]) -> Result<Value, Fail> {
    let total: usize = parts.iter().map(|part| part.len() + size_of::<value::Bytes>()).sum();
    room_for(charge_of(parts.len()).saturating_add(total))?;
    spend(parts.len());
    Ok(Value::list(parts.iter().map(|part| object.like(part)).collect()))
}

fn split(args: Args, name: &str, from_right: bool) -> Outcome {
    let (object, args) = receive(args, name)?;
    let [separator, most] = named(args, name, ["sep", "maxsplit"], 0)?;
    let most = int_or(&most, -1)?;
    let own = object.bytes()?;
    let parts = match &separator {
        Value::Unbound | Value::None if from_right => split::rsplit_whitespace(&own, most),
        Value::Unbound | Value::None => split::split_whitespace(&own, most),
        other => {
            let separator = bytes(other)?;
            if from_right {
                split::rsplit(&own, &separator, most)?
            } else {
                split::split(&own, &separator, most)?
            }
        }
    };
    list(&object, &parts).map(Flow::Value)
}

fn partition(args: Args, name: &str, from_right: bool) -> Outcome {
    let (object, args) = receive(args, name)?;
    let given = one(args, &object.method(name))?;
    let separator = bytes(&given)?;
    let own = object.bytes()?;
    let parts = if from_right {
        split::rpartition(&own, &separator)?
    } else {
        split::partition(&own, &separator)?
    };
    let mut values: Vec<Value> = parts.iter().map(|part| object.like(part)).collect();
    // The method of bytes returns the separator itself.
    if let (Value::Bytes(_), false) = (&object.value, parts[1].is_empty()) {
        values[1] = given;
    }
    Ok(Flow::Value(Value::tuple(values)))
}

fn strip(args: Args, name: &str, ends: Ends) -> Outcome {
    let (object, args) = receive(args, name)?;
    let stripped = match positional(args, &object.method(name), 0, 1)?.pop() {
        None | Some(Value::None) => None,
        Some(other) => Some(bytes(&other)?),
    };
    let own = object.bytes()?;
    Ok(Flow::Value(object.like(split::strip(&own, stripped.as_deref(), ends))))
}

fn without(args: Args, name: &str, remove: for<'a> fn(&'a [u8], &[u8]) -> &'a [u8]) -> Outcome {
    let (object, args) = receive(args, name)?;
    let part = bytes(&one(args, &object.method(name))?)?;
    let own = object.bytes()?;
    Ok(Flow::Value(object.like(remove(&own, &part))))
}

fn justify(args: Args, name: &str, justify: Justify) -> Outcome {
    let (object, args) = receive(args, name)?;
    let values = positional(args, &object.method(name), 1, 2)?;
    let width = int(&values[0])?;
    let fill = match values.get(1) {
        None => b' ',
        Some(value) => match as_bytes(value).as_deref() {
            Some([fill]) => *fill,
            Some(_) | None => {
                let kind = argument_type(value);
                return Err(type_error(format!(
                    "{name}() argument 2 must be a byte string of length 1, not {kind}"
                )));
            }
        },
    };
    let own = object.bytes()?;
    Ok(Flow::Value(object.like(&layout::justify(&own, justify, width, fill, limit())?)))
}

fn replace(_: &mut Cx, args: Args) -> Outcome {
    let (object, args) = receive(args, "replace")?;
    let values = positional(args, &object.method("replace"), 2, 3)?;
    let (old, new) = (bytes(&values[0])?, bytes(&values[1])?);
    let count = values.get(2).map_or(Ok(-1), int)?;
    let own = object.bytes()?;
    Ok(Flow::Value(object.like(&layout::replace(&own, &old, &new, count, limit())?)))
}

fn join(cx: &mut Cx, args: Args) -> Outcome {
    let (object, args) = receive(args, "join")?;
    let iterable = one(args, &object.method("join"))?;
    if iterate::iterator(&iterable).is_err() {
        return Err(type_error("can only join an iterable"));
    }
    with_items(cx, &iterable, vec![object.value], |_, items, kept| {
        let value = kept.into_iter().next().unwrap_or_default();
        let object = Object { value, kind: "bytes" };
        let separator = object.bytes()?;
        let mut parts = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let name = type_name(item);
            parts.push(as_bytes(item).ok_or_else(|| {
                type_error(format!(
                    "sequence item {at}: expected a bytes-like object, {name} found"
                ))
            })?);
        }
        let length = joined_len(separator.len(), parts.iter().map(|part| part.len()));
        room_for(length)?;
        spend(length / 64);
        let mut joined = Vec::with_capacity(length);
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                joined.extend_from_slice(&separator);
            }
            joined.extend_from_slice(part);
        }
        Ok(Flow::Value(object.like(&joined)))
    })
}

fn hex_text(_: &mut Cx, args: Args) -> Outcome {
    let (object, args) = receive(args, "hex")?;
    let [separator, group] = named(args, "hex", ["sep", "bytes_per_sep"], 0)?;
    let group = c_int_or(&group, 1)?;
    let separator = match &separator {
        Value::Unbound => None,
        Value::Str(text) => Some(hex::separator(&text.text)?),
        Value::Bytes(bytes) => {
            let text: String = bytes.bytes.iter().copied().map(char::from).collect();
            Some(hex::separator(&text)?)
        }
        other => match crate::operators::truth::length(other) {
            None => {
                let name = type_name(other);
                return Err(type_error(format!("object of type '{name}' has no len()")));
            }
            Some(1) => return Err(type_error("sep must be str or bytes.")),
            Some(_) => return Err(crate::native::value_error("sep must be length 1.")),
        },
    };
    Ok(Flow::Value(Value::str(hex::hex(&object.bytes()?, separator, group, limit())?)))
}

pub(crate) static BYTES: &[Native] = &[
    Native { name: "upper", call: |_, args| changed(args, "upper", <[u8]>::to_ascii_uppercase) },
    Native { name: "lower", call: |_, args| changed(args, "lower", <[u8]>::to_ascii_lowercase) },
    Native { name: "swapcase", call: |_, args| changed(args, "swapcase", ascii::swapcase) },
    Native { name: "capitalize", call: |_, args| changed(args, "capitalize", ascii::capitalize) },
    Native { name: "title", call: |_, args| changed(args, "title", ascii::title) },
    Native { name: "isupper", call: |_, args| is(args, "isupper", ascii::is_upper) },
    Native { name: "islower", call: |_, args| is(args, "islower", ascii::is_lower) },
    Native { name: "istitle", call: |_, args| is(args, "istitle", ascii::is_title) },
    Native { name: "isalpha", call: |_, args| is(args, "isalpha", ascii::is_alpha) },
    Native { name: "isdigit", call: |_, args| is(args, "isdigit", ascii::is_digit) },
    Native { name: "isalnum", call: |_, args| is(args, "isalnum", ascii::is_alnum) },
    Native { name: "isspace", call: |_, args| is(args, "isspace", ascii::is_space) },
    Native { name: "isascii", call: |_, args| is(args, "isascii", <[u8]>::is_ascii) },
    Native { name: "find", call: |_, args| position(args, "find", find::find) },
    Native { name: "rfind", call: |_, args| position(args, "rfind", find::rfind) },
    Native { name: "index", call: |_, args| index(args, "index", find::find) },
    Native { name: "rindex", call: |_, args| index(args, "rindex", find::rfind) },
    Native { name: "count", call: count },
    Native { name: "startswith", call: |_, args| affix(args, "startswith", find::starts_with) },
    Native { name: "endswith", call: |_, args| affix(args, "endswith", find::ends_with) },
    Native { name: "split", call: |_, args| split(args, "split", false) },
    Native { name: "rsplit", call: |_, args| split(args, "rsplit", true) },
    Native {
        name: "splitlines",
        call: |_, args| {
            let (object, args) = receive(args, "splitlines")?;
            let [keep] = named(args, "splitlines", ["keepends"], 0)?;
            let keep = c_int_or(&keep, 0)? != 0;
            list(&object, &split::lines(&object.bytes()?, keep)).map(Flow::Value)
        },
    },
    Native { name: "partition", call: |_, args| partition(args, "partition", false) },
    Native { name: "rpartition", call: |_, args| partition(args, "rpartition", true) },
    Native { name: "strip", call: |_, args| strip(args, "strip", Ends::Both) },
    Native { name: "lstrip", call: |_, args| strip(args, "lstrip", Ends::Left) },
    Native { name: "rstrip", call: |_, args| strip(args, "rstrip", Ends::Right) },
    Native {
        name: "removeprefix",
        call: |_, args| without(args, "removeprefix", find::remove_prefix),
    },
    Native {
        name: "removesuffix",
        call: |_, args| without(args, "removesuffix", find::remove_suffix),
    },
    Native { name: "ljust", call: |_, args| justify(args, "ljust", Justify::Left) },
    Native { name: "rjust", call: |_, args| justify(args, "rjust", Justify::Right) },
    Native { name: "center", call: |_, args| justify(args, "center", Justify::Center) },
    Native {
        name: "zfill",
        call: |_, args| {
            let (object, args) = receive(args, "zfill")?;
            let width = int(&one(args, &object.method("zfill"))?)?;
            Ok(Flow::Value(object.like(&layout::zfill(&object.bytes()?, width, limit())?)))
        },
    },
    Native {
        name: "expandtabs",
        call: |_, args| {
            let (object, args) = receive(args, "expandtabs")?;
            let [size] = named(args, "expandtabs", ["tabsize"], 0)?;
            let size = c_int_or(&size, 8)?;
            Ok(Flow::Value(object.like(&layout::expand_tabs(&object.bytes()?, size, limit())?)))
        },
    },
    Native { name: "replace", call: replace },
    Native { name: "join", call: join },
    Native { name: "hex", call: hex_text },
    Native {
        name: "decode",
        call: |_, args| {
            let (object, args) = receive(args, "decode")?;
            let [encoding, errors] = named(args, "decode", ["encoding", "errors"], 0)?;
            let codec = Codec::of(&encoding, &errors, "decode")?;
            codec.decode(&object.bytes()?).map(Flow::Value)
        },
    },
];

pub(crate) static BYTES_CLASS: &[Native] = &[Native {
    name: "fromhex",
    call: |_, args| {
        let (class, args) = method(args);
        let is_array = matches!(&class, Value::Class(class) if class.name == "bytearray");
        let kind = if is_array { "bytearray" } else { "bytes" };
        match one(args, &format!("{kind}.fromhex"))? {
            Value::Str(text) => {
                let bytes = hex::from_hex(&text.text)?;
                Ok(Flow::Value(if is_array {
                    Value::byte_array(bytes)
                } else {
                    Value::bytes(bytes)
                }))
            }
            other => {
                let name = argument_type(&other);
                Err(type_error(format!("fromhex() argument must be str, not {name}")))
            }
        }
    },
}];

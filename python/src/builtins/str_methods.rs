//! The methods of str.
#![allow(clippy::wildcard_enum_match_arm, reason = "an argument is of one type, or it is an error")]

use std::rc::Rc;

use super::arguments::{
    bounds, c_int_or, int, int_or, method, named, none, one, parsed, positional, text, wrong_object,
};
use super::codecs::Codec;
use super::iterables::with_items;
use super::str_format::format;
use super::texts::limit;
use crate::budget::{room_for, spend};
use crate::native::{Flow, type_error};
use crate::operators::iterate;
use crate::operators::kind::{argument_type, type_name};
use crate::sequence::join::joined_len;
use crate::sequence::padding::Justify;
use crate::text::find::{self, Bounds};
use crate::text::index::Text;
use crate::text::split::{self, Ends};
use crate::text::{case, layout, predicate};
use crate::value::{self, Args, Cx, Fail, Native, Outcome, Value, charge_of};

/// The object of a method, and its other arguments.
fn receive(args: Args, name: &str) -> Result<(Rc<value::Text>, Args), Fail> {
    let (object, args) = method(args);
    match object {
        Value::Str(text) => {
            spend(text.text.len() / 64);
            Ok((text, args))
        }
        other => Err(wrong_object(name, &other)),
    }
}

fn alone(mut args: Args, name: &str) -> Result<Rc<value::Text>, Fail> {
    let (text, rest) = receive(args, name)?;
    args = rest;
    args.values.insert(0, Value::None);
    none(args, name)?;
    Ok(text)
}

fn of(text: &value::Text) -> Text<'_> {
    Text::with_len(&text.text, text.length)
}

/// A method that takes nothing and returns a text.
fn changed(args: Args, name: &str, change: fn(&str) -> String) -> Outcome {
    let text = alone(args, name)?;
    // A character becomes three at most.
    room_for(text.text.len().saturating_mul(3))?;
    Ok(Flow::Value(Value::str(change(&text.text))))
}

/// A method that takes nothing and returns whether the text is something.
fn is(args: Args, name: &str, is: fn(&str) -> bool) -> Outcome {
    let text = alone(args, name)?;
    Ok(Flow::Value(Value::Bool(is(&text.text))))
}

fn must_be_str(value: &Value) -> Result<&str, Fail> {
    match value {
        Value::Str(text) => Ok(&text.text),
        other => Err(type_error(format!("must be str, not {}", type_name(other)))),
    }
}

type Find = fn(Text<'_>, &str, Bounds) -> Option<usize>;

fn found(args: Args, name: &str, find: Find) -> Result<Option<usize>, Fail> {
    let (text, args) = receive(args, name)?;
    let values = parsed(args, name, 1, 3)?;
    let bounds = bounds(&values)?;
    Ok(find(of(&text), must_be_str(&values[0])?, bounds))
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
    let (text, args) = receive(args, "str.count")?;
    let values = parsed(args, "str.count", 1, 3)?;
    let bounds = bounds(&values)?;
    Ok(Flow::Value(Value::size(find::count(of(&text), must_be_str(&values[0])?, bounds))))
}

type Affix = fn(Text<'_>, &str, Bounds) -> bool;

fn affix(args: Args, name: &str, has: Affix) -> Outcome {
    let (text, args) = receive(args, name)?;
    let values = parsed(args, name, 1, 3)?;
    let bounds = bounds(&values)?;
    let short = name.strip_prefix("str.").unwrap_or(name);
    Ok(Flow::Value(Value::Bool(match &values[0] {
        Value::Str(part) => has(of(&text), &part.text, bounds),
        Value::Tuple(tuple) => {
            let mut any = false;
            for item in &tuple.items {
                let Value::Str(part) = item else {
                    let name = type_name(item);
                    return Err(type_error(format!(
                        "tuple for {short} must only contain str, not {name}"
                    )));
                };
                any = has(of(&text), &part.text, bounds);
                if any {
                    break;
                }
            }
            any
        }
        other => {
            let name = type_name(other);
            return Err(type_error(format!(
                "{short} first arg must be str or a tuple of str, not {name}"
            )));
        }
    })))
}

fn texts(parts: &[&str]) -> Result<Value, Fail> {
    let total: usize = parts.iter().map(|part| part.len() + size_of::<value::Text>()).sum();
    room_for(charge_of(parts.len()).saturating_add(total))?;
    spend(parts.len());
    Ok(Value::list(parts.iter().map(|part| Value::str(*part)).collect()))
}

fn split(args: Args, name: &'static str, from_right: bool) -> Outcome {
    let (text, args) = receive(args, name)?;
    let short = name.strip_prefix("str.").unwrap_or(name);
    let [separator, most] = named(args, short, ["sep", "maxsplit"], 0)?;
    let most = int_or(&most, -1)?;
    let parts = match &separator {
        Value::Unbound | Value::None if from_right => split::rsplit_whitespace(&text.text, most),
        Value::Unbound | Value::None => split::split_whitespace(&text.text, most),
        Value::Str(separator) if from_right => split::rsplit(&text.text, &separator.text, most)?,
        Value::Str(separator) => split::split(&text.text, &separator.text, most)?,
        other => {
            return Err(type_error(format!("must be str or None, not {}", type_name(other))));
        }
    };
    texts(&parts).map(Flow::Value)
}

fn partition(args: Args, name: &str, from_right: bool) -> Outcome {
    let (text, args) = receive(args, name)?;
    let separator = one(args, name)?;
    let separator = must_be_str(&separator)?;
    let parts = if from_right {
        split::rpartition(&text.text, separator)?
    } else {
        split::partition(&text.text, separator)?
    };
    Ok(Flow::Value(Value::tuple(parts.iter().map(|part| Value::str(*part)).collect())))
}

fn strip(args: Args, name: &str, ends: Ends) -> Outcome {
    let (text, args) = receive(args, name)?;
    let characters = positional(args, name, 0, 1)?.pop();
    let short = name.strip_prefix("str.").unwrap_or(name);
    let characters = match &characters {
        None | Some(Value::None) => None,
        Some(Value::Str(characters)) => Some(&*characters.text),
        Some(_) => return Err(type_error(format!("{short} arg must be None or str"))),
    };
    Ok(Flow::Value(Value::str(split::strip(&text.text, characters, ends))))
}

fn without(args: Args, name: &str, remove: for<'a> fn(&'a str, &str) -> &'a str) -> Outcome {
    let (object, args) = receive(args, name)?;
    let part = one(args, name)?;
    let short = name.strip_prefix("str.").unwrap_or(name);
    let Value::Str(part) = &part else {
        let kind = argument_type(&part);
        return Err(type_error(format!("{short}() argument must be str, not {kind}")));
    };
    Ok(Flow::Value(Value::str(remove(&object.text, &part.text))))
}

fn justify(args: Args, name: &str, justify: Justify) -> Outcome {
    let (text, args) = receive(args, name)?;
    let values = positional(args, name, 1, 2)?;
    let width = int(&values[0])?;
    let fill = match values.get(1) {
        None => ' ',
        Some(Value::Str(fill)) => layout::fill_character(&fill.text)?,
        Some(other) => {
            let name = type_name(other);
            return Err(type_error(format!(
                "The fill character must be a unicode character, not {name}"
            )));
        }
    };
    Ok(Flow::Value(Value::str(layout::justify(of(&text), justify, width, fill, limit())?)))
}

fn replace(_: &mut Cx, args: Args) -> Outcome {
    let (object, args) = receive(args, "str.replace")?;
    let values = positional(args, "str.replace", 2, 3)?;
    let old = text(&values[0], "replace", "1")?;
    let new = text(&values[1], "replace", "2")?;
    let count = values.get(2).map_or(Ok(-1), int)?;
    Ok(Flow::Value(Value::str(layout::replace(&object.text, &old, &new, count, limit())?)))
}

fn join(cx: &mut Cx, args: Args) -> Outcome {
    let (text, args) = receive(args, "str.join")?;
    let iterable = one(args, "str.join")?;
    if iterate::iterator(&iterable).is_err() {
        return Err(type_error("can only join an iterable"));
    }
    with_items(cx, &iterable, vec![Value::Str(text)], |_, items, kept| {
        let Some(Value::Str(separator)) = kept.first() else {
            return Ok(Flow::Value(Value::None));
        };
        let mut parts: Vec<&str> = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let Value::Str(part) = item else {
                let name = type_name(item);
                return Err(type_error(format!(
                    "sequence item {at}: expected str instance, {name} found"
                )));
            };
            parts.push(&part.text);
        }
        let length = joined_len(separator.text.len(), parts.iter().map(|part| part.len()));
        room_for(length)?;
        spend(length / 64);
        Ok(Flow::Value(Value::str(parts.join(&*separator.text))))
    })
}

pub(crate) static STR: &[Native] = &[
    Native { name: "upper", call: |_, args| changed(args, "str.upper", case::upper) },
    Native { name: "lower", call: |_, args| changed(args, "str.lower", case::lower) },
    Native { name: "casefold", call: |_, args| changed(args, "str.casefold", case::casefold) },
    Native { name: "swapcase", call: |_, args| changed(args, "str.swapcase", case::swapcase) },
    Native {
        name: "capitalize",
        call: |_, args| changed(args, "str.capitalize", case::capitalize),
    },
    Native { name: "title", call: |_, args| changed(args, "str.title", case::title) },
    Native { name: "isupper", call: |_, args| is(args, "str.isupper", case::is_upper) },
    Native { name: "islower", call: |_, args| is(args, "str.islower", case::is_lower) },
    Native { name: "istitle", call: |_, args| is(args, "str.istitle", case::is_title) },
    Native { name: "isalpha", call: |_, args| is(args, "str.isalpha", predicate::is_alpha) },
    Native { name: "isdecimal", call: |_, args| is(args, "str.isdecimal", predicate::is_decimal) },
    Native { name: "isdigit", call: |_, args| is(args, "str.isdigit", predicate::is_digit) },
    Native { name: "isnumeric", call: |_, args| is(args, "str.isnumeric", predicate::is_numeric) },
    Native { name: "isalnum", call: |_, args| is(args, "str.isalnum", predicate::is_alnum) },
    Native { name: "isspace", call: |_, args| is(args, "str.isspace", predicate::is_space) },
    Native { name: "isascii", call: |_, args| is(args, "str.isascii", str::is_ascii) },
    Native {
        name: "isprintable",
        call: |_, args| is(args, "str.isprintable", predicate::is_printable),
    },
    Native {
        name: "isidentifier",
        call: |_, args| is(args, "str.isidentifier", predicate::is_identifier),
    },
    Native { name: "find", call: |_, args| position(args, "str.find", find::find) },
    Native { name: "rfind", call: |_, args| position(args, "str.rfind", find::rfind) },
    Native { name: "index", call: |_, args| index(args, "str.index", find::find) },
    Native { name: "rindex", call: |_, args| index(args, "str.rindex", find::rfind) },
    Native { name: "count", call: count },
    Native { name: "startswith", call: |_, args| affix(args, "str.startswith", find::starts_with) },
    Native { name: "endswith", call: |_, args| affix(args, "str.endswith", find::ends_with) },
    Native { name: "split", call: |_, args| split(args, "str.split", false) },
    Native { name: "rsplit", call: |_, args| split(args, "str.rsplit", true) },
    Native {
        name: "splitlines",
        call: |_, args| {
            let (text, args) = receive(args, "str.splitlines")?;
            let [keep] = named(args, "splitlines", ["keepends"], 0)?;
            texts(&split::lines(&text.text, c_int_or(&keep, 0)? != 0)).map(Flow::Value)
        },
    },
    Native { name: "partition", call: |_, args| partition(args, "str.partition", false) },
    Native { name: "rpartition", call: |_, args| partition(args, "str.rpartition", true) },
    Native { name: "strip", call: |_, args| strip(args, "str.strip", Ends::Both) },
    Native { name: "lstrip", call: |_, args| strip(args, "str.lstrip", Ends::Left) },
    Native { name: "rstrip", call: |_, args| strip(args, "str.rstrip", Ends::Right) },
    Native {
        name: "removeprefix",
        call: |_, args| without(args, "str.removeprefix", find::remove_prefix),
    },
    Native {
        name: "removesuffix",
        call: |_, args| without(args, "str.removesuffix", find::remove_suffix),
    },
    Native { name: "ljust", call: |_, args| justify(args, "str.ljust", Justify::Left) },
    Native { name: "rjust", call: |_, args| justify(args, "str.rjust", Justify::Right) },
    Native { name: "center", call: |_, args| justify(args, "str.center", Justify::Center) },
    Native {
        name: "zfill",
        call: |_, args| {
            let (text, args) = receive(args, "str.zfill")?;
            let width = int(&one(args, "str.zfill")?)?;
            Ok(Flow::Value(Value::str(layout::zfill(of(&text), width, limit())?)))
        },
    },
    Native {
        name: "expandtabs",
        call: |_, args| {
            let (text, args) = receive(args, "str.expandtabs")?;
            let [size] = named(args, "expandtabs", ["tabsize"], 0)?;
            let size = c_int_or(&size, 8)?;
            Ok(Flow::Value(Value::str(layout::expand_tabs(&text.text, size, limit())?)))
        },
    },
    Native { name: "replace", call: replace },
    Native { name: "join", call: join },
    Native {
        name: "encode",
        call: |_, args| {
            let (text, args) = receive(args, "str.encode")?;
            let [encoding, errors] = named(args, "encode", ["encoding", "errors"], 0)?;
            let codec = Codec::of(&encoding, &errors, "encode")?;
            Ok(Flow::Value(Value::bytes(codec.encode(&text.text)?)))
        },
    },
    Native {
        name: "format",
        call: |_, args| {
            let (text, args) = receive(args, "str.format")?;
            Ok(format(&text.text, args))
        },
    },
];

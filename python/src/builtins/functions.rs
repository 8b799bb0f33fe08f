//! The functions of `builtins`. Its types are in `constructors`.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most functions know a few types, and others fail"
)]

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _};

use super::arguments::{int, named, one, positional};
use super::formatting::format_value;
use super::input::read_line;
use super::iterables::{find_truth, next_or, with_items, with_results};
use super::sorting::sort;
use super::texts::{text_of, with_texts};
use crate::budget::{Budget, spend};
use crate::code::{Conversion, Operator};
use crate::failure::Failure;
use crate::native::{Flow, Raised, refuse, type_error, value_error};
use crate::numbers::{float, integer, power};
use crate::operators::arithmetic;
use crate::operators::compare::{identity, order};
use crate::operators::iterate;
use crate::operators::kind::int_of;
use crate::operators::kind::{argument_type, type_name, type_of};
use crate::operators::show::{repr_of, str_of};
use crate::operators::truth::{self, length};
use crate::repr::text::escape_non_ascii;
use crate::symbols::Symbol;
use crate::types::{Exc, Type};
use crate::value::{Args, Class, Cx, Fail, Native, Outcome, Value};

/// A function of `builtins`.
pub(crate) fn find(name: &str) -> Option<&'static Native> {
    match name {
        "getattr" => Some(&GETATTR),
        "hasattr" => Some(&HASATTR),
        _ => FUNCTIONS.iter().find(|native| native.name == name),
    }
}

static FUNCTIONS: &[Native] = &[
    Native { name: "print", call: print },
    Native { name: "input", call: read_line },
    Native { name: "len", call: len },
    Native { name: "sorted", call: sorted },
    Native { name: "sum", call: sum },
    Native { name: "min", call: |cx, args| extreme(cx, args, "min") },
    Native { name: "max", call: |cx, args| extreme(cx, args, "max") },
    Native { name: "abs", call: abs },
    Native { name: "any", call: |_, args| find_truth(&one(args, "any")?, true) },
    Native { name: "all", call: |_, args| find_truth(&one(args, "all")?, false) },
    Native {
        name: "repr",
        call: |cx, args| {
            text_of(cx, one(args, "repr")?, true, |_, written, kept| {
                Ok(Flow::Value(Value::str(repr_of(&kept[0], written)?)))
            })
        },
    },
    Native {
        name: "ascii",
        call: |cx, args| {
            text_of(cx, one(args, "ascii")?, true, |_, written, kept| {
                Ok(Flow::Value(Value::str(escape_non_ascii(&repr_of(&kept[0], written)?))))
            })
        },
    },
    Native { name: "hex", call: |_, args| radix(one(args, "hex")?, 16, "0x") },
    Native { name: "oct", call: |_, args| radix(one(args, "oct")?, 8, "0o") },
    Native { name: "bin", call: |_, args| radix(one(args, "bin")?, 2, "0b") },
    Native { name: "ord", call: ord },
    Native { name: "chr", call: chr },
    Native { name: "isinstance", call: isinstance },
    Native { name: "issubclass", call: issubclass },
    Native { name: "id", call: |_, args| Ok(Flow::Value(Value::Int(identity(&one(args, "id")?)))) },
    Native { name: "format", call: format },
    Native { name: "exit", call: exit },
    Native { name: "quit", call: exit },
    Native { name: "round", call: round },
    Native { name: "divmod", call: divmod },
    Native { name: "pow", call: pow },
    Native {
        name: "next",
        call: |_, args| {
            let mut values = positional(args, "next", 1, 2)?.into_iter();
            next_or(values.next().unwrap_or_default(), values.next())
        },
    },
    Native {
        name: "iter",
        call: |_, args| {
            let values = positional(args, "iter", 1, 2)?;
            if values.len() == 2 {
                return Err(refuse("'iter' with two arguments is outside of the subset"));
            }
            Ok(Flow::Value(iterate::iterator(&values[0])?))
        },
    },
    Native {
        name: "callable",
        call: |_, args| {
            let value = one(args, "callable")?;
            let callable = matches!(
                value,
                Value::Function(_)
                    | Value::Method(_)
                    | Value::Native(_)
                    | Value::NativeMethod(_)
                    | Value::Class(_)
            );
            Ok(Flow::Value(Value::Bool(callable)))
        },
    },
];

/// Looks an attribute up, which only the machine can.
pub(crate) static GETATTR: Native = Native { name: "getattr", call: only_the_machine };
/// The same.
pub(crate) static HASATTR: Native = Native { name: "hasattr", call: only_the_machine };

fn only_the_machine(_: &mut Cx, _: Args) -> Outcome {
    Err(refuse("'getattr' and 'hasattr' are called by their names here"))
}

fn print(cx: &mut Cx, args: Args) -> Outcome {
    let Args { values, named } = args;
    let mut separator = " ".to_owned();
    let mut end = "\n".to_owned();
    let mut to_stderr = false;
    for (name, value) in named {
        let text = |value: &Value, default: &str| match value {
            Value::None => Ok(default.to_owned()),
            Value::Str(text) => Ok(text.text.to_string()),
            other => Err(type_error(format!(
                "{name} must be None or a string, not {}",
                type_name(other)
            ))),
        };
        match &*name {
            "sep" => separator = text(&value, " ")?,
            "end" => end = text(&value, "\n")?,
            "flush" => {}
            "file" => match &value {
                Value::None => {}
                Value::Module(module) if module.name == "sys.stdout" => {}
                Value::Module(module) if module.name == "sys.stderr" => to_stderr = true,
                _ => {
                    return Err(refuse(
                        "'print' writes to the standard output or to sys.stderr here",
                    ));
                }
            },
            _ => {
                return Err(type_error(format!(
                    "'{name}' is an invalid keyword argument for print()"
                )));
            }
        }
    }
    let shown: Vec<(Value, bool)> = values.iter().map(|value| (value.clone(), false)).collect();
    let mut kept = values;
    kept.extend([Value::str(separator), Value::str(end), Value::Bool(to_stderr)]);
    with_texts(cx, &shown, kept, |cx, written, mut kept| {
        let to_stderr = matches!(kept.pop(), Some(Value::Bool(true)));
        let (end, separator) = (kept.pop().unwrap_or_default(), kept.pop().unwrap_or_default());
        let separator = str_of(&separator, written)?;
        let mut text = String::new();
        for (index, value) in kept.iter().enumerate() {
            if index > 0 {
                text.push_str(&separator);
            }
            text.push_str(&str_of(value, written)?);
            crate::budget::room_for(text.len())?;
        }
        text.push_str(&str_of(&end, written)?);
        cx.print(text, to_stderr)?;
        Ok(Flow::Value(Value::None))
    })
}

fn len(cx: &mut Cx, args: Args) -> Outcome {
    let value = one(args, "len")?;
    if let Value::Instance(instance) = &value
        && let Some(Value::Function(function)) = instance.class.find(Symbol::LEN)
    {
        return with_results(
            cx,
            &Value::Function(function),
            vec![value],
            Vec::new(),
            |_, found, _| match found.into_iter().next().unwrap_or_default() {
                Value::Int(..0) => Err(value_error("__len__() should return >= 0")),
                length @ Value::Int(_) => Ok(Flow::Value(length)),
                Value::Bool(bool) => Ok(Flow::Value(Value::Int(bool.into()))),
                other => {
                    let name = type_name(&other);
                    Err(type_error(format!("'{name}' object cannot be interpreted as an integer")))
                }
            },
        );
    }
    match length(&value) {
        Some(length) => Ok(Flow::Value(Value::size(length))),
        None => Err(type_error(format!("object of type '{}' has no len()", type_name(&value)))),
    }
}

/// The key and the order of `sorted`, `sort`, `min` and `max`.
pub(crate) fn sort_options(
    named: Vec<(Rc<str>, Value)>,
    function: &str,
) -> Result<(Value, bool), Fail> {
    let (mut key, mut reverse) = (Value::None, false);
    for (name, value) in named {
        match &*name {
            "key" => key = value,
            "reverse" => reverse = truth::is_true(&value),
            _ => {
                return Err(type_error(format!(
                    "'{name}' is an invalid keyword argument for {function}()"
                )));
            }
        }
    }
    Ok((key, reverse))
}

fn sorted(cx: &mut Cx, args: Args) -> Outcome {
    let Args { values, named } = args;
    let (key, reverse) = sort_options(named, "sort")?;
    let [iterable] = values.as_slice() else {
        return Err(type_error(format!("sorted expected 1 argument, got {}", values.len())));
    };
    with_items(cx, iterable, vec![key, Value::Bool(reverse)], |cx, items, kept| {
        let key = kept[0].clone();
        let kept = vec![kept[1].clone(), Value::tuple(items.clone())];
        with_results(cx, &key, items, kept, |_, keys, kept| {
            let Value::Tuple(items) = &kept[1] else { return Ok(Flow::Value(Value::None)) };
            let reverse = truth::is_true(&kept[0]);
            Ok(Flow::Value(Value::list(sort(keys, items.items.clone(), reverse)?)))
        })
    })
}

fn sum(cx: &mut Cx, args: Args) -> Outcome {
    let [iterable, start] = named(args, "sum", ["iterable", "start"], 1)?;
    let start = if start.is_bound() { start } else { Value::Int(0) };
    if let Value::Str(_) = start {
        return Err(type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    with_items(cx, &iterable, vec![start], |_, items, mut kept| {
        let mut total = kept.pop().unwrap_or_default();
        for item in &items {
            total = arithmetic::binary(Operator::Add, &total, item, false)?;
        }
        Ok(Flow::Value(total))
    })
}

fn extreme(cx: &mut Cx, args: Args, name: &'static str) -> Outcome {
    let Args { values, named } = args;
    let (mut key, mut default) = (Value::None, Value::Unbound);
    for (option, value) in named {
        match &*option {
            "key" => key = value,
            "default" => default = value,
            _ => {
                return Err(type_error(format!(
                    "'{option}' is an invalid keyword argument for {name}()"
                )));
            }
        }
    }
    let kept = vec![key, default, Value::str(name)];
    match values.len() {
        0 => Err(type_error(format!("{name} expected at least 1 argument, got 0"))),
        1 => with_items(cx, &values[0], kept, best),
        _ => best(cx, values, kept),
    }
}

fn best(cx: &mut Cx, items: Vec<Value>, kept: Vec<Value>) -> Outcome {
    let [key, default, name] = kept.as_slice() else { return Ok(Flow::Value(Value::None)) };
    if items.is_empty() {
        if default.is_bound() {
            return Ok(Flow::Value(default.clone()));
        }
        let name = if let Value::Str(name) = name { &*name.text } else { "" };
        return Err(value_error(format!("{name}() arg is an empty sequence")));
    }
    let kept = vec![name.clone(), Value::tuple(items.clone())];
    with_results(cx, key, items, kept, |_, keys, kept| {
        let (Value::Str(name), Value::Tuple(items)) = (&kept[0], &kept[1]) else {
            return Ok(Flow::Value(Value::None));
        };
        let comparison = if &*name.text == "max" {
            crate::code::Comparison::Greater
        } else {
            crate::code::Comparison::Less
        };
        let mut best = 0;
        for at in 1..keys.len() {
            if order(comparison, &keys[at], &keys[best])? {
                best = at;
            }
        }
        Ok(Flow::Value(items.items.get(best).cloned().unwrap_or(Value::None)))
    })
}

fn abs(_: &mut Cx, args: Args) -> Outcome {
    let value = one(args, "abs")?;
    Ok(Flow::Value(match &value {
        Value::Float(float) => Value::Float(float.abs()),
        Value::Time(time) if time.kind == Type::TimeDelta => {
            Value::Time(Rc::new(crate::value::Time { kind: time.kind, us: time.us.abs() }))
        }
        other => match int_of(other) {
            Some(int) => Value::big(int.abs()),
            None => {
                return Err(type_error(format!(
                    "bad operand type for abs(): '{}'",
                    type_name(other)
                )));
            }
        },
    }))
}

fn radix(value: Value, radix: u32, prefix: &str) -> Outcome {
    match int_of(&value) {
        Some(int) => {
            let sign = if int.is_negative() { "-" } else { "" };
            let digits = int.magnitude().to_str_radix(radix);
            Ok(Flow::Value(Value::str(format!("{sign}{prefix}{digits}"))))
        }
        None => Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            type_name(&value)
        ))),
    }
}

fn ord(_: &mut Cx, args: Args) -> Outcome {
    let value = one(args, "ord")?;
    let wrong = |length: usize| {
        type_error(format!("ord() expected a character, but string of length {length} found"))
    };
    let code = match &value {
        Value::Str(text) if text.length == 1 => text.text.chars().next().map_or(0, i64::from_char),
        Value::Str(text) => return Err(wrong(text.length)),
        other => match crate::operators::compare::as_bytes(other) {
            Some(bytes) if bytes.len() == 1 => i64::from(bytes[0]),
            Some(bytes) => return Err(wrong(bytes.len())),
            None => {
                return Err(type_error(format!(
                    "ord() expected string of length 1, but {} found",
                    type_name(other)
                )));
            }
        },
    };
    Ok(Flow::Value(Value::Int(code)))
}

trait FromChar {
    fn from_char(character: char) -> Self;
}

impl FromChar for i64 {
    fn from_char(character: char) -> Self {
        Self::from(u32::from(character))
    }
}

fn chr(_: &mut Cx, args: Args) -> Outcome {
    let value = one(args, "chr")?;
    let code = int(&value)?;
    let code = u32::try_from(code)
        .ok()
        .filter(|code| *code < 0x11_0000)
        .ok_or_else(|| value_error("chr() arg not in range(0x110000)"))?;
    match char::from_u32(code) {
        Some(character) => Ok(Flow::Value(Value::str(character.to_string()))),
        None => Err(refuse("half of a surrogate pair is outside of the subset")),
    }
}

/// The class of a value.
pub(crate) fn class_of(cx: &Cx, value: &Value) -> Value {
    match value {
        Value::Instance(instance) => Value::Class(Rc::clone(&instance.class)),
        Value::Exception(exception) => Value::Class(Rc::clone(&exception.class)),
        other => cx.type_class(type_of(other)),
    }
}

fn is_subclass(class: &Rc<Class>, of: &Value, function: &str) -> Result<bool, Fail> {
    match of {
        Value::Class(ancestor) => Ok(class.is_a(ancestor)),
        Value::Tuple(tuple) => {
            for one in &tuple.items {
                if is_subclass(class, one, function)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => {
            let what = if function == "isinstance" {
                "isinstance() arg 2 must be a type, a tuple of types, or a union"
            } else {
                "issubclass() arg 2 must be a class, a tuple of classes, or a union"
            };
            Err(type_error(what))
        }
    }
}

fn isinstance(cx: &mut Cx, args: Args) -> Outcome {
    let values = positional(args, "isinstance", 2, 2)?;
    let Value::Class(class) = class_of(cx, &values[0]) else {
        return Ok(Flow::Value(Value::Bool(false)));
    };
    Ok(Flow::Value(Value::Bool(is_subclass(&class, &values[1], "isinstance")?)))
}

fn issubclass(_: &mut Cx, args: Args) -> Outcome {
    let values = positional(args, "issubclass", 2, 2)?;
    match &values[0] {
        Value::Class(class) => {
            Ok(Flow::Value(Value::Bool(is_subclass(class, &values[1], "issubclass")?)))
        }
        _ => Err(type_error("issubclass() arg 1 must be a class")),
    }
}

fn format(cx: &mut Cx, args: Args) -> Outcome {
    let mut values = positional(args, "format", 1, 2)?;
    let spec = if values.len() == 2 { values.pop().unwrap_or_default() } else { Value::Unbound };
    if !matches!(spec, Value::Str(_) | Value::Unbound) {
        let name = argument_type(&spec);
        return Err(type_error(format!("format() argument 2 must be str, not {name}")));
    }
    format_value(cx, values.pop().unwrap_or_default(), Conversion::None, spec)
}

/// `exit`, and `sys.exit`.
pub(crate) fn exit(_: &mut Cx, args: Args) -> Outcome {
    let values = positional(args, "exit", 0, 1)?;
    Err(Box::new(Raised::With(Exc::SystemExit, values)))
}

fn round(_: &mut Cx, args: Args) -> Outcome {
    let [number, digits] = named(args, "round", ["number", "ndigits"], 1)?;
    let digits = match &digits {
        Value::Unbound | Value::None => None,
        other => Some(int_of(other).ok_or_else(|| {
            let name = type_name(other);
            type_error(format!("'{name}' object cannot be interpreted as an integer"))
        })?),
    };
    Ok(Flow::Value(match (&number, digits) {
        (Value::Float(number), None) => Value::big(float::round_to_int(*number)?),
        (Value::Float(number), Some(digits)) => {
            let digits = digits.to_i64().unwrap_or(if digits.is_negative() { -400 } else { 400 });
            Value::Float(float::round(*number, digits)?)
        }
        (other, digits) => match (int_of(other), digits) {
            (Some(int), None) => Value::big(int),
            (Some(int), Some(digits)) => Value::big(integer::round(&int, &digits)),
            (None, _) => {
                let name = type_name(other);
                return Err(type_error(format!("type {name} doesn't define __round__ method")));
            }
        },
    }))
}

fn divmod(_: &mut Cx, args: Args) -> Outcome {
    let values = positional(args, "divmod", 2, 2)?;
    let (left, right) = (&values[0], &values[1]);
    let is_number = |value: &Value| int_of(value).is_some() || matches!(value, Value::Float(_));
    if !is_number(left) || !is_number(right) {
        return Err(type_error(format!(
            "unsupported operand type(s) for divmod(): '{}' and '{}'",
            type_name(left),
            type_name(right)
        )));
    }
    if let (Value::Float(_), _) | (_, Value::Float(_)) = (left, right) {
        let float = |value: &Value| match value {
            Value::Float(float) => Ok(*float),
            other => integer::to_float(&int_of(other).unwrap_or_default()).map_err(Fail::from),
        };
        let (quotient, rest) = float::divmod(float(left)?, float(right)?)?;
        return Ok(Flow::Value(Value::tuple(vec![Value::Float(quotient), Value::Float(rest)])));
    }
    let (left, right) = (int_of(left).unwrap_or_default(), int_of(right).unwrap_or_default());
    let (quotient, rest) = integer::divmod(&left, &right)?;
    Ok(Flow::Value(Value::tuple(vec![Value::big(quotient), Value::big(rest)])))
}

/// The most products of 64-bit words in `pow(base, exponent, modulus)`.
const MAX_WORD_PRODUCTS: u64 = 40_000_000;

fn pow(_: &mut Cx, args: Args) -> Outcome {
    let [base, exponent, modulus] = named(args, "pow", ["base", "exp", "mod"], 2)?;
    if !modulus.is_bound() || matches!(modulus, Value::None) {
        return arithmetic::binary(Operator::Power, &base, &exponent, false).map(Flow::Value);
    }
    let ints: Option<Vec<BigInt>> = [&base, &exponent, &modulus].into_iter().map(int_of).collect();
    match ints.as_deref() {
        Some([base, exponent, modulus]) => {
            let power = power::int_modulo(base, exponent, modulus, MAX_WORD_PRODUCTS);
            let power = power.map_err(|failure| match failure {
                Failure::TooLarge => Budget::OperationsBetweenCalls.into(),
                other => Fail::from(other),
            })?;
            let words = usize::try_from(modulus.bits() / 64 + 1).unwrap_or(usize::MAX);
            let bits = usize::try_from(exponent.bits()).unwrap_or(usize::MAX);
            spend(bits.saturating_mul(words).saturating_mul(words));
            Ok(Flow::Value(Value::big(power)))
        }
        _ => Err(type_error("pow() 3rd argument not allowed unless all arguments are integers")),
    }
}

//! Takes the arguments of native functions apart, with CPython's messages.
#![allow(clippy::wildcard_enum_match_arm, reason = "an argument is of one type, or it is an error")]

use std::rc::Rc;

use num_traits::ToPrimitive as _;

use crate::native::{error, type_error};
use crate::operators::compare::as_bytes;
use crate::operators::kind::int_of;
use crate::operators::kind::{argument_type, type_name};
use crate::types::Exc;
use crate::value::{Args, Fail, Value};

/// The arguments of a function that takes only positional ones, between `least` and `most`. The name of a
/// method is `list.pop`. The message is that of `_PyArg_CheckPositional`.
pub(crate) fn positional(
    args: Args,
    name: &str,
    least: usize,
    most: usize,
) -> Result<Vec<Value>, Fail> {
    if !args.named.is_empty() {
        return Err(type_error(format!("{name}() takes no keyword arguments")));
    }
    let given = args.values.len();
    if given < least || given > most {
        let (bound, count) = if given < least { ("at least", least) } else { ("at most", most) };
        let bound = if least == most { "" } else { bound };
        let plural = if count == 1 { "" } else { "s" };
        let space = if bound.is_empty() { "" } else { " " };
        let name = name.rsplit('.').next().unwrap_or(name);
        return Err(type_error(format!(
            "{name} expected {bound}{space}{count} argument{plural}, got {given}"
        )));
    }
    Ok(args.values)
}

/// The same, with the message of `PyArg_ParseTuple`.
pub(crate) fn parsed(
    args: Args,
    name: &str,
    least: usize,
    most: usize,
) -> Result<Vec<Value>, Fail> {
    if !args.named.is_empty() {
        return Err(type_error(format!("{name}() takes no keyword arguments")));
    }
    let given = args.values.len();
    if given < least || given > most {
        let (bound, count) = if given < least { ("at least", least) } else { ("at most", most) };
        let bound = if least == most { "exactly" } else { bound };
        let plural = if count == 1 { "" } else { "s" };
        let name = name.rsplit('.').next().unwrap_or(name);
        return Err(type_error(format!(
            "{name}() takes {bound} {count} argument{plural} ({given} given)"
        )));
    }
    Ok(args.values)
}

/// The one argument of a function. Its message is that of `METH_O`.
pub(crate) fn one(args: Args, name: &str) -> Result<Value, Fail> {
    if !args.named.is_empty() {
        return Err(type_error(format!("{name}() takes no keyword arguments")));
    }
    let given = args.values.len();
    let mut values = args.values.into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(type_error(format!("{name}() takes exactly one argument ({given} given)"))),
    }
}

/// The object of a method that takes nothing else.
pub(crate) fn none(args: Args, name: &str) -> Result<Value, Fail> {
    let (object, args) = method(args);
    if !args.named.is_empty() {
        return Err(type_error(format!("{name}() takes no keyword arguments")));
    }
    let given = args.values.len();
    if given > 0 {
        return Err(type_error(format!("{name}() takes no arguments ({given} given)")));
    }
    Ok(object)
}

/// The object of a method, and its other arguments. The object is unbound if there are no arguments.
pub(crate) fn method(mut args: Args) -> (Value, Args) {
    let object = if args.values.is_empty() { Value::Unbound } else { args.values.remove(0) };
    (object, args)
}

/// A method was called with an object of another type. Its name is `str.upper`.
pub(crate) fn wrong_object(method: &str, object: &Value) -> Fail {
    let (kind, name) = method.split_once('.').unwrap_or(("", method));
    type_error(match object {
        Value::Unbound => format!("unbound method {method}() needs an argument"),
        other => format!(
            "descriptor '{name}' for '{kind}' objects doesn't apply to a '{}' object",
            type_name(other)
        ),
    })
}

/// The arguments in the order of the parameters. Those that were not given are unbound.
pub(crate) fn named<const N: usize>(
    args: Args,
    function: &str,
    parameters: [&str; N],
    required: usize,
) -> Result<[Value; N], Fail> {
    let shown = format!("{function}()");
    named_as(args, &shown, &shown, parameters, required)
}

/// The same, for a function whose name is not shown. `this` is how a wrong keyword argument shows it.
pub(crate) fn named_as<const N: usize>(
    args: Args,
    function: &str,
    this: &str,
    parameters: [&str; N],
    required: usize,
) -> Result<[Value; N], Fail> {
    let mut values: [Value; N] = std::array::from_fn(|_| Value::Unbound);
    let given = args.values.len() + args.named.len();
    if given > N {
        let plural = if N == 1 { "" } else { "s" };
        let keyword = if args.values.is_empty() { "keyword " } else { "" };
        return Err(type_error(format!(
            "{function} takes at most {N} {keyword}argument{plural} ({given} given)"
        )));
    }
    for (at, value) in args.values.into_iter().enumerate() {
        values[at] = value;
    }
    let mut wrong = None;
    for (name, value) in args.named {
        match parameters.iter().position(|parameter| **parameter == *name) {
            Some(at) if values[at].is_bound() => {
                let place = at + 1;
                wrong = Some(format!(
                    "argument for {function} given by name ('{name}') and position ({place})"
                ));
            }
            Some(at) => values[at] = value,
            None if wrong.is_none() => {
                wrong = Some(format!("'{name}' is an invalid keyword argument for {this}"));
            }
            None => {}
        }
    }
    // CPython finds a missing argument before one that is too many.
    for (at, parameter) in parameters.iter().enumerate().take(required) {
        if !values[at].is_bound() {
            return Err(type_error(format!(
                "{function} missing required argument '{parameter}' (pos {})",
                at + 1
            )));
        }
    }
    if let Some(message) = wrong {
        return Err(type_error(message));
    }
    Ok(values)
}

/// An int argument.
pub(crate) fn int(value: &Value) -> Result<i64, Fail> {
    match int_of(value) {
        Some(int) => int.to_i64().ok_or_else(|| {
            error(Exc::OverflowError, "Python int too large to convert to C ssize_t")
        }),
        None => Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            type_name(value)
        ))),
    }
}

/// An int argument, or what stands for one that was not given.
pub(crate) fn int_or(value: &Value, default: i64) -> Result<i64, Fail> {
    if value.is_bound() { int(value) } else { Ok(default) }
}

/// An index bound in a method: `None` or not given is the default, and long ints are cut.
pub(crate) fn bound_or(value: &Value, default: i64) -> Result<i64, Fail> {
    match value {
        Value::Unbound | Value::None => Ok(default),
        other => match int_of(other) {
            Some(int) => Ok(int.to_i64().unwrap_or(if int.sign() == num_bigint::Sign::Minus {
                i64::MIN + 1
            } else {
                i64::MAX
            })),
            None => Err(type_error(
                "slice indices must be integers or None or have an __index__ method",
            )),
        },
    }
}

/// An argument that is a C `int`, or what stands for one that was not given.
pub(crate) fn c_int_or(value: &Value, default: i64) -> Result<i64, Fail> {
    if !value.is_bound() {
        return Ok(default);
    }
    let too_large = || error(Exc::OverflowError, "Python int too large to convert to C int");
    match int_of(value) {
        Some(int) => int.to_i32().map(i64::from).ok_or_else(too_large),
        None => int(value),
    }
}

/// The bounds of a part, after the first argument: `None` if one is not given.
pub(crate) fn bounds(values: &[Value]) -> Result<(Option<i64>, Option<i64>), Fail> {
    let bound = |value: Option<&Value>| match value {
        None | Some(Value::None) => Ok(None),
        Some(value) => bound_or(value, 0).map(Some),
    };
    Ok((bound(values.get(1))?, bound(values.get(2))?))
}

/// The text of a str argument.
pub(crate) fn text(value: &Value, function: &str, place: &str) -> Result<Rc<str>, Fail> {
    match value {
        Value::Str(text) => Ok(Rc::clone(&text.text)),
        other => Err(type_error(format!(
            "{function}() argument {place} must be str, not {}",
            argument_type(other)
        ))),
    }
}

/// The bytes of a bytes-like argument.
pub(crate) fn bytes(value: &Value) -> Result<Vec<u8>, Fail> {
    match as_bytes(value) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => {
            Err(type_error(format!("a bytes-like object is required, not '{}'", type_name(value))))
        }
    }
}

/// A number of seconds, in microseconds, rounded up as CPython does for a timeout.
pub(crate) fn seconds(value: &Value) -> Result<f64, Fail> {
    match value {
        Value::Float(float) => Ok(*float),
        other => match int_of(other) {
            Some(int) => Ok(int.to_f64().unwrap_or(f64::MAX)),
            None => Err(type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                type_name(other)
            ))),
        },
    }
}

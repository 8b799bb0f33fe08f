//! The attributes of built-in values that are no methods.
#![allow(clippy::wildcard_enum_match_arm, reason = "few types have such attributes")]

use std::rc::Rc;

use super::arguments::method;
use crate::native::Flow;
use crate::operators::times;
use crate::os_error::winerror;
use crate::types::Exc;
use crate::value::{Cx, Exception, Native, Outcome, Value};

/// An attribute of a value.
pub(crate) fn find(value: &Value, name: &str) -> Option<Value> {
    Some(match (value, name) {
        (Value::Int(_) | Value::Big(_), "real" | "numerator") | (Value::Float(_), "real") => {
            value.clone()
        }
        (Value::Bool(bool), "real" | "numerator") => Value::Int((*bool).into()),
        (Value::Int(_) | Value::Big(_) | Value::Bool(_), "imag") => Value::Int(0),
        (Value::Socket(socket), "proto") => Value::Int(socket.protocol.get()),
        (Value::Int(_) | Value::Big(_) | Value::Bool(_), "denominator")
        | (Value::Socket(_), "type") => Value::Int(1),
        (Value::Float(_), "imag") => Value::Float(0.0),
        (Value::Range(range), "start") => Value::Int(range.start),
        (Value::Range(range), "stop") => Value::Int(range.stop),
        (Value::Range(range), "step") => Value::Int(range.step),
        (Value::Slice(slice), "start") => slice.start.clone(),
        (Value::Slice(slice), "stop") => slice.stop.clone(),
        (Value::Slice(slice), "step") => slice.step.clone(),
        (Value::Socket(_), "family") => Value::Int(2),
        (Value::Socket(socket), "timeout") => match socket.timeout.get() {
            None => Value::None,
            #[expect(clippy::cast_precision_loss, reason = "timeouts are short")]
            Some(us) => Value::Float(us as f64 / 1e6),
        },
        (Value::Stream(stream), "closed") => Value::Bool(stream.is_closed.get()),
        (Value::Stream(stream), "mode") => Value::str(stream.mode.as_str()),
        (Value::Time(time), _) => Value::Int(times::part(time, name)?),
        _ => return None,
    })
}

/// An attribute of an exception.
pub(crate) fn of_exception(exception: &Rc<Exception>, name: &str) -> Option<Value> {
    let kind = exception.class.exception()?;
    let args = exception.args.borrow();
    let argument = |at: usize| args.get(at).cloned().unwrap_or(Value::None);
    let is_os_error = kind.is_a(Exc::OsError);
    let is_unicode_error = kind.is_a(Exc::UnicodeError) && args.len() == 5;
    Some(match name {
        "errno" if is_os_error && args.len() >= 2 => argument(0),
        "strerror" if is_os_error && args.len() >= 2 => argument(1),
        "filename" if is_os_error => argument(2),
        "winerror" => Value::Int(winerror(kind, &args)?),
        "errno" | "strerror" if is_os_error => Value::None,
        "code" if kind == Exc::SystemExit => match args.as_slice() {
            [] => Value::None,
            [one] => one.clone(),
            more => Value::tuple(more.to_vec()),
        },
        "value" if kind == Exc::StopIteration => argument(0),
        "name" if kind.is_a(Exc::NameError) || kind.is_a(Exc::AttributeError) => {
            let text = args.first()?;
            let Value::Str(text) = text else { return Some(Value::None) };
            let name = text.text.rsplit('\'').nth(1).unwrap_or_default();
            let first = text.text.split('\'').nth(1).unwrap_or_default();
            Value::str(if kind.is_a(Exc::NameError) { first } else { name })
        }
        "encoding" if is_unicode_error => argument(0),
        "object" if is_unicode_error => argument(1),
        "start" if is_unicode_error => argument(2),
        "end" if is_unicode_error => argument(3),
        "reason" if is_unicode_error => argument(4),
        _ => return None,
    })
}

/// `super().__init__` of a class that is based on `object` or on an exception.
pub(crate) static BASE_INIT: Native = Native { name: "__init__", call: base_init };

fn base_init(_: &mut Cx, args: crate::value::Args) -> Outcome {
    let (object, args) = method(args);
    if let Value::Exception(exception) = &object {
        exception.args.replace(args.values);
    } else if !args.values.is_empty() {
        return Err(crate::native::type_error(
            "object.__init__() takes exactly one argument (the instance to initialize)",
        ));
    }
    Ok(Flow::Value(Value::None))
}

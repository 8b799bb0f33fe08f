//! Exceptions: made, linked to those being handled, and matched.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::rc::Rc;

use super::similar;
use super::vm::Vm;
use crate::budget::Budget;
use crate::native::{Raised, type_error};
use crate::types::Exc;
use crate::value::{Class, Exception, Fail, Value};

/// Why a program ends, other than by an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A budget is used up.
    Budget(Budget),
    /// It came to something outside of the subset: a sentence.
    Refused(String),
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Budget(budget) => budget.fmt(f),
            Self::Refused(sentence) => f.write_str(sentence),
        }
    }
}

/// The exception that a failure is.
#[expect(clippy::boxed_local, reason = "a failure is boxed everywhere")]
pub(crate) fn exception(vm: &Vm, fail: Fail) -> Result<Rc<Exception>, Stop> {
    let (kind, args) = match *fail {
        Raised::New(kind, message) if message.is_empty() => (kind, Vec::new()),
        Raised::New(kind, message) => (kind, vec![Value::str(message)]),
        Raised::Missing { message, object, name } => {
            let exception = of_kind(vm, Exc::AttributeError, vec![Value::str(message)])?;
            exception.suggestion.replace(similar::attribute(vm, &object, &name));
            return Ok(exception);
        }
        Raised::With(kind, args) => (kind, args),
        Raised::Object(Value::Exception(exception)) => return Ok(exception),
        Raised::Object(_) => (Exc::SystemError, Vec::new()),
        Raised::Budget(budget) => return Err(Stop::Budget(budget)),
        Raised::Refused(sentence) => return Err(Stop::Refused(sentence)),
    };
    of_kind(vm, kind, args)
}

fn of_kind(vm: &Vm, kind: Exc, args: Vec<Value>) -> Result<Rc<Exception>, Stop> {
    match vm.cx.exception_class(kind) {
        Value::Class(class) => Ok(Exception::new(class, args)),
        _ => Err(Stop::Refused(kind.name().to_owned())),
    }
}

/// Notes that `new` was raised while the last of `handled` was handled.
pub(crate) fn link(new: &Rc<Exception>, handled: &[Rc<Exception>]) {
    let Some(last) = handled.last().filter(|last| !Rc::ptr_eq(last, new)) else { return };
    // The chain must not lead back to the new one.
    let mut one = Rc::clone(last);
    loop {
        let next = one.context.borrow().clone();
        match next {
            Some(next) if Rc::ptr_eq(&next, new) => {
                one.context.replace(None);
                break;
            }
            Some(next) => one = next,
            None => break,
        }
    }
    new.context.replace(Some(Rc::clone(last)));
}

/// What `raise value` raises: an instance of the class, or the exception itself. A class that is written in
/// Python is for the machine to call.
pub(crate) enum Raise {
    Exception(Rc<Exception>),
    Call(Rc<Class>),
}

pub(crate) fn of_value(value: &Value) -> Result<Raise, Fail> {
    match value {
        Value::Exception(exception) => Ok(Raise::Exception(Rc::clone(exception))),
        Value::Class(class) if class.exception().is_some() => Ok(Raise::Call(Rc::clone(class))),
        _ => Err(type_error("exceptions must derive from BaseException")),
    }
}

/// Whether an `except` of this class, or tuple of classes, handles the exception.
pub(crate) fn matches(exception: &Rc<Exception>, class: &Value) -> Result<bool, Fail> {
    const MESSAGE: &str = "catching classes that do not inherit from BaseException is not allowed";
    match class {
        Value::Class(class) if class.exception().is_some() => Ok(exception.class.is_a(class)),
        Value::Tuple(tuple) => {
            for class in &tuple.items {
                match class {
                    Value::Class(class) if class.exception().is_some() => {
                        if exception.class.is_a(class) {
                            return Ok(true);
                        }
                    }
                    _ => return Err(type_error(MESSAGE)),
                }
            }
            Ok(false)
        }
        _ => Err(type_error(MESSAGE)),
    }
}

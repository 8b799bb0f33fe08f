//! The module `_thread`, on which `threading` is built. Only the library imports it.
#![allow(clippy::wildcard_enum_match_arm, reason = "a lock is a lock")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::socket::timeout_of;
use crate::builtins::arguments::{int, method, named, none, one, positional};
use crate::native::{Doing, Flow, Input, Task, WaitFor, error, type_error, value_error};
use crate::operators::truth;
use crate::types::Exc;
use crate::value::{Args, Attributes, Cx, Fail, Lock, Module, Native, Outcome, Value};
use framescope_syscall::Wait;

static FUNCTIONS: &[Native] = &[
    Native {
        name: "allocate_lock",
        call: |_, args| {
            positional(args, "allocate_lock", 0, 0)?;
            Ok(Flow::Value(Value::Lock(Rc::new(Lock { is_locked: Cell::new(false) }))))
        },
    },
    Native {
        name: "start",
        call: |_, args| {
            let callee = one(args, "start")?;
            Ok(Flow::Task(Box::new(Start { callee })))
        },
    },
    Native {
        name: "wait_for",
        call: |_, args| {
            let values = positional(args, "wait_for", 2, 2)?;
            let what = match &values[0] {
                Value::Lock(lock) => WaitFor::Flag(Value::Lock(Rc::clone(lock))),
                other => WaitFor::Thread(usize::try_from(int(other)?).unwrap_or(usize::MAX)),
            };
            let wait = wait_of(&values[1])?;
            Ok(Flow::Task(Box::new(Waits { what: Some((what, wait)) })))
        },
    },
    Native {
        name: "current",
        call: |cx, args| {
            positional(args, "current", 0, 0)?;
            Ok(Flow::Value(Value::size(cx.thread)))
        },
    },
];

pub(crate) static LOCK: &[Native] = &[
    Native {
        name: "acquire",
        call: |_, args| {
            let (object, args) = method(args);
            let [blocking, timeout] = named(args, "acquire", ["blocking", "timeout"], 0)?;
            let blocks = !blocking.is_bound() || truth::is_true(&blocking);
            let wait = match &timeout {
                Value::Unbound | Value::Int(-1) => {
                    if blocks {
                        Wait::Forever
                    } else {
                        Wait::Never
                    }
                }
                _ if !blocks => {
                    return Err(value_error("can't specify a timeout for a non-blocking call"));
                }
                other => wait_of(other)
                    .map_err(|_| value_error("timeout value must be a non-negative number"))?,
            };
            acquire(object, wait)
        },
    },
    Native {
        name: "release",
        call: |_, args| {
            let object = none(args, "lock.release")?;
            release(&object)
        },
    },
    Native {
        name: "locked",
        call: |_, args| {
            let object = none(args, "lock.locked")?;
            Ok(Flow::Value(Value::Bool(
                matches!(&object, Value::Lock(lock) if lock.is_locked.get()),
            )))
        },
    },
    Native { name: "__enter__", call: |_, args| acquire(none(args, "__enter__")?, Wait::Forever) },
    Native {
        name: "__exit__",
        call: |_, args| {
            let (object, _) = method(args);
            release(&object)?;
            Ok(Flow::Value(Value::None))
        },
    },
];

fn wait_of(timeout: &Value) -> Result<Wait, Fail> {
    Ok(match timeout_of(timeout) {
        Ok(None) => Wait::Forever,
        Ok(Some(us)) => Wait::For(us),
        // A negative timeout waits not at all.
        Err(_) if matches!(timeout, Value::Int(_) | Value::Float(_)) => Wait::For(0),
        Err(fail) => return Err(fail),
    })
}

fn acquire(object: Value, wait: Wait) -> Outcome {
    let Value::Lock(lock) = &object else { return Err(type_error("a lock is expected")) };
    if !lock.is_locked.replace(true) {
        return Ok(Flow::Value(Value::Bool(true)));
    }
    if wait == Wait::Never {
        return Ok(Flow::Value(Value::Bool(false)));
    }
    Ok(Flow::Task(Box::new(Acquire { lock: Rc::clone(lock), wait })))
}

fn release(object: &Value) -> Outcome {
    let Value::Lock(lock) = object else { return Err(type_error("a lock is expected")) };
    if !lock.is_locked.replace(false) {
        return Err(error(Exc::RuntimeError, "release unlocked lock"));
    }
    Ok(Flow::Value(Value::None))
}

#[derive(Debug)]
struct Acquire {
    lock: Rc<Lock>,
    wait: Wait,
}

impl Task<Value> for Acquire {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Woken(false) => return Ok(Doing::Return(Value::Bool(false))),
            Input::Woken(true) if !self.lock.is_locked.replace(true) => {
                return Ok(Doing::Return(Value::Bool(true)));
            }
            _ => {}
        }
        Ok(Doing::Wait(WaitFor::Lock(Value::Lock(Rc::clone(&self.lock))), self.wait))
    }
}

#[derive(Debug)]
struct Waits {
    what: Option<(WaitFor<Value>, Wait)>,
}

impl Task<Value> for Waits {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match (self.what.take(), input) {
            (Some((what, wait)), _) => Ok(Doing::Wait(what, wait)),
            (None, Input::Woken(happened)) => Ok(Doing::Return(Value::Bool(happened))),
            (None, _) => Ok(Doing::Return(Value::Bool(true))),
        }
    }
}

#[derive(Debug)]
struct Start {
    callee: Value,
}

impl Task<Value> for Start {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Value(number) => Ok(Doing::Return(number)),
            _ => Ok(Doing::StartThread(self.callee.clone(), Args::of(Vec::new()))),
        }
    }
}

/// The module.
pub(crate) fn module(cx: &mut Cx) -> Value {
    let attributes: Attributes = FUNCTIONS
        .iter()
        .map(|native| (cx.symbols.of(native.name), Value::Native(native)))
        .collect();
    Value::Module(Rc::new(Module { name: "_thread", attributes: RefCell::new(attributes) }))
}

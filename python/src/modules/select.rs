//! The module `select`.
#![allow(clippy::wildcard_enum_match_arm, reason = "a socket is a socket or a number")]

use std::cell::RefCell;
use std::rc::Rc;

use super::calls::call_whatever;
use super::socket::timeout_of;
use crate::builtins::arguments::positional;
use crate::builtins::iterables::with_items;
use crate::native::{Flow, type_error, value_error};
use crate::operators::kind::int_of;
use crate::os_error::os_error;
use crate::types::Exc;
use crate::value::{Args, Attributes, Cx, Fail, Module, Native, Outcome, Value};
use framescope_syscall::errno::EBADF;
use framescope_syscall::{Fd, Returned, Syscall, Wait};

static SELECT: Native = Native { name: "select", call: select };

/// The module.
pub(crate) fn module(cx: &mut Cx) -> Value {
    let attributes: Attributes = vec![
        (cx.symbols.of("select"), Value::Native(&SELECT)),
        (cx.symbols.of("error"), cx.exception_class(Exc::OsError)),
    ];
    Value::Module(Rc::new(Module { name: "select", attributes: RefCell::new(attributes) }))
}

fn select(cx: &mut Cx, args: Args) -> Outcome {
    let mut values = positional(args, "select", 3, 4)?;
    let wait = match values.get(3) {
        None | Some(Value::None) => Wait::Forever,
        Some(timeout) => match timeout_of(timeout) {
            Ok(Some(0)) => Wait::Never,
            Ok(Some(us)) => Wait::For(us),
            Ok(None) => Wait::Forever,
            Err(_) if int_of(timeout).is_some() || matches!(timeout, Value::Float(_)) => {
                return Err(value_error("timeout must be non-negative"));
            }
            Err(_) => return Err(type_error("timeout must be a float or None")),
        },
    };
    let us = match wait {
        Wait::Forever => Value::None,
        Wait::Never => Value::Int(0),
        Wait::For(us) => Value::Int(i64::try_from(us).unwrap_or(i64::MAX)),
    };
    values.truncate(3);
    let read = values[0].clone();
    let kept = vec![values[1].clone(), values[2].clone(), us];
    // The three arguments are gone through one after the other: any of them may be an iterator.
    with_items(cx, &read, kept, |cx, read, kept| {
        let write = kept[0].clone();
        let kept = vec![Value::tuple(read), kept[1].clone(), kept[2].clone()];
        with_items(cx, &write, kept, |cx, write, kept| {
            let except = kept[1].clone();
            let kept = vec![kept[0].clone(), Value::tuple(write), kept[2].clone()];
            with_items(cx, &except, kept, |_, except, kept| {
                begin(vec![kept[0].clone(), kept[1].clone(), Value::tuple(except)], &kept[2])
            })
        })
    })
    .map_err(|error| match &*error {
        crate::native::Raised::New(Exc::TypeError, message)
            if message.ends_with("is not iterable") =>
        {
            type_error("arguments 1-3 must be sequences")
        }
        _ => error,
    })
}

fn fd_of(value: &Value) -> Result<Fd, Fail> {
    match value {
        Value::Socket(socket) => match socket.fd.get() {
            Some(fd) => Ok(fd),
            None => Err(value_error("file descriptor cannot be a negative integer (-1)")),
        },
        other => match int_of(other) {
            Some(int) => match u32::try_from(&int) {
                Ok(fd) => Ok(Fd(fd)),
                Err(_) if int.sign() == num_bigint::Sign::Minus => Err(value_error(format!(
                    "file descriptor cannot be a negative integer ({int})"
                ))),
                Err(_) => Err(os_error(EBADF)),
            },
            None => Err(type_error("argument must be an int, or have a fileno() method.")),
        },
    }
}

fn begin(lists: Vec<Value>, us: &Value) -> Outcome {
    let fds = |value: &Value| match value {
        Value::Tuple(tuple) => tuple.items.iter().map(fd_of).collect::<Result<Vec<Fd>, Fail>>(),
        _ => Ok(Vec::new()),
    };
    let wait = match us {
        Value::Int(0) => Wait::Never,
        Value::Int(us) => Wait::For(u64::try_from(*us).unwrap_or(0)),
        _ => Wait::Forever,
    };
    let syscall = Syscall::Select {
        read: fds(&lists[0])?,
        write: fds(&lists[1])?,
        except: fds(&lists[2])?,
        wait,
    };
    call_whatever(syscall, lists, |_, returned, kept| {
        let ready = match returned {
            Returned::Ready(ready) => ready,
            Returned::Failed(number) => return Err(os_error(number)),
            _ => framescope_syscall::Ready::default(),
        };
        let parts = [ready.read, ready.write, ready.except];
        let lists = kept.iter().zip(parts).map(|(list, ready)| {
            let Value::Tuple(tuple) = list else { return Value::list(Vec::new()) };
            let is_ready = |value: &&Value| fd_of(value).is_ok_and(|fd| ready.contains(&fd));
            Value::list(tuple.items.iter().filter(is_ready).cloned().collect())
        });
        Ok(Flow::Value(Value::tuple(lists.collect())))
    })
}

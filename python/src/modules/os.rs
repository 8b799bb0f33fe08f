//! The module `os`: what needs no files.

use super::attributes;
use crate::builtins::arguments::none;
use crate::native::Flow;
use crate::value::{Cx, Native, Value};

/// The module.
pub(super) fn module(cx: &mut Cx) -> Value {
    let others = vec![
        ("linesep", Value::str("\n")),
        ("name", Value::str("posix")),
        ("sep", Value::str("/")),
    ];
    attributes::module(cx, "os", FUNCTIONS, others)
}

static FUNCTIONS: &[Native] = &[Native {
    name: "getpid",
    call: |cx, mut args| {
        args.values.insert(0, Value::None);
        none(args, "posix.getpid")?;
        Ok(Flow::Value(Value::Int(cx.process.into())))
    },
}];

//! The module `sys`.
#![allow(clippy::wildcard_enum_match_arm, reason = "an argument is of one type, or it is an error")]

use super::attributes;
use crate::builtins::arguments::{none, one};
use crate::builtins::functions;
use crate::native::{Flow, type_error};
use crate::operators::kind::type_name;
use crate::value::{Args, Cx, Native, Outcome, Value};

/// The module.
pub(super) fn module(cx: &mut Cx) -> Value {
    let argv = Value::list(cx.argv.iter().map(|arg| Value::str(arg.as_str())).collect());
    let stdout = attributes::module(cx, "sys.stdout", STDOUT, Vec::new());
    let stderr = attributes::module(cx, "sys.stderr", STDERR, Vec::new());
    let others = vec![
        ("argv", argv),
        ("byteorder", Value::str("little")),
        ("maxsize", Value::Int(i64::MAX)),
        ("platform", Value::str("linux")),
        ("stdout", stdout),
        ("stderr", stderr),
    ];
    attributes::module(cx, "sys", FUNCTIONS, others)
}

static FUNCTIONS: &[Native] = &[Native { name: "exit", call: functions::exit }];

static STDOUT: &[Native] = &[
    Native { name: "write", call: |cx, args| write(cx, args, false) },
    Native { name: "flush", call: flush },
];

static STDERR: &[Native] = &[
    Native { name: "write", call: |cx, args| write(cx, args, true) },
    Native { name: "flush", call: flush },
];

fn write(cx: &mut Cx, args: Args, to_stderr: bool) -> Outcome {
    match one(args, "TextIOWrapper.write")? {
        Value::Str(text) => {
            cx.print(text.text.to_string(), to_stderr)?;
            Ok(Flow::Value(Value::size(text.length)))
        }
        other => {
            let name = type_name(&other);
            Err(type_error(format!("write() argument must be str, not {name}")))
        }
    }
}

fn flush(_: &mut Cx, mut args: Args) -> Outcome {
    args.values.insert(0, Value::None);
    none(args, "TextIOWrapper.flush")?;
    Ok(Flow::Value(Value::None))
}

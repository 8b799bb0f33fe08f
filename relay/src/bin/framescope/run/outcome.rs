//! How programs ended, as JSON.

use framescope_lab::{Ended, Interrupted};
use serde_json::{Map, Value, json};

/// How a program has ended.
pub(crate) struct Outcome<'a> {
    pub(crate) ended: &'a Ended,
    /// What followed when Ctrl+C was pressed.
    pub(crate) interrupted: Option<&'a Interrupted>,
    pub(crate) stdout: &'a str,
    pub(crate) stderr: &'a str,
}

/// One object: the name of each program, and how it ended.
pub(super) fn json<'a>(names: &[String], of: impl Fn(usize) -> Outcome<'a>) -> Value {
    let entries = names.iter().enumerate().map(|(index, name)| (name.clone(), one(&of(index))));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn one(outcome: &Outcome<'_>) -> Value {
    let Outcome { ended, interrupted, stdout, stderr } = *outcome;
    let mut outcome = match ended {
        Ended::Exit(status) => json!({ "ends": "exit", "exit": status }),
        Ended::Exception(uncaught) => {
            let mut outcome = json!({
                "ends": "exception",
                "exit": ended.status(),
                "class": uncaught.class,
                "message": uncaught.message,
                "line": uncaught.lines.first(),
                "shown": uncaught.shown,
            });
            if let Some(errno) = uncaught.errno {
                outcome["errno"] = errno.into();
            }
            if uncaught.lines.len() > 1 {
                let outer: Vec<u32> = uncaught.lines[1..].iter().rev().copied().collect();
                outcome["called_from"] = outer.into();
            }
            outcome
        }
        Ended::Syntax { class, message, line, column } => json!({
            "ends": "exception",
            "exit": 1,
            "class": class,
            "message": message,
            "line": line,
            "column": column,
        }),
        Ended::Blocked { line, printed } => {
            let before = stdout.get(..*printed).unwrap_or_default();
            let mut outcome = json!({ "ends": "blocked", "line": line, "stdout": before });
            if let Some(then) = interrupted {
                outcome["then_interrupted"] =
                    json!({ "exit": then.ended.status(), "stdout": then.stdout });
            }
            outcome
        }
        Ended::Spins { line, message } => {
            json!({ "ends": "spins", "line": line, "message": message })
        }
        Ended::Refused { line, message } => {
            json!({ "ends": "refused", "line": line, "message": message })
        }
        Ended::NotStarted => json!({ "ends": "not started" }),
    };
    if outcome.get("stdout").is_none() {
        outcome["stdout"] = stdout.into();
    }
    outcome["stderr"] = stderr.into();
    outcome
}

//! One sentence of help under an error of a program, in the user's language.

use framescope_lab::{CompileProblem, Ended, Exception};
use framescope_syscall::errno::{
    self, EADDRINUSE, EAGAIN, EBADF, ECONNABORTED, ECONNREFUSED, ECONNRESET, EINVAL, ENETUNREACH,
    ENOTCONN, ENOTSOCK, EPIPE,
};

use crate::state::State;
use crate::text::Locale;

/// Help with an exception that ended a program. `None` if there is nothing to add to its message.
#[must_use]
pub fn with_exception(state: &State, program: usize, exception: &Exception) -> Option<String> {
    let locale = &state.locale;
    if let Some(errno) = exception.errno {
        return with_errno(state, program, exception, errno);
    }
    let message = exception.message.as_str();
    let text = match exception.class.as_str() {
        "TypeError" if message.contains("a bytes-like object is required, not 'str'") => {
            locale.text("help-needs-bytes")
        }
        "TypeError" if message.contains("can't concat str to bytes") => {
            locale.text("help-needs-bytes")
        }
        "TypeError" if message.contains("(not \"bytes\") to str") => locale.text("help-needs-str"),
        "AttributeError" if message.contains("'str' object has no attribute 'decode'") => {
            locale.text("help-is-text")
        }
        "AttributeError" if message.contains("'bytes' object has no attribute 'encode'") => {
            locale.text("help-is-bytes")
        }
        "NameError" => locale.text("help-name"),
        "TimeoutError" | "socket.timeout" => locale.text("help-timed-out"),
        "UnicodeDecodeError" => locale.text("help-decode"),
        "struct.error" => {
            let needed = after(message, "unpack requires a buffer of ")?;
            let needed: u64 = needed.split(' ').next()?.parse().ok()?;
            return Some(locale.fill("help-unpack", &[("needed", &needed)]));
        }
        "EOFError" => locale.text("help-input-ended"),
        "KeyboardInterrupt" => locale.text("help-interrupted"),
        _ => return None,
    };
    Some(text.to_owned())
}

fn with_errno(state: &State, program: usize, exception: &Exception, number: u32) -> Option<String> {
    let locale = &state.locale;
    let text = match errno::as_linux(number) {
        ECONNREFUSED => return Some(refused(state, program)),
        EADDRINUSE => locale.text("help-in-use"),
        EPIPE => locale.text("help-pipe"),
        ECONNRESET | ECONNABORTED => locale.text("help-reset"),
        // Windows does not know a descriptor that is closed from one that is no socket.
        EBADF | ENOTSOCK => locale.text("help-closed"),
        ENOTCONN => locale.text("help-not-connected"),
        EINVAL => locale.text("help-not-listening"),
        ENETUNREACH => locale.text("help-unreachable"),
        EAGAIN if exception.class == "BlockingIOError" => locale.text("help-would-block"),
        _ => return None,
    };
    Some(text.to_owned())
}

/// Nobody listens at the port. At which ports programs listen is known.
fn refused(state: &State, program: usize) -> String {
    let lab = &state.lab;
    let asked = lab.timeline.program(program).connects();
    let others = (0..lab.trace.experiment.programs.len()).filter(|other| *other != program);
    let bound = others.filter_map(|other| lab.timeline.program(other).binds()).max();
    let bound = bound.map(|(_, port)| port);
    let locale = &state.locale;
    match (asked, bound) {
        (Some(asked), Some(bound)) if asked != bound => {
            locale.fill("help-refused-other", &[("asked", &asked), ("bound", &bound)])
        }
        (Some(asked), _) => locale.fill("help-refused", &[("asked", &asked)]),
        (None, _) => locale.text("help-refused-unknown").to_owned(),
    }
}

/// Help with a program that the interpreter has stopped. `None` if it has ended otherwise.
#[must_use]
pub fn with_stop(locale: &Locale, ended: &Ended) -> Option<String> {
    let message = match ended {
        Ended::Refused { message, .. } => {
            return Some(locale.fill("help-not-here", &[("message", message)]));
        }
        Ended::Spins { message, .. } => message,
        Ended::Exit(_)
        | Ended::Exception(_)
        | Ended::Syntax { .. }
        | Ended::Blocked { .. }
        | Ended::NotStarted => return None,
    };
    let limit = message.split(' ').find(|word| word.parse::<u64>().is_ok())?;
    let limit: [(&str, &dyn std::fmt::Display); 1] = [("limit", &limit)];
    Some(if message.contains("of memory") {
        locale.fill("help-memory", &limit)
    } else if message.contains("without a system call") {
        locale.fill("help-endless", &limit)
    } else if message.contains("printed") {
        locale.fill("help-output", &limit)
    } else if message.contains("threads") {
        locale.fill("help-threads", &limit)
    } else {
        locale.fill("help-operations", &limit)
    })
}

/// Help with a text that cannot run. `None` if there is nothing to add to the message.
#[must_use]
pub fn with_problem(locale: &Locale, problem: &CompileProblem) -> Option<String> {
    let message = problem.message.as_str();
    if let Some(after) = after(message, "invalid character '") {
        let character = after.chars().next()?;
        return Some(locale.fill("help-character", &[("character", &character)]));
    }
    let text = match problem.class.as_deref()? {
        "TabError" => locale.text("help-tabs"),
        "IndentationError" => locale.text("help-indentation"),
        _ if message.contains("unterminated string") => locale.text("help-unterminated"),
        _ if message.contains("was never closed") => locale.text("help-not-closed"),
        _ if message.contains("expected ':'") => locale.text("help-colon"),
        _ => return None,
    };
    Some(text.to_owned())
}

fn after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.find(start).map(|at| &text[at + start.len()..])
}

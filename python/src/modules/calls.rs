//! Tasks that make system calls.

use crate::native::{Doing, Flow, Input, Task, error};
use crate::os_error::os_error;
use crate::types::Exc;
use crate::value::{Cx, Fail, Outcome, Value};
use framescope_syscall::{Returned, Syscall};

/// Goes on with what a system call returned, and with what was kept.
pub(crate) type Then = fn(&mut Cx, Returned, Vec<Value>) -> Outcome;

/// Makes a system call, and goes on if it succeeds.
pub(crate) fn call(syscall: Syscall, kept: Vec<Value>, then: Then) -> Outcome {
    Ok(Flow::Task(Box::new(OneCall { syscall: Some(syscall), kept, then, tolerates: false })))
}

/// The same, and goes on also if it fails.
pub(crate) fn call_whatever(syscall: Syscall, kept: Vec<Value>, then: Then) -> Outcome {
    Ok(Flow::Task(Box::new(OneCall { syscall: Some(syscall), kept, then, tolerates: true })))
}

/// Makes a system call whose value is `None`.
pub(crate) fn call_none(syscall: Syscall) -> Outcome {
    call(syscall, Vec::new(), |_, _, _| Ok(Flow::Value(Value::None)))
}

#[derive(Debug)]
struct OneCall {
    syscall: Option<Syscall>,
    kept: Vec<Value>,
    then: Then,
    tolerates: bool,
}

impl Task<Value> for OneCall {
    fn resume(&mut self, cx: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        if let Some(syscall) = self.syscall.take() {
            return Ok(Doing::Syscall(syscall));
        }
        let Input::Returned(returned) = input else { return Ok(Doing::Return(Value::None)) };
        if !self.tolerates {
            check(&returned)?;
        }
        (self.then)(cx, returned, std::mem::take(&mut self.kept)).map(Doing::Become)
    }
}

/// Fails if a system call failed.
pub(crate) fn check(returned: &Returned) -> Result<(), Fail> {
    match returned {
        Returned::Failed(number) => Err(os_error(*number)),
        Returned::TimedOut => Err(error(Exc::TimeoutError, "timed out")),
        Returned::Done
        | Returned::Opened(_)
        | Returned::Accepted { .. }
        | Returned::Sent(_)
        | Returned::Received(_)
        | Returned::Option(_)
        | Returned::Address(_)
        | Returned::Ready(_)
        | Returned::Time(_) => Ok(()),
    }
}

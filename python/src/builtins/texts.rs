//! The texts of values, some of which methods of the program give.
#![allow(clippy::wildcard_enum_match_arm, reason = "a few kinds of values are told apart")]

use std::rc::Rc;

use crate::budget::{MAX_LIVE_BYTES, live};
use crate::native::{Doing, Flow, Input, Task, refuse, type_error};
use crate::operators::key::address;
use crate::operators::kind::type_name;
use crate::operators::show::{Written, written_in};
use crate::symbols::Symbol;
use crate::value::{Args, Cx, Fail, Method, Outcome, Value};
use framescope_syscall::{Returned, Syscall};

/// The bytes that a text may have: what is left of the budget.
pub(crate) fn limit() -> usize {
    MAX_LIVE_BYTES.saturating_sub(live())
}

/// Goes on with the texts of values, and with what was kept.
type ThenTexts = fn(&mut Cx, &Written, Vec<Value>) -> Outcome;

/// Finds the texts of values that methods of the program give, and goes on. The second of a pair is whether
/// the text is `repr`.
pub(crate) fn with_texts(
    cx: &mut Cx,
    shown: &[(Value, bool)],
    kept: Vec<Value>,
    then: ThenTexts,
) -> Outcome {
    let pending: Vec<(Value, bool)> =
        shown.iter().flat_map(|(value, as_repr)| written_in(value, *as_repr)).collect();
    if pending.is_empty() {
        return then(cx, &Written::default(), kept);
    }
    let written = Written::default();
    Ok(Flow::Task(Box::new(Texts { pending, written, kept, then, has_local: false })))
}

#[derive(Debug)]
struct Texts {
    /// Those whose method is still to be called; the next is last.
    pending: Vec<(Value, bool)>,
    written: Written,
    kept: Vec<Value>,
    then: ThenTexts,
    /// Whether the socket's own address is known, and its peer's is asked for.
    has_local: bool,
}

impl Texts {
    /// Notes an address of the socket that is shown next. One that the kernel does not tell is not shown.
    fn note_address(&mut self, returned: &Returned) {
        let address = if let Returned::Address(address) = returned { Some(*address) } else { None };
        let Some((Value::Socket(socket), _)) = self.pending.last() else { return };
        if self.has_local {
            socket.peer.set(address);
            self.pending.pop();
        } else {
            socket.local.set(address);
        }
        self.has_local = !self.has_local;
    }
}

impl Task<Value> for Texts {
    fn resume(&mut self, cx: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        if let Input::Value(text) = &input
            && let Some((value, as_repr)) = self.pending.pop()
        {
            let Value::Str(text) = text else {
                let method = if as_repr { "__repr__" } else { "__str__" };
                let name = type_name(text);
                return Err(type_error(format!("{method} returned non-string (type {name})")));
            };
            let texts = if as_repr { &mut self.written.reprs } else { &mut self.written.strs };
            texts.insert(address(&value), Rc::clone(&text.text));
        }
        if let Input::Returned(returned) = &input {
            self.note_address(returned);
        }
        let Some((value, as_repr)) = self.pending.last() else {
            let kept = std::mem::take(&mut self.kept);
            return (self.then)(cx, &self.written, kept).map(Doing::Become);
        };
        if let Value::Socket(socket) = value
            && let Some(fd) = socket.fd.get()
        {
            return Ok(Doing::Syscall(if self.has_local {
                Syscall::PeerAddress { fd }
            } else {
                Syscall::LocalAddress { fd }
            }));
        }
        let class = match value {
            Value::Instance(instance) => &instance.class,
            Value::Exception(exception) => &exception.class,
            _ => return Err(refuse("this value has no text")),
        };
        let of_str = if *as_repr { None } else { class.find(Symbol::STR) };
        match of_str.or_else(|| class.find(Symbol::REPR)) {
            Some(Value::Function(function)) => {
                let method = Method { object: value.clone(), function };
                Ok(Doing::Call(Value::Method(Rc::new(method)), Args::of(Vec::new())))
            }
            Some(_) | None => Err(refuse("'__str__' and '__repr__' are functions here")),
        }
    }
}

/// The text of one value, for `str`, `repr` and `ascii`.
pub(crate) fn text_of(cx: &mut Cx, value: Value, as_repr: bool, then: ThenTexts) -> Outcome {
    with_texts(cx, &[(value.clone(), as_repr)], vec![value], then)
}

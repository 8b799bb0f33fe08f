//! Functions that are written in Rust, and what they can ask of the machine. `V` is
//! [`crate::value::Value`].

use std::fmt;
use std::rc::Rc;

use crate::budget::Budget;
use crate::context::Context;
use crate::failure::{Class, Failure};
use crate::types::Exc;
use framescope_syscall::{Returned, Syscall, Wait};

/// A function that is written in Rust.
pub(crate) struct Native<V: 'static> {
    pub(crate) name: &'static str,
    pub(crate) call: fn(&mut Context<V>, Args<V>) -> Outcome<V>,
}

/// The arguments of a call. A method's object is the first value.
#[derive(Debug)]
pub(crate) struct Args<V> {
    pub(crate) values: Vec<V>,
    pub(crate) named: Vec<(Rc<str>, V)>,
}

/// What a native function returns.
pub(crate) type Outcome<V> = Result<Flow<V>, Box<Raised<V>>>;

pub(crate) enum Flow<V: 'static> {
    Value(V),
    /// It needs the machine. The machine resumes the task until it returns a value.
    Task(Box<dyn Task<V>>),
}

/// Why a computation has no value.
#[derive(Debug)]
pub(crate) enum Raised<V> {
    /// A new exception with a message.
    New(Exc, String),
    /// A new `AttributeError` with this message: the object has no attribute with this name.
    Missing { message: String, object: V, name: Rc<str> },
    /// A new exception with these arguments.
    With(Exc, Vec<V>),
    /// An exception that exists: the value is one.
    Object(V),
    /// The program ends here.
    Budget(Budget),
    /// The same, because of something outside of the subset.
    Refused(String),
}

/// A native function that needs more than one step: it calls others, or waits.
pub(crate) trait Task<V: 'static>: fmt::Debug {
    /// Goes on. The first time, the input is [`Input::Start`].
    fn resume(
        &mut self,
        context: &mut Context<V>,
        input: Input<V>,
    ) -> Result<Doing<V>, Box<Raised<V>>>;

    /// What it asked for has failed. It may go on nevertheless.
    fn failed(
        &mut self,
        _: &mut Context<V>,
        error: Box<Raised<V>>,
    ) -> Result<Doing<V>, Box<Raised<V>>> {
        Err(error)
    }
}

/// What came of what a task asked for.
#[derive(Debug)]
pub(crate) enum Input<V> {
    Start,
    /// The function that it called returned this.
    Value(V),
    /// The iterator's next item. `None` at its end.
    Item(Option<V>),
    /// The system call returned this.
    Returned(Returned),
    /// The line that was typed. `None` at the end of the input.
    Line(Option<String>),
    /// What it waited for has happened, or else the time was over.
    Woken(bool),
}

/// What a task asks for.
pub(crate) enum Doing<V: 'static> {
    Return(V),
    /// Goes on as what a native function returned.
    Become(Flow<V>),
    Call(V, Args<V>),
    Next(V),
    Syscall(Syscall),
    ReadLine,
    Wait(WaitFor<V>, Wait),
    StartThread(V, Args<V>),
}

/// What a thread waits for, other than a system call.
#[derive(Clone, Debug)]
pub(crate) enum WaitFor<V> {
    /// The lock is free.
    Lock(V),
    /// The flag is set.
    Flag(V),
    /// The thread with this number has ended.
    Thread(usize),
}

impl<V> Args<V> {
    pub(crate) const fn of(values: Vec<V>) -> Self {
        Self { values, named: Vec::new() }
    }
}

impl<V: 'static> fmt::Debug for Native<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<built-in function {}>", self.name)
    }
}

impl<V: 'static> fmt::Debug for Flow<V>
where
    V: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Task(task) => task.fmt(f),
        }
    }
}

impl<V> From<Budget> for Box<Raised<V>> {
    fn from(budget: Budget) -> Self {
        Self::new(Raised::Budget(budget))
    }
}

impl<V> From<Failure> for Box<Raised<V>> {
    fn from(failure: Failure) -> Self {
        Self::new(match failure {
            Failure::Raise(class, message) => Raised::New(exception_of(class), message),
            Failure::TooLarge => Raised::Budget(Budget::Memory),
            Failure::Refused(message) => Raised::Refused(message),
        })
    }
}

const fn exception_of(class: Class) -> Exc {
    match class {
        Class::Type => Exc::TypeError,
        Class::Value => Exc::ValueError,
        Class::Index => Exc::IndexError,
        #[cfg(test)]
        Class::Key => Exc::KeyError,
        Class::Lookup => Exc::LookupError,
        Class::Overflow => Exc::OverflowError,
        Class::ZeroDivision => Exc::ZeroDivisionError,
        Class::Struct => Exc::StructError,
        Class::System => Exc::SystemError,
    }
}

/// An exception with a message.
pub(crate) fn error<V>(class: Exc, message: impl Into<String>) -> Box<Raised<V>> {
    Box::new(Raised::New(class, message.into()))
}

pub(crate) fn type_error<V>(message: impl Into<String>) -> Box<Raised<V>> {
    error(Exc::TypeError, message)
}

pub(crate) fn value_error<V>(message: impl Into<String>) -> Box<Raised<V>> {
    error(Exc::ValueError, message)
}

pub(crate) fn refuse<V>(message: impl Into<String>) -> Box<Raised<V>> {
    Box::new(Raised::Refused(message.into()))
}

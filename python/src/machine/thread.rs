//! One thread of a program: the functions and tasks that it is in, and how it goes on.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::rc::Rc;

use super::call::{self, Begun};
use super::execute::{Action, execute, is_generator};
use super::modules;
use super::raise::{self, Stop};
use super::traceback;
use super::vm::Vm;
use crate::budget::MAX_RECURSION;
use crate::builtins::texts::with_texts;
use crate::native::{Doing, Flow, Input, Raised, Task, WaitFor, error, type_error, value_error};
use crate::operators::kind::type_name;
use crate::operators::show::str_of;
use crate::types::Exc;
use crate::value::{
    Args, Exception, Fail, Frame, Generator, TracebackEntry, Value, WhenDone, charge_of,
};
use framescope_syscall::{Fd, Syscall, Wait};

/// A function or a task that runs, or waits for the one above it.
#[derive(Debug)]
enum Activation {
    Frame(Box<Frame>),
    /// The generator has its frame back when it yields.
    Generator(Rc<Generator>, Box<Frame>),
    Task {
        task: Box<dyn Task<Value>>,
        when_done: WhenDone,
    },
}

/// A thread.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) name: String,
    pub(crate) is_daemon: bool,
    stack: Vec<Activation>,
    /// The exceptions that are being handled, the innermost last.
    handled: Vec<Rc<Exception>>,
    /// What the task at the top gets next.
    input: Option<Input<Value>>,
    /// Why it stops, after what it printed is told.
    halt: Option<Halt>,
    /// The exception that nothing caught, as long as its message is asked for.
    uncaught: Option<Rc<Exception>>,
}

/// Why a thread stops.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It comes to a statement.
    Statement,
    Syscall(Syscall),
    /// A socket that nothing refers to is closed. The result is not wanted.
    Close(Fd),
    ReadLine,
    Wait(WaitFor<Value>, Wait),
    StartThread(Value, Args),
    /// It printed.
    Printed,
    /// It has made enough operations for now.
    Paused,
    Ended,
    /// Nothing caught the exception. Its message, and those of the exceptions that it came from.
    Raised(Rc<Exception>, Vec<String>),
    Stopped(Stop),
}

impl Thread {
    /// A thread that calls a function.
    pub(crate) fn new(name: String, is_daemon: bool, begun: Begun) -> Self {
        let stack = match begun {
            Begun::Value(_) => Vec::new(),
            Begun::Frame(frame) => vec![Activation::Frame(frame)],
            Begun::Task(task) => vec![Activation::Task { task, when_done: WhenDone::Drop }],
        };
        Self {
            name,
            is_daemon,
            stack,
            handled: Vec::new(),
            input: Some(Input::Start),
            halt: None,
            uncaught: None,
        }
    }

    /// The functions that it is in, the innermost last.
    pub(crate) fn frames(&self) -> impl DoubleEndedIterator<Item = &Frame> {
        self.stack.iter().filter_map(|activation| match activation {
            Activation::Frame(frame) | Activation::Generator(_, frame) => Some(&**frame),
            Activation::Task { .. } => None,
        })
    }

    /// What the task that waits gets.
    pub(crate) fn give(&mut self, input: Input<Value>) {
        self.input = Some(input);
    }

    /// What the thread waits for fails.
    pub(crate) fn fail(&mut self, vm: &mut Vm, fail: Fail) {
        self.halt = self.failed(vm, fail);
    }

    /// Goes on until it stops.
    pub(crate) fn run(&mut self, vm: &mut Vm) -> Halt {
        loop {
            if !vm.cx.printed.is_empty() {
                return Halt::Printed;
            }
            let orphan = vm.cx.orphans.borrow_mut().pop();
            if let Some(fd) = orphan {
                return Halt::Close(fd);
            }
            if let Some(halt) = self.halt.take() {
                return halt;
            }
            // A task goes on with its input first.
            if vm.is_pause_due() && !matches!(self.stack.last(), Some(Activation::Task { .. })) {
                return Halt::Paused;
            }
            self.halt = self.advance(vm);
        }
    }

    fn advance(&mut self, vm: &mut Vm) -> Option<Halt> {
        let action = match self.stack.last_mut() {
            None => return Some(Halt::Ended),
            Some(Activation::Frame(frame) | Activation::Generator(_, frame)) => {
                execute(vm, frame, &mut self.handled)
            }
            Some(Activation::Task { task, .. }) => {
                let input = self.input.take().unwrap_or(Input::Start);
                let doing = task.resume(&mut vm.cx, input);
                return self.done(vm, doing);
            }
        };
        match action {
            Action::Statement => vm.stops_at_statements.then_some(Halt::Statement),
            Action::Printed | Action::GoOn => None,
            Action::Call(frame) => self.push_frame(vm, Activation::Frame(frame)),
            Action::Task(task, when_done) => {
                self.input = Some(Input::Start);
                self.stack.push(Activation::Task { task, when_done });
                None
            }
            Action::Generate(generator, when_done) => self.generate(vm, generator, when_done),
            Action::Return(value) => self.return_value(vm, value),
            Action::Yield(value) => self.yield_value(vm, value),
            Action::Fail(fail) => self.failed(vm, fail),
            Action::Reraise(exception) => self.unwind(vm, exception, false),
            Action::Import(name) => match modules::frame(vm, &name) {
                Ok(frame) => self.push_frame(vm, Activation::Frame(frame)),
                Err(stop) => Some(Halt::Stopped(stop)),
            },
        }
    }

    fn push_frame(&mut self, vm: &mut Vm, mut activation: Activation) -> Option<Halt> {
        if self.stack.len() >= MAX_RECURSION {
            let message = "maximum recursion depth exceeded";
            return self.failed(vm, error(Exc::RecursionError, message));
        }
        if let Activation::Frame(frame) | Activation::Generator(_, frame) = &mut activation {
            frame.handled = self.handled.len();
        }
        self.stack.push(activation);
        None
    }

    fn done(&mut self, vm: &mut Vm, doing: Result<Doing<Value>, Fail>) -> Option<Halt> {
        match doing {
            Ok(Doing::Return(value)) => {
                let Some(Activation::Task { when_done, .. }) = self.stack.pop() else {
                    return None;
                };
                self.finish(vm, when_done, Some(value))
            }
            Ok(Doing::Become(flow)) => {
                let Some(Activation::Task { when_done, .. }) = self.stack.pop() else {
                    return None;
                };
                self.begin(vm, call::begun(flow), when_done)
            }
            Ok(Doing::Call(callee, args)) => match call::begin(vm, &callee, args) {
                Ok(begun) => self.begin(vm, begun, WhenDone::Push),
                Err(fail) => self.failed(vm, fail),
            },
            Ok(Doing::Next(iterator)) => self.next_item(vm, iterator),
            Ok(Doing::Syscall(syscall)) => Some(Halt::Syscall(syscall)),
            Ok(Doing::ReadLine) => Some(Halt::ReadLine),
            Ok(Doing::Wait(what, wait)) => Some(Halt::Wait(what, wait)),
            Ok(Doing::StartThread(callee, args)) => Some(Halt::StartThread(callee, args)),
            Err(fail) => {
                self.stack.pop();
                self.failed(vm, fail)
            }
        }
    }

    fn begin(&mut self, vm: &mut Vm, begun: Begun, when_done: WhenDone) -> Option<Halt> {
        match begun {
            Begun::Value(value) => self.finish(vm, when_done, Some(value)),
            Begun::Frame(mut frame) => {
                if !matches!(frame.when_done, WhenDone::Construct(_)) {
                    frame.when_done = when_done;
                }
                self.push_frame(vm, Activation::Frame(frame))
            }
            Begun::Task(task) => {
                self.input = Some(Input::Start);
                self.stack.push(Activation::Task { task, when_done });
                None
            }
        }
    }

    /// A task asks an iterator for its next item.
    fn next_item(&mut self, vm: &mut Vm, iterator: Value) -> Option<Halt> {
        match iterator {
            Value::Generator(generator) => self.generate(vm, generator, WhenDone::Item),
            Value::Iterator(iterator) => match crate::operators::iterate::next(&iterator) {
                Ok(crate::operators::iterate::Step::Item(item)) => {
                    self.input = Some(Input::Item(Some(item)));
                    None
                }
                Ok(crate::operators::iterate::Step::End) => {
                    self.input = Some(Input::Item(None));
                    None
                }
                Ok(crate::operators::iterate::Step::Machine) => {
                    let task = crate::builtins::next_item::next_item(Value::Iterator(iterator));
                    self.input = Some(Input::Start);
                    self.stack.push(Activation::Task { task, when_done: WhenDone::ItemOfTask });
                    None
                }
                Err(fail) => self.failed(vm, fail),
            },
            other => {
                let message = format!("'{}' object is not an iterator", type_name(&other));
                self.failed(vm, type_error(message))
            }
        }
    }

    fn generate(
        &mut self,
        vm: &mut Vm,
        generator: Rc<Generator>,
        when_done: WhenDone,
    ) -> Option<Halt> {
        if generator.is_running.get() {
            return self.failed(vm, value_error("generator already executing"));
        }
        let frame = generator.frame.take();
        match frame {
            None => self.finish(vm, when_done, None),
            Some(mut frame) => {
                generator.is_running.set(true);
                if frame.at > 0 {
                    // The value of the `yield` at which it stopped.
                    frame.stack.push(Value::None);
                }
                frame.when_done = when_done;
                self.push_frame(vm, Activation::Generator(generator, frame))
            }
        }
    }

    fn yield_value(&mut self, vm: &mut Vm, value: Value) -> Option<Halt> {
        let Some(Activation::Generator(generator, mut frame)) = self.stack.pop() else {
            return None;
        };
        self.handled.truncate(frame.handled);
        let when_done = std::mem::replace(&mut frame.when_done, WhenDone::Drop);
        generator.is_running.set(false);
        generator.frame.replace(Some(frame));
        self.finish(vm, when_done, Some(value))
    }

    fn return_value(&mut self, vm: &mut Vm, value: Value) -> Option<Halt> {
        match self.stack.pop() {
            Some(Activation::Frame(frame)) => {
                self.handled.truncate(frame.handled);
                let mut frame = frame;
                let when_done = std::mem::replace(&mut frame.when_done, WhenDone::Drop);
                if let WhenDone::Class(class) = &when_done {
                    let names = std::mem::take(&mut frame.class_names);
                    if let Value::Cell(cell) = &value {
                        cell.value.replace(Value::Class(Rc::clone(class)));
                    }
                    class.attributes.replace(names);
                }
                if let WhenDone::Import(name) = &when_done {
                    modules::fill(vm, name, &frame.globals);
                }
                drop(frame);
                self.finish(vm, when_done, Some(value))
            }
            Some(Activation::Generator(generator, mut frame)) => {
                self.handled.truncate(frame.handled);
                generator.is_running.set(false);
                let when_done = std::mem::replace(&mut frame.when_done, WhenDone::Drop);
                drop(frame);
                if !matches!(value, Value::None) {
                    let refusal = "the value of a generator's 'return' is outside of the subset";
                    return self.failed(vm, crate::native::refuse(refusal));
                }
                self.finish(vm, when_done, None)
            }
            Some(Activation::Task { .. }) | None => None,
        }
    }

    /// The function or task at the top goes on. `None` is the end of a generator or an iterator.
    fn finish(&mut self, vm: &mut Vm, when_done: WhenDone, value: Option<Value>) -> Option<Halt> {
        let value = match (&when_done, value) {
            // A task that makes an item returns it in a tuple, and an empty tuple at the end.
            (WhenDone::NextOfTask { .. } | WhenDone::ItemOfTask, Some(Value::Tuple(pair))) => {
                pair.items.first().cloned()
            }
            (_, value) => value,
        };
        let frame = match self.stack.last_mut() {
            None => return self.uncaught.take().map(|exception| told(exception, value.as_ref())),
            Some(Activation::Task { .. }) => {
                self.input = Some(match when_done {
                    WhenDone::Item | WhenDone::ItemOfTask => Input::Item(value),
                    WhenDone::Construct(object) => Input::Value(object),
                    WhenDone::Push
                    | WhenDone::Next { .. }
                    | WhenDone::NextOfTask { .. }
                    | WhenDone::Drop
                    | WhenDone::Truth
                    | WhenDone::Class(_)
                    | WhenDone::Enter(_)
                    | WhenDone::Import(_) => Input::Value(value.unwrap_or(Value::None)),
                });
                return None;
            }
            Some(Activation::Frame(frame) | Activation::Generator(_, frame)) => frame,
        };
        match when_done {
            WhenDone::Push => frame.stack.push(value.unwrap_or(Value::None)),
            WhenDone::Construct(object) => {
                if !matches!(value, Some(Value::None)) {
                    let name = value.as_ref().map(type_name).unwrap_or_default();
                    let message = format!("__init__() should return None, not '{name}'");
                    return self.failed(vm, type_error(message));
                }
                frame.stack.push(object);
            }
            WhenDone::Next { end } | WhenDone::NextOfTask { end } => {
                if let Some(value) = value {
                    frame.stack.push(value);
                } else {
                    frame.stack.pop();
                    frame.at = end as usize;
                }
            }
            WhenDone::Item | WhenDone::ItemOfTask | WhenDone::Drop => {}
            WhenDone::Truth => {
                let is_true = match &value {
                    Some(Value::Int(length)) if *length >= 0 => *length > 0,
                    Some(Value::Bool(bool)) => *bool,
                    Some(Value::Int(_)) => {
                        return self.failed(vm, value_error("__len__() should return >= 0"));
                    }
                    other => {
                        let name = other.as_ref().map(type_name).unwrap_or_default();
                        let message =
                            format!("'{name}' object cannot be interpreted as an integer");
                        return self.failed(vm, type_error(message));
                    }
                };
                frame.stack.push(Value::Bool(is_true));
            }
            WhenDone::Class(class) => frame.stack.push(Value::Class(class)),
            WhenDone::Enter(handler) => {
                let (depth, handled) = (frame.stack.len(), self.handled.len());
                frame.tries.push(crate::value::Try { handler, depth, handled });
                frame.stack.push(value.unwrap_or(Value::None));
            }
            WhenDone::Import(name) => {
                let module = vm.modules.get(&name).cloned().unwrap_or(Value::None);
                frame.stack.push(module);
            }
        }
        None
    }

    fn failed(&mut self, vm: &mut Vm, fail: Fail) -> Option<Halt> {
        // A task may go on in spite of it.
        if let Some(Activation::Task { task, .. }) = self.stack.last_mut() {
            let doing = task.failed(&mut vm.cx, fail);
            return self.done(vm, doing);
        }
        match raise::exception(vm, fail) {
            Ok(exception) => self.unwind(vm, exception, true),
            Err(stop) => Some(Halt::Stopped(stop)),
        }
    }

    /// Nothing caught the exception. Its message may need a method of the program.
    fn uncaught(&mut self, vm: &mut Vm, exception: Rc<Exception>) -> Option<Halt> {
        if let Some(first) = self.uncaught.take() {
            let mut messages = traceback::messages(&first);
            if let Some(message) = messages.first_mut() {
                "<exception str() failed>".clone_into(message);
            }
            return Some(Halt::Raised(first, messages));
        }
        let chain = traceback::chain(&exception);
        let chain: Vec<Value> = chain.into_iter().map(|(one, _)| Value::Exception(one)).collect();
        let shown: Vec<(Value, bool)> = chain.iter().map(|one| (one.clone(), false)).collect();
        let begun = with_texts(&mut vm.cx, &shown, chain, |_, written, kept| {
            let texts: Result<Vec<Value>, Fail> =
                kept.iter().map(|one| Ok(Value::str(str_of(one, written)?))).collect();
            Ok(Flow::Value(Value::tuple(texts?)))
        });
        match begun {
            Ok(Flow::Task(task)) => {
                self.uncaught = Some(exception);
                self.input = Some(Input::Start);
                self.stack.push(Activation::Task { task, when_done: WhenDone::Drop });
                None
            }
            Ok(Flow::Value(messages)) => Some(told(exception, Some(&messages))),
            Err(_) => {
                let messages = traceback::messages(&exception);
                Some(Halt::Raised(exception, messages))
            }
        }
    }

    /// Goes on at the innermost handler. `is_new` is whether this place belongs in the traceback.
    fn unwind(&mut self, vm: &mut Vm, exception: Rc<Exception>, is_new: bool) -> Option<Halt> {
        let mut is_new = is_new;
        if is_new {
            raise::link(&exception, &self.handled);
        }
        loop {
            let handled = &mut self.handled;
            match self.stack.last_mut() {
                None => return self.uncaught(vm, exception),
                Some(Activation::Frame(frame) | Activation::Generator(_, frame)) => {
                    if is_new {
                        note_place(&exception, frame);
                    }
                    is_new = true;
                    if let Some(block) = frame.tries.pop() {
                        frame.stack.truncate(block.depth);
                        handled.truncate(block.handled);
                        handled.push(Rc::clone(&exception));
                        frame.stack.push(Value::Exception(exception));
                        frame.at = block.handler as usize;
                        return None;
                    }
                    handled.truncate(frame.handled);
                    let is_generator = is_generator(frame);
                    if let Some(Activation::Generator(generator, _)) = self.stack.pop() {
                        generator.is_running.set(false);
                    }
                    if is_generator && exception.class.exception() == Some(Exc::StopIteration) {
                        let fail = error(Exc::RuntimeError, "generator raised StopIteration");
                        return match raise::exception(vm, fail) {
                            Ok(new) => {
                                new.cause.replace(Some(Rc::clone(&exception)));
                                new.context.replace(Some(exception));
                                new.hides_context.set(true);
                                self.unwind(vm, new, true)
                            }
                            Err(stop) => Some(Halt::Stopped(stop)),
                        };
                    }
                }
                Some(Activation::Task { task, .. }) => {
                    let fail = Box::new(Raised::Object(Value::Exception(Rc::clone(&exception))));
                    match task.failed(&mut vm.cx, fail) {
                        Err(fail) => {
                            self.stack.pop();
                            match raise::exception(vm, fail) {
                                Ok(next) if Rc::ptr_eq(&next, &exception) => {}
                                Ok(next) => return self.unwind(vm, next, true),
                                Err(stop) => return Some(Halt::Stopped(stop)),
                            }
                        }
                        Ok(doing) => return self.done(vm, Ok(doing)),
                    }
                }
            }
        }
    }
}

/// An exception whose messages methods of the program gave.
fn told(exception: Rc<Exception>, messages: Option<&Value>) -> Halt {
    let text = |value: &Value| match value {
        Value::Str(text) => text.text.to_string(),
        _ => String::new(),
    };
    let messages = match messages {
        Some(Value::Tuple(tuple)) => tuple.items.iter().map(text).collect(),
        _ => Vec::new(),
    };
    Halt::Raised(exception, messages)
}

/// Adds the place where a function is to the traceback.
fn note_place(exception: &Rc<Exception>, frame: &Frame) {
    let span = frame.loaded.code.spans.get(frame.at.saturating_sub(1)).copied().unwrap_or_default();
    let (globals, function) = (Rc::clone(&frame.globals), Rc::clone(&frame.loaded));
    let mut traceback = exception.traceback.borrow_mut();
    if charge_of(traceback.len()) < 1 << 20 {
        traceback.push(TracebackEntry { globals, function, span });
    }
}

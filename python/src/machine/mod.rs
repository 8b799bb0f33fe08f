//! The machine that runs a program. It stops at each statement, each system call and each output, and goes on
//! when it is told what came of it. The same answers lead to the same steps.
//!
//! What comes in: the code of a program, and answers. What goes out: the steps that each thread takes.
//!
//! May use: `budget`, `builtins`, `code`, `compile`, `context`, `known`, `modules`, `native`, `operators`, `outside`,
//! `source`, `symbols`, `table`, `types`, `value`.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

mod attribute;
mod boot;
mod call;
mod execute;
mod modules;
mod program;
mod raise;
mod similar;
mod thread;
mod traceback;
mod vm;

use std::rc::Rc;

pub use program::Program;
pub use raise::Stop;

use self::thread::{Halt, Thread};
use self::vm::Vm;
use crate::budget::{self, Budget, MAX_THREADS};
use crate::code::Span;
use crate::compile::{CompileError, compile};
use crate::context::Printed;
use crate::native::{Input, WaitFor, error};
use crate::operators::show::{Written, short_repr};
use crate::source::Source;
use crate::types::Exc;
use crate::value::{self, Container, Exception, Frame, Value};
use framescope_syscall::{Fd, Returned, Syscall, Wait};

/// The number of a thread. 0 is the main thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(pub usize);

/// What a thread is told, to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// After a step that asks for nothing.
    Go,
    /// What the system call returned.
    Returned(Returned),
    /// The line that was typed, without its end. `None` at the end of the input.
    Line(Option<String>),
    /// What it waited for has happened; or else the time was over.
    Woken(bool),
    /// Ctrl+C was pressed.
    Interrupt,
}

/// What a thread does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It comes to a statement at this line, if [`Machine::stop_at_lines`] is on.
    Line(u32),
    /// It makes a system call at this line. It goes on with [`Answer::Returned`].
    Call {
        /// The call.
        call: Syscall,
        /// The line.
        line: u32,
    },
    /// It has printed. It goes on with [`Answer::Go`].
    Printed(Printed),
    /// It has made as many operations as [`Machine::pause_after`] says. It goes on with [`Answer::Go`].
    Paused,
    /// It reads a line. It goes on with [`Answer::Line`].
    Input,
    /// It waits for another thread. It goes on with [`Answer::Woken`] when [`Machine::is_ready`], or when the
    /// time is over.
    Waits(Wait),
    /// It has started this thread. Both go on with [`Answer::Go`].
    Started(ThreadId),
    /// The thread has ended. After the last thread that is not a daemon, the program has ended.
    Ended,
}

/// A variable that a thread sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibleVariable {
    /// Its name.
    pub name: String,
    /// The beginning of `repr(value)`.
    pub value: String,
    /// Whether it is one of the module's variables.
    pub is_global: bool,
}

/// How a program has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At its last line, or by `sys.exit`, with this status.
    Exit(i32),
    /// By an exception that nothing caught.
    Exception(Uncaught),
    /// Before that, with a sentence, at this line.
    Stopped {
        /// The sentence.
        stop: Stop,
        /// The line.
        line: u32,
    },
}

/// An exception that nothing caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncaught {
    /// The class, as a traceback names it.
    pub class: String,
    /// `str(exception)`.
    pub message: String,
    /// The errno of an `OSError`.
    pub errno: Option<u32>,
    /// The lines that it came through, the innermost first.
    pub lines: Vec<u32>,
    /// The last line of the traceback.
    pub shown: String,
}

/// A program that runs.
#[derive(Debug)]
pub struct Machine {
    vm: Vm,
    threads: Vec<Option<Thread>>,
    waits: Vec<Option<WaitFor<Value>>>,
    file: String,
    source: Rc<Source>,
    outcome: Option<Outcome>,
    live: usize,
    containers: Vec<Container>,
    /// Answers that are not for the program: the close of a socket that nothing refers to.
    ignores_answer: Vec<bool>,
}

impl Machine {
    /// A program before its first step.
    ///
    /// # Errors
    ///
    /// [`CompileError`] if it is not Python, or outside of the subset.
    pub fn new(program: &Program) -> Result<Self, CompileError> {
        let source = Rc::new(Source::new(&program.text));
        let module = compile(&source, false)?;
        let before = (budget::set_live(0), value::set_containers(Vec::new()));
        let mut vm = boot::vm(program);
        let frame = modules::load(&mut vm, module, Rc::clone(&source), None);
        let begun = call::Begun::Frame(Box::new(frame));
        let main = Thread::new("MainThread".to_owned(), false, begun);
        let live = budget::set_live(before.0);
        let containers = value::set_containers(before.1);
        Ok(Self {
            vm,
            threads: vec![Some(main)],
            waits: vec![None],
            file: program.file.clone(),
            source,
            outcome: None,
            live,
            containers,
            ignores_answer: vec![false],
        })
    }

    /// Whether threads stop before each statement.
    pub const fn stop_at_lines(&mut self, on: bool) {
        self.vm.stops_at_statements = on;
    }

    /// Lets a thread pause after this many operations, so that others can go on. One operation may count for
    /// many: a thread pauses only between two.
    pub const fn pause_after(&mut self, operations: u64) {
        self.vm.pause_after(operations);
    }

    /// The number that `random` starts from, unless the program seeds it.
    pub const fn seed_random(&mut self, seed: u64) {
        self.vm.cx.random_seed = seed;
    }

    /// Makes the budget of operations smaller: [`Budget::Operations`] is used up after this many. What the budget
    /// says of itself is still the number that programs have.
    pub fn limit_operations(&mut self, operations: u64) {
        self.vm.limit_operations(operations);
    }

    /// The threads that have not ended.
    pub fn threads(&self) -> impl Iterator<Item = ThreadId> {
        let alive = self.threads.iter().enumerate().filter(|(_, thread)| thread.is_some());
        alive.map(|(id, _)| ThreadId(id))
    }

    /// How the program has ended. `None` as long as a thread runs that is not a daemon.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        let runs = self.threads.iter().flatten().any(|thread| !thread.is_daemon);
        let stopped = matches!(self.outcome, Some(Outcome::Stopped { .. }));
        self.outcome.as_ref().filter(|_| stopped || !runs)
    }

    /// The line at which a thread is, in the innermost function of the program.
    #[must_use]
    pub fn line(&self, thread: ThreadId) -> u32 {
        let Some(Some(thread)) = self.threads.get(thread.0) else { return 0 };
        self.line_of(thread)
    }

    /// The part of that line which a thread is carrying out: the characters before it, and those up to its end.
    /// `None` far to the right in a long line.
    #[must_use]
    pub fn columns(&self, thread: ThreadId) -> Option<(u32, u32)> {
        let thread = self.threads.get(thread.0)?.as_ref()?;
        let frame = thread.frames().rev().find(|frame| !frame.globals.is_library())?;
        let span = Self::span_in(frame);
        self.source.columns(span.start, span.end)
    }

    /// Whether what a thread waits for has happened.
    #[must_use]
    pub fn is_ready(&self, thread: ThreadId) -> bool {
        match self.waits.get(thread.0) {
            Some(Some(WaitFor::Lock(Value::Lock(lock)))) => !lock.is_locked.get(),
            Some(Some(WaitFor::Flag(Value::Lock(lock)))) => lock.is_locked.get(),
            Some(Some(WaitFor::Thread(other))) => {
                !self.threads.get(*other).is_some_and(Option::is_some)
            }
            Some(Some(WaitFor::Lock(_) | WaitFor::Flag(_)) | None) | None => true,
        }
    }

    /// A thread goes on until its next step.
    pub fn resume(&mut self, thread: ThreadId, answer: Answer) -> Step {
        let id = thread.0;
        let Some(mut running) = self.threads.get_mut(id).and_then(Option::take) else {
            return Step::Ended;
        };
        let before = (
            budget::set_live(self.live),
            value::set_containers(std::mem::take(&mut self.containers)),
        );
        self.vm.cx.thread = id;
        let step = self.go_on(id, &mut running, answer);
        if matches!(step, Step::Ended) {
            drop(running);
        } else {
            self.threads[id] = Some(running);
        }
        self.live = budget::set_live(before.0);
        self.containers = value::set_containers(before.1);
        step
    }

    fn go_on(&mut self, id: usize, thread: &mut Thread, answer: Answer) -> Step {
        self.waits[id] = None;
        if !std::mem::take(&mut self.ignores_answer[id]) || answer == Answer::Interrupt {
            self.give(thread, answer);
        }
        self.vm.go_on();
        let halt = thread.run(&mut self.vm);
        self.step(id, thread, halt)
    }

    fn give(&mut self, thread: &mut Thread, answer: Answer) {
        let input = match answer {
            Answer::Go => return,
            Answer::Returned(returned) => Input::Returned(returned),
            Answer::Line(line) => Input::Line(line),
            Answer::Woken(happened) => Input::Woken(happened),
            Answer::Interrupt => {
                return thread.fail(&mut self.vm, error(Exc::KeyboardInterrupt, ""));
            }
        };
        self.vm.called();
        thread.give(input);
    }

    fn step(&mut self, id: usize, thread: &mut Thread, halt: Halt) -> Step {
        let line = self.line_of(thread);
        match halt {
            Halt::Statement => Step::Line(line),
            Halt::Syscall(call) => Step::Call { call, line },
            Halt::Close(fd) => {
                self.ignores_answer[id] = true;
                Step::Call { call: Syscall::Close { fd }, line }
            }
            Halt::ReadLine => Step::Input,
            Halt::Wait(what, wait) => {
                self.waits[id] = Some(what);
                Step::Waits(wait)
            }
            Halt::Paused => Step::Paused,
            Halt::StartThread(callee, args) => self.start(thread, &callee, args),
            Halt::Printed => {
                if self.vm.cx.printed.is_empty() {
                    Step::Printed(Printed { text: String::new(), to_stderr: false })
                } else {
                    Step::Printed(self.vm.cx.printed.remove(0))
                }
            }
            Halt::Ended => {
                if id == 0 && self.outcome.is_none() {
                    self.outcome = Some(Outcome::Exit(0));
                }
                Step::Ended
            }
            Halt::Raised(exception, messages) => self.raised(id, thread, &exception, &messages),
            Halt::Stopped(stop) => {
                self.outcome = Some(Outcome::Stopped { stop, line });
                Step::Ended
            }
        }
    }

    fn line_of(&self, thread: &Thread) -> u32 {
        let frame = thread.frames().rev().find(|frame| !frame.globals.is_library());
        frame.map_or(0, |frame| self.line_in(frame))
    }

    fn line_in(&self, frame: &Frame) -> u32 {
        self.source.line(Self::span_in(frame).start)
    }

    fn span_in(frame: &Frame) -> Span {
        frame.loaded.code.spans.get(frame.at.saturating_sub(1)).copied().unwrap_or_default()
    }

    fn start(&mut self, thread: &mut Thread, callee: &Value, args: value::Args) -> Step {
        if self.threads.len() >= MAX_THREADS {
            let stop = Stop::Budget(Budget::Threads);
            self.outcome = Some(Outcome::Stopped { stop, line: self.line_of(thread) });
            return Step::Ended;
        }
        let id = self.threads.len();
        let (name, is_daemon) = boot::thread_options(&self.vm, callee, id);
        let new = match call::begin(&mut self.vm, callee, args) {
            Ok(begun) => Some(Thread::new(name, is_daemon, begun)),
            Err(_) => None,
        };
        self.threads.push(new);
        self.waits.push(None);
        self.ignores_answer.push(false);
        thread.give(Input::Value(Value::size(id)));
        Step::Started(ThreadId(id))
    }

    fn raised(
        &mut self,
        id: usize,
        thread: &Thread,
        exception: &Rc<Exception>,
        messages: &[String],
    ) -> Step {
        let written = Written::default();
        let kind = exception.class.exception();
        if kind == Some(Exc::SystemExit) {
            let code = exception.args.borrow().first().cloned().unwrap_or(Value::None);
            let status = match &code {
                Value::None => 0,
                Value::Bool(bool) => i32::from(*bool),
                Value::Int(int) => i32::try_from(*int & 0xff).unwrap_or(1),
                other => {
                    let text = crate::operators::show::str_of(other, &written).unwrap_or_default();
                    if id == 0 {
                        let _ = self.vm.cx.print(format!("{text}\n"), true);
                    }
                    1
                }
            };
            if id == 0 {
                self.outcome = Some(Outcome::Exit(status));
            }
            return self.printed_or_ended();
        }
        let mut text = traceback::text(&self.vm, exception, &self.file, messages);
        if id > 0 {
            text = format!("Exception in thread {}:\n{text}", thread.name);
        }
        let _ = self.vm.cx.print(text, true);
        if id == 0 {
            let entries = exception.traceback.borrow();
            let shown = entries.iter().filter(|entry| !entry.globals.is_library());
            let lines = shown.map(|entry| entry.globals.source.line(entry.span.start)).collect();
            let errno = exception.args.borrow().first().and_then(|value| match value {
                Value::Int(errno) if kind.is_some_and(|kind| kind.is_a(Exc::OsError)) => {
                    u32::try_from(*errno).ok()
                }
                _ => None,
            });
            self.outcome = Some(Outcome::Exception(Uncaught {
                class: traceback::shown_name(&exception.class),
                message: messages.first().cloned().unwrap_or_default(),
                errno: errno.filter(|_| exception.args.borrow().len() >= 2),
                lines,
                shown: traceback::last_line(
                    &self.vm,
                    exception,
                    messages.first().map_or("", String::as_str),
                ),
            }));
        }
        self.printed_or_ended()
    }

    /// What a thread printed last, before it has ended.
    fn printed_or_ended(&mut self) -> Step {
        if self.vm.cx.printed.is_empty() {
            Step::Ended
        } else {
            Step::Printed(self.vm.cx.printed.remove(0))
        }
    }

    /// The functions of the program that a thread is in, the innermost last, each with its line.
    #[must_use]
    pub fn stack(&self, thread: ThreadId) -> Vec<(String, u32)> {
        let Some(Some(thread)) = self.threads.get(thread.0) else { return Vec::new() };
        let frames = thread.frames().filter(|frame| !frame.globals.is_library());
        frames.map(|frame| (frame.loaded.code.name.clone(), self.line_in(frame))).collect()
    }

    /// The variables that a thread sees in its innermost function: those of the function, then the global ones.
    #[must_use]
    pub fn variables(&self, thread: ThreadId) -> Vec<VisibleVariable> {
        // The texts are not the program's. The count of no program may be anything: values of a machine that is
        // dropped are taken off it.
        let before = budget::set_live(0);
        let shown = self.shown(thread);
        budget::set_live(before);
        shown
    }

    fn shown(&self, thread: ThreadId) -> Vec<VisibleVariable> {
        let Some(Some(thread)) = self.threads.get(thread.0) else { return Vec::new() };
        let Some(frame) = thread.frames().rev().find(|frame| !frame.globals.is_library()) else {
            return Vec::new();
        };
        let code = &frame.loaded.code;
        let show = |name: &str, value: &Value, is_global| {
            (value.is_bound() && !name.starts_with('.')).then(|| VisibleVariable {
                name: name.to_owned(),
                value: short(value),
                is_global,
            })
        };
        let mut shown = Vec::new();
        for (name, value) in code.locals.iter().zip(&frame.locals) {
            shown.extend(show(name, value, false));
        }
        for (name, cell) in code.cells.iter().zip(&frame.cells) {
            shown.extend(show(name, &cell.value.borrow(), false));
        }
        let own = shown.len();
        let values = frame.globals.values.borrow();
        for (name, value) in frame.globals.names.iter().zip(&*values) {
            let is_hidden = shown[..own].iter().any(|one: &VisibleVariable| one.name == *name);
            if !is_hidden {
                shown.extend(show(name, value, true));
            }
        }
        shown
    }

    /// The descriptors of sockets that the program has dropped, for the end of a program.
    pub fn take_orphans(&mut self) -> Vec<Fd> {
        self.vm.cx.orphans.take()
    }
}

/// The text of a variable. A module's text has the place of a file in CPython; here it has its name.
fn short(value: &Value) -> String {
    match value {
        Value::Module(module) if !module.is_stream() => format!("<module '{}'>", module.name),
        other => short_repr(other),
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let before = (
            budget::set_live(self.live),
            value::set_containers(std::mem::take(&mut self.containers)),
        );
        self.threads.clear();
        self.waits.clear();
        self.vm.modules.clear();
        for globals in &self.vm.globals {
            drop(globals.values.take());
        }
        for container in value::set_containers(Vec::new()) {
            container.empty();
        }
        budget::set_live(before.0);
        value::set_containers(before.1);
    }
}

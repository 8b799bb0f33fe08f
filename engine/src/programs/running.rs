//! One program that runs: its machine, its threads, and what it reads and prints.

use std::collections::VecDeque;

use framescope_lab::{
    Columns, Ended, EventKind, Exception, Frame, Interrupted, Output, Program, Variable,
};
use framescope_python::{
    Answer, CompileErrorKind, Machine, Outcome, Step, Stop, ThreadId, Uncaught, VisibleVariable,
};
use framescope_syscall::{Returned, Syscall, Wait};

use super::pace::Pace;
use super::thread::{Doing, Thread};

/// The most system calls of one program.
const MAX_CALLS: u32 = 200_000;
/// The operations after which a thread that computes lets others go on. They take some milliseconds.
const OPERATIONS_OF_A_STEP: u64 = 100_000;

/// A program that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) setup: Program,
    machine: Option<Machine>,
    pub(super) threads: Vec<Thread>,
    stdin: Option<VecDeque<String>>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) ended: Option<Ended>,
    pub(super) interrupted: Option<Interrupted>,
    pub(super) listens: Vec<u16>,
    /// How far threads go that have just started.
    pub(super) pace: Pace,
    calls: u32,
    /// The thread that takes the next step.
    next: usize,
    /// Whether its last step was a long one.
    pub(super) computed: bool,
    /// What happened in the last step: in which thread, at which line.
    pub(super) happened: Vec<(usize, u32, EventKind)>,
}

impl Running {
    pub(super) fn new(setup: Program) -> Self {
        let stdin = setup.stdin.as_ref().map(|lines| lines.iter().cloned().collect());
        Self {
            setup,
            machine: None,
            threads: Vec::new(),
            stdin,
            stdout: String::new(),
            stderr: String::new(),
            ended: None,
            interrupted: None,
            listens: Vec::new(),
            pace: Pace::Free,
            calls: 0,
            next: 0,
            computed: false,
            happened: Vec::new(),
        }
    }

    pub(super) const fn has_started(&self) -> bool {
        self.machine.is_some() || self.ended.is_some()
    }

    pub(super) fn start(&mut self, process: u32, seed: u64) {
        let program = framescope_python::Program {
            file: self.setup.file.clone(),
            text: self.setup.text.clone(),
            argv: self.setup.argv.clone(),
            process,
        };
        match Machine::new(&program) {
            Ok(mut machine) => {
                machine.pause_after(OPERATIONS_OF_A_STEP);
                machine.seed_random(seed);
                self.machine = Some(machine);
                self.threads = vec![Thread::new(self.pace)];
                self.happened.push((0, 0, EventKind::Began));
            }
            Err(error) => {
                self.stderr = error.traceback(&program.file, &program.text);
                self.end(match error.kind {
                    CompileErrorKind::Refused => {
                        Ended::Refused { line: error.line, message: error.message }
                    }
                    CompileErrorKind::Syntax(class) => Ended::Syntax {
                        class: class.to_owned(),
                        message: error.message,
                        line: error.line,
                        column: error.column,
                    },
                });
            }
        }
    }

    /// Whether a thread waits for another one that has done what it waits for.
    pub(super) fn wake(&mut self, now: u64) -> bool {
        let Some(machine) = &self.machine else { return false };
        let mut woken = false;
        for (id, thread) in self.threads.iter_mut().enumerate() {
            if let Doing::Waits { until } = thread.doing {
                let is_ready = machine.is_ready(ThreadId(id));
                if is_ready || until.is_some_and(|until| until <= now) {
                    thread.answer(Answer::Woken(is_ready));
                    woken = true;
                }
            }
        }
        woken
    }

    /// The line at which a thread is.
    pub(super) fn line(&self, thread: usize) -> u32 {
        self.machine.as_ref().map_or(0, |machine| machine.line(ThreadId(thread)))
    }

    /// The part of that line which a thread is carrying out.
    pub(super) fn columns(&self, thread: usize) -> Columns {
        let columns = self.machine.as_ref().and_then(|machine| machine.columns(ThreadId(thread)));
        columns.map(|(from, to)| Columns { from, to }).unwrap_or_default()
    }

    /// The next thread that can take a step. They take turns.
    pub(super) fn ready(&mut self) -> Option<usize> {
        let count = self.threads.len();
        let turns = (0..count).map(|turn| (self.next + turn) % count);
        let is_ready = |thread: &usize| self.threads[*thread].goes_on();
        let thread = turns.clone().find(is_ready)?;
        self.next = thread + 1;
        Some(thread)
    }

    /// A thread that goes on takes a step. Returns the call that it makes, if it makes one.
    pub(super) fn step(&mut self, thread: usize, now: u64) -> Option<Syscall> {
        let machine = self.machine.as_mut()?;
        machine.stop_at_lines(self.threads.iter().any(|one| one.pace != Pace::Free));
        let running = self.threads.get_mut(thread)?;
        let answer = match std::mem::replace(&mut running.doing, Doing::Ended) {
            Doing::Ready(answer) => answer,
            Doing::Calls(call) => return Some(call),
            other @ (Doing::Blocked { .. } | Doing::Waits { .. } | Doing::Reads | Doing::Ended) => {
                running.doing = other;
                return None;
            }
        };
        let step = machine.resume(ThreadId(thread), answer);
        self.computed = matches!(step, Step::Paused);
        let line = machine.line(ThreadId(thread));
        let mut happened = |kind| self.happened.push((thread, line, kind));
        running.doing = Doing::Ready(Answer::Go);
        let shows_variables = match step {
            Step::Line(_) => {
                let stops = matches!(running.pace, Pace::Line | Pace::Rest);
                if stops {
                    running.pace = Pace::Held;
                    happened(EventKind::Line(frames(machine, thread)));
                }
                stops
            }
            Step::Call { .. } | Step::Input => true,
            Step::Printed(_) | Step::Paused | Step::Waits(_) | Step::Started(_) | Step::Ended => {
                false
            }
        };
        if shows_variables {
            let variables = variables(machine, thread);
            if variables != running.variables {
                running.variables.clone_from(&variables);
                happened(EventKind::Variables(variables));
            }
        }
        let mut called = None;
        match step {
            Step::Line(_) | Step::Paused => {}
            Step::Call { call, .. } => {
                self.calls += 1;
                if self.calls > MAX_CALLS {
                    let message = format!("the program made {MAX_CALLS} system calls");
                    self.end(Ended::Spins { line, message });
                    self.stop();
                    return None;
                }
                if running.pace == Pace::Rest {
                    running.pace = Pace::Held;
                    running.doing = Doing::Calls(call);
                    happened(EventKind::Line(frames(machine, thread)));
                } else {
                    called = Some(call);
                }
            }
            Step::Printed(printed) => {
                let out = if printed.to_stderr { &mut self.stderr } else { &mut self.stdout };
                out.push_str(&printed.text);
                let output = Output { text: printed.text, to_stderr: printed.to_stderr };
                happened(EventKind::Printed(output));
            }
            Step::Input => {
                if let Some(lines) = &mut self.stdin {
                    let line = lines.pop_front();
                    happened(EventKind::Read(line.clone()));
                    running.answer(Answer::Line(line));
                } else {
                    happened(EventKind::Reads);
                    running.doing = Doing::Reads;
                }
            }
            Step::Waits(wait) => {
                let until = match wait {
                    Wait::Forever => None,
                    Wait::Never => Some(now),
                    Wait::For(us) => Some(now + us),
                };
                happened(EventKind::Waits);
                running.doing = Doing::Waits { until };
            }
            Step::Started(new) => {
                happened(EventKind::Started(new.0));
                self.threads.push(Thread::new(self.pace));
            }
            Step::Ended => {
                happened(EventKind::ThreadEnded);
                running.doing = Doing::Ended;
            }
        }
        if let Some(outcome) = machine.outcome().cloned() {
            self.finish(outcome);
            return None;
        }
        called
    }

    fn finish(&mut self, outcome: Outcome) {
        let ended = match outcome {
            Outcome::Exit(status) => Ended::Exit(status),
            Outcome::Exception(uncaught) => Ended::Exception(exception(uncaught)),
            Outcome::Stopped { stop: Stop::Refused(message), line } => {
                Ended::Refused { line, message }
            }
            Outcome::Stopped { stop: Stop::Budget(budget), line } => {
                Ended::Spins { line, message: budget.to_string() }
            }
        };
        self.end(ended);
        self.stop();
    }

    fn end(&mut self, ended: Ended) {
        self.happened.push((0, ended_at(&ended), EventKind::Ended(ended.clone())));
        match &self.ended {
            None => self.ended = Some(ended),
            Some(Ended::Blocked { printed, .. }) => {
                let stdout = self.stdout.get(*printed..).unwrap_or_default().to_owned();
                self.interrupted = Some(Interrupted { ended, stdout });
            }
            Some(_) => {}
        }
    }

    /// Nothing of it runs any more.
    pub(super) fn stop(&mut self) {
        self.machine = None;
        self.threads.clear();
    }

    pub(super) fn runs(&self) -> bool {
        self.machine.is_some()
    }

    /// A thread's call has returned.
    pub(super) fn give(&mut self, thread: usize, returned: Returned) {
        if let Some(thread) = self.threads.get_mut(thread) {
            thread.answer(Answer::Returned(returned));
        }
    }

    /// A thread's call waits.
    pub(super) fn block(&mut self, thread: usize, blocked: Doing) {
        if let Some(thread) = self.threads.get_mut(thread) {
            thread.doing = blocked;
        }
    }

    /// Nothing moves any more: the program has ended here. If it is to be interrupted, Ctrl+C is pressed.
    pub(super) fn rest(&mut self) -> Option<Syscall> {
        let waits = |thread: &Thread| !matches!(thread.doing, Doing::Ended);
        let at = self.threads.first().filter(|thread| waits(thread)).map(|_| 0);
        let at = at.or_else(|| self.threads.iter().position(waits)).unwrap_or(0);
        let blocked = Ended::Blocked { line: self.line(at), printed: self.stdout.len() };
        if self.ended.is_some() || !self.setup.interrupt {
            self.end(blocked);
            self.stop();
            return None;
        }
        self.ended = Some(blocked);
        self.interrupt()
    }

    /// Ctrl+C is pressed. Returns the call that does not go on, if one waited.
    pub(super) fn interrupt(&mut self) -> Option<Syscall> {
        let main = self.threads.first_mut()?;
        if matches!(main.doing, Doing::Ended) {
            return None;
        }
        if main.pace == Pace::Held {
            main.pace = Pace::Line;
        }
        match std::mem::replace(&mut main.doing, Doing::Ready(Answer::Interrupt)) {
            Doing::Blocked { call, .. } => Some(call),
            Doing::Ready(_)
            | Doing::Calls(_)
            | Doing::Waits { .. }
            | Doing::Reads
            | Doing::Ended => None,
        }
    }

    /// The thread that reads a line which somebody types.
    pub(super) fn reads(&self) -> Option<usize> {
        self.threads.iter().position(|thread| matches!(thread.doing, Doing::Reads))
    }

    /// A line was typed for it.
    pub(super) fn typed(&mut self, thread: usize, line: Option<String>) {
        if let Some(thread) = self.threads.get_mut(thread) {
            thread.answer(Answer::Line(line));
        }
    }
}

/// The line at which a program has ended, 0 if that is after its last one.
fn ended_at(ended: &Ended) -> u32 {
    match ended {
        Ended::Refused { line, .. }
        | Ended::Syntax { line, .. }
        | Ended::Blocked { line, .. }
        | Ended::Spins { line, .. } => *line,
        Ended::Exception(exception) => exception.lines.first().copied().unwrap_or(0),
        Ended::Exit(_) | Ended::NotStarted => 0,
    }
}

/// The most variables that are shown.
const MAX_VARIABLES: usize = 64;

fn variables(machine: &Machine, thread: usize) -> Vec<Variable> {
    let all = machine.variables(ThreadId(thread)).into_iter().take(MAX_VARIABLES);
    all.map(|VisibleVariable { name, value, is_global }| Variable { name, value, is_global })
        .collect()
}

/// The most functions in each other that are shown: the innermost ones.
const MAX_FRAMES: usize = 16;

fn frames(machine: &Machine, thread: usize) -> Vec<Frame> {
    let stack = machine.stack(ThreadId(thread));
    let hidden = stack.len().saturating_sub(MAX_FRAMES);
    stack.into_iter().skip(hidden).map(|(function, line)| Frame { function, line }).collect()
}

fn exception(uncaught: Uncaught) -> Exception {
    let Uncaught { class, message, errno, lines, shown } = uncaught;
    Exception { class, message, errno, lines, shown }
}

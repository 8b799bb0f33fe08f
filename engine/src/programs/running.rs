//! One program that runs: its machine, its threads, and what it reads and prints.

use std::collections::VecDeque;

use framescope_python::{
    Answer, CompileErrorKind, Machine, Outcome, Program, Step, Stop, ThreadId,
};
use framescope_syscall::{BlockedOn, Returned, Syscall, Wait};

use super::event::EventKind;
use super::outcome::{Ended, Interrupted};
use super::setup::Setup;

/// The most system calls of one program.
const MAX_CALLS: u32 = 200_000;

/// What a thread does.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    /// It can go on with this answer.
    Ready(Answer),
    /// Its call waits, until this time at the latest. A `send` that waits may have sent some bytes.
    Blocked {
        call: Syscall,
        on: BlockedOn,
        until: Option<u64>,
        sent: u32,
    },
    /// It waits for another thread, until this time at the latest.
    Waits {
        until: Option<u64>,
    },
    /// It reads a line that somebody types.
    Reads,
    Ended,
}

/// A program that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) setup: Setup,
    machine: Option<Machine>,
    pub(super) threads: Vec<Doing>,
    stdin: Option<VecDeque<String>>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) ended: Option<Ended>,
    pub(super) interrupted: Option<Interrupted>,
    pub(super) listens: Vec<u16>,
    calls: u32,
    /// The thread that takes the next step.
    next: usize,
    /// What happened in the last step: in which thread, at which line.
    pub(super) happened: Vec<(usize, u32, EventKind)>,
}

impl Running {
    pub(super) fn new(setup: Setup) -> Self {
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
            calls: 0,
            next: 0,
            happened: Vec::new(),
        }
    }

    pub(super) const fn has_started(&self) -> bool {
        self.machine.is_some() || self.ended.is_some()
    }

    pub(super) fn start(&mut self, process: u32) {
        let program = Program {
            file: self.setup.file.clone(),
            text: self.setup.text.clone(),
            argv: self.setup.argv.clone(),
            process,
        };
        match Machine::new(&program) {
            Ok(machine) => {
                self.machine = Some(machine);
                self.threads = vec![Doing::Ready(Answer::Go)];
            }
            Err(error) => {
                self.stderr = error.traceback(&program.file, &program.text);
                self.ended = Some(match error.kind {
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
        for (id, doing) in self.threads.iter_mut().enumerate() {
            if let Doing::Waits { until } = doing {
                let is_ready = machine.is_ready(ThreadId(id));
                if is_ready || until.is_some_and(|until| until <= now) {
                    *doing = Doing::Ready(Answer::Woken(is_ready));
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

    /// The next thread that can take a step. They take turns.
    pub(super) fn ready(&mut self) -> Option<usize> {
        let count = self.threads.len();
        let turns = (0..count).map(|turn| (self.next + turn) % count);
        let is_ready = |thread: &usize| matches!(self.threads[*thread], Doing::Ready(_));
        let thread = turns.clone().find(is_ready)?;
        self.next = thread + 1;
        Some(thread)
    }

    /// A thread that is ready takes a step. Returns the call that it makes, if it makes one.
    pub(super) fn step(&mut self, thread: usize, now: u64) -> Option<Syscall> {
        let machine = self.machine.as_mut()?;
        let doing = self.threads.get_mut(thread)?;
        let Doing::Ready(answer) = std::mem::replace(doing, Doing::Ended) else { return None };
        let step = machine.resume(ThreadId(thread), answer);
        let line = machine.line(ThreadId(thread));
        let mut happened = |kind| self.happened.push((thread, line, kind));
        match step {
            Step::Line(_) => *doing = Doing::Ready(Answer::Go),
            Step::Call { call, .. } => {
                self.calls += 1;
                if self.calls > MAX_CALLS {
                    let message = format!("the program made {MAX_CALLS} system calls");
                    self.ended = Some(Ended::Spins { line: self.line(thread), message });
                    self.stop();
                    return None;
                }
                return Some(call);
            }
            Step::Printed(printed) => {
                let out = if printed.to_stderr { &mut self.stderr } else { &mut self.stdout };
                out.push_str(&printed.text);
                happened(EventKind::Printed(printed));
                *doing = Doing::Ready(Answer::Go);
            }
            Step::Input => match &mut self.stdin {
                Some(lines) => {
                    let line = lines.pop_front();
                    happened(EventKind::Read(line.clone()));
                    *doing = Doing::Ready(Answer::Line(line));
                }
                None => *doing = Doing::Reads,
            },
            Step::Waits(wait) => {
                let until = match wait {
                    Wait::Forever => None,
                    Wait::Never => Some(now),
                    Wait::For(us) => Some(now + us),
                };
                happened(EventKind::Waits);
                *doing = Doing::Waits { until };
            }
            Step::Started(new) => {
                happened(EventKind::Started(new.0));
                *doing = Doing::Ready(Answer::Go);
                self.threads.push(Doing::Ready(Answer::Go));
            }
            Step::Ended => happened(EventKind::Ended),
        }
        if let Some(outcome) = machine.outcome().cloned() {
            self.finish(outcome);
        }
        None
    }

    fn finish(&mut self, outcome: Outcome) {
        let ended = match outcome {
            Outcome::Exit(status) => Ended::Exit(status),
            Outcome::Exception(uncaught) => Ended::Exception(uncaught),
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
        if let Some(doing) = self.threads.get_mut(thread) {
            *doing = Doing::Ready(Answer::Returned(returned));
        }
    }

    /// A thread's call waits.
    pub(super) fn block(&mut self, thread: usize, blocked: Doing) {
        if let Some(doing) = self.threads.get_mut(thread) {
            *doing = blocked;
        }
    }

    /// Nothing moves any more: the program has ended here. If it is to be interrupted, Ctrl+C is pressed.
    pub(super) fn rest(&mut self) -> Option<Syscall> {
        let waits = |doing: &Doing| !matches!(doing, Doing::Ended);
        let at = self.threads.first().filter(|doing| waits(doing)).map(|_| 0);
        let at = at.or_else(|| self.threads.iter().position(waits)).unwrap_or(0);
        let blocked = Ended::Blocked { line: self.line(at), printed: self.stdout.len() };
        if self.ended.is_some() || !self.setup.interrupt {
            self.end(blocked);
            self.stop();
            return None;
        }
        self.ended = Some(blocked);
        let doing = std::mem::replace(&mut self.threads[0], Doing::Ready(Answer::Interrupt));
        match doing {
            Doing::Blocked { call, .. } => Some(call),
            Doing::Ready(_) | Doing::Waits { .. } | Doing::Reads | Doing::Ended => None,
        }
    }

    /// The thread that reads a line which somebody types.
    pub(super) fn reads(&self) -> Option<usize> {
        self.threads.iter().position(|doing| matches!(doing, Doing::Reads))
    }

    /// A line was typed for it.
    pub(super) fn typed(&mut self, thread: usize, line: Option<String>) {
        if let Some(doing) = self.threads.get_mut(thread) {
            *doing = Doing::Ready(Answer::Line(line));
        }
    }
}

//! Runs programs in the machine.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use framescope_python::{Answer, Machine, Outcome, Program, Step, Stop, ThreadId};
use framescope_syscall::{Clock, Returned, Syscall, Wait};

use crate::loopback::Loopback;

/// What a program printed, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) ended: Ended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Exit(i32),
    Exception {
        /// The last line of the traceback.
        shown: String,
        line: u32,
    },
    /// Only here: outside of the subset, or over a budget.
    Refused(String),
}

/// Runs a program. Its clocks start at the real time, and go on when all of its threads wait.
pub(crate) fn run(file: &str, text: &str) -> Run {
    run_all(&[(file, text)]).remove(0)
}

/// Runs programs at once, on one loopback network.
pub(crate) fn run_all(programs: &[(&str, &str)]) -> Vec<Run> {
    let mut host = Host {
        network: Loopback::default(),
        start: SystemTime::now().duration_since(UNIX_EPOCH).unwrap(),
        elapsed: Duration::ZERO,
    };
    let mut running: Vec<Running> =
        programs.iter().map(|(file, text)| Running::new(file, text)).collect();
    loop {
        let mut goes_on = false;
        for (at, one) in running.iter_mut().enumerate() {
            while one.go_on(at, &mut host) {
                goes_on = true;
            }
        }
        let wakes = running.iter().filter_map(Running::wakes).min();
        match wakes {
            _ if goes_on => {}
            Some(at) => host.elapsed = host.elapsed.max(at),
            None => break,
        }
    }
    running.into_iter().map(Running::end).collect()
}

/// What the programs run on.
struct Host {
    network: Loopback,
    start: Duration,
    /// What has gone by on the clocks since the start.
    elapsed: Duration,
}

/// A program that runs. The machine is `None` if the program was not compiled.
struct Running {
    machine: Option<Machine>,
    threads: Vec<Thread>,
    run: Run,
}

struct Thread {
    id: ThreadId,
    answer: Answer,
    state: State,
}

/// Whether a thread can go on.
#[derive(Clone)]
enum State {
    Runs,
    /// It waits for another thread, at most until then.
    Waits(Option<Duration>),
    Sleeps(Duration),
    /// It waits in a system call, at most until then.
    Calls(Syscall, Option<Duration>),
}

impl Thread {
    const fn new(id: ThreadId) -> Self {
        Self { id, answer: Answer::Go, state: State::Runs }
    }

    const fn wakes(&self) -> Option<Duration> {
        match self.state {
            State::Runs => None,
            State::Waits(until) | State::Calls(_, until) => until,
            State::Sleeps(until) => Some(until),
        }
    }
}

impl Running {
    fn new(file: &str, text: &str) -> Self {
        let program = Program {
            file: file.to_owned(),
            text: text.to_owned(),
            argv: Vec::new(),
            process: std::process::id(),
        };
        let (machine, ended) = match Machine::new(&program) {
            Ok(mut machine) => {
                // It goes on where it paused, wherever that is.
                machine.pause_after(10);
                (Some(machine), "all threads wait".to_owned())
            }
            Err(error) => (None, error.to_string()),
        };
        let run =
            Run { stdout: String::new(), stderr: String::new(), ended: Ended::Refused(ended) };
        Self { machine, threads: vec![Thread::new(ThreadId(0))], run }
    }

    /// The first thread that can goes on. Returns whether there is one.
    fn go_on(&mut self, program: usize, host: &mut Host) -> bool {
        let Some(machine) = self.machine.as_mut().filter(|one| one.outcome().is_none()) else {
            return false;
        };
        let Some(at) = self.threads.iter_mut().position(|one| one.is_ready(machine, program, host))
        else {
            return false;
        };
        let thread = &mut self.threads[at];
        thread.state = State::Runs;
        let answer = std::mem::replace(&mut thread.answer, Answer::Go);
        match machine.resume(thread.id, answer) {
            Step::Printed(printed) if printed.to_stderr => self.run.stderr.push_str(&printed.text),
            Step::Printed(printed) => self.run.stdout.push_str(&printed.text),
            Step::Line(_) | Step::Paused => {}
            Step::Input => thread.answer = Answer::Line(None),
            // CPython's `start` returns when the new thread runs.
            Step::Started(new) => self.threads.insert(0, Thread::new(new)),
            Step::Waits(wait) => thread.state = State::Waits(host.until(wait)),
            Step::Ended => {
                self.threads.remove(at);
            }
            Step::Call { call, .. } => thread.state = host.begin(call),
        }
        true
    }

    fn wakes(&self) -> Option<Duration> {
        let runs = self.machine.as_ref().is_some_and(|one| one.outcome().is_none());
        self.threads.iter().filter(|_| runs).filter_map(Thread::wakes).min()
    }

    fn end(self) -> Run {
        let mut run = self.run;
        let outcome = self.machine.as_ref().and_then(Machine::outcome);
        run.ended = match outcome {
            None => return run,
            Some(Outcome::Exit(status)) => Ended::Exit(*status),
            Some(Outcome::Exception(uncaught)) => Ended::Exception {
                shown: uncaught.shown.lines().last().unwrap_or_default().to_owned(),
                line: uncaught.lines.first().copied().unwrap_or(0),
            },
            Some(Outcome::Stopped { stop, .. }) => Ended::Refused(match stop {
                Stop::Refused(sentence) => sentence.clone(),
                Stop::Budget(budget) => budget.to_string(),
            }),
        };
        run
    }
}

impl Thread {
    /// Whether the thread can go on, with its answer.
    fn is_ready(&mut self, machine: &Machine, program: usize, host: &mut Host) -> bool {
        let is_over = self.wakes().is_some_and(|until| until <= host.elapsed);
        let answer = match &self.state {
            State::Runs => return true,
            State::Waits(_) if machine.is_ready(self.id) => Answer::Woken(true),
            State::Waits(_) if is_over => Answer::Woken(false),
            State::Sleeps(_) if is_over => Answer::Returned(Returned::Done),
            State::Waits(_) | State::Sleeps(_) => return false,
            State::Calls(call, _) => match (host.call(program, call), is_over) {
                (Some(returned), _) => Answer::Returned(returned),
                (None, true) => Answer::Returned(Returned::TimedOut),
                (None, false) => return false,
            },
        };
        self.answer = answer;
        true
    }
}

impl Host {
    fn until(&self, wait: Wait) -> Option<Duration> {
        match wait {
            Wait::Forever => None,
            Wait::Never => Some(self.elapsed),
            Wait::For(us) => Some(self.elapsed + Duration::from_micros(us)),
        }
    }

    fn begin(&self, call: Syscall) -> State {
        match &call {
            Syscall::Sleep { us } => State::Sleeps(self.elapsed + Duration::from_micros(*us)),
            Syscall::Accept { wait, .. }
            | Syscall::Connect { wait, .. }
            | Syscall::Send { wait, .. }
            | Syscall::Recv { wait, .. }
            | Syscall::Select { wait, .. } => {
                let until = self.until(*wait);
                State::Calls(call, until)
            }
            _ => State::Calls(call, None),
        }
    }

    fn call(&mut self, program: usize, call: &Syscall) -> Option<Returned> {
        match call {
            Syscall::Time(clock) => {
                let time = match clock {
                    Clock::Real => self.start + self.elapsed,
                    Clock::Monotonic => self.elapsed,
                };
                Some(Returned::Time(u64::try_from(time.as_nanos()).unwrap()))
            }
            other => self.network.call(program, other),
        }
    }
}

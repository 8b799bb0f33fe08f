//! Starts programs, lets them go on, and waits for what happens.

use std::io;
use std::mem;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use framescope_engine::programs::{Driven, Steppable, Waiting};
use framescope_lab::{
    CompileProblem, Ended, Event, EventKind, Experiment, Interrupted, MAX_EVENTS, MAX_RUN_US,
    Network, Start, Turn, WireCommand,
};
use framescope_sys::trace::{self, Notices, Stop};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::read;
use rustix::process::Signal;
use rustix::thread::set_no_new_privs;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::births::{execs, exits, starts};
use super::calls::{enters, leaves};
use super::launch::LAUNCH;
use super::lines::{KEEPS_VARIABLES, Module};
use super::process::Process;
use super::program::Watched;
use super::reach::Ways;
use super::run::{Run, signal};
use super::steps;
use super::terminal::Terminal;
use super::thread::Thread;
use super::unchanged::Unchanged;
use super::waits::{REST_US, is_time, look_for_waits, reads, rest_at};
use super::watch_error::WatchError;
use super::wire::Wire;

/// The most bytes that the calls and the variables of a run have: 128 MiB.
const MAX_BYTES: usize = 128 << 20;

/// The most stops that are dealt with before segments cross the wire.
const MAX_STOPS: usize = 64;

/// How long it is waited without sleep for the next stop, in microseconds.
const SOON_US: u64 = 100;

/// How soon it is looked again whether a thread that is in a call waits, in microseconds.
const LOOK_US: u64 = 1_000;

/// How long a run goes on when its programs have ended, in microseconds: what they have sent arrives.
const SETTLE_US: u64 = 1_000_000;

/// Programs that are watched.
#[derive(Debug)]
pub struct Watch {
    /// This program, which becomes those that are watched.
    executable: PathBuf,
    /// What tells the lines of a Python.
    module: Module,
    /// Whether it tells variables.
    variables: bool,
    /// Says when a thread may have stopped.
    notices: Notices,
    /// Whether a signal, such as that of Ctrl+C, asks for the end.
    is_stopped: Arc<AtomicBool>,
    run: Run,
    /// When the last program had ended.
    ended: Option<u64>,
    /// Why nothing goes on.
    failure: Option<WatchError>,
}

impl Watch {
    /// Programs that have not started, with the command of each. `executable` is `framescope`.
    ///
    /// # Errors
    ///
    /// The system has nothing left.
    pub fn new(
        experiment: &Experiment,
        commands: Vec<Unchanged>,
        executable: PathBuf,
        ways: Ways,
    ) -> Result<Self, WatchError> {
        // Root would get its capabilities back with each program that it executes, and may not trace one with more than
        // it has.
        set_no_new_privs(true).map_err(io::Error::from)?;
        let notices = Notices::new()?;
        let is_stopped = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register(signal, Arc::clone(&is_stopped))?;
        }
        let programs = experiment.programs.iter().cloned().zip(commands);
        let programs: Vec<_> = programs.map(|(one, command)| Watched::new(one, command)).collect();
        let network = ways.reach.into_wire(&experiment.wire);
        Ok(Self {
            executable,
            module: Module::write()?,
            variables: ways.variables,
            notices,
            is_stopped,
            run: Run::new(programs, experiment.starts.clone(), network, ways.raw),
            ended: None,
            failure: None,
        })
    }

    /// How a program has ended.
    #[must_use]
    pub fn ended(&self, program: usize) -> &Ended {
        self.run
            .programs
            .get(program)
            .and_then(|one| one.ended.as_ref())
            .unwrap_or(&Ended::NotStarted)
    }

    /// What followed when Ctrl+C was pressed.
    #[must_use]
    pub fn interrupted(&self, program: usize) -> Option<&Interrupted> {
        self.run.programs.get(program).and_then(|one| one.interrupted.as_ref())
    }

    /// What a program has printed to its standard output and to its standard error.
    #[must_use]
    pub fn printed(&self, program: usize) -> (&str, &str) {
        self.run.programs.get(program).map_or(("", ""), |one| (&one.stdout, &one.stderr))
    }

    /// Whether no program starts any more.
    fn starts_none(&self) -> bool {
        let starts_none = if self.run.plays() {
            self.run.starts.is_empty()
        } else {
            self.run.programs.iter().all(Watched::has_started)
        };
        starts_none || self.run.is_over
    }

    /// Waits until something may have happened, or there is something to read from `input`. Returns whether there is.
    ///
    /// # Errors
    ///
    /// The system cannot wait.
    pub fn wait(&mut self, input: Option<BorrowedFd<'_>>) -> io::Result<bool> {
        let now = self.run.now();
        let in_call = |thread: &Thread| thread.current.as_ref().is_some_and(|one| !one.waits);
        let look = self.run.threads.values().any(in_call).then_some(now + LOOK_US);
        let due = self.run.wire.as_ref().and_then(Wire::next_delivery);
        let rest = now + REST_US / 4;
        let until = look.into_iter().chain(due).chain([rest, MAX_RUN_US]).min().unwrap_or(rest);
        let timeout = Duration::from_micros(until.saturating_sub(now));
        let timeout = Timespec::try_from(timeout).ok();
        let terminals = self.run.programs.iter().filter_map(|one| one.terminal.as_ref());
        let mut all: Vec<PollFd<'_>> = terminals
            .map(|terminal| terminal.as_fd())
            .chain([self.notices.as_fd()])
            .chain(self.run.wire.as_ref().map(AsFd::as_fd))
            .chain(input)
            .map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN))
            .collect();
        match poll(&mut all, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let has_input = input.is_some() && all.last().is_some_and(|one| !one.revents().is_empty());
        self.run.stirs();
        let mut notices = [0; 256];
        while read(&self.notices, &mut notices).is_ok() {}
        for terminal in self.run.programs.iter_mut().filter_map(|one| one.terminal.as_mut()) {
            terminal.drain();
            terminal.type_on();
        }
        Ok(has_input)
    }

    /// Gives a program the next of its lines, or says that somebody should type one.
    fn give_line(&mut self, program: usize) -> Driven {
        let one = &mut self.run.programs[program];
        let Some(lines) = &one.program.stdin else { return Driven::Reads(program) };
        let line = lines.get(one.typed).cloned();
        one.typed += 1;
        self.type_line(program, line);
        Driven::Again
    }

    /// Starts the programs whose time has come. Returns whether there was one.
    fn start_programs(&mut self) -> Result<bool, WatchError> {
        let is_due = |start: &Start| is_time(&self.run, start);
        let can_start = self.run.plays() && !self.run.is_over;
        let Some(at) = self.run.starts.iter().position(is_due).filter(|_| can_start) else {
            return Ok(false);
        };
        let program = self.run.starts.remove(at).program;
        self.start(program)?;
        Ok(true)
    }

    fn start(&mut self, program: usize) -> Result<(), WatchError> {
        let name = self.run.programs[program].program.name.clone();
        self.launch(program).map_err(|error| WatchError::Start { program: name, error })
    }

    fn launch(&mut self, program: usize) -> io::Result<()> {
        let terminal = Terminal::open(self.run.programs[program].program.stdin.is_some())?;
        let [input, output, error] = terminal.streams()?;
        let mut command = Command::new(&self.executable);
        command
            .arg(LAUNCH)
            .arg("--")
            .args(&self.run.programs[program].unchanged.command)
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONPATH", self.module.path())
            .envs(self.variables.then_some((KEEPS_VARIABLES, "1")))
            .stdin(input)
            .stdout(output)
            .stderr(error);
        let child = self.notices.as_before(|| command.spawn())?;
        let leader = i32::try_from(child.id()).map_err(io::Error::other)?;
        if !trace::wait_until_stopped(leader)? {
            return Err(io::Error::other("its process has ended at once"));
        }
        let id = terminal.foreground()?.as_raw_pid();
        let seized = trace::seize(id);
        signal(id, if seized.is_ok() { Signal::CONT } else { Signal::KILL });
        signal(leader, Signal::CONT);
        seized?;
        let identity = terminal.identity;
        let one = &mut self.run.programs[program];
        one.terminal = Some(terminal);
        one.process = Some(id);
        one.threads = 1;
        self.run.processes.insert(id, Process::new(id, program, identity));
        self.run.threads.insert(id, Thread::new(id, Some(0), self.run.pace));
        Ok(())
    }

    /// Deals with the threads that have stopped. Returns whether there was one.
    fn take_stops(&mut self) -> Result<bool, WatchError> {
        let mut moved = false;
        for _ in 0..MAX_STOPS {
            match self.next_stop(moved) {
                Ok(Some((thread, stop))) => {
                    self.run.stopped = self.run.now();
                    if stop != Stop::Enters {
                        self.run.stirs();
                    }
                    if !self.run.is_alone() {
                        // What a call returns has arrived before.
                        self.run.cross();
                    }
                    self.take_stop(thread, stop)?;
                    if self.run.called {
                        // What it has sent is seen before anything else happens.
                        self.run.cross();
                        self.run.report_sockets();
                    }
                }
                Ok(None) => break,
                Err(error) if error.raw_os_error() == Some(libc::ECHILD) => break,
                Err(error) => return Err(error.into()),
            }
            moved = true;
            if self.run.bytes > MAX_BYTES {
                break;
            }
        }
        Ok(moved)
    }

    /// The next stop. Who has just gone on stops again soon, mostly: to wait for that without sleep is faster.
    fn next_stop(&self, soon: bool) -> io::Result<Option<(i32, Stop)>> {
        let until = self.run.stopped + if soon { SOON_US } else { 0 };
        loop {
            let stop = trace::next_stop()?;
            if stop.is_some() || self.run.now() >= until {
                return Ok(stop);
            }
            thread::yield_now();
        }
    }

    fn take_stop(&mut self, id: i32, stop: Stop) -> Result<(), WatchError> {
        if !self.run.threads.contains_key(&id) {
            match stop {
                Stop::Exited(_) | Stop::Killed(_) => drop(self.run.early.remove(&id)),
                Stop::Halts(_)
                | Stop::Enters
                | Stop::Leaves
                | Stop::Starts(_)
                | Stop::Execs(_)
                | Stop::Ends
                | Stop::Signal(_) => drop(self.run.early.insert(id)),
            }
            return Ok(());
        }
        let went = match stop {
            Stop::Enters => enters(&mut self.run, id),
            Stop::Leaves => {
                leaves(&mut self.run, id);
                trace::go_on(id, 0)
            }
            Stop::Starts(started) => {
                starts(&mut self.run, id, started);
                trace::go_on(id, 0)
            }
            Stop::Execs(former) => {
                execs(&mut self.run, id, former);
                trace::go_on(id, 0)
            }
            Stop::Ends | Stop::Halts(None) => trace::go_on(id, 0),
            Stop::Halts(Some(_)) => trace::stay_stopped(id),
            Stop::Signal(signal) => trace::go_on(id, signal),
            Stop::Exited(status) => return exits(&mut self.run, id, status),
            Stop::Killed(signal) => return exits(&mut self.run, id, 128 + signal),
        };
        match went {
            // It was killed meanwhile, and says so next.
            Err(error) if error.raw_os_error() != Some(libc::ESRCH) => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Notes why nothing goes on.
    fn note_failure(&mut self, went: io::Result<()>) {
        if let Err(error) = went {
            self.failure = Some(error.into());
        }
    }

    /// All have ended. What they have sent still arrives.
    fn settle(&mut self, now: u64) -> Driven {
        let Some(ended) = self.ended else {
            self.ended = Some(now);
            self.run.command_wire(now, WireCommand::Rules(Vec::new()));
            self.run.command_wire(now, WireCommand::DeliverAll);
            return Driven::Again;
        };
        let delivers = self.run.wire.as_ref().is_some_and(|wire| wire.next_delivery().is_some());
        let is_late = now >= ended + SETTLE_US;
        if delivers || (self.run.awaits_ack && !is_late) {
            Driven::Wait(Waiting { calls: Vec::new(), until: Some(ended + SETTLE_US) })
        } else {
            Driven::Over
        }
    }
}

impl Steppable for Watch {
    type Error = WatchError;

    /// The system's own languages read their texts.
    fn problems(_: &Experiment) -> Vec<CompileProblem> {
        Vec::new()
    }

    fn now(&self) -> u64 {
        self.run.now()
    }

    fn network(&self) -> Network {
        self.run.network.clone()
    }

    /// Starts what is due, deals with what has stopped, and lets segments cross.
    fn advance(&mut self) -> Result<Driven, WatchError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let mut moved = self.start_programs()?;
        moved |= self.take_stops()?;
        moved |= self.run.cross();
        if self.is_stopped.swap(false, Ordering::Relaxed) {
            self.run.end_all("somebody has stopped it");
        }
        if self.run.taken >= MAX_EVENTS && !self.run.is_over {
            self.run.end_all(&format!("the run has {MAX_EVENTS} events, and no more are recorded"));
        }
        if self.run.bytes > MAX_BYTES && !self.run.is_over {
            self.run.end_all("its calls have more than 128 MiB, and no more are recorded");
        }
        if moved {
            self.run.report_sockets();
            return Ok(Driven::Again);
        }
        if look_for_waits(&mut self.run) {
            return Ok(Driven::Again);
        }
        let now = self.run.now();
        if now >= MAX_RUN_US && !self.run.is_over {
            self.run.end_all("the longest run is over: ten minutes");
            return Ok(Driven::Again);
        }
        self.run.report_sockets();
        if self.run.threads.is_empty() && self.starts_none() {
            return Ok(self.settle(now));
        }
        match reads(&self.run) {
            Some(program) => Ok(self.give_line(program)),
            None => Ok(Driven::Wait(self.waiting())),
        }
    }

    /// They say when they go on.
    fn waiting(&self) -> Waiting {
        Waiting::default()
    }

    fn take_events(&mut self) -> Vec<Event> {
        let events = self.run.recorder.take();
        self.run.taken += events.len();
        events
    }

    fn hold(&mut self) {
        steps::hold(&mut self.run);
    }

    fn play(&mut self) {
        let went = steps::play(&mut self.run);
        self.note_failure(went);
    }

    fn plays(&self) -> bool {
        self.run.plays()
    }

    /// A program that has started goes until its first call has returned.
    fn step(&mut self, turn: Turn) -> bool {
        if !self.can_step(turn.program, turn.thread) {
            return false;
        }
        if !self.run.programs[turn.program].has_started() {
            self.run.starts.retain(|start| start.program != turn.program);
            if let Err(error) = self.start(turn.program) {
                self.failure = Some(error);
            }
        }
        let went = steps::step(&mut self.run, turn);
        self.note_failure(went);
        true
    }

    fn can_step(&self, program: usize, thread: usize) -> bool {
        steps::can_step(&self.run, program, thread)
    }

    fn is_due(&self, program: usize) -> bool {
        let has_started = self.run.programs.get(program).is_some_and(Watched::has_started);
        let start = || self.run.starts.iter().find(|start| start.program == program);
        has_started || start().is_none_or(|start| is_time(&self.run, start))
    }

    fn count(&self) -> usize {
        self.run.programs.len()
    }

    fn threads(&self, program: usize) -> usize {
        self.run.programs.get(program).map_or(0, |one| one.threads.max(1))
    }

    fn reads(&self) -> bool {
        reads(&self.run).is_some()
    }

    fn type_line(&mut self, program: usize, line: Option<String>) {
        let Some(one) = self.run.programs.get_mut(program) else { return };
        one.asked = true;
        let went = one.terminal.as_mut().map_or(Ok(()), |one| one.type_line(line.as_deref()));
        self.note_failure(went);
    }

    fn interrupt(&mut self, program: usize) {
        let went = steps::interrupt(&mut self.run, program);
        self.note_failure(went);
    }

    fn command_wire(&mut self, command: WireCommand) {
        self.run.command_wire(self.run.now(), command);
    }

    fn holds_segments(&self) -> bool {
        self.run.wire.as_ref().is_some_and(Wire::holds)
    }

    fn rest_at(&self, _: &Waiting) -> Option<u64> {
        rest_at(&self.run)
    }

    /// What the wire holds is delivered, or those that wait have ended. Ctrl+C is pressed for those that are to be
    /// interrupted.
    fn rest(&mut self) {
        if self.holds_segments() {
            self.run.command_wire(self.run.recorder.progress(), WireCommand::DeliverAll);
            return;
        }
        let was_over = mem::replace(&mut self.run.is_over, true);
        for program in 0..self.run.programs.len() {
            let one = &mut self.run.programs[program];
            let is_interrupted = one.program.interrupt && !was_over;
            if one.ended.is_none() && one.runs {
                let ended = Ended::Blocked { line: 0, printed: one.stdout.len() };
                one.ended = Some(ended.clone());
                self.run.note(program, 0, EventKind::Ended(ended));
            }
            // Its first process may have ended, and others of it go on.
            if !is_interrupted || !self.run.interrupt(program) {
                self.run.kill(program);
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        (0..self.run.programs.len()).for_each(|program| self.run.kill(program));
        // Who leads a session ends with its terminal.
        self.run.programs.iter_mut().for_each(|one| one.terminal = None);
        // Whoever has started them was killed before it could say so.
        self.run.early.iter().for_each(|thread| signal(*thread, Signal::KILL));
        while let Ok(stopped) = trace::next_stop() {
            match stopped {
                // It may have been started just now. One that was killed stops once more before it ends.
                Some((thread, _)) => {
                    signal(thread, Signal::KILL);
                    let _ = trace::go_on(thread, 0);
                }
                None => {
                    if self.wait(None).is_err() {
                        return;
                    }
                }
            }
        }
    }
}

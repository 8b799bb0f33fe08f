//! Steps all programs, and makes their system calls.

use std::convert::Infallible;

use super::pace::Pace;
use super::problems::problems;
use super::recorder::Recorder;
use super::running::Running;
use super::steppable::{Driven, Steppable, Waiting};
use super::thread::{Doing, Thread};
use crate::sockets::{Activity, Answer, Kernel, ProgramId};
use framescope_lab::{
    CompileProblem, Ended, Event, EventKind, Experiment, Interrupted, Network, Program, Start,
    Turn, When, WireCommand,
};
use framescope_syscall::{BlockedOn, Data, Returned, Syscall, Wait};

/// How long a run goes on when its programs have ended and no segment is on its way, in microseconds: a second. An
/// acknowledgement is delayed for less.
const SETTLE_US: u64 = 1_000_000;

/// If all programs wait and nothing new has happened for this time, nothing will: the kernel's timers have sent
/// every packet that was still to be sent. In microseconds.
const REST_US: u64 = 300_000;
/// The same if something is sent again and again: Linux sends a lost SYN again after 1, 2, 3, 4, 5 and 7 seconds, and lost
/// bytes after 0.2, 0.6, 1.4, 3 and 6.2. On a wire that loses more, nobody in a class wants to wait longer.
const REPEATS_REST_US: u64 = 8_000_000;

/// The most steps that programs take before the calls that wait are made again.
const MAX_STEPS: u32 = 64;

/// The most segments that are delivered before programs go on.
const MAX_DELIVERED: usize = 256;

/// Programs that run on one kernel.
#[derive(Debug)]
pub struct Programs<K> {
    kernel: K,
    all: Vec<Running>,
    starts: Vec<Start>,
    /// The program that takes the next step.
    next: usize,
    recorder: Recorder,
    /// Whether programs start by themselves.
    plays: bool,
    /// Whether a system call was made since the kernel was asked about the sockets.
    called: bool,
    /// How many steps were taken since the calls that wait were made again. A long one counts as [`MAX_STEPS`].
    steps: u32,
    /// When the last program had ended, or a segment crossed the wire after that, in microseconds.
    ended: Option<u64>,
}

impl<K: Kernel> Programs<K> {
    /// Programs before their first steps.
    pub fn new(programs: Vec<Program>, starts: Vec<Start>, kernel: K) -> Self {
        let all: Vec<_> = programs.into_iter().map(Running::new).collect();
        Self {
            kernel,
            recorder: Recorder::new(all.len()),
            all,
            starts,
            next: 0,
            plays: true,
            called: false,
            steps: 0,
            ended: None,
        }
    }

    /// When something new happened last, in microseconds. What TCP sends again is not new.
    #[must_use]
    pub const fn progress(&self) -> u64 {
        self.recorder.progress()
    }

    /// The kernel, for the driver.
    pub const fn kernel(&mut self) -> &mut K {
        &mut self.kernel
    }

    /// Records what happens from now on.
    pub const fn record(&mut self) {
        self.recorder.is_on = true;
    }

    /// What happened since the last call of this function.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.recorder.take()
    }

    fn note_event(&mut self, program: usize, thread: usize, kind: EventKind) {
        let (at, line) = (self.kernel.now(), self.all[program].line(thread));
        self.recorder.note(Event { at, program, thread, line, kind });
    }

    /// What a program has printed to its standard output and to its standard error.
    #[must_use]
    pub fn printed(&self, program: usize) -> (&str, &str) {
        self.all.get(program).map_or(("", ""), |one| (&one.stdout, &one.stderr))
    }

    /// How a program has ended.
    #[must_use]
    pub fn ended(&self, program: usize) -> &Ended {
        self.all.get(program).and_then(|one| one.ended.as_ref()).unwrap_or(&Ended::NotStarted)
    }

    /// What followed when Ctrl+C was pressed.
    #[must_use]
    pub fn interrupted(&self, program: usize) -> Option<&Interrupted> {
        self.all.get(program).and_then(|one| one.interrupted.as_ref())
    }

    /// Lets segments cross the wire, starts programs whose time has come, and lets one thread take a step.
    pub fn advance(&mut self) -> Driven {
        let crossed = !self.finishes_statement() && self.cross();
        let started = self.start_programs();
        let now = self.kernel.now();
        for program in &mut self.all {
            program.wake(now);
        }
        // One that never waits must not keep the others waiting.
        let mut moved = self.steps >= MAX_STEPS && self.retry();
        moved |= self.step_one();
        if moved || self.retry() || started {
            if self.called {
                self.report_sockets();
            }
            self.recorder.progresses(now);
            return Driven::Again;
        }
        if crossed {
            self.ended = self.ended.map(|_| now);
            return Driven::Again;
        }
        self.report_sockets();
        let starts_none = if self.plays {
            self.starts.is_empty()
        } else {
            self.all.iter().all(Running::has_started)
        };
        if !self.all.iter().any(Running::runs) && starts_none {
            return self.settle();
        }
        if let Some(program) = self.all.iter().position(|one| one.reads().is_some()) {
            return Driven::Reads(program);
        }
        Driven::Wait(self.waiting())
    }

    /// Lets happen what is due on the wire, and records it. Returns whether there was anything.
    pub fn cross(&mut self) -> bool {
        let mut crossed = false;
        for _ in 0..MAX_DELIVERED {
            while let Some(what) = self.kernel.next_sent() {
                if !crossed {
                    // The sockets that were opened since are known from now on.
                    self.report_sockets();
                }
                crossed = true;
                self.recorder.note_crossed(self.kernel.now(), what);
            }
            if crossed {
                // A `connect` that waits returns before anything else can happen to its connection.
                self.retry_only(BlockedOn::Handshake);
            }
            let Some(delivered) = self.kernel.deliver_next() else { break };
            crossed = true;
            self.recorder.note_crossed(self.kernel.now(), delivered);
            self.report_sockets();
        }
        crossed
    }

    /// All programs have ended. What they have sent still arrives, so that the last reports are those at rest.
    fn settle(&mut self) -> Driven {
        let now = self.kernel.now();
        if self.ended.is_none() {
            self.ended = Some(now);
            self.kernel.command_wire(WireCommand::Rules(Vec::new()));
            self.kernel.command_wire(WireCommand::DeliverAll);
            return Driven::Again;
        }
        let is_late = self.ended.is_some_and(|ended| now >= ended + SETTLE_US);
        match self.kernel.activity() {
            Activity::Rests => return Driven::Over,
            Activity::AwaitsAck if is_late => return Driven::Over,
            Activity::AwaitsAck | Activity::Delivers => {}
        }
        let until = Some(now + SETTLE_US);
        Driven::Wait(Waiting { calls: Vec::new(), until })
    }

    /// Whether a thread that was stepped is on its way to its next statement: that is part of the step.
    fn finishes_statement(&self) -> bool {
        let mut threads = self.all.iter().flat_map(|one| &one.threads);
        threads.any(|thread| thread.pace == Pace::Rest && thread.goes_on())
    }

    /// Records what the kernel reports about the sockets of each program, if it has changed.
    fn report_sockets(&mut self) {
        self.called = false;
        if !self.recorder.is_on {
            return;
        }
        for program in 0..self.all.len() {
            let (sockets, line) = (self.kernel.sockets(id(program)), self.all[program].line(0));
            self.recorder.note_sockets(self.kernel.now(), program, line, sockets);
        }
    }

    /// What programs wait for.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let mut waiting = Waiting::default();
        for (index, program) in self.all.iter().enumerate() {
            for thread in &program.threads {
                let deadline = match &thread.doing {
                    Doing::Blocked { call, on, until, .. } => {
                        waiting.calls.push((id(index), call.clone(), *on));
                        *until
                    }
                    Doing::Waits { until } => *until,
                    Doing::Ready(_) | Doing::Calls(_) | Doing::Reads | Doing::Ended => None,
                };
                waiting.until = match (waiting.until, deadline) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
            }
        }
        waiting
    }

    fn start(&mut self, program: usize) {
        let process = 1000 + u32::try_from(program).unwrap_or(0);
        if let Some(one) = self.all.get_mut(program) {
            one.start(process, self.kernel.random());
            self.take_happened(program);
        }
    }

    /// Moves what a program has told to the events.
    fn take_happened(&mut self, program: usize) {
        let now = self.kernel.now();
        for (thread, line, kind) in std::mem::take(&mut self.all[program].happened) {
            self.recorder.note(Event { at: now, program, thread, line, kind });
        }
    }

    fn start_programs(&mut self) -> bool {
        let mut started = false;
        let mut index = 0;
        if !self.plays {
            return false;
        }
        while let Some(start) = self.starts.get(index) {
            if self.is_time(start) {
                let program = self.starts.remove(index).program;
                self.start(program);
                started = true;
            } else {
                index += 1;
            }
        }
        started
    }

    fn is_time(&self, start: &Start) -> bool {
        match &start.when {
            When::AtOnce => true,
            When::Listening(port) => self.all.iter().any(|one| one.listens.contains(port)),
            When::Ended(program) => {
                self.all.get(*program).is_some_and(|one| one.has_started() && !one.runs())
            }
            When::Printed(program, text) => {
                self.all.get(*program).is_some_and(|one| one.stdout.contains(text))
            }
            When::Settled => self.all[..start.program].iter().all(|one| {
                let waits = |thread: &Thread| !matches!(thread.doing, Doing::Ready(_));
                one.has_started() && (!one.listens.is_empty() || one.threads.iter().all(waits))
            }),
        }
    }

    /// Lets the next thread that is ready take a step.
    fn step_one(&mut self) -> bool {
        let count = self.all.len();
        for turn in 0..count {
            let index = (self.next + turn) % count;
            let Some(thread) = self.all[index].ready() else { continue };
            self.next = index + 1;
            let now = self.kernel.now();
            let call = self.all[index].step(thread, now);
            self.steps += if self.all[index].computed { MAX_STEPS } else { 1 };
            self.take_happened(index);
            if let Some(call) = call {
                let columns = self.all[index].columns(thread);
                self.note_event(index, thread, EventKind::Called(call.clone(), columns));
                self.call(index, thread, call, None, 0);
                let doing = self.all[index].threads.get(thread).map(|thread| &thread.doing);
                if let Some(Doing::Blocked { on, .. }) = doing {
                    let on = *on;
                    self.note_event(index, thread, EventKind::Blocked(on));
                }
            }
            if !self.all[index].runs() {
                self.kernel.end(id(index));
                self.called = true;
            }
            return true;
        }
        false
    }

    /// Makes a call. `until` is when its time is over, if it was made before; `sent` is what it has sent.
    /// Returns whether anything came of it.
    fn call(
        &mut self,
        index: usize,
        thread: usize,
        mut call: Syscall,
        mut until: Option<u64>,
        mut sent: u32,
    ) -> bool {
        if let Syscall::Sleep { us } = &call {
            let until = Some(self.kernel.now() + us);
            let blocked = Doing::Blocked { call, on: BlockedOn::Clock, until, sent };
            self.all[index].block(thread, blocked);
            return false;
        }
        let sent_before = sent;
        self.called = true;
        loop {
            match self.kernel.call(id(index), &call) {
                Answer::Done(Returned::Sent(count)) => {
                    sent = sent.saturating_add(count);
                    // A send that blocks sends everything; the kernel takes what it has space for.
                    if let Syscall::Send { bytes: Data(bytes), wait: Wait::Forever, .. } = &mut call
                        && (count as usize) < bytes.len()
                    {
                        bytes.drain(..count as usize);
                        continue;
                    }
                    self.give(index, thread, Returned::Sent(sent));
                    return true;
                }
                // What was sent before the error is told first; the next call fails.
                Answer::Done(Returned::Failed(_)) if sent > 0 => {
                    self.give(index, thread, Returned::Sent(sent));
                    return true;
                }
                Answer::Done(returned) => {
                    self.note(index, &call, &returned);
                    self.give(index, thread, returned);
                    return true;
                }
                Answer::Blocked(on) => {
                    until = until.or_else(|| match call.wait() {
                        Some(Wait::For(us)) => Some(self.kernel.now() + us),
                        Some(Wait::Forever | Wait::Never) | None => None,
                    });
                    self.all[index].block(thread, Doing::Blocked { call, on, until, sent });
                    return sent > sent_before;
                }
            }
        }
    }

    /// A call has returned.
    fn give(&mut self, index: usize, thread: usize, returned: Returned) {
        if self.recorder.is_on {
            self.note_event(index, thread, EventKind::Returned(returned.clone()));
        }
        self.all[index].give(thread, returned);
    }

    /// Notes which ports are listened on.
    fn note(&mut self, index: usize, call: &Syscall, returned: &Returned) {
        if let (Syscall::Listen { fd, .. }, Returned::Done) = (call, returned)
            && let Answer::Done(Returned::Address(address)) =
                self.kernel.call(id(index), &Syscall::LocalAddress { fd: *fd })
        {
            self.all[index].listens.push(address.port);
        }
    }

    /// Makes the calls that wait again.
    fn retry(&mut self) -> bool {
        self.steps = 0;
        self.retry_if(|_| true)
    }

    /// Makes the calls again that wait for this.
    fn retry_only(&mut self, only: BlockedOn) -> bool {
        self.retry_if(|on| on == only)
    }

    fn retry_if(&mut self, is_due: impl Fn(BlockedOn) -> bool) -> bool {
        let mut moved = false;
        for index in 0..self.all.len() {
            for thread in 0..self.all[index].threads.len() {
                let doing = self.all[index].threads.get(thread).map(|thread| &thread.doing);
                let Some(Doing::Blocked { call, on, until, sent }) = doing else { continue };
                if !is_due(*on) {
                    continue;
                }
                let (call, on, until, sent) = (call.clone(), *on, *until, *sent);
                let is_over = until.is_some_and(|until| until <= self.kernel.now());
                if on == BlockedOn::Clock {
                    if is_over {
                        self.give(index, thread, Returned::Done);
                        moved = true;
                    }
                    continue;
                }
                if self.call(index, thread, call.clone(), until, sent) {
                    moved = true;
                } else if is_over {
                    self.kernel.cancel(id(index), &call);
                    self.give(index, thread, Returned::TimedOut);
                    moved = true;
                }
            }
        }
        moved
    }

    /// A line was typed for a program, without its end. `None` is the end of the input.
    pub fn type_line(&mut self, program: usize, line: Option<String>) {
        let Some(thread) = self.all.get(program).and_then(Running::reads) else { return };
        self.note_event(program, thread, EventKind::Read(line.clone()));
        self.all[program].typed(thread, line);
    }

    /// Nothing moves any more. Programs that wait end there, with their sockets open; those that are to be interrupted
    /// are.
    pub fn rest(&mut self) {
        self.starts.clear();
        self.called = true;
        for index in 0..self.all.len() {
            if !self.all[index].runs() {
                continue;
            }
            if let Some(call) = self.all[index].rest() {
                self.kernel.cancel(id(index), &call);
            }
            self.take_happened(index);
        }
    }
}

impl<K: Kernel> Steppable for Programs<K> {
    type Error = Infallible;

    fn problems(experiment: &Experiment) -> Vec<CompileProblem> {
        problems(experiment)
    }

    fn now(&self) -> u64 {
        self.kernel.now()
    }

    fn network(&self) -> Network {
        self.kernel.network()
    }

    fn advance(&mut self) -> Result<Driven, Infallible> {
        Ok(self.advance())
    }

    fn waiting(&self) -> Waiting {
        self.waiting()
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.take_events()
    }

    fn hold(&mut self) {
        self.plays = false;
        for program in &mut self.all {
            program.pace = Pace::Held;
            for thread in &mut program.threads {
                if thread.pace == Pace::Free {
                    thread.pace = Pace::Line;
                }
            }
        }
    }

    fn play(&mut self) {
        self.plays = true;
        for program in &mut self.all {
            program.pace = Pace::Free;
            for thread in &mut program.threads {
                thread.pace = Pace::Free;
            }
        }
    }

    fn plays(&self) -> bool {
        self.plays
    }

    fn step(&mut self, turn: Turn) -> bool {
        let Turn { program, thread, until } = turn;
        if !self.can_step(program, thread) {
            return false;
        }
        if !self.all[program].has_started() {
            self.starts.retain(|start| start.program != program);
            self.start(program);
        }
        if let Some(thread) = self.all[program].threads.get_mut(thread) {
            thread.pace = until.into();
        }
        true
    }

    fn can_step(&self, program: usize, thread: usize) -> bool {
        self.all.get(program).is_some_and(|one| {
            if one.has_started() {
                one.threads.get(thread).is_some_and(Thread::is_held)
            } else {
                thread == 0
            }
        })
    }

    fn is_due(&self, program: usize) -> bool {
        let has_started = self.all.get(program).is_some_and(Running::has_started);
        let start = || self.starts.iter().find(|start| start.program == program);
        has_started || start().is_none_or(|start| self.is_time(start))
    }

    fn count(&self) -> usize {
        self.all.len()
    }

    fn threads(&self, program: usize) -> usize {
        self.all.get(program).map_or(0, |one| one.threads.len().max(1))
    }

    fn reads(&self) -> bool {
        self.all.iter().any(|one| one.reads().is_some())
    }

    fn type_line(&mut self, program: usize, line: Option<String>) {
        self.type_line(program, line);
    }

    fn interrupt(&mut self, program: usize) {
        let Some(one) = self.all.get_mut(program) else { return };
        if let Some(call) = one.interrupt() {
            self.kernel.cancel(id(program), &call);
        }
    }

    fn command_wire(&mut self, command: WireCommand) {
        self.kernel.command_wire(command);
    }

    fn holds_segments(&self) -> bool {
        self.kernel.holds_segments()
    }

    fn rest_at(&self, waiting: &Waiting) -> Option<u64> {
        // Not every system says what TCP does.
        let handshake = waiting.calls.iter().any(|(_, _, on)| *on == BlockedOn::Handshake);
        let rest = match self.kernel.activity() {
            Activity::Delivers => return None,
            Activity::AwaitsAck => REPEATS_REST_US,
            Activity::Rests if handshake => REPEATS_REST_US,
            Activity::Rests => REST_US,
        };
        Some(self.progress() + rest)
    }

    fn rest(&mut self) {
        self.rest();
    }
}

fn id(index: usize) -> ProgramId {
    ProgramId(u8::try_from(index).unwrap_or(u8::MAX))
}

//! What is known of a run: its programs, their processes and threads, their sockets, and what is recorded.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::net::SocketAddrV4;
use std::time::Instant;

use framescope_engine::programs::Recorder;
use framescope_engine::wire::Crossed;
use framescope_lab::{Ended, Event, EventKind, Network, Start, Variable, WireCommand};
use framescope_sys::trace;
use framescope_syscall::Syscall;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::called::Called;
use super::lines::Told;
use super::pace::Pace;
use super::process::Process;
use super::program::Watched;
use super::sockets::Sockets;
use super::stack::Stack;
use super::thread::Thread;
use super::wire::Wire;
use crate::programs::changed_by;

/// What is shown of a call that is made again because it would have waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tries {
    /// One call that waits.
    Folded,
    /// Each time that it is made.
    Each,
}

/// What is known of a run, and what has happened in it.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) programs: Vec<Watched>,
    /// When those start that have not.
    pub(super) starts: Vec<Start>,
    /// By their ids.
    pub(super) processes: HashMap<i32, Process>,
    pub(super) threads: HashMap<i32, Thread>,
    /// Threads that have stopped before it was known who has started them.
    pub(super) early: HashSet<i32>,
    /// The variables that were said last, by the program and the number of the thread.
    variables: HashMap<(usize, usize), Vec<Variable>>,
    pub(super) sockets: Sockets,
    /// The network that they are in.
    pub(super) network: Network,
    pub(super) wire: Option<Wire>,
    pub(super) recorder: Recorder,
    tries: Tries,
    /// How many events were taken.
    pub(super) taken: usize,
    /// How many bytes the calls and the variables in them have.
    pub(super) bytes: usize,
    began: Instant,
    /// When a thread has stopped last.
    pub(super) stopped: u64,
    /// Whether the sockets may have changed since they were reported.
    pub(super) called: bool,
    /// Whether a program's connection waits for an acknowledgement.
    pub(super) awaits_ack: bool,
    /// Whether no program goes on: nothing moves any more, or a bound has ended them.
    pub(super) is_over: bool,
    /// The pace of new threads: programs run by themselves, or stand still.
    pub(super) pace: Pace,
}

impl Run {
    pub(super) fn new(
        programs: Vec<Watched>,
        starts: Vec<Start>,
        (network, wire): (Network, Option<Wire>),
        raw: bool,
    ) -> Self {
        let mut recorder = Recorder::new(programs.len());
        recorder.is_on = true;
        Self {
            programs,
            starts,
            processes: HashMap::new(),
            threads: HashMap::new(),
            early: HashSet::new(),
            variables: HashMap::new(),
            sockets: Sockets::new(network == Network::Wire),
            network,
            wire,
            recorder,
            tries: if raw { Tries::Each } else { Tries::Folded },
            taken: 0,
            bytes: 0,
            began: Instant::now(),
            stopped: 0,
            called: false,
            awaits_ack: false,
            is_over: false,
            pace: Pace::Free,
        }
    }

    /// Whether each call is shown each time that it is made.
    pub(super) fn is_raw(&self) -> bool {
        self.tries == Tries::Each
    }

    /// Whether nobody else reaches the programs.
    pub(super) fn is_alone(&self) -> bool {
        self.network == Network::Wire
    }

    /// Whether programs run by themselves.
    pub(super) fn plays(&self) -> bool {
        self.pace == Pace::Free
    }

    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(super) fn note(&mut self, program: usize, thread: usize, kind: EventKind) {
        let at = self.now();
        self.recorder.progresses(at);
        let is_own = |one: &&Thread| {
            let process = self.processes.get(&one.process);
            one.number == Some(thread) && process.is_some_and(|one| one.program == program)
        };
        let line = self.threads.values().find(is_own).map_or(0, |thread| thread.line);
        self.recorder.note(Event { at, program, thread, line, kind });
    }

    pub(super) fn program_of(&self, id: i32) -> usize {
        self.process_of(id).map_or(0, |process| process.program)
    }

    pub(super) fn process_of(&self, id: i32) -> Option<&Process> {
        process_of(&self.processes, &self.threads, id)
    }

    /// The number under which a thread does something that is shown. Shells and language runtimes start many that never do.
    /// If a call that it has tried in vain waits under its number, it gets another one: no two calls are under way under one.
    pub(super) fn number_of(&mut self, id: i32) -> usize {
        let Some(thread) = self.threads.get_mut(&id) else { return 0 };
        let Some(process) = self.processes.get_mut(&thread.process) else { return 0 };
        if let Some(number) = thread.number.filter(|number| !process.waits_as(*number)) {
            return number;
        }
        if let Some(number) = process.take_number() {
            thread.number = Some(number);
            return number;
        }
        let program = process.program;
        let number = self.programs[program].threads;
        self.programs[program].threads += 1;
        thread.number = Some(number);
        self.note(program, 0, EventKind::Started(number));
        number
    }

    /// A thread goes on with a call that waits under this number, which becomes its own. Who has had that number has the former
    /// one of this thread, or none.
    pub(super) fn takes_number(&mut self, id: i32, number: usize) {
        let Some(thread) = self.threads.get_mut(&id) else { return };
        let (own, former) = (thread.process, thread.number.replace(number));
        if former == Some(number) {
            return;
        }
        let is_other = |one: &Thread| one.process == own && one.number == Some(number);
        let others = self.threads.iter_mut().filter(|(other, one)| **other != id && is_other(one));
        for (_, other) in others {
            other.number = former;
        }
        if let Some(former) = former {
            self.gives_number(own, former);
        }
    }

    /// A number of a process may be no one's any more.
    pub(super) fn gives_number(&mut self, process: i32, number: usize) {
        let has_it = |one: &Thread| one.process == process && one.number == Some(number);
        let is_taken = self.threads.values().any(has_it);
        let process = self.processes.get_mut(&process);
        if let Some(process) = process.filter(|one| !is_taken && !one.waits_as(number)) {
            process.give_number(number);
        }
    }

    /// The line at which a thread is now, and its variables, if its program tells them, or says where its source is.
    pub(super) fn look_for_line(&mut self, id: i32) {
        let own = self.threads.get(&id).map(|thread| thread.process);
        let Some(process) = own.and_then(|own| self.processes.get_mut(&own)) else { return };
        let memory = process.memory();
        let source = self.programs[process.program].source.as_deref();
        let told = match (process.lines, source) {
            (Some(lines), _) => Some(lines.of(memory, id).unwrap_or_default()),
            (None, Some(source)) => {
                let stack = process.stack.get_or_insert_with(|| Stack::of(process.id));
                let registers = trace::registers(id).ok();
                let line = registers.and_then(|registers| stack.line(registers, memory, source));
                Some(Told { line: line.unwrap_or(0), variables: None })
            }
            (None, None) => None,
        };
        if let (Some(told), Some(thread)) = (told, self.threads.get_mut(&id)) {
            thread.line = told.line;
            thread.variables = told.variables;
        }
    }

    /// Says what the variables of a thread are, if that has changed. `number` is the thread's.
    pub(super) fn note_variables(&mut self, id: i32, number: usize) {
        let thread = self.threads.get_mut(&id);
        let Some(variables) = thread.and_then(|thread| thread.variables.take()) else { return };
        let known = self.variables.entry((self.program_of(id), number)).or_default();
        if *known != variables {
            known.clone_from(&variables);
            self.bytes +=
                variables.iter().map(|one| one.name.len() + one.value.len()).sum::<usize>();
            self.note(self.program_of(id), number, EventKind::Variables(variables));
        }
    }

    /// What the socket of a call is now.
    pub(super) fn note_socket_of(&mut self, id: i32, called: &Called) {
        let Some((descriptor, inode)) = called.socket else { return };
        let Some(process) = process_of(&self.processes, &self.threads, id) else { return };
        if changed_by(&called.call).is_none() && self.sockets.knows(inode, process.id, descriptor) {
            return;
        }
        let Some(socket) = process.tcp(descriptor) else { return };
        let peer = if let Syscall::Connect { address, .. } = &called.call {
            Some(SocketAddrV4::new(address.ip, address.port))
        } else {
            None
        };
        self.sockets.note(process, descriptor, &socket, peer);
    }

    /// Presses Ctrl+C for a program whose first process has not ended. Returns whether that was so.
    pub(super) fn interrupt(&self, program: usize) -> bool {
        let one = self.programs.get(program).filter(|one| one.process.is_some());
        let terminal = one.and_then(|one| one.terminal.as_ref());
        let group = terminal.and_then(|terminal| terminal.foreground().ok());
        group.is_some_and(|group| kill_process_group(group, Signal::INT).is_ok())
    }

    /// Kills all processes of a program. They are reaped when they have ended.
    pub(super) fn kill(&self, program: usize) {
        let own = self.processes.values().filter(|process| process.program == program);
        own.for_each(|process| signal(process.id, Signal::KILL));
    }

    /// A bound ends all programs that have not ended.
    pub(super) fn end_all(&mut self, message: &str) {
        self.is_over = true;
        for program in 0..self.programs.len() {
            let one = &mut self.programs[program];
            if one.ended.is_none() && one.runs {
                let ended = Ended::Spins { line: 0, message: message.to_owned() };
                one.ended = Some(ended.clone());
                self.note(program, 0, EventKind::Ended(ended));
            }
            self.kill(program);
        }
    }

    /// Lets happen what is due on the wire. Returns whether there was anything.
    pub(super) fn cross(&mut self) -> bool {
        let now = self.now();
        let mut crossed = false;
        if !self.is_alone() {
            self.locate();
        }
        while let Some(what) = self.next_crossed(now) {
            if !crossed {
                // The sockets that were opened since are known from now on.
                self.locate();
                self.called = true;
                self.report_sockets();
            }
            crossed = true;
            self.sockets.crossed(&what);
            self.recorder.note_crossed(self.now(), what);
            self.called = true;
        }
        crossed
    }

    fn next_crossed(&mut self, now: u64) -> Option<Crossed> {
        let sockets = &self.sockets;
        self.wire.as_mut()?.next_crossed(now, |from, to| sockets.is_own(from, to))
    }

    fn locate(&mut self) {
        let processes = &self.processes;
        self.sockets.locate(|process, descriptor| processes.get(&process)?.tcp(descriptor));
    }

    /// Something is done to segments on the wire.
    pub(super) fn command_wire(&mut self, now: u64, command: WireCommand) {
        if let Some(wire) = &mut self.wire {
            wire.command(now, command);
        }
    }

    /// A program has gone on, or there is something to read from the device.
    pub(super) fn stirs(&mut self) {
        if let Some(wire) = &mut self.wire {
            wire.stirs();
        }
    }

    pub(super) fn report_sockets(&mut self) {
        if !mem::take(&mut self.called) {
            return;
        }
        self.awaits_ack = false;
        for program in 0..self.programs.len() {
            let (sockets, awaits_ack) = self.sockets.report(program);
            self.awaits_ack |= awaits_ack;
            self.recorder.note_sockets(self.now(), program, 0, sockets);
        }
    }
}

/// Sends a signal to a process. It fails if the process has ended.
pub(super) fn signal(process: i32, signal: Signal) {
    if let Some(process) = Pid::from_raw(process) {
        let _ = kill_process(process, signal);
    }
}

/// The process of a thread.
pub(super) fn process_of<'a>(
    processes: &'a HashMap<i32, Process>,
    threads: &HashMap<i32, Thread>,
    id: i32,
) -> Option<&'a Process> {
    processes.get(&threads.get(&id)?.process)
}

//! One experiment after the other, run as the page commands.

use std::fmt;

use framescope_lab::{
    Command, Event, Experiment, MAX_EVENTS, MAX_RUN_US, MAX_TRACE, Network, Report, RunEnd, Turn,
    Until, WireSetup,
};

use super::driver::Programs;
use super::steppable::{Driven, Steppable, Waiting};
use crate::sockets::Kernel;

/// The most bytes of several events in one report: 64 KiB. One event alone may be longer.
const MAX_BATCH: usize = 64 * 1024;

/// Runs what the page commands, each experiment with programs of its own. The host calls
/// [`Session::advance`], makes the system under them go on, and sends the reports.
pub struct Session<P> {
    new_programs: Box<dyn FnMut(&Experiment) -> P>,
    experiment: Option<Experiment>,
    run: Option<Run<P>>,
    reports: Vec<Report>,
    /// The bytes of the events in the last report.
    batch: usize,
}

impl<P> fmt::Debug for Session<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("experiment", &self.experiment).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Run<P> {
    programs: P,
    /// The turns of the order that were taken.
    turns: usize,
    /// Whether it was reported that nothing happens by itself any more.
    rests: bool,
    /// The program and the thread that took the last turn.
    last: Option<(usize, usize)>,
    events: usize,
    /// The bytes of the events that were reported.
    recorded: usize,
    /// Who takes the next turn, as it was reported last.
    next: Option<(usize, usize)>,
}

impl<K: Kernel> Session<Programs<K>> {
    /// A session without an experiment. `new_kernel` makes the kernel of each experiment, with its wire.
    #[must_use]
    pub fn new(mut new_kernel: impl FnMut(&WireSetup) -> K + 'static) -> Self {
        Self::of(move |experiment| {
            let (programs, starts) = (experiment.programs.clone(), experiment.starts.clone());
            let mut programs = Programs::new(programs, starts, new_kernel(&experiment.wire));
            programs.record();
            programs
        })
    }
}

impl<P: Steppable> Session<P> {
    /// A session without an experiment. `new_programs` makes the programs of each one, before their first steps.
    #[must_use]
    pub fn of(new_programs: impl FnMut(&Experiment) -> P + 'static) -> Self {
        Self {
            new_programs: Box::new(new_programs),
            experiment: None,
            run: None,
            reports: Vec::new(),
            batch: 0,
        }
    }

    /// Begins what the page commands. Nothing happens before [`Session::advance`].
    pub fn command(&mut self, command: Command) {
        match command {
            Command::Load(experiment) => self.load(experiment),
            Command::Reset => {
                if let Some(experiment) = self.experiment.take() {
                    self.load(experiment);
                }
            }
            Command::Step(turn) => {
                self.with_programs(|run| run.step(turn));
            }
            Command::StepNext(until) => {
                let order = self.experiment.as_ref().map_or(&[][..], |one| &one.order);
                if let Some(run) = &mut self.run {
                    run.step_next(order, until);
                }
            }
            Command::Play => self.with_programs(|run| {
                run.rests = false;
                run.programs.play();
            }),
            Command::Hold => self.with_programs(|run| run.programs.hold()),
            Command::Type(program, line) => {
                self.with_programs(|run| run.programs.type_line(program, line));
            }
            Command::Interrupt(program) => {
                self.with_programs(|run| run.programs.interrupt(program));
            }
            Command::Wire(command) => {
                self.with_programs(|run| run.programs.command_wire(command));
            }
        }
    }

    fn with_programs(&mut self, act: impl FnOnce(&mut Run<P>)) {
        if let Some(run) = &mut self.run {
            act(run);
        }
    }

    fn load(&mut self, experiment: Experiment) {
        // The old run's sockets are closed before new ones are opened.
        self.run = None;
        self.reports.push(Report::Loaded(P::problems(&experiment)));
        let mut programs = (self.new_programs)(&experiment);
        let network = programs.network();
        if network != Network::Unknown {
            self.reports.push(Report::Network(network));
        }
        programs.hold();
        self.reports.push(Report::Rests);
        self.run = Some(Run {
            programs,
            turns: 0,
            rests: true,
            last: None,
            events: 0,
            recorded: 0,
            next: None,
        });
        self.experiment = Some(experiment);
    }

    /// Whether an experiment was loaded.
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        self.experiment.is_some()
    }

    /// The programs of the experiment, until its run is over.
    pub fn programs(&mut self) -> Option<&mut P> {
        self.run.as_mut().map(|run| &mut run.programs)
    }

    /// Lets something happen. If all wait, the host waits for their calls, for the time, and for commands. If
    /// there is no time, and nothing comes, it calls [`Session::rest`].
    pub fn advance(&mut self) -> Driven {
        let Some(run) = &mut self.run else { return Driven::Over };
        let advanced = run.programs.advance();
        let events = run.programs.take_events();
        let is_late = run.programs.now() >= MAX_RUN_US;
        let is_full = self.report(events);
        let driven = match advanced {
            Ok(driven) => driven,
            Err(error) => {
                self.run = None;
                self.reports.push(Report::Failed(error.to_string()));
                return Driven::Over;
            }
        };
        let end = match &driven {
            _ if is_full => Some(RunEnd::RecordFull),
            Driven::Over => Some(RunEnd::Finished),
            _ if is_late => Some(RunEnd::TimeOver),
            Driven::Again | Driven::Wait(_) | Driven::Reads(_) => None,
        };
        if let Some(end) = end {
            self.end(end);
            return Driven::Over;
        }
        self.report_next();
        driven
    }

    /// Reports who takes the next turn, if that has changed and somebody steps the programs.
    fn report_next(&mut self) {
        let order = self.experiment.as_ref().map_or(&[][..], |one| &one.order);
        let Some(run) = self.run.as_mut().filter(|run| !run.programs.plays()) else { return };
        let of_order = order.get(run.turns).map(|turn| (turn.program, turn.thread));
        let next = of_order.or_else(|| run.next_turn());
        if next != run.next {
            run.next = next;
            self.reports.push(Report::Next(next));
        }
    }

    /// Reports what has happened. Returns whether the record is full: the rest of the events is lost.
    fn report(&mut self, events: Vec<Event>) -> bool {
        let Some(run) = &mut self.run else { return false };
        for event in events {
            let length = event.encoded_length();
            if run.events == MAX_EVENTS || run.recorded + length > MAX_TRACE {
                return true;
            }
            run.rests = false;
            run.events += 1;
            run.recorded += length;
            match self.reports.last_mut() {
                Some(Report::Events(batch)) if self.batch + length <= MAX_BATCH => {
                    batch.push(event);
                    self.batch += length;
                }
                Some(
                    Report::Events(_)
                    | Report::Loaded(_)
                    | Report::Network(_)
                    | Report::Over(_)
                    | Report::Failed(_)
                    | Report::Next(_)
                    | Report::Rests,
                )
                | None => {
                    self.reports.push(Report::Events(vec![event]));
                    self.batch = length;
                }
            }
        }
        false
    }

    fn end(&mut self, end: RunEnd) {
        self.run = None;
        self.reports.push(Report::Over(end));
    }

    /// When nothing will happen any more if nothing new happens until then, in microseconds. `None` if that was reported,
    /// and if programs that run by themselves wait for somebody: to type a line, or to say what becomes of a segment.
    pub fn rest_at(&mut self, waiting: &Waiting) -> Option<u64> {
        let run = self.run.as_mut()?;
        let goes_on = if run.programs.plays() { run.waits_for_somebody() } else { run.rests };
        if goes_on { None } else { run.programs.rest_at(waiting) }
    }

    /// Nothing moves any more. If somebody steps the programs, that is reported. If they run by themselves, those that
    /// wait have ended, and Ctrl+C is pressed for those that are to be interrupted. Returns whether the run goes on: then
    /// comes its end.
    pub fn rest(&mut self) -> bool {
        let Some(run) = &mut self.run else { return false };
        if run.programs.plays() {
            let ends = !run.waits_for_somebody();
            if ends {
                run.programs.rest();
            }
            return ends;
        }
        if !run.rests {
            run.rests = true;
            self.reports.push(Report::Rests);
        }
        false
    }

    /// The reports since the last call of this function.
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }
}

impl<P: Steppable> Run<P> {
    fn step(&mut self, turn: Turn) {
        if self.programs.plays() {
            self.programs.hold();
        }
        if self.programs.step(turn) {
            self.rests = false;
            self.last = Some((turn.program, turn.thread));
        }
    }

    /// Whether a program waits for a line that somebody types, or the wire keeps a segment in hand.
    fn waits_for_somebody(&self) -> bool {
        self.programs.reads() || self.programs.holds_segments()
    }

    /// The next turn of the order. A thread that is still on its way keeps its turn. When nothing happens by itself any
    /// more, one that waits for others loses it.
    fn step_next(&mut self, order: &[Turn], until: Until) {
        while let Some(turn) = order.get(self.turns) {
            let can_step = self.programs.can_step(turn.program, turn.thread);
            if !can_step && !self.rests {
                return;
            }
            self.turns += 1;
            if can_step {
                self.step(*turn);
                return;
            }
        }
        if let Some((program, thread)) = self.next_turn() {
            self.step(Turn { program, thread, until });
        }
    }

    /// The thread that takes the next turn: they take turns, each from the time on when its program starts.
    fn next_turn(&self) -> Option<(usize, usize)> {
        let all = (0..self.programs.count()).flat_map(|program| {
            (0..self.programs.threads(program)).map(move |thread| (program, thread))
        });
        let all: Vec<_> = all.collect();
        let last = self.last.and_then(|last| all.iter().position(|one| *one == last));
        let first = last.map_or(0, |last| last + 1);
        let turns = || all.iter().cycle().skip(first).take(all.len()).copied();
        let can_step =
            |(program, thread): &(usize, usize)| self.programs.can_step(*program, *thread);
        let is_due = |turn: &(usize, usize)| can_step(turn) && self.programs.is_due(turn.0);
        // If nothing goes on any more, one begins before its time.
        let begins = || turns().find(can_step).filter(|_| self.rests && !self.programs.reads());
        turns().find(is_due).or_else(begins)
    }
}

//! The state of the lab: a lesson, its experiment, the run, and the trace.

use std::cell::Cell;

use framescope_framing::HeaderFormat;
use framescope_lab::{
    CompileProblem, Doing, Event, EventKind, Experiment, Flow, Program, Reader, RunEnd, TcpState,
    Timeline, Trace, Until, Variant, WhatIf, variants,
};
use framescope_record::{Record, Source};

use super::channel::Channel;
use super::editor::{Editor, blank_programs, experiment_of, listens};
use super::lesson_texts::LessonTexts;
use super::link::LinkedMoment;
use super::series::Series;
use super::way::Way;
use crate::text::Language;

/// The default number of runs of a series.
const RUNS: u16 = 100;

/// A lesson and its run.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact")]
pub struct Lab {
    /// The lesson's variant. `None` for programs that are of no lesson.
    pub variant: Option<&'static Variant>,
    /// The texts of lessons that have arrived.
    pub lesson_texts: Vec<LessonTexts>,
    /// The texts that the page has asked for.
    pub asked: Option<Asked>,
    /// The experiment that runs: the variant's, the user's, or the imported one. It has no programs before the texts
    /// of the lesson have arrived.
    pub experiment: Experiment,
    /// Whether `experiment` is the variant's own.
    pub is_own: bool,
    /// Where the next run takes place: on real sockets, or on the simulated kernel.
    pub source: Source,
    /// The trace of the run.
    pub trace: Trace,
    /// What the trace shows.
    pub timeline: Timeline,
    /// Whether the trace was read from a file. Then there is no run to step.
    pub is_imported: bool,
    /// Whether the runner has been sent the experiment.
    pub is_loaded: bool,
    /// Whether the loaded experiment reads the lesson's lines, and not what the user types.
    pub reads_own_lines: bool,
    /// Whether all programs run by themselves.
    pub plays: bool,
    /// Whether the user has stepped the run.
    pub was_stepped: bool,
    /// Whether it was reported that nothing happens by itself after the last event. `None` if no such report has come.
    pub rests: Option<bool>,
    /// Whether the wire holds every segment until the user says what becomes of it.
    pub holds_segments: bool,
    /// The number of [`Report::Loaded`](framescope_lab::Report::Loaded) that have not come yet. Reports before
    /// the last of them belong to an earlier run and are ignored.
    pub awaited: u32,
    /// The way to what runs the programs.
    pub channel: Channel,
    /// The number of that channel. Messages of earlier ones are ignored.
    pub number: u32,
    /// What is wrong with the texts of the programs.
    pub problems: Vec<CompileProblem>,
    /// Why the run cannot go on, in a sentence.
    pub failure: Option<String>,
    /// The program and the thread that take the next turn, as far as it is known.
    pub next: Option<(usize, usize)>,
    /// How far a step goes.
    pub until: Until,
    /// Whether those who follow this page have the run.
    pub is_mirrored: bool,
    /// The steps that have led to the last event.
    pub way: Way,
    /// What is left of the way of a link.
    pub ahead: Option<LinkedMoment>,
    /// Whether the picture shows all phases of the run, even if it is higher than the screen then.
    pub is_unfolded: bool,
    /// The user's answer to the question: the index of a choice.
    pub prediction: Option<usize>,
    /// The index of the flow that the user chose to see.
    pub chosen_flow: Option<usize>,
    /// What another reader would have done, if the user has chosen one.
    pub what_if: Option<WhatIf>,
    /// The editor, if it is open.
    pub editor: Option<Editor>,
    /// The number of runs of the next series. `None` if the user typed an invalid number.
    pub runs: Option<u16>,
    /// The last series.
    pub series: Option<Series>,
    /// What the run answered when it was last asked.
    answer: Cell<Option<Answer>>,
}

/// What a run answers to the question of its lesson.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// The name of the lesson's variant, and the number of events and the end of the run.
    of: (Option<&'static str>, usize, Option<RunEnd>),
    outcome: Option<usize>,
    round_trip: Option<u64>,
}

/// Texts of a lesson that the page has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name of the variant.
    pub variant: &'static str,
    /// The language.
    pub language: Language,
    /// Whether they could not be fetched.
    pub has_failed: bool,
}

impl Lab {
    /// A lesson before its texts have arrived.
    #[must_use]
    pub fn new(variant: &'static Variant) -> Self {
        let experiment = Experiment::default();
        Self {
            variant: Some(variant),
            lesson_texts: Vec::new(),
            asked: None,
            trace: Trace::new(Source::Simulated, experiment.clone()),
            timeline: Timeline::new(&experiment),
            experiment,
            is_own: true,
            source: Source::Simulated,
            is_imported: false,
            is_loaded: false,
            reads_own_lines: false,
            plays: false,
            was_stepped: false,
            rests: None,
            holds_segments: false,
            awaited: 0,
            channel: Channel::Absent,
            number: 0,
            problems: Vec::new(),
            failure: None,
            next: None,
            until: Until::Call,
            is_mirrored: false,
            way: Way::default(),
            ahead: None,
            is_unfolded: false,
            prediction: None,
            chosen_flow: None,
            what_if: None,
            editor: None,
            runs: Some(RUNS),
            series: None,
            answer: Cell::new(None),
        }
    }

    /// The name of the lesson's variant in links. `own` for programs that are of no lesson, `watched` for those that are
    /// watched.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let own = if self.experiment.watched { WATCHED } else { OWN };
        self.variant.map_or(own, |variant| variant.name)
    }

    /// The texts of the lesson on screen. In `language`, or else in one that has arrived.
    #[must_use]
    pub fn texts(&self, language: Language) -> Option<&LessonTexts> {
        let name = self.name();
        let mut of_lesson = self.lesson_texts.iter().filter(|texts| texts.variant == name);
        let in_language = of_lesson.clone().find(|texts| texts.language == language);
        in_language.or_else(|| of_lesson.next())
    }

    /// The experiment as the lesson has it. Without programs if its texts have not arrived.
    #[must_use]
    pub fn own_experiment(&self) -> Experiment {
        let Some(variant) = self.variant else { return experiment_of(blank_programs()) };
        // The programs are the same in each language.
        let texts = self.lesson_texts.iter().find(|texts| texts.variant == variant.name);
        texts.map_or_else(Experiment::default, |texts| {
            variant.experiment_of(|file| texts.program(file).to_owned())
        })
    }

    /// Whether the programs of the experiment are there.
    #[must_use]
    pub const fn has_programs(&self) -> bool {
        !self.experiment.programs.is_empty()
    }

    /// The flow on screen and its index: the user's choice, or the first that has bytes.
    #[must_use]
    pub fn flow(&self) -> Option<(usize, &Flow)> {
        let flows = self.shown_timeline().flows();
        let chosen = self.chosen_flow.and_then(|index| Some((index, flows.get(index)?)));
        let first = self.shown_timeline().first_used_flow().unwrap_or(0);
        chosen.or_else(|| Some((first, flows.get(first)?)))
    }

    /// The flows that have bytes, and their indices.
    pub fn flows_with_bytes(&self) -> impl Iterator<Item = (usize, &Flow)> {
        self.shown_timeline().flows().iter().enumerate().filter(|(_, flow)| flow.has_bytes())
    }

    /// The trace on screen: the run's, or that of another reader.
    #[must_use]
    pub fn shown_trace(&self) -> &Trace {
        self.what_if.as_ref().map_or(&self.trace, |what_if| &what_if.trace)
    }

    /// What the trace on screen shows.
    #[must_use]
    pub fn shown_timeline(&self) -> &Timeline {
        self.what_if.as_ref().map_or(&self.timeline, |what_if| &what_if.timeline)
    }

    /// The record of the flow on screen.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.flow().map(|(_, flow)| &flow.record)
    }

    /// The header of the flow on screen. `None` if it has none.
    #[must_use]
    pub fn header(&self) -> Option<HeaderFormat> {
        self.flow().and_then(|(_, flow)| flow.header)
    }

    /// The first `event` events, or all events.
    #[must_use]
    pub fn events(&self, event: Option<usize>) -> &[Event] {
        let events = &self.shown_trace().events;
        &events[..event.unwrap_or(events.len()).min(events.len())]
    }

    /// The number of rungs of the ladder after `event` events.
    #[must_use]
    pub fn rungs(&self, event: Option<usize>) -> usize {
        let events = event.unwrap_or(usize::MAX);
        self.shown_timeline().rungs().partition_point(|rung| rung.event < events)
    }

    /// Whether the socket of a flow's receiver was closed after `event` events, or is not one of the programs'. Then no bytes
    /// are said to wait for it.
    #[must_use]
    pub fn is_receiver_closed(&self, flow: &Flow, event: Option<usize>) -> bool {
        let Some(connection) = self.shown_timeline().connections().get(flow.connection) else {
            return false;
        };
        let Some(to) = flow.to else { return true };
        let number = self.events(event).len();
        if flow.is_closed(number) {
            return true;
        }
        let history = self.shown_timeline().program(to);
        let events = &self.shown_trace().events;
        let sockets = history.sockets(events, number);
        let socket = connection.socket(flow.to_server, sockets);
        let has_ended = history.ended(events, number).is_some();
        // A connection that waits for an accept has no descriptor yet.
        let waits = |state: Option<TcpState>| {
            matches!(state, Some(TcpState::Established | TcpState::CloseWait))
        };
        match socket {
            // A reset takes nothing from the program that has arrived before: Linux, `tcp_reset`.
            Some(socket) if socket.state == Some(TcpState::Closed) => {
                socket.fd.is_none() || socket.unread.unwrap_or(0) == 0
            }
            Some(socket) => socket.fd.is_none() && !waits(socket.state),
            None => has_ended,
        }
    }

    /// Whether the kernel of a flow's sender had nothing more to send again after `event` events: it has closed the
    /// connection, as a reset makes it do, and has freed what was not acknowledged.
    #[must_use]
    pub fn is_sender_gone(&self, flow: &Flow, event: Option<usize>) -> bool {
        let Some(connection) = self.shown_timeline().connections().get(flow.connection) else {
            return false;
        };
        let Some(from) = flow.from else { return false };
        let number = self.events(event).len();
        let history = self.shown_timeline().program(from);
        let sockets = history.sockets(&self.shown_trace().events, number);
        match connection.socket(!flow.to_server, sockets) {
            Some(socket) => socket.state == Some(TcpState::Closed),
            None => !history.reports(number).is_empty(),
        }
    }

    /// Whether a thread stands still and can take a step, or its program can start.
    #[must_use]
    pub fn can_step(&self, program: usize, thread: usize) -> bool {
        if self.is_over() || program >= self.experiment.programs.len() {
            return false;
        }
        let (events, history) = (&self.trace.events, self.timeline.program(program));
        if !history.has_begun(events.len()) {
            return thread == 0;
        }
        let state = history.thread(events, events.len(), thread);
        state.is_some_and(|state| state.doing == Doing::Stands)
    }

    /// The first thread of a program that can take a step. 0 if none can.
    #[must_use]
    pub fn thread_to_step(&self, program: usize) -> usize {
        let threads = self.timeline.program(program).threads().max(1);
        (0..threads).find(|thread| self.can_step(program, *thread)).unwrap_or(0)
    }

    /// The program and the thread that take the next turn. Before the run has begun, the first of the order.
    #[must_use]
    pub fn next_turn(&self) -> Option<(usize, usize)> {
        let first =
            || self.experiment.order.first().map_or((0, 0), |turn| (turn.program, turn.thread));
        self.next.or_else(|| self.trace.events.is_empty().then(first))
    }

    /// Whether any thread can take a step.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        !self.plays
            && (0..self.experiment.programs.len())
                .any(|program| self.can_step(program, self.thread_to_step(program)))
    }

    /// Whether something may still happen by itself in a run that is stepped: a thread is on its way, or a segment.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.rests == Some(false) && !self.plays && !self.is_over()
    }

    /// Whether the next turn can be taken now. A thread that is still on its way keeps its turn.
    #[must_use]
    pub fn can_take_turn(&self) -> bool {
        let can_step = |(program, thread)| self.can_step(program, thread);
        self.goes_on() && (!self.moves() || self.next_turn().is_none_or(can_step))
    }

    /// Whether the wire keeps a segment in hand.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.timeline.holds()
    }

    /// Whether a program waits for a line that somebody types.
    #[must_use]
    pub fn reads(&self, program: usize) -> bool {
        let (events, history) = (&self.trace.events, self.timeline.program(program));
        !self.is_over()
            && (0..history.threads()).any(|thread| {
                let state = history.thread(events, events.len(), thread);
                state.is_some_and(|state| state.doing == Doing::Reads)
            })
    }

    /// Whether a program has begun and has not ended.
    #[must_use]
    pub fn runs(&self, program: usize) -> bool {
        let (events, history) = (&self.trace.events, self.timeline.program(program));
        !self.is_over()
            && history.has_begun(events.len())
            && history.ended(events, events.len()).is_none()
    }

    /// Whether the run is over: nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.trace.end.is_some()
            || self.is_imported
            || self.is_cut_off()
            || self.failure.is_some()
            || !self.has_programs()
    }

    /// Whether the runner has gone before the run was over.
    #[must_use]
    pub const fn is_cut_off(&self) -> bool {
        let has_begun = !self.trace.events.is_empty();
        has_begun && !self.is_loaded && !self.is_imported && self.trace.end.is_none()
    }

    /// Whether the run has begun and no thread can take a step. Calls may still wait.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        !self.trace.events.is_empty() && !self.goes_on()
    }

    /// Whether the run shows what it can show: it is over, or all programs wait for each other.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        let waits_for_user = || {
            self.holds() || (0..self.experiment.programs.len()).any(|program| self.reads(program))
        };
        let is_at_rest = self.is_at_rest() && !self.moves() && !self.plays;
        self.trace.end.is_some() || (is_at_rest && (self.is_over() || !waits_for_user()))
    }

    /// The index of the choice that the run confirms. `None` if it confirms none yet.
    #[must_use]
    pub fn outcome(&self) -> Option<usize> {
        self.answer().outcome
    }

    /// The median round trip of the run, in microseconds. `None` if the lesson does not ask for it.
    #[must_use]
    pub fn round_trip(&self) -> Option<u64> {
        self.answer().round_trip
    }

    /// What the run answers. It is worked out again only when something has been added to the run.
    fn answer(&self) -> Answer {
        let variant = self.variant.filter(|_| self.is_own);
        let of = (variant.map(|variant| variant.name), self.trace.events.len(), self.trace.end);
        if let Some(known) = self.answer.get().filter(|known| known.of == of) {
            return known;
        }
        let answer = Answer {
            of,
            outcome: variant.and_then(|variant| variant.outcome(&self.trace)),
            round_trip: variant.and_then(|variant| variant.round_trip(&self.trace)),
        };
        self.answer.set(Some(answer));
        answer
    }

    /// Whether the lesson has shown all that it can show. Then the next step is the next lesson.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.editor.is_none()
            && self.is_decided()
            && !self.is_cut_off()
            && !self.was_stepped_in_vain()
    }

    /// The variant after this one. `None` after the last, and if the programs are of no lesson.
    #[must_use]
    pub fn following(&self) -> Option<&'static Variant> {
        variants().skip_while(|variant| variant.name != self.name()).nth(1)
    }

    /// Whether the programs should run without pauses, and do not: otherwise they do not answer the question.
    #[must_use]
    pub fn should_run_without_pauses(&self) -> bool {
        self.needs_no_pauses() && !self.plays && !self.is_over()
    }

    fn needs_no_pauses(&self) -> bool {
        self.is_own && self.variant.is_some_and(|variant| variant.needs_no_pauses)
    }

    /// Whether the run was stepped to its end, and only one without pauses answers the question.
    #[must_use]
    pub fn was_stepped_in_vain(&self) -> bool {
        let is_stepped = self.needs_no_pauses() && self.was_stepped;
        is_stepped && self.is_decided() && !self.is_cut_off() && self.outcome().is_none()
    }

    /// Adds the next events to the trace.
    pub fn record_events(&mut self, events: Vec<Event>) {
        self.rests = self.rests.map(|_| false);
        self.timeline.extend(&events);
        self.trace.events.extend(events);
        if let Some(what_if) = &self.what_if {
            self.read_with(Some(what_if.reader));
        }
    }

    /// Shows what this reader would have done with the flow on screen. `None`: what the program has done.
    pub fn read_with(&mut self, reader: Option<Reader>) {
        let flow = self.flow().map(|(index, _)| index);
        let other = reader.zip(flow);
        self.what_if =
            other.and_then(|(reader, flow)| WhatIf::new(&self.trace, &self.timeline, flow, reader));
    }

    /// Whether another reader can be chosen: something was sent, and the programs do not run.
    #[must_use]
    pub fn can_read_otherwise(&self) -> bool {
        (!self.plays || self.is_over()) && self.flow().is_some_and(|(_, flow)| flow.has_bytes())
    }

    /// Clears the run. The experiment and the user's settings stay, except the chosen flow and reader.
    pub fn clear_run(&mut self) {
        self.trace = Trace::new(self.source, self.experiment.clone());
        self.timeline = Timeline::new(&self.experiment);
        self.is_imported = false;
        self.plays = false;
        self.was_stepped = false;
        self.is_mirrored = false;
        self.way = Way::default();
        self.next = None;
        self.rests = None;
        self.failure = None;
        self.what_if = None;
        self.chosen_flow = None;
        self.answer.set(None);
    }

    /// The programs, if they differ from the variant's, for a link.
    #[must_use]
    pub fn changed_programs(&self) -> Vec<Program> {
        if self.is_own || self.own_experiment().programs == self.experiment.programs {
            return Vec::new();
        }
        self.experiment.programs.clone()
    }

    /// Replaces the experiment and clears the run.
    pub fn replace_experiment(&mut self, experiment: Experiment, is_own: bool) {
        self.experiment = experiment;
        self.is_own = is_own;
        self.is_loaded = false;
        self.problems.clear();
        self.series = None;
        self.clear_run();
    }

    /// Whether a program is a server.
    #[must_use]
    pub fn is_server(&self, program: usize) -> bool {
        match &self.editor {
            Some(editor) => editor.servers.get(program).copied().unwrap_or(false),
            None => self.trace.experiment.programs.get(program).is_some_and(listens),
        }
    }

    /// Opens the editor with the current programs, if they are there.
    pub fn edit(&mut self) {
        if self.has_programs() {
            self.editor = Some(Editor::new(self.experiment.programs.clone()));
        }
    }

    /// The experiment of the programs in the editor. As long as the programs are those of the lesson, whatever their
    /// texts, they start when the lesson says.
    #[must_use]
    pub fn edited(&self) -> Option<Experiment> {
        let programs = self.editor.as_ref()?.programs.clone();
        let own = self.own_experiment();
        let names = |programs: &[Program]| -> Vec<String> {
            programs.iter().map(|program| program.name.clone()).collect()
        };
        if own.programs == programs {
            return Some(own);
        }
        if names(&own.programs) == names(&programs) {
            return Some(Experiment { programs, order: Vec::new(), ..own });
        }
        Some(experiment_of(programs))
    }

    /// The text that a program has printed after `event` events, and what was typed.
    #[must_use]
    pub fn printed(&self, program: usize, event: Option<usize>) -> Vec<Printed<'_>> {
        let number = self.events(event).len();
        let indices = self.shown_timeline().program(program).printed(number);
        let events = &self.shown_trace().events;
        let printed = indices.iter().filter_map(|index| events.get(*index));
        let pieces = printed.filter_map(|event| match &event.kind {
            EventKind::Printed(output) => {
                Some(Printed { text: &output.text, kind: PrintedKind::of(output.to_stderr) })
            }
            EventKind::Read(Some(line)) => Some(Printed { text: line, kind: PrintedKind::Typed }),
            EventKind::Began
            | EventKind::Line(_)
            | EventKind::Variables(_)
            | EventKind::Called(..)
            | EventKind::Blocked(_)
            | EventKind::Returned(_)
            | EventKind::Reads
            | EventKind::Read(None)
            | EventKind::Started(_)
            | EventKind::Waits
            | EventKind::ThreadEnded
            | EventKind::Ended(_)
            | EventKind::Sockets(_)
            | EventKind::Segment(_)
            | EventKind::Fate(..) => None,
        });
        pieces.collect()
    }
}

/// A piece of what a program printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printed<'a> {
    /// The text. A typed line is without its end.
    pub text: &'a str,
    /// Where it comes from.
    pub kind: PrintedKind,
}

/// Where a piece of a program's output comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintedKind {
    /// It was printed to the standard output.
    Stdout,
    /// It was printed to the standard error.
    Stderr,
    /// It was typed.
    Typed,
}

impl PrintedKind {
    const fn of(to_stderr: bool) -> Self {
        if to_stderr { Self::Stderr } else { Self::Stdout }
    }
}

/// The name of programs that are of no lesson, in links and menus.
pub const OWN: &str = "own";

/// The name of the programs that the relay watches, in links.
pub const WATCHED: &str = "watched";

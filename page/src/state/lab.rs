//! The state of the lab: a lesson, its experiment, the run, and the trace.

use framescope_engine::{Replay, Run, SimulatedKernel, replay};
use framescope_lab::{
    Call, ChunkSizes, Event, Experiment, Flow, MAX_SERIES, MIN_SERIES, Program, Side, TcpState,
    Timeline, Trace, Value, Variant, has_rung, next_side, returned,
};
use framescope_record::{Record, Source};

/// The default number of runs of a series.
const RUNS: u16 = 100;

/// The readers that a recorded trace can be read with in place of the recorded one.
pub const READERS: [Call; 6] = [
    Call::Recv(1024),
    Call::Recv(5),
    Call::Recv(4),
    Call::RecvExact(5),
    Call::RecvNaive,
    Call::RecvMessage,
];

/// The WebSocket to the relay's lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabSocket {
    /// There is none, and none is needed yet.
    Absent,
    /// It is being opened. These encoded commands are sent when it is open.
    Opening(Vec<Vec<u8>>),
    /// It is open.
    Open,
    /// It was lost, or the relay refused it.
    Lost {
        /// The reason in the close frame. Empty if there was none.
        reason: String,
    },
}

/// The programs that the user is editing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    /// The text of each side's program, the server first.
    pub texts: Vec<String>,
    /// The error in each text, if there is one.
    pub problems: Vec<Option<String>>,
}

/// Many runs of one experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Real sockets, or the simulated kernel.
    pub source: Source,
    /// The number of runs that the user asked for.
    pub runs: u16,
    /// Each outcome and its number of runs, the most frequent first.
    pub outcomes: Vec<(ChunkSizes, u16)>,
    /// Whether more runs will follow.
    pub is_running: bool,
}

impl Series {
    /// The number of runs that are over.
    #[must_use]
    pub fn done(&self) -> u16 {
        self.outcomes.iter().map(|(_, count)| count).sum()
    }

    /// Counts the outcome of one more run.
    pub fn count(&mut self, sizes: ChunkSizes) {
        match self.outcomes.iter_mut().find(|(known, _)| *known == sizes) {
            Some((_, count)) => *count += 1,
            None => self.outcomes.push((sizes, 1)),
        }
        self.outcomes.sort_by(|(a, first), (b, second)| second.cmp(first).then_with(|| a.cmp(b)));
    }
}

/// A lesson and its run.
#[derive(Debug)]
pub struct Lab {
    /// The lesson's variant.
    pub variant: &'static Variant,
    /// The experiment that runs: the variant's, the user's, or the imported one.
    pub experiment: Experiment,
    /// Whether `experiment` is the variant's own.
    pub is_own: bool,
    /// Where the next run takes place: on real sockets, or on the simulated kernel.
    pub source: Source,
    /// The trace of the run.
    pub trace: Trace,
    /// The trace as lanes.
    pub timeline: Timeline,
    /// The indices of the events that have a rung on the ladder.
    pub rungs: Vec<usize>,
    /// Whether the trace was read from a file. Then there is no run to step.
    pub is_imported: bool,
    /// The run on the simulated kernel, after its first step.
    pub simulated: Option<Run<SimulatedKernel>>,
    /// Whether the relay has been sent the experiment.
    pub is_loaded: bool,
    /// The number of [`Report::Loaded`](framescope_lab::Report::Loaded) that the relay has not sent
    /// yet. Its reports before the last of them belong to an earlier run and are ignored.
    pub awaited: u32,
    /// The WebSocket to the relay.
    pub websocket: LabSocket,
    /// The number of that WebSocket. Messages of earlier ones are ignored.
    pub socket: u32,
    /// The user's answer to the question: the index of a choice.
    pub prediction: Option<usize>,
    /// The index of the flow that the user chose to see.
    pub chosen_flow: Option<usize>,
    /// The other reader that the user chose, and what it reads.
    pub replay: Option<(Call, Replay)>,
    /// The editor, if it is open.
    pub editor: Option<Editor>,
    /// The number of runs of the next series. `None` if the user typed an invalid number.
    pub runs: Option<u16>,
    /// The last series.
    pub series: Option<Series>,
}

impl Lab {
    /// A lesson before its first step.
    #[must_use]
    pub fn new(variant: &'static Variant) -> Self {
        let experiment = variant.experiment();
        Self {
            variant,
            trace: Trace::new(Source::Simulated, experiment.clone()),
            timeline: Timeline::new(&experiment),
            experiment,
            is_own: true,
            rungs: Vec::new(),
            source: Source::Simulated,
            is_imported: false,
            simulated: None,
            is_loaded: false,
            awaited: 0,
            websocket: LabSocket::Absent,
            socket: 0,
            prediction: None,
            chosen_flow: None,
            replay: None,
            editor: None,
            runs: Some(RUNS),
            series: None,
        }
    }

    /// The flow on screen and its index: the user's choice, or the first that has bytes.
    #[must_use]
    pub fn flow(&self) -> Option<(usize, &Flow)> {
        let flows = self.timeline.flows();
        let chosen = self.chosen_flow.and_then(|index| Some((index, flows.get(index)?)));
        chosen
            .or_else(|| flows.iter().enumerate().find(|(_, flow)| has_bytes(flow)))
            .or_else(|| flows.iter().enumerate().next())
    }

    /// The flows that have bytes, and their indices.
    pub fn flows_with_bytes(&self) -> impl Iterator<Item = (usize, &Flow)> {
        self.timeline.flows().iter().enumerate().filter(|(_, flow)| has_bytes(flow))
    }

    /// The record that the lanes show: the flow's, or that of another reader.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match &self.replay {
            Some((_, replay)) => Some(&replay.record),
            None => self.flow().map(|(_, flow)| &flow.record),
        }
    }

    /// Whether the flow on screen is framed by headers.
    #[must_use]
    pub fn is_framed(&self) -> bool {
        let by_reader = self.replay.as_ref().is_some_and(|(reader, _)| reader.reads_header());
        by_reader || self.flow().is_some_and(|(_, flow)| flow.is_framed)
    }

    /// The first `event` events, or all events.
    #[must_use]
    pub fn events(&self, event: Option<usize>) -> &[Event] {
        let events = &self.trace.events;
        &events[..event.unwrap_or(events.len()).min(events.len())]
    }

    /// The indices of those of the first `event` events that have a rung on the ladder.
    #[must_use]
    pub fn rungs(&self, event: Option<usize>) -> &[usize] {
        let events = event.unwrap_or(usize::MAX);
        &self.rungs[..self.rungs.partition_point(|index| *index < events)]
    }

    /// Whether the receiver's socket was closed after `event` events. Then no bytes wait for it.
    #[must_use]
    pub fn is_receiver_closed(&self, event: Option<usize>) -> bool {
        let last = self.events(event).last();
        let tcp_info = last
            .zip(self.flow())
            .and_then(|(last, (_, flow))| last.tcp_info.get(usize::from(flow.to.0)));
        tcp_info.is_some_and(|tcp_info| tcp_info.state == Some(TcpState::Closed))
    }

    /// Whether any program sends bytes.
    #[must_use]
    pub fn has_sends(&self) -> bool {
        let programs = self.experiment.sides().filter_map(|side| self.experiment.program(side));
        programs.flat_map(|program| &program.0).any(Call::sends)
    }

    /// The values that the receiver's calls had returned after `event` events.
    #[must_use]
    pub fn returned(&self, event: Option<usize>) -> Vec<&Value> {
        if let Some((_, replay)) = &self.replay {
            let by_then = |number: usize| event.is_none_or(|event| number <= event);
            let values = replay.returned.iter().filter(|(number, _)| by_then(*number));
            return values.map(|(_, value)| value).collect();
        }
        let Some((_, flow)) = self.flow() else { return Vec::new() };
        let values = returned(&self.trace.experiment, flow.to, self.events(event));
        values.map(|(_, value)| value).collect()
    }

    /// The side whose call comes next. `None` if every program waits or has ended.
    #[must_use]
    pub fn next_side(&self) -> Option<Side> {
        if self.is_over() { None } else { next_side(&self.experiment, &self.trace.events) }
    }

    /// Whether the run is over: nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.trace.end.is_some() || self.is_imported || self.is_cut_off()
    }

    /// Whether the relay closed the sockets before the run was over.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        let has_begun = !self.trace.events.is_empty();
        self.trace.source == Source::Measured && has_begun && !self.is_loaded
    }

    /// Whether the run has begun and no call is left to step. Calls may still wait.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        !self.trace.events.is_empty() && self.next_side().is_none()
    }

    /// The index of the choice that the run confirms. `None` if it confirms none yet.
    #[must_use]
    pub fn outcome(&self) -> Option<usize> {
        if self.is_own { self.variant.outcome(&self.trace) } else { None }
    }

    /// Adds the next events to the trace.
    pub fn record_events(&mut self, events: Vec<Event>) {
        for event in events {
            self.timeline.push(&event);
            if has_rung(&self.trace.experiment, &event) {
                self.rungs.push(self.trace.events.len());
            }
            self.trace.events.push(event);
        }
        if let Some((reader, _)) = &self.replay {
            self.replay = self.replayed(reader.clone());
        }
    }

    /// Reads the flow on screen with `reader`.
    #[must_use]
    pub fn replayed(&self, reader: Call) -> Option<(Call, Replay)> {
        let (_, flow) = self.flow()?;
        let sides = (flow.from, flow.to);
        let replay = replay(&self.trace.experiment, &self.trace.events, sides, &reader);
        Some((reader, replay))
    }

    /// Clears the run. The experiment and the user's settings stay, except the chosen flow and reader.
    pub fn clear_run(&mut self) {
        self.trace = Trace::new(self.source, self.experiment.clone());
        self.timeline = Timeline::new(&self.experiment);
        self.rungs.clear();
        self.simulated = None;
        self.is_imported = false;
        self.replay = None;
        self.chosen_flow = None;
    }

    /// The programs that differ from the variant's, as Python, for a link.
    #[must_use]
    pub fn changed_programs(&self) -> Vec<(Side, String)> {
        let own = self.variant.experiment();
        let changed = |side: &Side| self.experiment.program(*side) != own.program(*side);
        let text = |side| Some((side, self.experiment.program(side)?.to_python(side)));
        self.experiment.sides().filter(changed).filter_map(text).collect()
    }

    /// Replaces the experiment and clears the run.
    pub fn replace_experiment(&mut self, experiment: Experiment, is_own: bool) {
        self.experiment = experiment;
        self.is_own = is_own;
        self.is_loaded = false;
        self.series = None;
        self.clear_run();
    }

    /// Opens the editor with the current programs.
    pub fn edit(&mut self) {
        let program = |side| self.experiment.program(side).map(|program| program.to_python(side));
        let texts: Vec<String> = self.experiment.sides().filter_map(program).collect();
        self.editor = Some(Editor { problems: vec![None; texts.len()], texts });
    }

    /// The experiment of the programs in the editor. If a program has an error, returns `None` and
    /// sets the editor's problems.
    pub fn edited(&mut self) -> Option<Experiment> {
        let editor = self.editor.as_mut()?;
        let sides = self.experiment.sides();
        let parsed: Vec<_> = sides
            .zip(&editor.texts)
            .map(|(side, text)| Program::parse(text, side).map_err(|error| error.to_string()))
            .collect();
        editor.problems = parsed.iter().map(|parsed| parsed.clone().err()).collect();
        let mut programs = parsed.into_iter().collect::<Result<Vec<_>, _>>().ok()?.into_iter();
        let experiment = Experiment {
            header: self.experiment.header,
            server: programs.next()?,
            clients: programs.collect(),
            order: Vec::new(),
        };
        if let Err(error) = experiment.check() {
            editor.problems[0] = Some(error.to_string());
            return None;
        }
        Some(experiment)
    }
}

fn has_bytes(flow: &Flow) -> bool {
    *flow.record.event_numbers().end() > 0
        && flow.record.stream(framescope_record::Direction::Sent).end() > 0
}

/// Parses the number of runs that the user typed. `None` if it is invalid.
#[must_use]
pub fn parse_runs(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|runs| (MIN_SERIES..=MAX_SERIES).contains(runs))
}

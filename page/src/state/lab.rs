//! The lab: a lesson's programs, what a run of them recorded, and the moment of it on screen.

use framescope_engine::{Replay, Run, SimulatedKernel, replay};
use framescope_lab::{
    Call, ChunkSizes, Event, Experiment, Flow, MAX_SERIES, MIN_SERIES, Program, Side, TcpState,
    Timeline, Trace, Value, Variant, has_rung, next_side, returned,
};
use framescope_record::{Record, Source};

/// How many runs a series has to begin with.
const RUNS: u16 = 100;

/// The readers that a recorded trace can be read with instead of its own.
pub const READERS: [Call; 6] = [
    Call::Recv(1024),
    Call::Recv(5),
    Call::Recv(4),
    Call::RecvExact(5),
    Call::RecvNaive,
    Call::RecvMessage,
];

/// How the relay's lab is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabSocket {
    /// There is no WebSocket, and none is needed yet.
    Absent,
    /// It is being opened; these commands, encoded, wait for it.
    Opening(Vec<Vec<u8>>),
    /// It is open.
    Open,
    /// It broke, or was refused.
    Lost {
        /// What the relay said, if it could.
        reason: String,
    },
}

/// What the viewer is writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    /// A text for each side, the server first.
    pub texts: Vec<String>,
    /// What is wrong with each.
    pub problems: Vec<Option<String>>,
}

/// Many runs of one experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Real sockets, or the model.
    pub source: Source,
    /// How many were asked for.
    pub runs: u16,
    /// How often each outcome was seen, the most frequent first.
    pub outcomes: Vec<(ChunkSizes, u16)>,
    /// Is it still under way?
    pub is_running: bool,
}

impl Series {
    /// How many runs are over.
    #[must_use]
    pub fn done(&self) -> u16 {
        self.outcomes.iter().map(|(_, count)| count).sum()
    }

    /// Counts the outcome of one more run.
    pub fn count(&mut self, cuts: ChunkSizes) {
        match self.outcomes.iter_mut().find(|(known, _)| *known == cuts) {
            Some((_, count)) => *count += 1,
            None => self.outcomes.push((cuts, 1)),
        }
        self.outcomes.sort_by(|(a, first), (b, second)| second.cmp(first).then_with(|| a.cmp(b)));
    }
}

/// A lesson and its run.
#[derive(Debug)]
pub struct Lab {
    /// The lesson's experiment, as the course has it.
    pub variant: &'static Variant,
    /// What is run: that, or what the viewer made of it, or what was imported.
    pub experiment: Experiment,
    /// Is it still the lesson's own?
    pub is_own: bool,
    /// What a new run will be.
    pub source: Source,
    /// What was recorded.
    pub trace: Trace,
    /// The same as lanes.
    pub timeline: Timeline,
    /// The indices of the events that have a rung of the ladder.
    pub rungs: Vec<usize>,
    /// Was it read from a file? Then it cannot be stepped on.
    pub is_imported: bool,
    /// The run on the model, where it is one and has begun.
    pub simulated: Option<Run<SimulatedKernel>>,
    /// Has the relay been given the experiment?
    pub is_loaded: bool,
    /// How often the relay has still to say that it has loaded something: what it reports until
    /// then is of a run that was given up.
    pub awaited: u32,
    /// How the relay is reached.
    pub websocket: LabSocket,
    /// The number of the WebSocket, so that an earlier one is not listened to.
    pub socket: u32,
    /// What the viewer answered to the question.
    pub prediction: Option<usize>,
    /// Which flow the viewer wants to see.
    pub chosen_flow: Option<usize>,
    /// Another reader, and what it gets.
    pub replay: Option<(Call, Replay)>,
    /// The programs, while they are being changed.
    pub editor: Option<Editor>,
    /// How many runs a series will have; `None` where what was typed is no such number.
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

    /// The flow on screen: the viewer's choice, or the first that has bytes.
    #[must_use]
    pub fn flow(&self) -> Option<(usize, &Flow)> {
        let flows = self.timeline.flows();
        let chosen = self.chosen_flow.and_then(|index| Some((index, flows.get(index)?)));
        chosen
            .or_else(|| flows.iter().enumerate().find(|(_, flow)| has_bytes(flow)))
            .or_else(|| flows.iter().enumerate().next())
    }

    /// The flows that have bytes, and their numbers.
    pub fn flows_with_bytes(&self) -> impl Iterator<Item = (usize, &Flow)> {
        self.timeline.flows().iter().enumerate().filter(|(_, flow)| has_bytes(flow))
    }

    /// What the lanes show: the flow's record, or what another reader gets of it.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match &self.replay {
            Some((_, replay)) => Some(&replay.record),
            None => self.flow().map(|(_, flow)| &flow.record),
        }
    }

    /// Does the header say where the messages of this flow end?
    #[must_use]
    pub fn is_framed(&self) -> bool {
        let by_reader = self.replay.as_ref().is_some_and(|(reader, _)| reader.reads_header());
        by_reader || self.flow().is_some_and(|(_, flow)| flow.is_framed)
    }

    /// What had happened when `event` events had, or all of it.
    #[must_use]
    pub fn events(&self, event: Option<usize>) -> &[Event] {
        let events = &self.trace.events;
        &events[..event.unwrap_or(events.len()).min(events.len())]
    }

    /// The indices of the events that had a rung of the ladder by then.
    #[must_use]
    pub fn rungs(&self, event: Option<usize>) -> &[usize] {
        let events = event.unwrap_or(usize::MAX);
        &self.rungs[..self.rungs.partition_point(|index| *index < events)]
    }

    /// Had the receiver's kernel closed its socket by then? Then nothing waits for it any more.
    #[must_use]
    pub fn is_receiver_closed(&self, event: Option<usize>) -> bool {
        let last = self.events(event).last();
        let tcp_info = last
            .zip(self.flow())
            .and_then(|(last, (_, flow))| last.tcp_info.get(usize::from(flow.to.0)));
        tcp_info.is_some_and(|tcp_info| tcp_info.state == Some(TcpState::Closed))
    }

    /// Does any program send?
    #[must_use]
    pub fn has_sends(&self) -> bool {
        let programs = self.experiment.sides().filter_map(|side| self.experiment.program(side));
        programs.flat_map(|program| &program.0).any(Call::sends)
    }

    /// What the receiver's calls had returned by then.
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

    /// Whose call comes next; `None` where everybody waits or has ended.
    #[must_use]
    pub fn next_side(&self) -> Option<Side> {
        if self.is_over() { None } else { next_side(&self.experiment, &self.trace.events) }
    }

    /// Will nothing more happen?
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.trace.end.is_some() || self.is_imported || self.is_cut_off()
    }

    /// Has the relay let go of the sockets before the run was over?
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        let has_begun = !self.trace.events.is_empty();
        self.trace.source == Source::Measured && has_begun && !self.is_loaded
    }

    /// Is there nothing left to step? Calls may still wait.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        !self.trace.events.is_empty() && self.next_side().is_none()
    }

    /// Which choice the run bears out, as soon as it does.
    #[must_use]
    pub fn outcome(&self) -> Option<usize> {
        if self.is_own { self.variant.outcome(&self.trace) } else { None }
    }

    /// Adds what happened.
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

    /// What `reader` gets of the flow on screen.
    #[must_use]
    pub fn replayed(&self, reader: Call) -> Option<(Call, Replay)> {
        let (_, flow) = self.flow()?;
        let sides = (flow.from, flow.to);
        let replay = replay(&self.trace.experiment, &self.trace.events, sides, &reader);
        Some((reader, replay))
    }

    /// Forgets the run; the experiment, and what the viewer set, stays.
    pub fn forget_run(&mut self) {
        self.trace = Trace::new(self.source, self.experiment.clone());
        self.timeline = Timeline::new(&self.experiment);
        self.rungs.clear();
        self.simulated = None;
        self.is_imported = false;
        self.replay = None;
        self.chosen_flow = None;
    }

    /// The programs that someone changed, for a link.
    #[must_use]
    pub fn changed_programs(&self) -> Vec<(Side, String)> {
        let own = self.variant.experiment();
        let changed = |side: &Side| self.experiment.program(*side) != own.program(*side);
        let text = |side| Some((side, self.experiment.program(side)?.to_python(side)));
        self.experiment.sides().filter(changed).filter_map(text).collect()
    }

    /// Takes another experiment.
    pub fn take(&mut self, experiment: Experiment, is_own: bool) {
        self.experiment = experiment;
        self.is_own = is_own;
        self.is_loaded = false;
        self.series = None;
        self.forget_run();
    }

    /// Opens the editor on the programs as they are.
    pub fn edit(&mut self) {
        let program = |side| self.experiment.program(side).map(|program| program.to_python(side));
        let texts: Vec<String> = self.experiment.sides().filter_map(program).collect();
        self.editor = Some(Editor { problems: vec![None; texts.len()], texts });
    }

    /// The programs in the editor, where all of them can be read; where not, the editor says why.
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

/// Reads what a viewer typed as the number of runs.
#[must_use]
pub fn parse_runs(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|runs| (MIN_SERIES..=MAX_SERIES).contains(runs))
}

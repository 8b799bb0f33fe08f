//! Updates of the lab: stepping, running, answering, and changing the programs.

use framescope_engine::{
    Run, SimulatedKernel, play_simulated, settle_simulated, simulate_freely, wait_simulated,
};
use framescope_lab::{
    Call, ChunkSizes, Command, Side, Timeline, Trace, Variant, find_variant, lessons, variants,
};
use framescope_record::Source;

use super::{lab_socket, viewing};
use crate::effect::Effect;
use crate::msg::LabMsg;
use crate::screen::wording::last_rung_text;
use crate::state::{Lab, LabSocket, Lessons, Relay, Series, State, Tab, parse_runs};

/// The number of simulated runs of a series for each frame of the page.
const RUNS_PER_FRAME: u16 = 5;

pub(super) fn update(state: &mut State, msg: LabMsg) -> Vec<Effect> {
    match msg {
        LabMsg::AdjacentVariant(by) => choose_adjacent(state, by),
        LabMsg::LessonChosen(name) => match find_variant(&name) {
            Some(variant) => choose(state, variant),
            None => Vec::new(),
        },
        LabMsg::SourceChosen(source) => choose_source(state, source),
        LabMsg::Step(side) => step(state, Some(side)),
        LabMsg::StepNext => step(state, None),
        LabMsg::RunAll => run_all(state),
        LabMsg::Reset => reset(state),
        LabMsg::Predicted(choice) => {
            state.lab.prediction = Some(choice);
            Vec::new()
        }
        LabMsg::FlowChosen(flow) => {
            state.lab.chosen_flow = Some(flow);
            let reader = state.lab.replay.take().map(|(reader, _)| reader);
            read_with(state, reader)
        }
        LabMsg::ReaderChosen(reader) => read_with(state, reader),
        LabMsg::EditToggled => {
            if state.lab.editor.take().is_none() {
                state.lab.edit();
            }
            Vec::new()
        }
        LabMsg::ProgramTyped(side, text) => {
            let editor = state.lab.editor.as_mut();
            if let Some(typed) = editor.and_then(|editor| editor.texts.get_mut(usize::from(side.0)))
            {
                *typed = text;
            }
            Vec::new()
        }
        LabMsg::EditsApplied => apply_edits(state),
        LabMsg::RunsTyped(text) => {
            state.lab.runs = parse_runs(&text);
            Vec::new()
        }
        LabMsg::SeriesAsked { seed } => begin_series(state, seed),
        LabMsg::SeriesGoesOn { seed } => continue_series(state, seed),
        LabMsg::ExportAsked => {
            let name = format!("framescope-{}.json", state.lab.variant.name);
            vec![Effect::Download { name, trace: Box::new(state.lab.trace.clone()) }]
        }
        LabMsg::SocketOpened(number) => lab_socket::opened(state, number),
        LabMsg::SocketReceived(number, bytes) => lab_socket::received(state, number, &bytes),
        LabMsg::SocketClosed { number, code, reason } => {
            lab_socket::closed(state, number, code, reason)
        }
    }
}

/// Shows the lab with this lesson's variant.
pub(super) fn choose(state: &mut State, variant: &'static Variant) -> Vec<Effect> {
    state.tab = Tab::Lab;
    state.lab.variant = variant;
    state.lab.prediction = None;
    state.lab.editor = None;
    state.lab.replace_experiment(variant.experiment(), true);
    begin_new_run(state)
}

/// Shows the variant that is `by` places after the current one in the course.
fn choose_adjacent(state: &mut State, by: isize) -> Vec<Effect> {
    let variants: Vec<_> = variants().collect();
    let at = variants.iter().position(|variant| variant.name == state.lab.variant.name);
    let next = at.and_then(|at| variants.get(at.checked_add_signed(by)?));
    next.map_or_else(Vec::new, |variant| choose(state, variant))
}

/// Shows the first variant of the lesson with this number.
pub(super) fn choose_number(state: &mut State, number: u8) -> Vec<Effect> {
    let lesson = lessons().find(|lesson| lesson.number == number);
    lesson.and_then(|lesson| lesson.variants.first()).map_or_else(Vec::new, |v| choose(state, v))
}

/// Shows the lesson and the changed programs that the page's link names.
pub(super) fn follow_link(state: &mut State) -> Vec<Effect> {
    let lessons = std::mem::take(&mut state.link.lessons);
    if let Some(variant) = lessons.name.as_deref().and_then(find_variant) {
        choose(state, variant);
        if !lessons.programs.is_empty() {
            edit_from_link(state, &lessons);
        }
    }
    vec![Effect::FetchRelayInfo]
}

fn edit_from_link(state: &mut State, lessons: &Lessons) {
    state.lab.edit();
    if let Some(editor) = &mut state.lab.editor {
        for (side, text) in &lessons.programs {
            if let Some(own) = editor.texts.get_mut(usize::from(side.0)) {
                own.clone_from(text);
            }
        }
    }
    // If a program has an error, the editor stays open and shows it.
    apply_edits(state);
}

/// Clears the run, so that the next step begins a new one. It uses the simulated kernel if no relay can
/// run experiments. Otherwise the source does not change.
fn begin_new_run(state: &mut State) -> Vec<Effect> {
    if !state.has_lab() {
        state.lab.source = Source::Simulated;
    }
    state.lab.clear_run();
    state.file_problem = None;
    let mut effects = viewing::show_newest_moment(state);
    if state.lab.websocket == LabSocket::Open && state.lab.is_loaded {
        state.lab.awaited += 1;
        effects.push(Effect::LabSend(Command::Reset.encode()));
    } else {
        state.lab.is_loaded = false;
    }
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}

fn reset(state: &mut State) -> Vec<Effect> {
    if let Some(series) = &mut state.lab.series {
        series.is_running = false;
    }
    begin_new_run(state)
}

fn choose_source(state: &mut State, source: Source) -> Vec<Effect> {
    if source == state.lab.source || (source == Source::Measured && !state.has_lab()) {
        return Vec::new();
    }
    state.lab.source = source;
    reset(state)
}

/// Updates the lab after a change of what is known about the relay. If the run has not begun, it takes
/// real sockets if a relay can run experiments, and otherwise the simulated kernel.
pub(super) fn relay_changed(state: &mut State) {
    if state.has_lab() && matches!(state.lab.websocket, LabSocket::Lost { .. }) {
        state.lab.websocket = LabSocket::Absent;
    }
    let untouched = state.lab.trace.events.is_empty();
    let wanted = if state.has_lab() { Source::Measured } else { Source::Simulated };
    if untouched && !state.lab.is_imported {
        state.lab.source = wanted;
        state.lab.clear_run();
    }
    if state.relay == Relay::Absent && state.connections.is_empty() {
        // The lessons still work, on the simulated kernel.
        state.tab = Tab::Lab;
    }
}

/// Begins the next call of `side`, or the next step of the order. If an earlier moment is on screen,
/// only moves to the newest one.
pub(super) fn step(state: &mut State, side: Option<Side>) -> Vec<Effect> {
    if state.lab.is_over() || state.lab.editor.is_some() {
        return Vec::new();
    }
    if state.cursor.is_some() {
        // The state that the step would change is not on screen.
        return viewing::show_newest_moment(state);
    }
    let mut effects = viewing::show_newest_moment(state);
    effects.extend(step_in_place(state, side));
    effects
}

/// Begins the next call of `side`, or the next step of the order. Does not move the cursor.
pub(super) fn step_in_place(state: &mut State, side: Option<Side>) -> Vec<Effect> {
    if state.lab.source == Source::Measured {
        let command = side.map_or(Command::StepNext, Command::Step);
        return lab_socket::send(state, &command);
    }
    let lab = &mut state.lab;
    let Some(run) = simulated_run(lab) else { return Vec::new() };
    let begun = match side {
        Some(side) => run.step(side),
        None => run.step_next().is_some(),
    };
    if begun {
        settle_simulated(run);
    } else {
        wait_simulated(run);
    }
    let (events, end) = (run.take_events(), run.end());
    lab.trace.end = end;
    lab.record_events(events);
    viewing::keep_in_view(state);
    last_rung_text(state).map(Effect::Announce).into_iter().collect()
}

fn run_all(state: &mut State) -> Vec<Effect> {
    if state.lab.is_over() || state.lab.editor.is_some() {
        return Vec::new();
    }
    let effects = viewing::show_newest_moment(state);
    if state.lab.source == Source::Measured {
        return [effects, lab_socket::send(state, &Command::Play)].concat();
    }
    let lab = &mut state.lab;
    let Some(run) = simulated_run(lab) else { return effects };
    let end = loop {
        if let Some(end) = play_simulated(run) {
            break end;
        }
    };
    let events = run.take_events();
    lab.trace.end = Some(end);
    lab.record_events(events);
    viewing::keep_in_view(state);
    effects
}

/// The run on the simulated kernel. Creates it if there is none.
fn simulated_run(lab: &mut Lab) -> Option<&mut Run<SimulatedKernel>> {
    if lab.simulated.is_none() {
        let kernel = SimulatedKernel::new(lab.experiment.clients.len());
        // The experiments of the editor and of the course are within bounds.
        lab.simulated = Run::new(&lab.experiment, kernel).ok();
    }
    lab.simulated.as_mut()
}

fn read_with(state: &mut State, reader: Option<Call>) -> Vec<Effect> {
    state.lab.replay = reader.and_then(|reader| state.lab.replayed(reader));
    viewing::clear_selection(state);
    viewing::keep_in_view(state);
    Vec::new()
}

fn apply_edits(state: &mut State) -> Vec<Effect> {
    let Some(experiment) = state.lab.edited() else { return Vec::new() };
    state.lab.editor = None;
    let own = state.lab.variant.experiment();
    let is_own = own.server == experiment.server && own.clients == experiment.clients;
    state.lab.replace_experiment(if is_own { own } else { experiment }, is_own);
    begin_new_run(state)
}

/// Begins a series. The trace that was stepped stays on screen. A run on real sockets cannot continue,
/// because the relay starts the experiment again for each run of the series.
fn begin_series(state: &mut State, seed: u64) -> Vec<Effect> {
    let is_editing = state.lab.editor.is_some();
    let Some(runs) = state.lab.runs.filter(|_| !is_editing) else { return Vec::new() };
    let source = if state.has_lab() { state.lab.source } else { Source::Simulated };
    state.lab.series = Some(Series { source, runs, outcomes: Vec::new(), is_running: true });
    if source == Source::Simulated {
        return continue_series(state, seed);
    }
    // Load the experiment before the series, because the relay may have another one. Load it again
    // after the series, because the next step begins a new run.
    state.lab.is_loaded = false;
    let effects = lab_socket::send(state, &Command::Series { runs });
    state.lab.is_loaded = false;
    effects
}

/// Makes the next simulated runs of a series.
fn continue_series(state: &mut State, seed: u64) -> Vec<Effect> {
    let lab = &mut state.lab;
    let is_simulated =
        |series: &&mut Series| series.is_running && series.source == Source::Simulated;
    let Some(series) = lab.series.as_mut().filter(is_simulated) else { return Vec::new() };
    for _ in 0..RUNS_PER_FRAME.min(series.runs.saturating_sub(series.done())) {
        let seed = seed.wrapping_add(u64::from(series.done()));
        if let Ok(trace) = simulate_freely(&lab.experiment, seed) {
            series.count(ChunkSizes::of(&lab.experiment, &trace.events));
        }
    }
    series.is_running = series.done() < series.runs;
    if series.is_running { vec![Effect::SeriesLater { seed }] } else { Vec::new() }
}

/// Shows the lab with a trace that was read from a file.
pub(super) fn import(state: &mut State, mut trace: Trace) -> Vec<Effect> {
    state.tab = Tab::Lab;
    state.lab.editor = None;
    let own = variants().find(|variant| variant.experiment() == trace.experiment);
    if let Some(variant) = own {
        state.lab.variant = variant;
    }
    state.lab.prediction = None;
    state.lab.replace_experiment(trace.experiment.clone(), own.is_some());
    let events = std::mem::take(&mut trace.events);
    state.lab.timeline = Timeline::new(&trace.experiment);
    state.lab.trace = trace;
    state.lab.is_imported = true;
    state.lab.record_events(events);
    let mut effects = viewing::show_newest_moment(state);
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}

//! Taking lessons: stepping, running, predicting, changing the programs.

use framescope_engine::{Run, SimulatedKernel, simulate_freely};
use framescope_lab::{
    Call, Command, Cuts, Lesson, MAX_EVENTS, Report, Side, Timeline, Trace, Variant, rung,
};
use framescope_protocol::close_code::{GOING_AWAY, NO_CLOSE_FRAME, TARGET_CLOSED};
use framescope_protocol::paths;
use framescope_record::Source;

use super::viewing;
use crate::effect::Effect;
use crate::msg::LabMsg;
use crate::screen::wording::{rung_text, side_name};
use crate::state::{Lab, Lessons, Line, Model, Relay, Room, Series, parse_runs};

/// How many simulated runs of a series are made before the page is painted again.
const RUNS_A_FRAME: u16 = 5;

pub(super) fn update(model: &mut Model, msg: LabMsg) -> Vec<Effect> {
    match msg {
        LabMsg::Neighbour(by) => choose_neighbour(model, by),
        LabMsg::LessonChosen(name) => match Variant::find(&name) {
            Some(variant) => choose(model, variant),
            None => Vec::new(),
        },
        LabMsg::SourceChosen(source) => choose_source(model, source),
        LabMsg::Step(side) => step(model, Some(side)),
        LabMsg::StepNext => step(model, None),
        LabMsg::RunAll => run_all(model),
        LabMsg::Reset => reset(model),
        LabMsg::Predicted(choice) => {
            model.lab.prediction = Some(choice);
            Vec::new()
        }
        LabMsg::FlowChosen(flow) => {
            model.lab.chosen_flow = Some(flow);
            let reader = model.lab.replay.take().map(|(reader, _)| reader);
            read_with(model, reader)
        }
        LabMsg::ReaderChosen(reader) => read_with(model, reader),
        LabMsg::EditToggled => {
            if model.lab.editor.take().is_none() {
                model.lab.edit();
            }
            Vec::new()
        }
        LabMsg::ProgramTyped(side, text) => {
            let editor = model.lab.editor.as_mut();
            if let Some(typed) = editor.and_then(|editor| editor.texts.get_mut(usize::from(side.0)))
            {
                *typed = text;
            }
            Vec::new()
        }
        LabMsg::ProgramsTaken => take_programs(model),
        LabMsg::RunsTyped(text) => {
            model.lab.runs = parse_runs(&text);
            Vec::new()
        }
        LabMsg::SeriesAsked { seed } => begin_series(model, seed),
        LabMsg::SeriesGoesOn { seed } => continue_series(model, seed),
        LabMsg::ExportAsked => {
            let name = format!("framescope-{}.json", model.lab.variant.name);
            vec![Effect::Download { name, trace: Box::new(model.lab.trace.clone()) }]
        }
        LabMsg::SocketOpened(number) => opened(model, number),
        LabMsg::SocketReceived(number, bytes) => received(model, number, &bytes),
        LabMsg::SocketClosed { number, code, reason } => closed(model, number, code, reason),
    }
}

/// Goes to a lesson; from wherever the viewer is.
pub(super) fn choose(model: &mut Model, variant: &'static Variant) -> Vec<Effect> {
    model.room = Room::Lab;
    model.lab.variant = variant;
    model.lab.prediction = None;
    model.lab.editor = None;
    model.lab.take(variant.experiment(), true);
    began_anew(model)
}

/// The variant so many places further on in the course, or back.
fn choose_neighbour(model: &mut Model, by: isize) -> Vec<Effect> {
    let variants: Vec<_> = Lesson::all().flat_map(|lesson| lesson.variants).collect();
    let at = variants.iter().position(|variant| variant.name == model.lab.variant.name);
    let next = at.and_then(|at| variants.get(at.checked_add_signed(by)?));
    next.map_or_else(Vec::new, |variant| choose(model, variant))
}

/// The first variant of the lesson of that number.
pub(super) fn choose_number(model: &mut Model, number: u8) -> Vec<Effect> {
    let lesson = Lesson::all().find(|lesson| lesson.number == number);
    lesson.and_then(|lesson| lesson.variants.first()).map_or_else(Vec::new, |v| choose(model, v))
}

/// What a link to the page says of the lab: its lesson, and programs that someone changed.
pub(super) fn follow_link(model: &mut Model) -> Vec<Effect> {
    let lessons = std::mem::take(&mut model.link.lessons);
    if let Some(variant) = lessons.name.as_deref().and_then(Variant::find) {
        choose(model, variant);
        if !lessons.programs.is_empty() {
            take_from_link(model, &lessons);
        }
    }
    vec![Effect::FetchRelayInfo]
}

fn take_from_link(model: &mut Model, lessons: &Lessons) {
    model.lab.edit();
    if let Some(editor) = &mut model.lab.editor {
        for (side, text) in &lessons.programs {
            if let Some(own) = editor.texts.get_mut(usize::from(side.0)) {
                own.clone_from(text);
            }
        }
    }
    // Programs that cannot be read stay in the editor, which says why.
    take_programs(model);
}

/// The run begins anew: with real sockets where the viewer wants them and a relay has them.
fn began_anew(model: &mut Model) -> Vec<Effect> {
    if !model.has_lab() {
        model.lab.source = Source::Simulated;
    }
    model.lab.forget_run();
    model.file_problem = None;
    let mut effects = viewing::show_newest_moment(model);
    if model.lab.line == Line::Open && model.lab.is_loaded {
        model.lab.awaited += 1;
        effects.push(Effect::LabSend(Command::Reset.encode()));
    } else {
        model.lab.is_loaded = false;
    }
    effects.push(Effect::SetFragment(model.fragment()));
    effects
}

fn reset(model: &mut Model) -> Vec<Effect> {
    if let Some(series) = &mut model.lab.series {
        series.is_running = false;
    }
    began_anew(model)
}

fn choose_source(model: &mut Model, source: Source) -> Vec<Effect> {
    if source == model.lab.source || (source == Source::Measured && !model.has_lab()) {
        return Vec::new();
    }
    model.lab.source = source;
    reset(model)
}

/// What is known of the relay has changed.
pub(super) fn relay_changed(model: &mut Model) {
    if model.has_lab() && matches!(model.lab.line, Line::Lost { .. }) {
        model.lab.line = Line::Absent;
    }
    let untouched = model.lab.trace.events.is_empty();
    let wanted = if model.has_lab() { Source::Measured } else { Source::Simulated };
    if untouched && !model.lab.is_imported {
        model.lab.source = wanted;
        model.lab.forget_run();
    }
    if model.relay == Relay::Absent && model.connections.is_empty() {
        // The page still teaches, on the model.
        model.room = Room::Lab;
    }
}

/// Begins the next call of a side, or of the order.
pub(super) fn step(model: &mut Model, side: Option<Side>) -> Vec<Effect> {
    if model.lab.is_over() || model.lab.editor.is_some() {
        return Vec::new();
    }
    if model.cursor.is_some() {
        // What would be stepped is not on screen.
        return viewing::show_newest_moment(model);
    }
    let mut effects = viewing::show_newest_moment(model);
    effects.extend(go_on(model, side));
    effects
}

/// The same, without a change of what is on screen.
pub(super) fn go_on(model: &mut Model, side: Option<Side>) -> Vec<Effect> {
    if model.lab.source == Source::Measured {
        let command = side.map_or(Command::StepNext, Command::Step);
        return command_relay(model, &command);
    }
    let lab = &mut model.lab;
    let Some(run) = simulated(lab) else { return Vec::new() };
    let begun = match side {
        Some(side) => run.step(side),
        None => run.step_next().is_some(),
    };
    if begun {
        run.settle_simulated();
    } else {
        run.wait_simulated();
    }
    let (events, end) = (run.take_events(), run.end());
    lab.trace.end = end;
    lab.record_events(events);
    viewing::keep_in_view(model);
    announcement(model).into_iter().collect()
}

/// Says what happened last, to those who listen instead of looking.
fn announcement(model: &Model) -> Option<Effect> {
    let trace = &model.lab.trace;
    let rung = rung(&trace.experiment, &trace.events, *model.lab.rungs.last()?)?;
    let text = format!("{}: {}", side_name(model, rung.side), rung_text(model, &rung));
    Some(Effect::Announce(text))
}

fn run_all(model: &mut Model) -> Vec<Effect> {
    if model.lab.is_over() || model.lab.editor.is_some() {
        return Vec::new();
    }
    let effects = viewing::show_newest_moment(model);
    if model.lab.source == Source::Measured {
        return [effects, command_relay(model, &Command::Play)].concat();
    }
    let lab = &mut model.lab;
    let Some(run) = simulated(lab) else { return effects };
    let end = loop {
        if let Some(end) = run.play_simulated() {
            break end;
        }
    };
    let events = run.take_events();
    lab.trace.end = Some(end);
    lab.record_events(events);
    viewing::keep_in_view(model);
    effects
}

/// The run on the model, begun where it has not.
fn simulated(lab: &mut Lab) -> Option<&mut Run<SimulatedKernel>> {
    if lab.simulated.is_none() {
        let kernel = SimulatedKernel::new(lab.experiment.clients.len());
        // What the editor took, and what the course has, is within bounds.
        lab.simulated = Run::new(&lab.experiment, kernel).ok();
    }
    lab.simulated.as_mut()
}

/// Sends a command, and before it what must be there for it: the line, and the experiment.
fn command_relay(model: &mut Model, command: &Command) -> Vec<Effect> {
    let lab = &mut model.lab;
    let mut commands = Vec::new();
    if !lab.is_loaded {
        lab.is_loaded = true;
        lab.awaited += 1;
        commands.push(Command::Load(lab.experiment.clone()).encode());
    }
    commands.push(command.encode());
    match &mut lab.line {
        Line::Open => commands.into_iter().map(Effect::LabSend).collect(),
        Line::Opening(waiting) => {
            waiting.extend(commands);
            Vec::new()
        }
        Line::Absent | Line::Lost { .. } => {
            lab.socket += 1;
            lab.awaited = 1;
            lab.line = Line::Opening(commands);
            let (number, path) = (lab.socket, model.link.with_token(paths::LAB));
            vec![Effect::LabOpen { number, path }]
        }
    }
}

fn opened(model: &mut Model, number: u32) -> Vec<Effect> {
    let lab = &mut model.lab;
    if number != lab.socket {
        return Vec::new();
    }
    match std::mem::replace(&mut lab.line, Line::Open) {
        Line::Opening(waiting) => waiting.into_iter().map(Effect::LabSend).collect(),
        Line::Absent | Line::Open | Line::Lost { .. } => Vec::new(),
    }
}

fn received(model: &mut Model, number: u32, bytes: &[u8]) -> Vec<Effect> {
    let lab = &mut model.lab;
    let Some(report) = Report::decode(bytes).filter(|_| number == lab.socket) else {
        return Vec::new();
    };
    if let Report::Loaded = report {
        lab.awaited = lab.awaited.saturating_sub(1);
        return Vec::new();
    }
    if lab.awaited > 0 {
        return Vec::new();
    }
    let mut effects = Vec::new();
    match report {
        Report::Loaded => {}
        Report::Events(events) => {
            let over = MAX_EVENTS.saturating_sub(lab.trace.events.len());
            lab.record_events(events.into_iter().take(over).collect());
            effects.extend(announcement(model));
        }
        Report::Over(end) => lab.trace.end = Some(end),
        Report::Cut(cuts) => {
            if let Some(series) = &mut lab.series {
                series.count(cuts);
            }
        }
        Report::SeriesOver => {
            if let Some(series) = &mut lab.series {
                series.is_running = false;
            }
        }
    }
    viewing::keep_in_view(model);
    effects
}

/// Everything recorded is kept. What was under way will not go on.
fn closed(model: &mut Model, number: u32, code: u16, reason: String) -> Vec<Effect> {
    let lab = &mut model.lab;
    if number != lab.socket {
        return Vec::new();
    }
    lab.is_loaded = false;
    lab.awaited = 0;
    if let Some(series) = &mut lab.series {
        series.is_running = false;
    }
    lab.line = if code == TARGET_CLOSED { Line::Absent } else { Line::Lost { reason } };
    if matches!(code, GOING_AWAY | NO_CLOSE_FRAME) {
        model.is_relay_gone = true;
        return vec![Effect::PollLater];
    }
    Vec::new()
}

fn read_with(model: &mut Model, reader: Option<Call>) -> Vec<Effect> {
    model.lab.replay = reader.and_then(|reader| model.lab.replayed(reader));
    viewing::forget_choice(model);
    viewing::keep_in_view(model);
    Vec::new()
}

fn take_programs(model: &mut Model) -> Vec<Effect> {
    let Some(experiment) = model.lab.edited() else { return Vec::new() };
    model.lab.editor = None;
    let own = model.lab.variant.experiment();
    let is_own = own.server == experiment.server && own.clients == experiment.clients;
    model.lab.take(if is_own { own } else { experiment }, is_own);
    began_anew(model)
}

/// What was stepped stays on screen; on real sockets it cannot go on, because the relay makes the
/// experiment anew for each run.
fn begin_series(model: &mut Model, seed: u64) -> Vec<Effect> {
    let is_editing = model.lab.editor.is_some();
    let Some(runs) = model.lab.runs.filter(|_| !is_editing) else { return Vec::new() };
    let source = if model.has_lab() { model.lab.source } else { Source::Simulated };
    model.lab.series = Some(Series { source, runs, outcomes: Vec::new(), is_running: true });
    if source == Source::Simulated {
        return continue_series(model, seed);
    }
    // The experiment may be another one than the relay has, and the next step is of a new run.
    model.lab.is_loaded = false;
    let effects = command_relay(model, &Command::Series { runs });
    model.lab.is_loaded = false;
    effects
}

/// Some more simulated runs.
fn continue_series(model: &mut Model, seed: u64) -> Vec<Effect> {
    let lab = &mut model.lab;
    let is_simulated =
        |series: &&mut Series| series.is_running && series.source == Source::Simulated;
    let Some(series) = lab.series.as_mut().filter(is_simulated) else { return Vec::new() };
    for _ in 0..RUNS_A_FRAME.min(series.runs.saturating_sub(series.done())) {
        let seed = seed.wrapping_add(u64::from(series.done()));
        if let Ok(trace) = simulate_freely(&lab.experiment, seed) {
            series.count(Cuts::of(&lab.experiment, &trace.events));
        }
    }
    series.is_running = series.done() < series.runs;
    if series.is_running { vec![Effect::SeriesLater { seed }] } else { Vec::new() }
}

/// Shows a trace that was read from a file; from wherever the viewer is.
pub(super) fn import(model: &mut Model, mut trace: Trace) -> Vec<Effect> {
    model.room = Room::Lab;
    model.lab.editor = None;
    let own = Lesson::all()
        .flat_map(|lesson| lesson.variants)
        .find(|variant| variant.experiment() == trace.experiment);
    if let Some(variant) = own {
        model.lab.variant = variant;
    }
    model.lab.prediction = None;
    model.lab.take(trace.experiment.clone(), own.is_some());
    let events = std::mem::take(&mut trace.events);
    model.lab.timeline = Timeline::new(&trace.experiment);
    model.lab.trace = trace;
    model.lab.is_imported = true;
    model.lab.record_events(events);
    let mut effects = viewing::show_newest_moment(model);
    effects.push(Effect::SetFragment(model.fragment()));
    effects
}

//! Updates of the lab: stepping, running, answering, and reading.

use framescope_lab::{Command, Reader, Turn, Until};
use framescope_record::Source;

use super::lab_channel::{self, Lines};
use super::{follow, lesson, opening, programs, run, viewing, wire};
use crate::effect::{Effect, FileSource, PictureFormat, TraceFormat};
use crate::msg::LabMsg;
use crate::screen::network::recorded_variant;
use crate::screen::picture;
use crate::state::{Channel, Lessons, Link, Relay, Series, State, Tab, parse_runs};

pub(super) fn update(state: &mut State, msg: LabMsg) -> Vec<Effect> {
    match msg {
        LabMsg::AdjacentVariant(by) => lesson::choose_adjacent(state, by),
        LabMsg::LessonChosen(name) => lesson::choose_by_name(state, &name),
        LabMsg::TextsArrived(variant, language, texts) => {
            lesson::texts_arrived(state, variant, language, texts)
        }
        LabMsg::SourceChosen(source) => choose_source(state, source),
        LabMsg::Step { program, thread } => step(state, Some((program, thread)), state.lab.until),
        LabMsg::StepLine => step(state, None, Until::Line),
        LabMsg::UntilChosen(until) => {
            if until != state.lab.until {
                state.lab.way.change();
            }
            state.lab.until = until;
            Vec::new()
        }
        LabMsg::RunToggled => {
            state.lab.ahead = None;
            toggle_run(state)
        }
        LabMsg::Reset => {
            state.lab.ahead = None;
            reset(state)
        }
        LabMsg::LinkAsked => link_to_moment(state),
        LabMsg::Typed(program, line) => type_line(state, program, line),
        LabMsg::Interrupted(program) => {
            if state.lab.runs(program) {
                return lab_channel::send(state, &Command::Interrupt(program));
            }
            Vec::new()
        }
        LabMsg::Predicted(choice) => {
            state.lab.prediction = Some(choice);
            Vec::new()
        }
        LabMsg::FlowChosen(flow) => {
            let reader = state.lab.what_if.as_ref().map(|what_if| what_if.reader);
            state.lab.chosen_flow = Some(flow);
            read_with(state, reader)
        }
        LabMsg::ReaderChosen(reader) => read_with(state, reader),
        LabMsg::EditToggled => programs::toggle_editor(state),
        LabMsg::ProgramTyped(program, text) => programs::typed(state, program, text),
        LabMsg::TypingPaused => programs::check(state),
        LabMsg::ProgramAdded => programs::add(state),
        LabMsg::ProgramRemoved(program) => programs::remove(state, program),
        LabMsg::ProgramOpened { program, file, text } => {
            programs::opened(state, program, file, text)
        }
        LabMsg::ProgramSaved(program) => programs::save(state, program),
        LabMsg::ProgramsRestored => programs::restore(state),
        LabMsg::LinkTranslated(texts) => programs::translated(state, texts),
        LabMsg::RunsTyped(text) => {
            state.lab.runs = parse_runs(&text);
            Vec::new()
        }
        LabMsg::FoldToggled => {
            state.lab.is_unfolded = !state.lab.is_unfolded;
            Vec::new()
        }
        LabMsg::SeriesAsked => begin_series(state),
        LabMsg::RecordedAsked => recorded_variant(state).map_or_else(Vec::new, |variant| {
            let path = format!("lessons/{}.recorded.json", variant.name);
            let source = FileSource::Fetched(path);
            opening::begin(state, source, variant.name.to_owned())
        }),
        LabMsg::HoldToggled => wire::toggle_hold(state),
        LabMsg::WireTyped(text) => wire::typed(state, text),
        LabMsg::SegmentDecided(number, fate) => wire::decide(state, number, fate),
        LabMsg::PictureAsked(format) => {
            let extension = match format {
                PictureFormat::Svg => "svg",
                PictureFormat::Png => "png",
            };
            let name = format!("framescope-{}.{extension}", state.lab.name());
            let drawing = Box::new(picture::draw_whole(state, state.canvas.width));
            vec![Effect::DownloadPicture { name, drawing, format }]
        }
        LabMsg::ExportAsked(format) => {
            let extension = match format {
                TraceFormat::Json => "json",
                TraceFormat::Capture => "pcapng",
            };
            let name = format!("framescope-{}.{extension}", state.lab.name());
            vec![Effect::Download { name, trace: Box::new(state.lab.trace.clone()), format }]
        }
        LabMsg::Followed(followed) => follow::follow(state, followed),
        LabMsg::ChannelOpened(number) => lab_channel::opened(state, number),
        LabMsg::Reported(number, bytes) => lab_channel::received(state, number, &bytes),
        LabMsg::ChannelClosed { number, code, reason } => {
            lab_channel::closed(state, number, code, reason)
        }
    }
}

fn reset(state: &mut State) -> Vec<Effect> {
    if state.lab.is_imported {
        state.lab.is_loaded = false;
    }
    let mut effects = run::begin_new_run(state);
    if state.is_watching() {
        // Their files may be others now.
        effects.extend(lesson::open_watched(state));
    }
    effects
}

fn choose_source(state: &mut State, source: Source) -> Vec<Effect> {
    let can_run = if source == Source::Measured { state.has_lab() } else { !state.is_watching() };
    if source == state.lab.source || !can_run {
        return Vec::new();
    }
    run::choose_runner(state, source);
    reset(state)
}

/// Updates the lab after a change of what is known about the relay. If the run has not begun, it takes
/// real sockets if a relay can run experiments, and otherwise the simulated kernel.
pub(super) fn relay_changed(state: &mut State) {
    if state.has_lab() && matches!(state.lab.channel, Channel::Lost { .. }) {
        state.lab.channel = Channel::Absent;
    }
    // Texts that could not be fetched are asked for again.
    state.lab.asked = state.lab.asked.filter(|asked| !asked.has_failed);
    let untouched = state.lab.trace.events.is_empty();
    let wanted = if state.has_lab() { Source::Measured } else { Source::Simulated };
    if untouched && !state.lab.is_imported {
        run::choose_runner(state, wanted);
        state.lab.clear_run();
    }
    if state.relay == Relay::Absent && state.connections.is_empty() && !state.is_tab_chosen {
        // The lessons still work, on the simulated kernel.
        state.tab = Tab::Lab;
    }
}

/// Asks which programs the relay watches, if it does, and nothing else has been done.
pub(super) fn show_watched(state: &mut State) -> Vec<Effect> {
    let lab = &state.lab;
    let is_untouched = lab.trace.events.is_empty() && !lab.is_imported && !lab.experiment.watched;
    // A link to a lesson has led to the lab already.
    if !state.can_watch() || !is_untouched || state.tab != Tab::Live {
        return Vec::new();
    }
    lesson::open_watched(state)
}

/// Lets a thread take a step: that of a program, or the next of the order. If an earlier moment is on screen,
/// only moves to the newest one.
pub(super) fn step(
    state: &mut State,
    which: Option<(usize, Option<usize>)>,
    until: Until,
) -> Vec<Effect> {
    state.lab.ahead = None;
    let mut effects = programs::close_editor(state);
    if which.is_none() && state.cursor.is_none() && state.lab.was_stepped_in_vain() {
        effects.extend(run_without_pauses(state));
        return effects;
    }
    let is_elsewhere = state.cursor.is_some() || state.lab.what_if.is_some();
    let is_next = which.is_none() && !is_elsewhere;
    let is_early = is_next && !state.lab.plays && !state.lab.can_take_turn();
    if state.lab.is_over() || state.lab.editor.is_some() || is_early {
        return effects;
    }
    if is_elsewhere {
        // The state that the step would change is not on screen.
        state.lab.what_if = None;
        effects.extend(viewing::show_newest_moment(state));
        return effects;
    }
    effects.extend(viewing::show_newest_moment(state));
    effects.extend(step_in_place(state, which, until));
    effects
}

/// Lets a thread take a step. Does not move the cursor.
pub(super) fn step_in_place(
    state: &mut State,
    which: Option<(usize, Option<usize>)>,
    until: Until,
) -> Vec<Effect> {
    let command = match which {
        Some((program, thread)) => {
            let thread = thread.unwrap_or_else(|| state.lab.thread_to_step(program));
            Command::Step(Turn { program, thread, until })
        }
        None => Command::StepNext(until),
    };
    state.lab.what_if = None;
    state.lab.plays = false;
    state.lab.was_stepped = true;
    let mut effects = load_for_run(state, Lines::Typed);
    effects.extend(lab_channel::send(state, &command));
    effects
}

/// Loads the experiment before its first step. A run that has begun goes on.
fn load_for_run(state: &mut State, lines: Lines) -> Vec<Effect> {
    let has_begun = !state.lab.trace.events.is_empty();
    if has_begun && state.lab.is_loaded {
        return Vec::new();
    }
    let mut effects = lab_channel::load(state, lines);
    effects.extend(wire::after_load(state));
    effects
}

/// Lets all programs run, or stops them.
fn toggle_run(state: &mut State) -> Vec<Effect> {
    if state.lab.plays {
        state.lab.plays = false;
        return lab_channel::send(state, &Command::Hold);
    }
    let mut effects = programs::close_editor(state);
    if state.lab.is_over() || state.lab.editor.is_some() {
        return effects;
    }
    state.lab.what_if = None;
    effects.extend(viewing::show_newest_moment(state));
    effects.extend(load_for_run(state, Lines::Own));
    effects.extend(lab_channel::send(state, &Command::Play));
    state.lab.plays = true;
    effects
}

/// Begins a new run, in which no program waits for the user.
fn run_without_pauses(state: &mut State) -> Vec<Effect> {
    let mut effects = reset(state);
    effects.extend(toggle_run(state));
    effects
}

fn type_line(state: &mut State, program: usize, line: Option<String>) -> Vec<Effect> {
    if state.lab.reads(program) {
        return lab_channel::send(state, &Command::Type(program, line));
    }
    Vec::new()
}

/// Shows what another reader would have done, at the same moment of the run.
fn read_with(state: &mut State, reader: Option<Reader>) -> Vec<Effect> {
    if reader.is_some() && !state.lab.can_read_otherwise() {
        return Vec::new();
    }
    let recorded = state.cursor.and(state.event()).map(|number| {
        state.lab.what_if.as_ref().map_or(number, |what_if| what_if.recorded(number))
    });
    state.lab.read_with(reader);
    if let Some(recorded) = recorded {
        let lab = &state.lab;
        let number = lab.what_if.as_ref().map_or(recorded, |what_if| what_if.number(recorded));
        let moments = lab.shown_timeline().moments();
        state.cursor = Some(moments.partition_point(|moment| *moment <= number).saturating_sub(1));
    }
    viewing::clear_selection(state);
    viewing::keep_in_view(state);
    Vec::new()
}

/// Puts a link to the moment on screen into the address.
fn link_to_moment(state: &State) -> Vec<Effect> {
    let Some(moment) = state.linked_moment() else { return Vec::new() };
    let lessons = Lessons { moment: Some(moment), ..state.lessons() };
    let link = Link { lessons, ..state.link.clone() };
    vec![Effect::SetFragment(link.to_fragment())]
}

/// Takes the next step on the way of a link, when nothing happens by itself any more after the one before.
pub(super) fn go_ahead(state: &mut State) -> Vec<Effect> {
    let Some(mut moment) = state.lab.ahead.filter(|_| state.tab == Tab::Lab) else {
        return Vec::new();
    };
    if state.relay == Relay::Asked || !state.lab.has_programs() {
        return Vec::new();
    }
    if !state.lab.is_loaded && state.lab.trace.events.is_empty() {
        return load_for_run(state, Lines::Typed);
    }
    let lab = &mut state.lab;
    let is_at_rest = lab.awaited == 0 && lab.rests == Some(true);
    if !is_at_rest && !lab.is_over() {
        return Vec::new();
    }
    if moment.steps > 0 && (lab.trace.events.is_empty() || lab.can_take_turn()) {
        moment.steps -= 1;
        lab.ahead = Some(moment);
        lab.until = moment.until;
        lab.rests = Some(false);
        return step_in_place(state, None, moment.until);
    }
    lab.ahead = None;
    read_with(state, moment.reader)
}

/// Begins a series. The trace that was stepped stays on screen. Its run cannot continue, because the runner
/// starts the experiment again for each run of the series.
fn begin_series(state: &mut State) -> Vec<Effect> {
    let mut effects = programs::close_editor(state);
    let Some(runs) =
        state.lab.runs.filter(|_| state.can_run_series() && state.lab.editor.is_none())
    else {
        return effects;
    };
    state.lab.series = Some(Series::new(runs));
    state.lab.is_loaded = false;
    effects.extend(lab_channel::load(state, Lines::Own));
    effects.extend(lab_channel::send(state, &Command::Play));
    effects
}

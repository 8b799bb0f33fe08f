//! What the button for the next step will do.

use framescope_lab::Doing;

use super::wording::{self, program_name};
use crate::state::{State, Tab};
use crate::text::fit::{cut, text_width};

/// The greatest width of a line of a program on the button, if the size of its text is 1.
const MOST: f32 = 18.0;

/// What a program calls to make a system call or to wait: there a step ends. A step that begins at another line goes on.
const CALLS: [&str; 23] = [
    "accept",
    "bind",
    "close",
    "connect",
    "connect_ex",
    "create_connection",
    "create_server",
    "getpeername",
    "getsockname",
    "getsockopt",
    "input",
    "join",
    "listen",
    "recv",
    "recv_into",
    "recvfrom",
    "select",
    "send",
    "sendall",
    "setsockopt",
    "shutdown",
    "sleep",
    "socket",
];

/// What the next step does: who takes it, and the line that it begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextStep {
    /// The name of the program that takes a step. Empty if an earlier moment is on screen, and if none can.
    pub who: String,
    /// Its line, or what happens instead.
    pub what: String,
}

/// Whether the button does anything.
#[must_use]
pub fn can_go_on(state: &State) -> bool {
    let lab = &state.lab;
    let next_lesson = lab.is_at_end() && lab.following().is_some();
    let is_elsewhere = state.cursor.is_some() || lab.what_if.is_some();
    is_elsewhere || lab.can_take_turn() || lab.was_stepped_in_vain() || next_lesson
}

/// What the next step does.
#[must_use]
pub fn next_step(state: &State) -> NextStep {
    let lab = &state.lab;
    let locale = &state.locale;
    if state.tab == Tab::Live {
        return NextStep::default();
    }
    if state.cursor.is_some() {
        return NextStep { who: String::new(), what: locale.text("next-moment").to_owned() };
    }
    if lab.is_at_end() {
        let what = lab.following().map_or_else(
            || locale.text("next-nothing").to_owned(),
            |variant| locale.fill("next-lesson", &[("lesson", &variant.name)]),
        );
        return NextStep { who: String::new(), what };
    }
    if lab.was_stepped_in_vain() {
        let what = locale.text("next-without-pauses").to_owned();
        return NextStep { who: String::new(), what };
    }
    if lab.what_if.is_some() && !lab.is_over() {
        let what = locale.text("next-recorded").to_owned();
        return NextStep { who: String::new(), what };
    }
    let Some((program, thread)) = lab.next_turn().filter(|_| lab.goes_on()) else {
        return waits_for(state);
    };
    let events = &lab.trace.events;
    let history = lab.timeline.program(program);
    let at = history.thread(events, events.len(), thread).map_or(0, |state| state.line);
    let text = lab.experiment.programs.get(program).map_or("", |program| program.text.as_str());
    let line = usize::try_from(at).ok().and_then(|at| text.lines().nth(at.checked_sub(1)?));
    let what = line.map_or_else(
        || locale.text("next-start").to_owned(),
        |line| if calls(line) { cut(line.trim(), 1.0, MOST) } else { and_on(state, line.trim()) },
    );
    NextStep { who: program_name(state, program).to_owned(), what }
}

/// Whether a line calls one of [`CALLS`].
fn calls(line: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices('(').any(|(at, _)| {
        let name = line[..at].rsplit(|c| !is_of_name(c)).next();
        name.is_some_and(|name| CALLS.contains(&name))
    })
}

/// A line and what comes after it, up to the next call.
fn and_on(state: &State, line: &str) -> String {
    let with = |line: &str| state.locale.fill("next-to-call", &[("line", &line)]);
    let rest = MOST - text_width(&with(""), 1.0);
    with(&cut(line, 1.0, rest))
}

/// What the run waits for if no thread can take a step.
fn waits_for(state: &State) -> NextStep {
    let (lab, locale) = (&state.lab, &state.locale);
    let for_all = |what: &str| NextStep { who: String::new(), what: what.to_owned() };
    if lab.is_over() {
        return for_all(locale.text("next-nothing"));
    }
    if lab.plays {
        return for_all(locale.text("next-runs"));
    }
    let programs = 0..lab.experiment.programs.len();
    if let Some(program) = programs.clone().find(|program| lab.reads(*program)) {
        let who = program_name(state, program).to_owned();
        return NextStep { who, what: locale.text("waits-input").to_owned() };
    }
    if lab.holds() {
        return for_all(locale.text("next-held"));
    }
    let events = &lab.trace.events;
    let waits = programs.into_iter().find_map(|program| {
        let history = lab.timeline.program(program);
        let threads = 0..history.threads();
        let mut states = threads.filter_map(|thread| history.thread(events, events.len(), thread));
        let on = states.find_map(|state| match state.doing {
            Doing::Waits(_, on) => Some(on),
            Doing::Reads | Doing::Stands | Doing::Runs | Doing::Joins | Doing::Ended => None,
        })?;
        Some((program, on))
    });
    waits.map_or_else(
        || for_all(locale.text("next-nothing")),
        |(program, on)| NextStep {
            who: program_name(state, program).to_owned(),
            what: wording::waits_for(locale, on).to_owned(),
        },
    )
}

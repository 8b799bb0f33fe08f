//! What the panel of a program shows, at the moment on screen.

use framescope_lab::{Columns, CompileProblem, Doing, Ended, Program, ThreadState};

use super::help;
use super::wording::{doing_text, ended_text};
use crate::state::{Printed, State};

/// The panel of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramPanel<'a> {
    /// The program. In the editor, as it is typed.
    pub program: &'a Program,
    /// What it does, in a few words. Empty if it stands at a line.
    pub state: String,
    /// The lines at which its threads are, from 1, and their states.
    pub marks: Vec<Mark>,
    /// Its threads, if it has had more than one.
    pub threads: Vec<ThreadRow>,
    /// Its variables.
    pub variables: Vec<VariableRow<'a>>,
    /// What it has printed, and what was typed.
    pub printed: Vec<Printed<'a>>,
    /// Whether it waits for a line that somebody types.
    pub reads: bool,
    /// What is wrong with its text.
    pub problem: Option<&'a CompileProblem>,
    /// A sentence of help, in the user's language.
    pub help: Option<String>,
}

/// A variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableRow<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, as `repr` shows it.
    pub value: &'a str,
    /// Whether it is the module's, beside those of a function.
    pub is_outer: bool,
    /// Whether it has just changed.
    pub is_new: bool,
}

/// A line at which a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The line, from 1.
    pub line: u32,
    /// What the thread does there.
    pub kind: MarkKind,
    /// The part of the line in which a call waits. Empty if none does.
    pub columns: Columns,
}

impl Mark {
    /// A mark of a whole line.
    #[must_use]
    pub const fn of_line(line: u32, kind: MarkKind) -> Self {
        Self { line, kind, columns: Columns { from: 0, to: 0 } }
    }
}

/// What a thread does at a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// It stands before the line.
    Next,
    /// It waits in the line.
    Waits,
    /// It runs.
    Runs,
    /// The line failed, and ended the program.
    Failed,
    /// The line is that of another reader, not the program's own.
    Other,
}

/// A thread in a list of threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadRow {
    /// Its number: 0 is the main one.
    pub number: usize,
    /// The line at which it is.
    pub line: u32,
    /// What it does, in a few words.
    pub state: String,
    /// Whether it can take a step.
    pub can_step: bool,
}

/// The panel of a program. `None` if there is no such program.
#[must_use]
pub fn panel(state: &State, index: usize) -> Option<ProgramPanel<'_>> {
    let lab = &state.lab;
    let of_run = lab.what_if.as_ref().map_or(&lab.experiment, |what_if| &what_if.trace.experiment);
    let programs = lab.editor.as_ref().map_or(&of_run.programs, |editor| &editor.programs);
    let program = programs.get(index)?;
    let problem = lab.problems.iter().find(|problem| problem.program == index);
    let problem = problem.filter(|_| !lab.editor.as_ref().is_some_and(|editor| editor.is_typing));
    let mut panel = ProgramPanel {
        program,
        state: String::new(),
        marks: Vec::new(),
        threads: Vec::new(),
        variables: Vec::new(),
        printed: Vec::new(),
        reads: false,
        problem,
        help: problem.and_then(|problem| help::with_problem(&state.locale, problem)),
    };
    if lab.editor.is_none() {
        show_run(state, index, &mut panel);
        panel.marks.extend(other_lines(state, index, &panel.marks));
    }
    Some(panel)
}

fn show_run<'a>(state: &'a State, index: usize, panel: &mut ProgramPanel<'a>) {
    let (lab, locale) = (&state.lab, &state.locale);
    let events = &lab.shown_trace().events;
    let number = lab.events(state.event()).len();
    let is_newest = number == events.len();
    let history = lab.shown_timeline().program(index);
    panel.printed = lab.printed(index, state.event());
    panel.reads = is_newest && lab.reads(index);
    let threads: Vec<(usize, ThreadState<'a>)> = (0..history.threads())
        .filter_map(|thread| Some((thread, history.thread(events, number, thread)?)))
        .collect();
    if let Some(ended) = history.ended(events, number) {
        panel.state = ended_text(locale, ended);
        let line = history.ended_at(events, number);
        if let Some(kind) = mark_of_end(ended).filter(|_| line > 0) {
            panel.marks = vec![Mark::of_line(line, kind)];
        }
        if let Ended::Exception(exception) = ended {
            panel.help = help::with_exception(state, index, exception);
        } else {
            panel.help = help::with_stop(locale, ended);
        }
    } else if history.has_begun(number) {
        panel.state =
            threads.first().map(|(_, thread)| doing_text(locale, thread.doing)).unwrap_or_default();
        panel.marks = threads.iter().filter_map(|(_, thread)| mark(thread)).collect();
    } else {
        let starts_later = number > 0;
        if starts_later {
            locale.text("not-started").clone_into(&mut panel.state);
        }
    }
    let shown = threads
        .iter()
        .find(|(_, thread)| !matches!(thread.doing, Doing::Ended) && !thread.variables.is_empty());
    if let Some((_, thread)) = shown.or(threads.first()) {
        panel.variables = variables(thread);
    }
    if history.threads() > 1 {
        panel.threads = threads
            .iter()
            .map(|(number, thread)| ThreadRow {
                number: *number,
                line: thread.line,
                state: doing_text(locale, thread.doing),
                can_step: is_newest && lab.can_step(index, *number),
            })
            .collect();
    }
}

/// The lines of another reader that have no other mark.
fn other_lines(state: &State, index: usize, marks: &[Mark]) -> Vec<Mark> {
    let Some(what_if) = state.lab.what_if.as_ref().filter(|what_if| what_if.program == index)
    else {
        return Vec::new();
    };
    let is_free = |line: &u32| marks.iter().all(|mark| mark.line != *line);
    let lines = what_if.lines.clone().filter(is_free);
    lines.map(|line| Mark::of_line(line, MarkKind::Other)).collect()
}

const fn mark_of_end(ended: &Ended) -> Option<MarkKind> {
    match ended {
        Ended::Exception(_)
        | Ended::Refused { .. }
        | Ended::Spins { .. }
        | Ended::Syntax { .. } => Some(MarkKind::Failed),
        Ended::Blocked { .. } => Some(MarkKind::Waits),
        Ended::Exit(_) | Ended::NotStarted => None,
    }
}

fn mark(thread: &ThreadState<'_>) -> Option<Mark> {
    let kind = match thread.doing {
        Doing::Stands => MarkKind::Next,
        Doing::Waits(..) | Doing::Reads | Doing::Joins => MarkKind::Waits,
        Doing::Runs => MarkKind::Runs,
        Doing::Ended => return None,
    };
    (thread.line > 0).then_some(Mark { line: thread.line, kind, columns: thread.columns })
}

/// The most variables that are shown.
const MAX_VARIABLES: usize = 200;

/// The variables that a reader looks for: modules and functions are left out.
fn variables<'a>(thread: &ThreadState<'a>) -> Vec<VariableRow<'a>> {
    let is_shown = |value: &str| !value.starts_with("<module ") && !value.starts_with("<function ");
    let before = thread.variables_before;
    let in_function = thread.variables.iter().any(|variable| !variable.is_global);
    let shown = thread.variables.iter().filter(|variable| is_shown(&variable.value));
    shown
        .take(MAX_VARIABLES)
        .map(|variable| VariableRow {
            name: &variable.name,
            value: &variable.value,
            is_outer: variable.is_global && in_function,
            is_new: !before.contains(variable),
        })
        .collect()
}

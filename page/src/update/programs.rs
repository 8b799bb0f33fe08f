//! Updates of the programs' texts: editing, files, and links.

use framescope_lab::{MAX_NAME, MAX_TEXT, OutOfBounds, Program};

use super::lab_channel::{self, Lines};
use super::run;
use crate::effect::Effect;
use crate::state::{Editor, LinkedProgram, Problem, State};

/// Opens the editor, or closes it and uses what was edited.
pub(super) fn toggle_editor(state: &mut State) -> Vec<Effect> {
    if state.lab.editor.is_some() {
        return close_editor(state);
    }
    open_editor(state);
    Vec::new()
}

/// Uses what was edited, and closes the editor. If it cannot be used, the editor stays open.
pub(super) fn close_editor(state: &mut State) -> Vec<Effect> {
    let Some(effects) = apply(state) else { return Vec::new() };
    state.lab.editor = None;
    effects
}

pub(super) fn typed(state: &mut State, program: usize, text: String) -> Vec<Effect> {
    let Some(editor) = &mut state.lab.editor else { return Vec::new() };
    let Some(typed) = editor.programs.get_mut(program) else { return Vec::new() };
    typed.text = text;
    editor.is_typing = true;
    vec![Effect::CheckLater]
}

/// Checks what was typed.
pub(super) fn check(state: &mut State) -> Vec<Effect> {
    let is_open = state.lab.editor.is_some();
    let Some(mut effects) = apply(state).filter(|_| is_open) else { return Vec::new() };
    effects.extend(lab_channel::load(state, Lines::Typed));
    effects
}

/// Uses what was edited. The editor stays open. `None` if it cannot be used: the screen says why.
fn apply(state: &mut State) -> Option<Vec<Effect>> {
    let Some(experiment) = state.lab.edited() else { return Some(Vec::new()) };
    if let Some(editor) = &mut state.lab.editor {
        editor.is_typing = false;
    }
    if experiment == state.lab.experiment {
        return Some(Vec::new());
    }
    if let Err(problem) = experiment.check() {
        state.problem = Some(Problem::Programs(problem));
        return None;
    }
    let is_own = experiment == state.lab.own_experiment();
    state.lab.replace_experiment(experiment, is_own);
    Some(run::begin_new_run(state))
}

/// Programs that are watched are files of the relay's machine: they are edited there.
fn open_editor(state: &mut State) {
    if !state.is_watching() {
        state.lab.edit();
    }
}

/// Changes the programs in the editor, which is opened first.
fn edit(state: &mut State, change: impl FnOnce(&mut Editor)) {
    if state.lab.editor.is_none() {
        open_editor(state);
    }
    if let Some(editor) = &mut state.lab.editor {
        change(editor);
    }
}

pub(super) fn add(state: &mut State) -> Vec<Effect> {
    edit(state, Editor::add);
    check(state)
}

pub(super) fn remove(state: &mut State, program: usize) -> Vec<Effect> {
    edit(state, |editor| editor.remove(program));
    check(state)
}

/// A file becomes the text of a program.
pub(super) fn opened(state: &mut State, program: usize, file: String, text: String) -> Vec<Effect> {
    if text.len() > MAX_TEXT {
        state.problem = Some(Problem::Programs(OutOfBounds::Text(program)));
        return Vec::new();
    }
    state.problem = None;
    edit(state, |editor| {
        if let Some(opened) = editor.programs.get_mut(program) {
            opened.text = text;
            if is_file_name(&file) {
                opened.file = file;
            }
        }
    });
    check(state)
}

fn is_file_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && !name.contains(|c: char| c.is_control())
}

pub(super) fn save(state: &State, program: usize) -> Vec<Effect> {
    let programs =
        state.lab.editor.as_ref().map_or(&state.lab.experiment.programs, |editor| &editor.programs);
    let Some(Program { file, text, .. }) = programs.get(program) else { return Vec::new() };
    vec![Effect::SaveProgram { name: file.clone(), text: text.clone() }]
}

/// Uses the lesson's programs again.
pub(super) fn restore(state: &mut State) -> Vec<Effect> {
    let programs = state.lab.own_experiment().programs;
    if programs.is_empty() {
        return Vec::new();
    }
    edit(state, |editor| *editor = Editor::new(programs));
    check(state)
}

/// Uses the programs of a link.
pub(super) fn follow_link(state: &mut State, programs: Vec<LinkedProgram>) -> Vec<Effect> {
    let is_first_version = programs.iter().all(|program| program.file.is_empty());
    if is_first_version {
        // The lesson's programs were others. Those which the link does not have stay as they are now.
        let texts = programs.into_iter().map(|program| program.text).collect();
        return vec![Effect::TranslateLink(state.lab.name(), texts)];
    }
    edit(state, |editor| {
        while editor.programs.len() > programs.len() {
            editor.remove(editor.programs.len() - 1);
        }
        for (index, LinkedProgram { file, text }) in programs.into_iter().enumerate() {
            if index >= editor.programs.len() {
                editor.add();
            }
            let Some(program) = editor.programs.get_mut(index) else { break };
            if is_file_name(&file) {
                program.file = file;
            }
            if let Some(text) = text {
                program.text = text;
            }
        }
    });
    close_editor(state);
    Vec::new()
}

/// Uses the programs of a link of the first version, now that they are Python.
pub(super) fn translated(state: &mut State, texts: Vec<Option<String>>) -> Vec<Effect> {
    edit(state, |editor| {
        for (index, text) in texts.into_iter().enumerate() {
            if index >= editor.programs.len() {
                editor.add();
            }
            if let Some((program, text)) = editor.programs.get_mut(index).zip(text) {
                program.text = text;
            }
        }
    });
    close_editor(state)
}

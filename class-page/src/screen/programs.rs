//! What the programs of a lesson do, beside its question.

use framescope_class::Question;
use framescope_lab::find_variant;

use crate::state::State;

/// The most lines of a program that stand beside a question.
const MAX_LINES: usize = 6;

/// The lines of a program that send and receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramLines {
    /// Its file.
    pub file: String,
    /// Line numbers, and texts.
    pub lines: Vec<(usize, String)>,
}

/// The lines of a lesson's programs that send and receive, or if there are none, those that call sockets.
pub(super) fn programs(state: &State, question: &Question) -> Vec<ProgramLines> {
    let Question::Lesson { variant, .. } = question else { return Vec::new() };
    let (Some(variant), Some(texts)) = (find_variant(variant), state.lesson(variant)) else {
        return Vec::new();
    };
    let experiment = variant.experiment_of(|file| texts.program(file).to_owned());
    let lines = |text: &str| {
        let calls = |names: &[&str]| -> Vec<(usize, String)> {
            let numbered = text.lines().enumerate();
            let has_call = |line: &str| names.iter().any(|name| line.contains(name));
            let calls = numbered.filter(|(_, line)| has_call(line));
            calls.map(|(index, line)| (index + 1, line.trim().to_owned())).take(MAX_LINES).collect()
        };
        let moves = calls(&[".send", ".recv"]);
        if moves.is_empty() {
            calls(&[".connect", ".listen", ".accept", ".bind", ".close", ".shutdown"])
        } else {
            moves
        }
    };
    let program = experiment.programs.iter();
    program
        .map(|program| ProgramLines { file: program.file.clone(), lines: lines(&program.text) })
        .collect()
}

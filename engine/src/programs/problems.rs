//! What is wrong with the texts of programs.

use std::path::Path;

use framescope_lab::{CompileProblem, Experiment};
use framescope_python::{CompileErrorKind, check};

/// What is wrong with the texts of an experiment's programs.
pub(super) fn problems(experiment: &Experiment) -> Vec<CompileProblem> {
    let all = experiment.programs.iter().enumerate();
    let problems = all.filter_map(|(index, program)| {
        let is_python = Path::new(&program.file).extension().is_some_and(|one| one == "py");
        if experiment.watched && !is_python {
            return Some(not_python(index));
        }
        problem(index, &program.text)
    });
    problems.collect()
}

/// A program of another language was watched, and its trace is on screen.
fn not_python(program: usize) -> CompileProblem {
    let message =
        "this is no Python program: `framescope watch` runs it, the lab does not".to_owned();
    CompileProblem { program, class: None, message, line: 1, column: 1 }
}

fn problem(program: usize, text: &str) -> Option<CompileProblem> {
    let error = check(text).err()?;
    let class = match error.kind {
        CompileErrorKind::Refused => None,
        CompileErrorKind::Syntax(class) => Some(class.to_owned()),
    };
    let (message, line, column) = (error.message, error.line, error.column);
    Some(CompileProblem { program, class, message, line, column })
}

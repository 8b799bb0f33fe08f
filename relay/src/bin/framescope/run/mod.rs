//! `framescope run`: Python programs against each other, in a terminal.
//!
//! What comes in: files with programs, or an experiment file. What goes out: what they printed, or how each
//! ended as JSON, and the exit code of the worst.
//!
//! May use: `language`.

mod experiment;
mod form;
mod outcome;
mod place;
mod play;
mod real;
mod segment;
mod terminal;
mod timeline;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use framescope_lab::{Experiment, MAX_PROGRAMS, Program, Start, When};

pub(crate) use self::experiment::ExperimentFile;
#[cfg(target_os = "linux")]
pub(crate) use self::form::Output;
pub(crate) use self::form::{Form, FormArgs};
#[cfg(target_os = "linux")]
pub(crate) use self::outcome::Outcome;
pub(crate) use self::place::PlaceArgs;
pub(crate) use self::play::play;
#[cfg(target_os = "linux")]
pub(crate) use self::terminal::{ask, read_line};
#[cfg(target_os = "linux")]
pub(crate) use self::timeline::Timeline;
pub(crate) use self::words::Words;
use crate::language::Language;

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Files with programs; each starts when the one before listens, has ended, or waits
    #[arg(value_name = "FILE", required_unless_present = "experiment")]
    files: Vec<PathBuf>,
    /// A JSON file with the programs, and when each starts
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    experiment: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
    /// The lines that a program reads with `input()`; its name is its file's without .py
    #[arg(long, value_name = "NAME=FILE")]
    stdin: Vec<String>,
    /// The arguments of a program, in sys.argv, separated by spaces
    #[arg(long, value_name = "NAME=ARGUMENTS")]
    argv: Vec<String>,
    #[command(flatten)]
    form: FormArgs,
    /// The language of what is said of the run: en or zh-CN
    #[arg(long, default_value = "en")]
    lang: String,
}

impl RunArgs {
    /// Runs the programs, prints what they print, and returns the exit code.
    pub(crate) fn run(self) -> anyhow::Result<i32> {
        let mut experiment = match &self.experiment {
            Some(file) => {
                let folder = file.parent().unwrap_or(Path::new(""));
                ExperimentFile::read(file)?.into_experiment(folder)?
            }
            None => from_files(&self.files)?,
        };
        let programs = &mut experiment.programs;
        for option in &self.stdin {
            let (program, file) = named(programs, option)?;
            let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
            program.stdin = Some(text.lines().map(str::to_owned).collect());
        }
        for option in &self.argv {
            let (program, arguments) = named(programs, option)?;
            program.argv = arguments.split_whitespace().map(str::to_owned).collect();
        }
        if experiment.programs.len() > MAX_PROGRAMS {
            bail!("{} programs are over the limit of {MAX_PROGRAMS}", experiment.programs.len());
        }
        Ok(play(experiment, &self.place, self.form.form(), Words(Language::of(&self.lang)))?.code)
    }
}

fn from_files(files: &[PathBuf]) -> anyhow::Result<Experiment> {
    let mut setups: Vec<Program> = Vec::new();
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if setups.iter().any(|setup| setup.name == name) {
            bail!("two programs have the name {name:?}");
        }
        let file = path.display().to_string();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
        setups.push(Program { name, file, text, ..Program::default() });
    }
    let starts = (0..setups.len()).map(|program| Start { program, when: When::Settled }).collect();
    Ok(Experiment { programs: setups, starts, ..Experiment::default() })
}

/// The program that an option `NAME=...` names, and the rest.
fn named<'a, 'b>(
    setups: &'a mut [Program],
    option: &'b str,
) -> anyhow::Result<(&'a mut Program, &'b str)> {
    let (name, rest) =
        option.split_once('=').with_context(|| format!("{option:?} has no '=' after the name"))?;
    let setup = setups.iter_mut().find(|setup| setup.name == name);
    Ok((setup.with_context(|| format!("there is no program {name:?}"))?, rest))
}

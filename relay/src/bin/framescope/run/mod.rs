//! `framescope run`: Python programs against each other, in a terminal.
//!
//! What comes in: files with programs, or an experiment file. What goes out: what they printed, or how each
//! ended as JSON, and the exit code of the worst.
//!
//! May use: nothing.

mod experiment;
mod outcome;
mod timeline;

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use framescope_engine::programs::{Programs, simulate};
use framescope_engine::sockets::Kernel;
use framescope_lab::python::{Ended, Program, Start, When};

use self::experiment::Experiment;
use self::timeline::Timeline;

/// The most programs of a run.
const MAX_PROGRAMS: usize = 16;
/// The exit code of a program that waits for ever, or that a budget ended.
const UNFINISHED: i32 = 3;
/// The exit code of a program that is outside of the subset.
const REFUSED: i32 = 4;

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Files with programs; each starts when the one before listens, has ended, or waits
    #[arg(value_name = "FILE", required_unless_present = "experiment")]
    files: Vec<PathBuf>,
    /// A JSON file with the programs, and when each starts
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    experiment: Option<PathBuf>,
    /// On the simulated kernel instead of real sockets
    #[arg(long)]
    simulated: bool,
    /// The lines that a program reads with `input()`; its name is its file's without .py
    #[arg(long, value_name = "NAME=FILE")]
    stdin: Vec<String>,
    /// The arguments of a program, in sys.argv, separated by spaces
    #[arg(long, value_name = "NAME=ARGUMENTS")]
    argv: Vec<String>,
    /// Print what happened as JSON, one object a line
    #[arg(long, conflicts_with = "outcome")]
    json: bool,
    /// Print how each program ended, as JSON
    #[arg(long)]
    outcome: bool,
}

impl RunArgs {
    /// Runs the programs, prints what they print, and returns the exit code.
    pub(crate) fn run(self) -> anyhow::Result<i32> {
        let (mut setups, starts) = match &self.experiment {
            Some(file) => {
                Experiment::read(file)?.into_programs(file.parent().unwrap_or(Path::new("")))?
            }
            None => from_files(&self.files)?,
        };
        if setups.len() > MAX_PROGRAMS {
            bail!("{} programs are over the limit of {MAX_PROGRAMS}", setups.len());
        }
        for option in &self.stdin {
            let (setup, file) = named(&mut setups, option)?;
            let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
            setup.stdin = Some(text.lines().map(str::to_owned).collect());
        }
        for option in &self.argv {
            let (setup, arguments) = named(&mut setups, option)?;
            setup.argv = arguments.split_whitespace().map(str::to_owned).collect();
        }
        let names: Vec<String> = setups.iter().map(|setup| setup.name.clone()).collect();
        let mut output = Output { timeline: Timeline::new(&names), form: self.form() };
        if self.simulated {
            let programs = simulate(
                setups,
                starts,
                |programs| output.write(programs),
                |program| read_line(&names, program),
            )?;
            return report(&programs, &names, self.form());
        }
        self.on_real_sockets(setups, starts, &names, output)
    }

    const fn form(&self) -> Form {
        if self.outcome {
            Form::Outcome
        } else if self.json {
            Form::Json
        } else {
            Form::Text
        }
    }

    #[cfg(unix)]
    fn on_real_sockets(
        &self,
        setups: Vec<Program>,
        starts: Vec<Start>,
        names: &[String],
        mut output: Output<'_>,
    ) -> anyhow::Result<i32> {
        let programs = framescope::programs::run(
            setups,
            starts,
            |programs| output.write(programs),
            |program| read_line(names, program),
        )?;
        report(&programs, names, self.form())
    }

    #[cfg(not(unix))]
    fn on_real_sockets(
        &self,
        _: Vec<Program>,
        _: Vec<Start>,
        _: &[String],
        _: Output<'_>,
    ) -> anyhow::Result<i32> {
        bail!("on this system, programs run with --simulated only")
    }
}

/// What is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// What happened, line by line.
    Text,
    /// The same, one JSON object a line.
    Json,
    /// How each program ended.
    Outcome,
}

/// Prints what happens.
struct Output<'a> {
    timeline: Timeline<'a>,
    form: Form,
}

impl Output<'_> {
    fn write<K: Kernel>(&mut self, programs: &mut Programs<K>) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        for event in programs.take_events() {
            match self.form {
                Form::Text => self.timeline.write(&mut out, &event)?,
                Form::Json => writeln!(out, "{}", serde_json::to_string(&event)?)?,
                Form::Outcome => {}
            }
        }
        Ok(())
    }
}

/// Asks for the line that a program reads. `None` at the end of the input.
fn read_line(names: &[String], program: usize) -> anyhow::Result<Option<String>> {
    if io::stdin().is_terminal() {
        eprint!("{} reads a line: ", names[program]);
    }
    let mut line = String::new();
    let length = io::stdin().read_line(&mut line).context("cannot read the input")?;
    let line = line.trim_end_matches(['\n', '\r']);
    Ok((length > 0).then(|| line.to_owned()))
}

fn from_files(files: &[PathBuf]) -> anyhow::Result<(Vec<Program>, Vec<Start>)> {
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
    Ok((setups, starts))
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

/// Prints how the programs ended, and returns the exit code.
fn report<K: Kernel>(programs: &Programs<K>, names: &[String], form: Form) -> anyhow::Result<i32> {
    let mut out = io::stdout().lock();
    if form == Form::Outcome {
        writeln!(out, "{}", outcome::json(programs, names))?;
    } else if form == Form::Text {
        for (index, name) in names.iter().enumerate() {
            let interrupted = programs.interrupted(index).map(|then| &then.ended);
            if let Some(sentence) = sentence(interrupted.unwrap_or_else(|| programs.ended(index))) {
                writeln!(out, "{name}: {sentence}")?;
            }
        }
    }
    let codes = (0..names.len()).map(|index| {
        let interrupted = programs.interrupted(index).map(|then| &then.ended);
        code(interrupted.unwrap_or_else(|| programs.ended(index)))
    });
    Ok(codes.max().unwrap_or(0))
}

/// What is said of a program that did not end by itself.
fn sentence(ended: &Ended) -> Option<String> {
    match ended {
        Ended::Exit(_) | Ended::Exception(_) | Ended::Syntax { .. } => None,
        Ended::Blocked { line, .. } => {
            Some(format!("it waits at line {line}, and nothing moves any more"))
        }
        Ended::Refused { line, message } | Ended::Spins { line, message } => {
            Some(format!("line {line}: {message}"))
        }
        Ended::NotStarted => Some("it was not started".to_owned()),
    }
}

fn code(ended: &Ended) -> i32 {
    match ended {
        Ended::Exit(status) => *status,
        Ended::Exception(_) | Ended::Syntax { .. } => 1,
        Ended::Blocked { .. } | Ended::Spins { .. } | Ended::NotStarted => UNFINISHED,
        Ended::Refused { .. } => REFUSED,
    }
}

//! `framescope lesson`: the lessons in a terminal.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use framescope_lab::{Experiment, Network, Texts, Trace, Variant, find_variant, variants};
use framescope_record::Source;

use crate::language::Language;
use crate::lesson_words::LessonWords;
use crate::run::{Form, PlaceArgs, Words, play};

#[derive(Debug, Args)]
pub(crate) struct LessonArgs {
    #[command(subcommand)]
    command: LessonCommand,
}

#[derive(Debug, Subcommand)]
enum LessonCommand {
    /// Print what there is
    List {
        /// The language of the texts: en or zh-CN
        #[arg(long, default_value = "en")]
        lang: String,
    },
    /// Print a lesson's programs, to be changed and run with --server and --client
    Show {
        /// A lesson's number, or a variant's name such as 4b
        name: String,
    },
    /// Run a lesson and print what happened, call by call
    Run(LessonRun),
}

#[derive(Debug, Args)]
struct LessonRun {
    /// A lesson's number, or a variant's name such as 4b
    name: String,
    /// A file with another program for the server
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// A file with another program for the first client
    #[arg(long, value_name = "FILE")]
    client: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Print the trace as JSON
    #[arg(long)]
    json: bool,
    /// The language of the texts: en or zh-CN
    #[arg(long, default_value = "en")]
    lang: String,
}

impl LessonArgs {
    /// Prints what the command asks for, and returns the exit code.
    pub(crate) fn run(self) -> anyhow::Result<i32> {
        match self.command {
            LessonCommand::List { lang } => Ok(print(&list(&lang))),
            LessonCommand::Show { name } => Ok(print(&show(&find(&name)?.experiment()))),
            LessonCommand::Run(run) => run.run(),
        }
    }
}

impl LessonRun {
    fn run(self) -> anyhow::Result<i32> {
        let variant = find(&self.name)?;
        let mut experiment = variant.experiment();
        for (name, file) in [("server", &self.server), ("client", &self.client)] {
            if let Some(file) = file {
                replace(&mut experiment, name, file)
                    .with_context(|| format!("cannot run lesson {} so", variant.name))?;
            }
        }
        experiment.check()?;
        let spoken = Words(Language::of(&self.lang));
        if self.json {
            return Ok(play(experiment, &self.place, Form::Trace, spoken)?.code);
        }
        let is_own = self.server.is_none() && self.client.is_none();
        let Texts { title, question, .. } = variant.texts(&self.lang);
        let words = LessonWords::of(Language::of(&self.lang));
        let mut out = io::stdout();
        if is_own {
            writeln!(out, "{}  {title}\n{question}\n", variant.name)?;
        }
        let times = if self.place.simulated { words.simulated } else { words.measured };
        writeln!(out, "{times}\n")?;
        let played = play(experiment, &self.place, Form::Timeline, spoken)?;
        if is_own {
            writeln!(out, "\n{}", answer(variant, &self.lang, &played.trace))?;
        }
        Ok(played.code)
    }
}

/// What a run says about the question of its lesson.
fn answer(variant: &Variant, language: &str, trace: &Trace) -> String {
    let Texts { choices, explanation, .. } = variant.texts(language);
    let words = LessonWords::of(Language::of(language));
    let mut sentences = match variant.outcome(trace) {
        Some(outcome) if variant.explains(outcome) => return explanation.to_owned(),
        Some(outcome) => format!("{}{}", words.other_outcome, choices[outcome]),
        None => words.no_outcome.to_owned(),
    };
    let had_wire = trace.source == Source::Simulated || trace.network == Network::Wire;
    if !had_wire && trace.experiment.wire == variant.experiment().wire {
        sentences.push('\n');
        sentences.push_str(words.without_wire);
    }
    sentences
}

fn find(name: &str) -> anyhow::Result<&'static Variant> {
    find_variant(name)
        .with_context(|| format!("there is no lesson {name:?}; `framescope lesson list` has them"))
}

/// Runs the text of a file in the place of a program.
fn replace(experiment: &mut Experiment, name: &str, file: &Path) -> anyhow::Result<()> {
    let program = experiment.programs.iter_mut().find(|program| program.name == name);
    let program = program.with_context(|| format!("it has no {name}"))?;
    program.file = file.display().to_string();
    program.text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(())
}

/// Prints a text, and returns the exit code.
fn print(text: &str) -> i32 {
    // If our output is closed, its reader has read enough.
    let _ = write!(io::stdout(), "{text}");
    0
}

fn show(experiment: &Experiment) -> String {
    let texts = experiment.programs.iter().map(|one| format!("# {}\n{}", one.file, one.text));
    texts.collect::<Vec<_>>().join("\n")
}

fn list(language: &str) -> String {
    let line =
        |variant: &Variant| format!("{:>4}  {}\n", variant.name, variant.texts(language).title);
    variants().map(line).collect()
}

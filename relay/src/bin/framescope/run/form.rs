//! The forms in which a run is printed.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use framescope_engine::programs::Programs;
use framescope_engine::sockets::Kernel;
use framescope_lab::{Ended, Event, MAX_EVENTS, MAX_RUN_US, RunEnd, Trace, capture_file};

use super::outcome::{self, Outcome};
use super::timeline::Timeline;
use super::words::Words;

/// The exit code of a program that waits for ever, or that a budget ended.
const UNFINISHED: i32 = 3;
/// The exit code of a program that is outside of the subset.
const REFUSED: i32 = 4;

/// What is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// What happened, line by line.
    Timeline,
    /// The same, one JSON object a line.
    Events,
    /// How each program ended, as JSON.
    Outcome,
    /// The trace, as JSON.
    Trace,
}

/// The options that say what is printed.
#[derive(Debug, Args)]
pub(crate) struct FormArgs {
    /// Print what happened as JSON, one object a line
    #[arg(long, conflicts_with = "outcome")]
    json: bool,
    /// Print how each program ended, as JSON
    #[arg(long)]
    outcome: bool,
}

impl FormArgs {
    pub(crate) const fn form(&self) -> Form {
        if self.outcome {
            Form::Outcome
        } else if self.json {
            Form::Events
        } else {
            Form::Timeline
        }
    }
}

/// A run that is over.
pub(crate) struct Played {
    /// The exit code of the worst program.
    pub(crate) code: i32,
    /// What happened, up to the bounds of a trace.
    pub(crate) trace: Trace,
}

/// Prints what happens.
pub(crate) struct Output<'a> {
    pub(crate) names: &'a [String],
    pub(crate) timeline: Timeline<'a>,
    pub(crate) form: Form,
    pub(crate) words: Words,
    /// Where the segments are written.
    pub(crate) pcap: Option<&'a Path>,
    pub(crate) trace: Trace,
}

impl Output<'_> {
    pub(crate) fn write(&mut self, events: Vec<Event>) -> anyhow::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        for event in events {
            match self.form {
                Form::Timeline => self.timeline.write(&mut out, &event)?,
                Form::Events => writeln!(out, "{}", serde_json::to_string(&event)?)?,
                Form::Outcome | Form::Trace => {}
            }
            self.keep(event);
        }
        out.flush()?;
        Ok(())
    }

    /// Adds an event to the trace, up to the bounds of a trace.
    fn keep(&mut self, event: Event) {
        if self.trace.end.is_some() {
            return;
        }
        if self.trace.events.len() == MAX_EVENTS {
            self.trace.end = Some(RunEnd::RecordFull);
        } else if event.at > MAX_RUN_US {
            self.trace.end = Some(RunEnd::TimeOver);
        } else {
            self.trace.events.push(event);
        }
    }

    /// Prints how the programs of the lab ended.
    pub(super) fn finish<K: Kernel>(mut self, mut programs: Programs<K>) -> anyhow::Result<Played> {
        self.write(programs.take_events())?;
        self.end(|program| {
            let (stdout, stderr) = programs.printed(program);
            let (ended, interrupted) = (programs.ended(program), programs.interrupted(program));
            Outcome { ended, interrupted, stdout, stderr }
        })
    }

    /// Prints how programs ended, and writes what is to be kept.
    pub(crate) fn end<'o>(
        mut self,
        outcome: impl Fn(usize) -> Outcome<'o>,
    ) -> anyhow::Result<Played> {
        self.trace.end = self.trace.end.or(Some(RunEnd::Finished));
        if let Some(file) = self.pcap {
            fs::write(file, capture_file(&self.trace))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let mut out = io::stdout().lock();
        let ends = (0..self.names.len()).map(|program| {
            let Outcome { ended, interrupted, .. } = outcome(program);
            interrupted.map_or(ended, |then| &then.ended)
        });
        match self.form {
            Form::Outcome => writeln!(out, "{}", outcome::json(self.names, &outcome))?,
            Form::Timeline => {
                for (name, ended) in self.names.iter().zip(ends.clone()) {
                    if let Some(sentence) = sentence(self.words, name, ended) {
                        writeln!(out, "{sentence}")?;
                    }
                }
            }
            Form::Trace => writeln!(out, "{}", self.trace.to_json())?,
            Form::Events => {}
        }
        Ok(Played { code: ends.map(code).max().unwrap_or(0), trace: self.trace })
    }
}

/// What is said of a program that did not end by itself.
fn sentence(words: Words, name: &str, ended: &Ended) -> Option<String> {
    match ended {
        Ended::Exit(_) | Ended::Exception(_) | Ended::Syntax { .. } => None,
        Ended::Blocked { line, .. } => Some(words.waits_for_ever(name, *line)),
        Ended::Refused { line, message } | Ended::Spins { line, message } => {
            Some(words.refused(name, *line, message))
        }
        Ended::NotStarted => Some(words.not_started(name)),
    }
}

fn code(ended: &Ended) -> i32 {
    match ended {
        Ended::Exit(status) => *status,
        Ended::Exception(_) | Ended::Syntax { .. } => ended.status().unwrap_or(1),
        Ended::Blocked { .. } | Ended::Spins { .. } | Ended::NotStarted => UNFINISHED,
        Ended::Refused { .. } => REFUSED,
    }
}

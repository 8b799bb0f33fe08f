//! What workers run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use framescope_lab::{Experiment, MAX_TEXT, NoWire, Program};

use super::limits::Limits;
use crate::named_file::read_named_file;

/// The subcommand of a worker that watches programs.
pub const WATCH_WORKER: &str = "watch-worker";

/// What the workers of a relay run.
#[derive(Clone, Debug)]
pub enum Work {
    /// What strangers type, in the lab's interpreter, within these limits.
    Lab(Limits),
    /// Programs of this system, as they are. Each experiment is a run of these.
    Watch(WatchedRun),
}

/// Programs of this system, and how a page sees them.
#[derive(Clone, Debug)]
pub struct WatchedRun {
    /// Their names, and the wire.
    pub experiment: Experiment,
    /// The file of each text that a page shows. `None`: it shows none.
    pub texts: Vec<Option<PathBuf>>,
    /// The file of each program, and its arguments.
    pub commands: Vec<Vec<OsString>>,
    /// How they are watched.
    pub ways: WatchWays,
}

/// How programs are watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WatchWays {
    /// They reach what the one who watches reaches, and not each other alone.
    pub reach_all: bool,
    /// A call that was tried in vain, and is made again when its socket is ready, is shown each time.
    pub raw: bool,
}

impl WatchedRun {
    /// The programs with their texts as they are now. One that cannot be read, or is longer than [`MAX_TEXT`], is empty.
    #[must_use]
    pub fn now(&self) -> Experiment {
        let mut experiment = self.experiment.clone();
        for (program, file) in experiment.programs.iter_mut().zip(&self.texts) {
            let read = file.as_ref().and_then(|file| read_named_file(file, MAX_TEXT as u64).ok());
            program.text = read.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        }
        experiment
    }
}

impl Work {
    /// The limits of a worker. Programs that are watched have those of the relay.
    pub(super) fn limits(&self) -> Limits {
        match self {
            Self::Lab(limits) => *limits,
            Self::Watch(_) => Limits::default(),
        }
    }

    /// Whether this experiment is for these workers. The error is a sentence for the user.
    pub(crate) fn check(&self, experiment: &Experiment) -> Result<(), &'static str> {
        match self {
            Self::Lab(_) => Ok(()),
            Self::Watch(run) => {
                let own = run.experiment.programs.iter().map(what_runs);
                let is_own =
                    experiment.watched && experiment.programs.iter().map(what_runs).eq(own);
                is_own
                    .then_some(())
                    .ok_or("this relay runs the programs that it watches, and no others")
            }
        }
    }

    /// The programs that are watched.
    pub(crate) const fn watched(&self) -> Option<&WatchedRun> {
        match self {
            Self::Lab(_) => None,
            Self::Watch(run) => Some(run),
        }
    }

    /// Prepares the start of a worker.
    pub(super) fn prepare(&self, command: &mut Command, wire: &Result<(), NoWire>) {
        match self {
            Self::Lab(limits) => {
                command.args(limits.arguments()).args(wire_argument(wire));
                // It has nothing of the relay.
                command.env_clear().current_dir("/");
            }
            Self::Watch(WatchedRun { commands, ways, .. }) => {
                let counts = commands.iter().map(|words| format!("--words={}", words.len()));
                command.arg(WATCH_WORKER).args(counts);
                command.args(ways.reach_all.then_some("--reach-all"));
                command.args(ways.raw.then_some("--raw"));
                command.arg("--").args(commands.iter().flatten());
            }
        }
    }
}

/// What tells a program from others. Its text is its file's, and what it reads is the page's choice.
fn what_runs(program: &Program) -> (&str, &str, &[String]) {
    (&program.name, &program.file, &program.argv)
}

/// The argument that tells a worker which network its programs run on.
fn wire_argument(wire: &Result<(), NoWire>) -> Option<String> {
    // Plain values can always be written as JSON.
    wire.as_ref().err().map(|why| format!("--no-wire={}", serde_json::json!(why)))
}

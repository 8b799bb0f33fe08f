//! An experiment file: programs, what they read, and when each starts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use framescope_lab::{Experiment, Program, Start, When, WireSetup};
use serde::Deserialize;

/// An experiment file. Keys that it does not know are ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct ExperimentFile {
    start: Vec<StartEntry>,
    programs: BTreeMap<String, ProgramEntry>,
    /// The wire, in words.
    #[serde(default)]
    wire: String,
}

#[derive(Debug, Deserialize)]
struct StartEntry {
    program: String,
    #[serde(default)]
    when: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ProgramEntry {
    file: String,
    #[serde(default)]
    argv: Vec<String>,
    #[serde(default)]
    stdin: Vec<String>,
    #[serde(default)]
    interrupt: bool,
}

impl ExperimentFile {
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let name = file.display();
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        serde_json::from_str(&text).with_context(|| format!("{name} is not an experiment"))
    }

    /// The experiment. The files of its programs are in this folder.
    pub(crate) fn into_experiment(self, folder: &Path) -> anyhow::Result<Experiment> {
        let wire: WireSetup = self.wire.parse()?;
        let names: Vec<&String> = self.start.iter().map(|start| &start.program).collect();
        let index = |name: &str| {
            let found = names.iter().position(|one| *one == name);
            found.with_context(|| format!("no program {name:?} is started"))
        };
        let mut setups = Vec::new();
        let mut starts = Vec::new();
        for (program, start) in self.start.iter().enumerate() {
            let name = &start.program;
            if names[..program].contains(&name) {
                bail!("the program {name:?} is started twice");
            }
            let entry =
                self.programs.get(name).with_context(|| format!("there is no program {name:?}"))?;
            let path = folder.join(&entry.file);
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            setups.push(Program {
                name: name.clone(),
                file: entry.file.clone(),
                text,
                argv: entry.argv.clone(),
                stdin: Some(entry.stdin.clone()),
                interrupt: entry.interrupt,
            });
            let when = match &start.when {
                None => When::AtOnce,
                Some(text) => parse_when(text, &index)?,
            };
            starts.push(Start { program, when });
        }
        Ok(Experiment { programs: setups, starts, wire, ..Experiment::default() })
    }
}

/// `listening PORT`, `NAME ended` or `NAME printed TEXT`.
fn parse_when(text: &str, index: &impl Fn(&str) -> anyhow::Result<usize>) -> anyhow::Result<When> {
    let wrong = || format!("{text:?} is not 'listening PORT', 'NAME ended' or 'NAME printed TEXT'");
    let (first, rest) = text.split_once(' ').with_context(wrong)?;
    if first == "listening" {
        return Ok(When::Listening(rest.parse().with_context(wrong)?));
    }
    if rest == "ended" {
        return Ok(When::Ended(index(first)?));
    }
    let printed = rest.strip_prefix("printed ").with_context(wrong)?;
    Ok(When::Printed(index(first)?, printed.to_owned()))
}

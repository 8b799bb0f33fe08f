//! The command line of `framescope watch`.
#![cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "programs are watched on Linux only")
)]

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use framescope_lab::{MAX_PROGRAMS, WireSetup};

use crate::run::FormArgs;

/// What separates the programs.
const SEPARATOR: &str = "::";

#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// Programs with their arguments, separated by '::'; each starts when the one before listens, has ended, or waits.
    /// A .py is run with Python; after one, another needs no '::' before it
    #[arg(
        required_unless_present = "experiment",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "PROGRAM"
    )]
    pub(super) commands: Vec<OsString>,
    /// A JSON file with programs in Python, and when each starts
    #[arg(long, value_name = "FILE", conflicts_with = "commands")]
    pub(super) experiment: Option<PathBuf>,
    /// Start all programs at once
    #[arg(long, conflicts_with = "experiment")]
    pub(super) no_wait: bool,
    /// Hold every call until it is stepped: serve a page that steps them, and open it
    #[arg(long, conflicts_with_all = ["wire", "pcap", "record", "json", "outcome"])]
    pub(crate) step: bool,
    /// Where that page is served on 127.0.0.1; 0 chooses one. Without it 9528, or 10 or 20 above if that is taken
    #[arg(long, value_name = "PORT", requires = "step")]
    pub(crate) port: Option<u16>,
    /// Start the server of the challenge before them, on port 9530, with this seed: a case again that was not passed. This may
    /// stand after the programs too
    #[arg(long, value_name = "SEED", conflicts_with = "experiment")]
    pub(super) challenge: Option<u64>,
    /// The case that it plays, from 1 to 10
    #[arg(long, value_name = "NUMBER", requires = "challenge", default_value_t = 1,
          value_parser = clap::value_parser!(u8).range(1..=10))]
    pub(super) case: u8,
    /// The Python that runs a .py, instead of python3
    #[arg(long, value_name = "FILE")]
    pub(super) python: Option<PathBuf>,
    /// Print every segment
    #[arg(long)]
    pub(super) wire: bool,
    #[command(flatten)]
    pub(super) ways: WaysArgs,
    /// What happens on the wire: such as 'latency 20ms, drop data 2, reorder 10%'
    #[arg(long, value_name = "RULES")]
    pub(super) on_wire: Option<WireSetup>,
    /// Write every segment into a capture file, for Wireshark
    #[arg(long, value_name = "FILE")]
    pub(super) pcap: Option<PathBuf>,
    /// The lines that a program reads; its name is its file's without what follows the dot
    #[arg(long, value_name = "NAME=FILE")]
    pub(super) stdin: Vec<String>,
    #[command(flatten)]
    pub(super) form: FormArgs,
    /// Write the trace into a file, which the page opens
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// The language of what is said of the run: en or zh-CN
    #[arg(long, default_value = "en")]
    pub(super) lang: String,
}

/// How programs are watched.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct WaysArgs {
    /// Whom the programs reach
    #[arg(long, value_name = "NETWORK", value_enum, default_value_t)]
    pub(super) net: Net,
    /// Show each call each time that it is made: those that fail because they would wait, and what waits in their place
    #[arg(long)]
    pub(super) raw: bool,
}

/// Whom programs reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Net {
    /// Each other, and nothing else
    #[default]
    Own,
    /// What this system reaches, which reaches them too
    Host,
}

/// Whether this is the file of a Python program.
pub(super) fn is_python(word: &OsStr) -> bool {
    Path::new(word).extension().is_some_and(|extension| extension == "py")
}

/// The words of the programs, and the challenge of the options. Those about it may also stand after the programs.
pub(super) fn take_challenge(arguments: &WatchArgs) -> (&[OsString], Option<u64>, u8) {
    let (mut words, mut seed, mut case) =
        (&arguments.commands[..], arguments.challenge, arguments.case);
    while let [programs @ .., option, value] = words
        && let (Some(option), Some(value)) = (option.to_str(), value.to_str())
    {
        match (option, value.parse::<u64>()) {
            ("--challenge", Ok(value)) => seed = seed.or(Some(value)),
            ("--case", Ok(value @ 1..=10)) => case = u8::try_from(value).unwrap_or(case),
            _ => break,
        }
        words = programs;
    }
    if seed.is_some() { (words, seed, case) } else { (&arguments.commands, None, case) }
}

/// The command of each program. Without a separator, if the first one is a `.py`, each `.py` begins one.
pub(super) fn split(words: &[OsString]) -> anyhow::Result<Vec<Vec<OsString>>> {
    let is_separated = words.iter().any(|word| word == SEPARATOR);
    let all_python = !is_separated && words.first().is_some_and(|first| is_python(first));
    let mut commands: Vec<Vec<OsString>> = vec![Vec::new()];
    for word in words {
        if word == SEPARATOR {
            commands.push(Vec::new());
            continue;
        }
        let begins = all_python && is_python(word);
        match commands.last_mut() {
            Some(last) if !begins || last.is_empty() => last.push(word.clone()),
            Some(_) | None => commands.push(vec![word.clone()]),
        }
    }
    if commands.iter().any(Vec::is_empty) {
        bail!("there is no program before or after a '{SEPARATOR}'");
    }
    if commands.len() > MAX_PROGRAMS {
        bail!("{} programs are over the limit of {MAX_PROGRAMS}", commands.len());
    }
    Ok(commands)
}

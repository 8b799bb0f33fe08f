//! Watches programs, and prints what they do.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use framescope::watch::{Reach, Unchanged, Watch, Ways, source_of};
use framescope::wire::{Network, Tap};
use framescope::worker::{own_executable, try_wire};
use framescope::{WatchWays, WatchedRun};
use framescope_engine::programs::{Driven, Steppable as _};
use framescope_lab::{Experiment, MAX_NAME, MAX_PROGRAMS, Program, Start, Trace, When, WireSetup};
use framescope_record::Source;

use super::arguments::{Net, WatchArgs, WaysArgs, is_python, split, take_challenge};
use crate::language::Language;
use crate::run::{ExperimentFile, Outcome, Output, Timeline, Words, ask, read_line};

pub(super) fn run(arguments: &WatchArgs) -> anyhow::Result<i32> {
    let run = programs(arguments)?;
    play(arguments, run)
}

pub(super) fn to_step(arguments: &WatchArgs) -> anyhow::Result<WatchedRun> {
    let run = programs(arguments)?;
    if !run.ways.reach_all {
        check_network(&own_executable()?)?;
    }
    Ok(run)
}

/// The programs that are to be watched.
fn programs(arguments: &WatchArgs) -> anyhow::Result<WatchedRun> {
    let (words, challenge, case) = take_challenge(arguments);
    let (mut experiment, mut commands) = match &arguments.experiment {
        Some(file) => from_file(file)?,
        None => from_commands(split(words)?, arguments.no_wait),
    };
    if let Some(seed) = challenge {
        add_challenge(&mut experiment, &mut commands, case, seed)?;
    }
    let python = arguments.python.as_deref();
    let found = commands.iter().map(|command| Unchanged::new(command, python));
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let texts: Vec<_> =
        commands.iter().zip(&found).map(|(command, found)| text_of(command, found)).collect();
    for (program, text) in experiment.programs.iter_mut().zip(&texts) {
        if let Some(file) = text.as_deref().and_then(Path::file_name) {
            program.file = shown(file);
        }
    }
    for option in &arguments.stdin {
        let (name, file) = option
            .split_once('=')
            .with_context(|| format!("{option:?} has no '=' after the name"))?;
        let program = experiment.programs.iter_mut().find(|one| one.name == name);
        let program = program.with_context(|| format!("there is no program {name:?}"))?;
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        program.stdin = Some(text.lines().map(str::to_owned).collect());
    }
    if let Some(wire) = &arguments.on_wire {
        experiment.wire.clone_from(wire);
    }
    let WaysArgs { net, raw } = arguments.ways;
    let ways = WatchWays { reach_all: net == Net::Host, raw };
    if ways.reach_all && experiment.wire != WireSetup::default() {
        bail!("with --net host nobody changes what happens on the wire");
    }
    experiment.watched = true;
    let commands = found.into_iter().map(Unchanged::into_command).collect();
    let mut run = WatchedRun { experiment, texts, commands, ways };
    run.experiment = run.now();
    Ok(run)
}

/// Starts the server of the challenge before all others.
fn add_challenge(
    experiment: &mut Experiment,
    commands: &mut Vec<Vec<OsString>>,
    case: u8,
    seed: u64,
) -> anyhow::Result<()> {
    if commands.len() == MAX_PROGRAMS {
        bail!("with the challenge there is room for {} programs", MAX_PROGRAMS - 1);
    }
    let argv = [format!("--case={case}"), format!("--seed={seed}")];
    let server = [own_executable()?.into_os_string(), CHALLENGE.into()];
    commands.insert(0, server.into_iter().chain(argv.iter().map(OsString::from)).collect());
    experiment.starts.iter_mut().for_each(|start| start.program += 1);
    experiment.starts.insert(0, Start { program: 0, when: When::AtOnce });
    let (name, file) = (CHALLENGE.to_owned(), CHALLENGE.to_owned());
    let server = Program { name, file, argv: argv.to_vec(), ..Program::default() };
    experiment.programs.insert(0, server);
    Ok(())
}

/// The file of the text that a page shows of a program: of a script, of what an interpreter runs, or of the source that a
/// compiled program names.
fn text_of(command: &[OsString], found: &Unchanged) -> Option<PathBuf> {
    let program = Path::new(command.first()?);
    if is_python(program.as_os_str()) {
        return Some(program.to_owned());
    }
    let runs = program.file_name().is_some_and(|name| INTERPRETERS.iter().any(|one| name == *one));
    let script = command.iter().skip(1).find(|word| !shown(word).starts_with('-'));
    let script = script.map(PathBuf::from).filter(|script| runs && script.is_file());
    script.or_else(|| source_of(found.program()))
}

/// Finds out whether programs can have a network of their own.
fn check_network(executable: &Path) -> anyhow::Result<()> {
    try_wire(executable).map_err(|why| {
        let remedy = why.remedy.iter().map(|remedy| format!("\nThis helps:\n{remedy}"));
        let remedy: String = remedy.collect();
        let host = "With --net host they are watched in the network of this system.";
        anyhow!("there is no network for them: {}{remedy}\n{host}", why.error)
    })
}

/// The programs of these commands. Each starts when the one before listens, has ended, or waits, or all at once.
fn from_commands(commands: Vec<Vec<OsString>>, no_wait: bool) -> (Experiment, Vec<Vec<OsString>>) {
    let mut programs: Vec<Program> = Vec::new();
    for command in &commands {
        let path = Path::new(command.first().map(OsString::as_os_str).unwrap_or_default());
        let own = name(command);
        let mut name = own.clone();
        let mut number = 1;
        while programs.iter().any(|other| other.name == name) {
            number += 1;
            name = format!("{own}-{number}");
        }
        programs.push(Program {
            name,
            file: shown(path.file_name().unwrap_or_default()),
            argv: command.iter().skip(1).map(|word| shown(word)).collect(),
            ..Program::default()
        });
    }
    let when = if no_wait { When::AtOnce } else { When::Settled };
    let starts = (0..programs.len()).map(|program| Start { program, when: when.clone() });
    let experiment = Experiment { starts: starts.collect(), programs, ..Experiment::default() };
    (experiment, commands)
}

/// The subcommand that serves the challenge.
const CHALLENGE: &str = "challenge";

/// Programs whose first argument is the file of another program.
const INTERPRETERS: [&str; 9] =
    ["bash", "java", "lua", "node", "perl", "php", "python3", "ruby", "sh"];

/// What a program is called: its file without what follows the dot. Of an interpreter or a Java, what it runs.
fn name(command: &[OsString]) -> String {
    let stem = |word: &OsString| shown(Path::new(word).file_stem().unwrap_or_default());
    let program = command.first().map(stem).unwrap_or_default();
    let runs = INTERPRETERS.contains(&program.as_str());
    let is_name = |name: &String| {
        let is_part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
        !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(is_part)
    };
    let run = command.iter().skip(1).find(|word| !shown(word).starts_with('-'));
    run.filter(|_| runs).map(stem).filter(is_name).unwrap_or(program)
}

/// The programs of an experiment file.
fn from_file(file: &Path) -> anyhow::Result<(Experiment, Vec<Vec<OsString>>)> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let experiment = ExperimentFile::read(file)?.into_experiment(folder)?;
    let command = |program: &Program| {
        let path = folder.join(&program.file).into_os_string();
        [path].into_iter().chain(program.argv.iter().map(OsString::from)).collect()
    };
    let commands = experiment.programs.iter().map(command).collect();
    Ok((experiment, commands))
}

fn shown(word: &OsStr) -> String {
    word.to_string_lossy().into_owned()
}

fn play(
    arguments: &WatchArgs,
    WatchedRun { experiment, commands, ways, .. }: WatchedRun,
) -> anyhow::Result<i32> {
    let commands = commands.into_iter().map(Unchanged::found).collect();
    let executable = own_executable()?;
    let names: Vec<String> = experiment.programs.iter().map(|one| one.name.clone()).collect();
    let reach = if ways.reach_all {
        Reach::All(Tap::open().inspect_err(|why| {
            let remedy = why.remedy.as_deref().unwrap_or_default();
            eprintln!("No segments are shown: {}. This helps:\n{remedy}", why.error);
        }))
    } else {
        check_network(&executable)?;
        Reach::EachOther(Network::enter()?.finish(experiment.wire.mtu)?)
    };
    let words = Words(Language::of(&arguments.lang));
    let ways = Ways { reach, raw: ways.raw, variables: false };
    let mut watch = Watch::new(&experiment, commands, executable, ways)?;
    let mut output = Output {
        names: &names,
        timeline: Timeline::new(&names, &experiment, arguments.wire, words),
        form: arguments.form.form(),
        words,
        pcap: arguments.pcap.as_deref(),
        trace: Trace::new(Source::Measured, experiment),
    };
    output.trace.network = watch.network();
    let ran = drive(&mut watch, &mut output);
    output.write(watch.take_events())?;
    ran?;
    let played = output.end(|program| {
        let (stdout, stderr) = watch.printed(program);
        let (ended, interrupted) = (watch.ended(program), watch.interrupted(program));
        Outcome { ended, interrupted, stdout, stderr }
    })?;
    if let Some(file) = &arguments.record {
        fs::write(file, played.trace.to_json())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(played.code)
}

/// Runs the programs to their ends.
fn drive(watch: &mut Watch, output: &mut Output<'_>) -> anyhow::Result<()> {
    let input = io::stdin();
    let mut asked = None;
    loop {
        match watch.advance()? {
            Driven::Again => output.write(watch.take_events())?,
            Driven::Wait(waiting) => {
                watch.wait(None)?;
                if watch.rest_at(&waiting).is_some_and(|at| watch.now() >= at) {
                    watch.rest();
                }
            }
            Driven::Reads(program) => {
                if asked.replace(program) != Some(program) {
                    ask(output.words, &output.names[program]);
                }
                if watch.wait(Some(input.as_fd()))? {
                    watch.type_line(program, read_line()?);
                    asked = None;
                }
            }
            Driven::Over => return Ok(()),
        }
    }
}

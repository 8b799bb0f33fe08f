//! `framescope`: the command line, the signals, and the exit code.
//!
//! What comes in: arguments, the environment, a configuration file, signals. What goes out: a running
//! [`Relay`](framescope::Relay), or the text of a lesson; the log on stderr; an exit code.

mod address;
mod arguments;
mod challenge;
mod class;
mod cli;
mod config_file;
mod desktop;
mod doctor;
mod health;
mod lab_worker;
mod language;
mod lesson;
mod lesson_words;
mod log;
#[cfg(test)]
mod options_table;
#[cfg(unix)]
mod restart;
mod run;
mod serve;
mod service_manager;
mod shell;
mod signals;
mod watch;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _, stderr, stdout};
use std::process::ExitCode;
use std::{env, panic};

use anyhow::{Context as _, bail};
use framescope::{DroppedLines, Relay};
use tracing::dispatcher::with_default;
use tracing::{Level, error};
use tracing_subscriber::EnvFilter;

use crate::arguments::ParseError;
use crate::cli::{Cli, Command, LogFormat};
use crate::log::LogQueue;

/// The directive of the log's filter that lets panics through.
const PANIC: &str = "panic=error";

/// The exit code for a command line that cannot be used, as in clap and most Unix tools.
const USAGE: u8 = 2;

/// The exit code when nobody reads what is printed: a shell's for a program that SIGPIPE has ended.
const BROKEN_PIPE: u8 = 128 + 13;

fn main() -> ExitCode {
    arguments::parse(env::args_os()).map_or_else(refuse, run_command)
}

fn refuse(error: ParseError) -> ExitCode {
    match error {
        ParseError::Clap(error) if !error.use_stderr() => {
            let _ = write!(stdout(), "{error}");
            return ExitCode::SUCCESS;
        }
        ParseError::Clap(error) => say(asked_format(), &cli::one_sentence(error)),
        ParseError::File(error) => say(asked_format(), &error.to_string()),
    }
    ExitCode::from(USAGE)
}

fn run_command(cli: Cli) -> ExitCode {
    match cli.command {
        Some(Command::Lesson(lesson)) => exit_code(lesson.run()),
        Some(Command::Challenge(challenge)) => exit_code(challenge.run()),
        Some(Command::Run(run)) => exit_code(run.run()),
        Some(Command::Doctor(doctor)) => exit_code(doctor.run()),
        Some(Command::Health { options }) => {
            let arguments = [OsString::from("framescope")].into_iter().chain(options);
            arguments::parse(arguments).map_or_else(refuse, |relay| exit_code(check_health(relay)))
        }
        Some(Command::Check { options }) => {
            let arguments = [OsString::from("framescope")].into_iter().chain(options);
            arguments::parse(arguments).map_or_else(refuse, |relay| exit_code(check(relay)))
        }
        Some(Command::Completions(completions)) => exit_code(completions.run(cli::command())),
        Some(Command::Man { names }) => exit_code(shell::man(cli::command(), &names)),
        // It starts no thread: its limits hold for this one.
        Some(Command::LabWorker(worker)) => match worker.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        },
        Some(Command::WatchWorker(worker)) => match worker.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        },
        Some(Command::Watch(watch)) if watch.step => {
            logged(cli.log_format, |log| serve::serve_watched(&watch, log))
        }
        Some(Command::Watch(watch)) => exit_code(watch::run(&watch)),
        Some(Command::WatchLaunch { command }) => watch::launch(&command),
        Some(Command::TryWire) => exit_code(lab_worker::try_wire()),
        Some(Command::Class(class)) => logged(cli.log_format, |log| serve::serve_class(class, log)),
        None => logged(cli.log_format, |log| serve::serve(cli, log)),
    }
}

/// Runs what serves until a signal, with the log.
fn logged(
    format: LogFormat,
    serve: impl FnOnce(&(LogQueue, DroppedLines)) -> anyhow::Result<()>,
) -> ExitCode {
    let log = match start_log(format) {
        Ok(log) => log,
        Err(error) => {
            say(format, &format!("{error:#}"));
            return ExitCode::from(USAGE);
        }
    };
    let served = serve(&log);
    if let Err(error) = &served {
        // Through the log: stderr may be a pipe that nobody reads.
        log.0.say(&format!("{error:#}"));
    }
    log.0.flush();
    served.map_or_else(|_| ExitCode::from(USAGE), |()| ExitCode::SUCCESS)
}

/// Asks the relay with this command line.
fn check_health(relay: Cli) -> anyhow::Result<i32> {
    if relay.command.is_some() {
        bail!("health takes options of the relay, and no other command");
    }
    Ok(health::check(&relay.into_config()?))
}

/// Says whether this command line starts a relay.
fn check(relay: Cli) -> anyhow::Result<i32> {
    if relay.command.is_some() {
        bail!("check takes options of the relay, and no other command");
    }
    Relay::check(&relay.into_config()?)?;
    writeln!(stdout(), "this configuration can be used")?;
    Ok(0)
}

/// The exit code of a command that runs programs.
fn exit_code(ran: anyhow::Result<i32>) -> ExitCode {
    match ran {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)),
        Err(error) if is_broken_pipe(&error) => ExitCode::from(BROKEN_PIPE),
        Err(error) => failed(&error),
    }
}

/// Whether nobody reads what is printed, as after `| head`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.root_cause().downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn failed(error: &anyhow::Error) -> ExitCode {
    say(LogFormat::Text, &format!("{error:#}"));
    ExitCode::from(USAGE)
}

/// Writes a sentence to stderr when there is no log.
fn say(format: LogFormat, sentence: &str) {
    match format {
        LogFormat::Text => eprintln!("framescope: {sentence}"),
        LogFormat::Json => with_default(&log::json(stderr), || error!("{sentence}")),
    }
}

/// The format of the log that the arguments and the environment ask for, if the rest of them cannot be used.
fn asked_format() -> LogFormat {
    let arguments: Vec<OsString> = env::args_os().collect();
    let is_asked = arguments.iter().any(|argument| argument == "--log-format=json")
        || arguments.windows(2).any(|two| two[0] == "--log-format" && two[1] == "json")
        || env::var_os("FRAMESCOPE_LOG_FORMAT").is_some_and(|format| format == "json");
    if is_asked { LogFormat::Json } else { LogFormat::Text }
}

/// Starts the log on stderr. `FRAMESCOPE_LOG` filters it; without it, warnings are logged. Returns the log
/// and the counter of its dropped lines.
fn start_log(format: LogFormat) -> anyhow::Result<(LogQueue, DroppedLines)> {
    let filter = match env::var("FRAMESCOPE_LOG") {
        Ok(directives) => EnvFilter::try_new(&directives)
            .with_context(|| format!("FRAMESCOPE_LOG={directives:?} is not a log filter"))?,
        Err(_) => EnvFilter::new("warn"),
    };
    // A panic is logged whatever the filter says.
    let filter = filter.add_directive(PANIC.parse().context("the directive of panics")?);
    let dropped_lines = DroppedLines::default();
    let has_colours = stderr().is_terminal();
    let own_lines = match format {
        LogFormat::Text => tracing_subscriber::fmt()
            .with_max_level(Level::WARN)
            .with_ansi(has_colours)
            .with_writer(stderr)
            .finish()
            .into(),
        LogFormat::Json => log::json(stderr),
    };
    let queue = LogQueue::start(stderr(), own_lines, dropped_lines.clone())
        .context("cannot start the log's thread")?;
    let queue = match format {
        LogFormat::Text => queue,
        LogFormat::Json => queue.in_json(),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(has_colours)
        .with_writer(queue.clone());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    // The default hook writes to stderr, which may block the thread of a session.
    panic::set_hook(Box::new(|panic| {
        error!(target: "panic", "{}", panic.to_string().replace('\n', " "));
    }));
    Ok((queue, dropped_lines))
}

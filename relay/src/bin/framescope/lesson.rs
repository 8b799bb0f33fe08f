//! `framescope lesson`: the lessons in a terminal.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use framescope_engine::simulate;
use framescope_lab::{
    Call, Event, EventKind, Experiment, MAX_EVENTS, MAX_RUN_US, Program, RunEnd, Side, Texts,
    Trace, Value, Variant, find_variant, variants,
};
use framescope_record::{Data, Source};

/// The column of calls, in characters.
const WIDTH: usize = 34;
/// How many bytes of a send or a `recv` are printed.
const SHOWN: usize = 40;

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
    Run {
        /// A lesson's number, or a variant's name such as 4b
        name: String,
        /// A file with another program for the server
        #[arg(long, value_name = "FILE")]
        server: Option<PathBuf>,
        /// A file with another program for the first client
        #[arg(long, value_name = "FILE")]
        client: Option<PathBuf>,
        /// On the simulated kernel instead of real sockets
        #[arg(long)]
        simulated: bool,
        /// Print the trace as JSON
        #[arg(long)]
        json: bool,
        /// The language of the texts: en or zh-CN
        #[arg(long, default_value = "en")]
        lang: String,
    },
}

impl LessonArgs {
    /// What the command prints.
    pub(crate) fn run(self) -> anyhow::Result<String> {
        match self.command {
            LessonCommand::List { lang } => Ok(list(&lang)),
            LessonCommand::Show { name } => Ok(show(&find(&name)?.experiment())),
            LessonCommand::Run { name, server, client, simulated, json, lang } => {
                let variant = find(&name)?;
                let mut experiment = variant.experiment();
                if let Some(file) = &server {
                    experiment.server = read(file, Side::SERVER)?;
                }
                if let Some(file) = &client {
                    experiment.clients[0] = read(file, Side::CLIENT)?;
                }
                let is_own = server.is_some() || client.is_some();
                if is_own {
                    // The lesson's order does not fit another program. It runs without one.
                    experiment.order.clear();
                }
                let trace = if simulated { simulate(&experiment)? } else { measure(&experiment)? };
                if json {
                    return Ok(trace.to_json() + "\n");
                }
                let transcript = transcript(&trace);
                if is_own {
                    return Ok(transcript);
                }
                let Texts { title, question, explanation, .. } = Texts::of(variant, &lang);
                let name = variant.name;
                Ok(format!("{name}  {title}\n{question}\n\n{transcript}\n{explanation}\n"))
            }
        }
    }
}

fn find(name: &str) -> anyhow::Result<&'static Variant> {
    find_variant(name)
        .with_context(|| format!("there is no lesson {name:?}; `framescope lesson list` has them"))
}

/// Reads a program from a file, one call a line.
fn read(file: &Path, side: Side) -> anyhow::Result<Program> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    Program::parse(&text, side).with_context(|| format!("{name} is not a program"))
}

fn show(experiment: &Experiment) -> String {
    let programs = experiment.sides().filter_map(|side| {
        let title = if side == Side::SERVER { "server" } else { "client" };
        Some(format!("# {title}\n{}", experiment.program(side)?.to_python(side)))
    });
    programs.collect::<Vec<_>>().join("\n")
}

#[cfg(unix)]
fn measure(experiment: &Experiment) -> anyhow::Result<Trace> {
    Ok(framescope::measure(experiment)?)
}

#[cfg(not(unix))]
fn measure(_experiment: &Experiment) -> anyhow::Result<Trace> {
    anyhow::bail!("the lab runs on Unix systems; add --simulated to see the model")
}

fn list(language: &str) -> String {
    let mut text = String::new();
    for variant in variants() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:>4}  {}", variant.name, Texts::of(variant, language).title);
    }
    text
}

/// A run as text: side, call, result, and what the kernel says.
fn transcript(trace: &Trace) -> String {
    let source = match trace.source {
        Source::Measured => "measured on real sockets of this machine",
        Source::Simulated => "simulated",
    };
    let mut text = format!("{source}; times in milliseconds\n\n");
    for event in &trace.events {
        if let Some(line) = line(event, trace) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    let stopped = match trace.end {
        Some(RunEnd::RecordFull) => Some(format!("no more than {MAX_EVENTS} events are recorded")),
        Some(RunEnd::TimeOver) => {
            Some(format!("no run takes more than {} s", MAX_RUN_US / 1_000_000))
        }
        Some(RunEnd::Finished) | None => None,
    };
    if let Some(why) = stopped {
        let _ = writeln!(text, "the run was stopped: {why}");
    }
    for (side, call) in unfinished(trace) {
        let _ = writeln!(text, "{:>10}  {:<9} {call} never returned", "", name(side, trace));
    }
    text
}

fn line(event: &Event, trace: &Trace) -> Option<String> {
    let program = trace.experiment.program(event.side)?;
    let call = program.0.get(usize::from(event.call))?;
    let what = match &event.kind {
        EventKind::Began | EventKind::Failed(_) => return None,
        EventKind::Returned(Value::Nothing) if call.sends() => return None,
        // A plain recv's value is what its system call got.
        EventKind::Returned(Value::Bytes(_)) if matches!(call, Call::Recv(_)) => return None,
        EventKind::Blocked(on) => format!("{on}"),
        EventKind::Accepted(Some(client)) => format!("accepted {}", name(*client, trace)),
        EventKind::Accepted(None) => "accepted a stranger".to_owned(),
        // The line "accepted ..." says it already.
        EventKind::Returned(Value::Nothing) if matches!(call, Call::Accept) => return None,
        EventKind::Sent(data) => format!("sent {} bytes {}", data.0.len(), short(data)),
        EventKind::Received { asked, got } => {
            format!("recv({asked}) -> {} {}", got.0.len(), short(got))
        }
        EventKind::Returned(value) => match value {
            Value::Nothing => "done".to_owned(),
            Value::Bytes(data) => format!("= {}", short(data)),
            Value::Message(data) => format!("= message {}", short(data)),
            Value::EndOfStream => "= end of stream".to_owned(),
            Value::Error(error) => format!("! {error}"),
        },
    };
    let milliseconds = format!("{}.{:03}", event.at / 1000, event.at % 1000);
    let side = name(event.side, trace);
    let call = program.line(event.side, usize::from(event.call));
    let call = if call.chars().count() > WIDTH {
        call.chars().take(WIDTH - 1).chain(['…']).collect()
    } else {
        call
    };
    Some(format!("{milliseconds:>10}  {side:<9} {call:<WIDTH$}  {what:<48} {}", kernel(event)))
}

fn name(side: Side, trace: &Trace) -> String {
    match side {
        Side::SERVER => "server".to_owned(),
        Side::CLIENT if trace.experiment.clients.len() == 1 => "client".to_owned(),
        Side(number) => format!("client {number}"),
    }
}

fn short(data: &Data) -> String {
    if data.0.len() <= SHOWN {
        data.to_string()
    } else {
        format!("{}…", Data::from(&data.0[..SHOWN]))
    }
}

/// What the kernel says of the side's own socket.
fn kernel(event: &Event) -> String {
    let Some(tcp_info) = event.tcp_info.get(usize::from(event.side.0)) else {
        return String::new();
    };
    let mut text = tcp_info.state.map(|state| state.to_string()).unwrap_or_default();
    if let Some(unread) = tcp_info.unread.filter(|unread| *unread > 0) {
        let _ = write!(text, " unread {unread}");
    }
    if let Some(bytes) = tcp_info.unacknowledged.filter(|bytes| *bytes > 0) {
        let _ = write!(text, " unacknowledged {bytes}");
    }
    text
}

/// The calls that were still waiting when the run ended.
fn unfinished(trace: &Trace) -> Vec<(Side, String)> {
    let waits = |side: &Side| {
        let last = trace.events.iter().rfind(|event| event.side == *side)?;
        let call = trace.experiment.program(*side)?.line(*side, usize::from(last.call));
        (!matches!(last.kind, EventKind::Returned(_))).then_some((*side, call))
    };
    trace.experiment.sides().filter_map(|side| waits(&side)).collect()
}

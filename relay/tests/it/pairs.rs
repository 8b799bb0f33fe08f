//! The pairs of programs in `tests/programs`, and those of the lessons in `lab/lessons`, end as they do in
//! CPython 3.11: what they print, the exception and its line, and how they wait. `expect.json` has every
//! outcome that CPython was seen to have.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

#[cfg(target_os = "linux")]
use framescope_lab::{Event, EventKind, Flags};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::support::process::{Finished, framescope, run};

/// The version of CPython that is followed.
const VERSION: &str = "3.11";

/// The number of pairs that run at once. Most of the time they sleep.
pub(crate) const AT_ONCE: usize = 4;

#[expect(clippy::unwrap_used, reason = "the folders are there")]
pub(crate) fn folders() -> Vec<PathBuf> {
    let relay = Path::new(env!("CARGO_MANIFEST_DIR"));
    let parents = [relay.join("tests/programs"), relay.join("../lab/lessons")];
    let entries = parents.into_iter().flat_map(|parent| std::fs::read_dir(parent).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Runs every pair, up to `attempts` times until it ends as in CPython. Lists the programs that did not, after the last time.
async fn wrong_outcomes(options: &[&str], attempts: usize) -> String {
    let runs = stream::iter(folders()).map(async |folder| {
        let mut wrong = String::new();
        for _ in 0..attempts {
            wrong = wrong_in(folder.clone(), options).await;
            if wrong.is_empty() {
                break;
            }
        }
        wrong
    });
    runs.buffer_unordered(AT_ONCE).collect().await
}

/// Runs a pair, and lists the programs of it that ended otherwise than CPython's.
#[expect(clippy::unwrap_used, reason = "the files are those of this folder")]
async fn wrong_in(folder: PathBuf, options: &[&str]) -> String {
    let file = folder.join("expect.json");
    let experiment: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut command = framescope();
    command.arg("run").arg("--experiment").arg(&file).arg("--outcome").args(options);
    let finished = run(command).await;
    let found: Value = serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", finished.stdout, finished.stderr));
    let mut wrong = String::new();
    for (name, program) in experiment["programs"].as_object().unwrap() {
        let outcomes =
            program["outcomes"].as_array().unwrap().iter().filter(|one| is_followed(one));
        let found = &found[name];
        if outcomes.clone().any(|expected| agrees(found, expected)) {
            continue;
        }
        let folder = folder.file_name().unwrap().to_string_lossy();
        writeln!(wrong, "{folder} {name}\n  found {found}").expect("a String takes text");
        for expected in outcomes {
            writeln!(wrong, "  expected {expected}").expect("a String takes text");
        }
    }
    wrong
}

pub(crate) fn is_followed(outcome: &Value) -> bool {
    outcome["cpython"].as_array().is_none_or(|versions| versions.contains(&json!(VERSION)))
}

/// Whether a program ended as expected.
fn agrees(found: &Value, expected: &Value) -> bool {
    const KEYS: [&str; 7] = ["ends", "exit", "class", "message", "errno", "called_from", "column"];
    let is_spinning = expected["ends"] == "spins";
    let same_line = is_spinning || found["line"] == expected["line"] || expected["line"].is_null();
    let same_keys = is_spinning && found["ends"] == "spins"
        || KEYS.iter().all(|key| found.get(*key) == expected.get(*key));
    let text = |value: &Value| without_ports(value["stdout"].as_str().unwrap_or_default());
    let (out, expected_out) = (text(found), text(expected));
    let same_out = if is_spinning { out.starts_with(&expected_out) } else { out == expected_out };
    let then = |value: &Value| {
        let then = value.get("then_interrupted")?;
        Some((then["exit"].clone(), text(then)))
    };
    let same_stderr = expected.get("stderr").is_none_or(|stderr| found["stderr"] == *stderr);
    let same_shown = expected.get("shown").is_none_or(|shown| found["shown"] == *shown);
    same_keys
        && same_line
        && same_out
        && then(found) == then(expected)
        && same_stderr
        && same_shown
        && has_traceback(found, expected)
}

/// Whether the traceback is that of the followed version, without the frames inside of its library.
fn has_traceback(found: &Value, expected: &Value) -> bool {
    let mut tracebacks = expected["tracebacks"].as_array().into_iter().flatten();
    let Some(traceback) = tracebacks.find(|one| is_followed(one)) else { return true };
    let mut in_library = false;
    let own = traceback["text"].as_str().unwrap_or_default().lines().filter(|line| {
        if line.starts_with("  File ") {
            in_library = line.contains("\"lib/python");
        } else if !line.starts_with(' ') {
            in_library = false;
        }
        !in_library
    });
    found["stderr"].as_str().unwrap_or_default().lines().eq(own)
}

/// The text with `{PORT}` in the place of the ports that a kernel chose: numbers of five digits.
pub(crate) fn without_ports(text: &str) -> String {
    let is_digit = |character: char| character.is_ascii_digit();
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        let digits = &rest[start..];
        let end = digits.find(|character| !is_digit(character)).unwrap_or(digits.len());
        out += &rest[..start];
        let is_chosen = end == 5
            && digits[..end].parse::<u32>().is_ok_and(|port| (32_768..61_000).contains(&port));
        out += if is_chosen { "{PORT}" } else { &digits[..end] };
        rest = &digits[end..];
    }
    out + rest
}

#[tokio::test]
async fn pairs_on_the_simulated_kernel_end_as_in_cpython() {
    let wrong = wrong_outcomes(&["--simulated"], 1).await;
    assert!(wrong.is_empty(), "{wrong}");
}

/// Some programs measure a time, and on a busy machine that is another one.
#[tokio::test]
async fn pairs_on_real_sockets_end_as_in_cpython() {
    let wrong = wrong_outcomes(&[], 3).await;
    assert!(wrong.is_empty(), "{wrong}");
}

/// The files that say what CPython makes of the pairs are right: `python3` is run on them. It needs a network
/// namespace of its own, which not every machine gives.
#[tokio::test]
async fn pairs_in_cpython_end_as_expected() {
    let runs = stream::iter(folders()).map(run_in_cpython);
    let finished: Vec<Finished> = runs.buffer_unordered(AT_ONCE).collect().await;
    if finished.iter().any(|one| one.stderr.contains("no network namespace")) {
        eprintln!("skipped: this machine gives no network namespace");
        return;
    }
    for one in finished {
        assert_eq!(one.code, Some(0), "{}{}", one.stdout, one.stderr);
    }
}

async fn run_in_cpython(folder: PathBuf) -> Finished {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/run_cpython.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(folder);
    run(command).await
}

/// How often a pair is run again if other segments have crossed. A wire on a busy machine is slow, and then TCP sends what was
/// not lost again.
#[cfg(target_os = "linux")]
const ATTEMPTS: usize = 10;

/// What crosses the wire is what crossed the loopback interface under CPython: who sent SYN, FIN and RST in which
/// order, and how many bytes.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn pairs_on_the_wire_send_what_cpython_s_send() {
    let recorded = folders().into_iter().filter_map(|folder| {
        let expect = std::fs::read_to_string(folder.join("expect.json")).ok()?;
        let expect: Value = serde_json::from_str(&expect).ok()?;
        Some((folder, expect.get("crossed")?.clone()))
    });
    let runs = stream::iter(recorded).map(async |(folder, expected)| {
        let mut found = Value::Null;
        for _ in 0..ATTEMPTS {
            let mut command = framescope();
            command.arg("run").arg("--experiment").arg(folder.join("expect.json")).arg("--json");
            found = json!(crossed(&run(command).await.stdout));
            if expected.as_array().is_some_and(|all| all.contains(&found)) {
                return None;
            }
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Some(format!("{name}\n  found {found}\n  expected {expected}\n"))
    });
    let wrong: Vec<Option<String>> = runs.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(wrong.len(), 25, "each pair was recorded");
    let wrong: String = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong}");
}

/// What crossed in a run, as `run_cpython.py` writes it: a text for each connection, in the order of the first SYNs.
/// A connection that is like the one before is left out.
#[cfg(target_os = "linux")]
fn crossed(events: &str) -> Vec<String> {
    struct Connection {
        client: (Value, Value),
        told: Vec<String>,
        bytes: [u64; 2],
    }
    let mut connections: Vec<Connection> = Vec::new();
    for line in events.lines() {
        let event: Event = serde_json::from_str(line).expect("it prints events");
        let EventKind::Segment(segment) = event.kind else { continue };
        let (from, to) = (json!(segment.from), json!(segment.to));
        let begins = segment.flags.has(Flags::SYN) && segment.ack.is_none();
        if begins && segment.repeats.is_none() {
            let client = (from.clone(), to.clone());
            connections.push(Connection { client, told: Vec::new(), bytes: [0; 2] });
        }
        let is_client = |one: &Connection| one.client == (from.clone(), to.clone());
        let is_server = |one: &Connection| one.client == (to.clone(), from.clone());
        let of = connections.iter_mut().rev().find(|one| is_client(one) || is_server(one));
        let connection = of.expect("its SYN was seen");
        let side = usize::from(!is_client(connection));
        for (name, flag) in [("SYN", Flags::SYN), ("FIN", Flags::FIN), ("RST", Flags::RST)] {
            let told = format!("{}{name}", ['>', '<'][side]);
            if segment.flags.has(flag) && !connection.told.contains(&told) {
                connection.told.push(told);
            }
        }
        if segment.length() > 0 {
            connection.bytes[side] = connection.bytes[side].max(segment.payload.end);
        }
    }
    let mut texts: Vec<String> = connections
        .into_iter()
        .map(|Connection { told, bytes: [up, down], .. }| {
            format!("{} >{up} <{down}", told.join(" "))
        })
        .collect();
    texts.dedup();
    texts
}

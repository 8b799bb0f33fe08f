//! Runs programs in `python3`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;

use crate::machine::{Ended, Run};

/// The interpreter that `python3` starts, which may be a slow shim.
fn executable() -> &'static str {
    static FOUND: OnceLock<String> = OnceLock::new();
    FOUND.get_or_init(|| {
        let script = "import sys\nassert sys.version_info[:2] == (3, 11), 'these tests need 3.11'\nprint(sys.executable)";
        let output = Command::new("python3").args(["-c", script]).output().expect("python3 starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    })
}

/// The command that runs the program of a file.
fn command(path: &Path) -> Command {
    let mut command = Command::new(executable());
    command.args(["-X", "utf8"]).arg(path).env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// Runs the program of a file.
pub(crate) fn run(path: &Path) -> Run {
    ended(path, command(path).output().expect("python3 starts"))
}

/// Runs a server that listens on a port, and then its client.
pub(crate) fn run_pair([server, client]: [&Path; 2], port: u16) -> [Run; 2] {
    let piped = |path| command(path).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = piped(server).expect("python3 starts");
    // An entry of /proc/net/tcp: the local address, the remote one, and 0A for a socket that listens.
    let listens = format!(":{port:04X} 00000000:0000 0A");
    while !std::fs::read_to_string("/proc/net/tcp").expect("this is Linux").contains(&listens) {
        assert!(child.try_wait().expect("it is a child").is_none(), "the server ends early");
        thread::yield_now();
    }
    let of_client = run(client);
    let output = child.wait_with_output().expect("the server ends");
    [ended(server, output), of_client]
}

fn ended(path: &Path, output: Output) -> Run {
    let stdout = String::from_utf8(output.stdout).expect("UTF-8 is printed");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8 is printed");
    let place = format!("File \"{}\", line ", path.display());
    let line = stderr.lines().rev().find_map(|line| {
        let after = line.trim_start().strip_prefix(&place)?;
        after.split(',').next()?.parse().ok()
    });
    let ended = match line {
        Some(line) if output.status.code() == Some(1) => {
            let shown = stderr.lines().last().unwrap_or_default().to_owned();
            Ended::Exception { shown, line }
        }
        _ => Ended::Exit(output.status.code().unwrap_or(-1)),
    };
    Run { stdout, stderr: without_library(&stderr), ended }
}

/// A traceback without the places in CPython's own modules, which are not shown here.
fn without_library(stderr: &str) -> String {
    let mut is_library = false;
    let shown = stderr.split_inclusive('\n').filter(|line| {
        if line.starts_with("  File \"") {
            is_library = line.contains("/lib/python3.11/");
        } else if !line.starts_with("    ") {
            is_library = false;
        }
        !is_library
    });
    shown.collect()
}

const SERVER: &str = r"
import contextlib, io, json, sys
if sys.version_info[:2] != (3, 11):
    sys.exit('python3 is %d.%d, and these tests need 3.11' % sys.version_info[:2])
for line in sys.stdin:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(json.loads(line), 'case.py', 'exec'), {'__name__': '__main__'})
        except SyntaxError as e:
            print('SyntaxError')
    print(json.dumps(out.getvalue()))
";

/// What each of some programs prints.
pub(crate) fn outputs(programs: &[String]) -> Vec<String> {
    let mut child = Command::new(executable())
        .args(["-W", "ignore", "-c", SERVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    let mut text = String::new();
    for program in programs {
        text.push_str(&serde_json::to_string(program).expect("text is JSON"));
        text.push('\n');
    }
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("python3 ends");
    // It fails only if Python ended early, which the count of answers shows.
    let _ = writer.join().expect("the thread ends");
    let outputs: Vec<String> = String::from_utf8(output.stdout)
        .expect("JSON is ASCII")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    assert_eq!(outputs.len(), programs.len(), "python3 answers every program");
    outputs
}

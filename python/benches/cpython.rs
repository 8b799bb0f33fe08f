//! Compares the interpreter with `python3`: three programs, each in both, one after the other.
//!
//! `cargo xtask bench python` runs it. Each round runs all of them. The output is the median of the rounds, and
//! the ratio to CPython. The last column is the time with a stop at each line, where the variables are read, as
//! when a run is recorded.
#![allow(clippy::wildcard_enum_match_arm, reason = "the programs take no other step")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use framescope_python::{Answer, Machine, Program, Step, ThreadId};
use framescope_syscall::{Data, Fd, Returned, Syscall};

/// The number of rounds.
const ROUNDS: usize = 7;
/// The bytes that the program of `recv` reads one by one.
const BYTES: usize = 100_000;

const LOOP: &str = "
def count():
    total = 0
    i = 0
    while i < 300000:
        total += i % 7
        i += 1
    return total
count()
";

const RECV: &str = "
def read(sock, length):
    data = b''
    parts = []
    while len(parts) < length:
        byte = sock.recv(1)
        if not byte:
            break
        parts.append(byte)
    return b''.join(parts)
got = read(sock, 100000)
assert len(got) == 100000
";

const FIB: &str = "
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
fib(20)
";

fn main() {
    println!("{:<24} {:>12} {:>20} {:>14}", "ms", "CPython", "framescope (ratio)", "recorded");
    let programs = [("tight loop", LOOP), ("recv(1), 100,000 bytes", RECV), ("fib(20)", FIB)];
    for (name, text) in programs {
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            times[0].push(in_cpython(text));
            times[1].push(in_machine(text, false));
            times[2].push(in_machine(text, true));
        }
        let [cpython, ours, recorded] = times.map(median);
        let ratio = ours / cpython;
        println!("{name:<24} {cpython:>12.2} {ours:>12.2} ({ratio:>5.2}) {recorded:>14.2}");
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

/// Runs a program in `python3`. A socket has the bytes already, as one here has.
fn in_cpython(text: &str) -> Duration {
    let mut script = String::from("import socket, threading, time\n");
    if text == RECV {
        let _ = write!(
            script,
            "ours, sock = socket.socketpair()\n\
             threading.Thread(target=lambda: ours.sendall(b'x' * {BYTES})).start()\ntime.sleep(0.05)\n"
        );
    }
    let _ = write!(
        script,
        "code = compile({text:?}, 'bench', 'exec')\nbegan = time.perf_counter_ns()\nexec(code)\n\
         print(time.perf_counter_ns() - began)\n"
    );
    let mut python = Command::new("python3")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut stdin = python.stdin.take().expect("it is piped");
    stdin.write_all(script.as_bytes()).expect("python3 reads it");
    drop(stdin);
    let output = python.wait_with_output().expect("python3 ends");
    let text = String::from_utf8_lossy(&output.stdout);
    Duration::from_nanos(text.trim().parse().expect("it prints the time"))
}

/// Runs a program in the machine, whose calls are answered at once.
fn in_machine(text: &str, recorded: bool) -> Duration {
    let text = if text == RECV {
        format!("import socket\nsock = socket.socket()\n{text}")
    } else {
        text.to_owned()
    };
    let program = Program { file: "bench.py".to_owned(), text, ..Program::default() };
    let mut machine = Machine::new(&program).expect("it is within the subset");
    machine.stop_at_lines(recorded);
    let began = Instant::now();
    let mut answer = Answer::Go;
    loop {
        answer = match machine.resume(ThreadId(0), answer) {
            Step::Ended => break,
            Step::Call { call: Syscall::Socket, .. } => Answer::Returned(Returned::Opened(Fd(3))),
            Step::Call { call: Syscall::Recv { .. }, .. } => {
                Answer::Returned(Returned::Received(Data(vec![b'x'])))
            }
            Step::Line(_) => {
                std::hint::black_box(machine.variables(ThreadId(0)));
                Answer::Go
            }
            other => unreachable!("{other:?}"),
        };
    }
    began.elapsed()
}

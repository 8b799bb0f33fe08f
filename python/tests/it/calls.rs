//! What a program asks the system for.

use framescope_python::{Answer, Machine, Program, Step, ThreadId};
use framescope_syscall::{Fd, Returned, Syscall};

/// The last call of a program that opens a socket and makes another call.
fn last_call(line: &str) -> Syscall {
    let text = format!("import socket\ns = socket.socket()\n{line}\n");
    let mut machine = Machine::new(&Program { text, ..Program::default() }).unwrap();
    let mut answer = Answer::Go;
    loop {
        match machine.resume(ThreadId(0), answer) {
            Step::Call { call: Syscall::Socket, .. } => {
                answer = Answer::Returned(Returned::Opened(Fd(3)));
            }
            Step::Call { call, .. } => return call,
            Step::Line(_) | Step::Paused => answer = Answer::Go,
            other => panic!("{line} led to {other:?}"),
        }
    }
}

/// A header that was misread asks for more than anybody sends, and the screen shows for how much.
#[test]
fn recv_asks_for_as_much_as_the_program_says() {
    for (line, expected) in [
        ("s.recv(2003792492)", 2_003_792_492),
        ("s.recv(4294967295)", u32::MAX),
        ("s.recv(2 ** 40)", u32::MAX),
    ] {
        let call = last_call(line);
        assert!(matches!(call, Syscall::Recv { length, .. } if length == expected), "{call:?}");
    }
}

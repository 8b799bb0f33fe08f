//! What a program sees of an error of Winsock: what CPython shows on Windows.

use framescope_python::{Answer, Machine, Program, Step, ThreadId};
use framescope_syscall::{Fd, Returned, Syscall, errno};

/// The lines that a program prints whose `connect` fails with this error.
fn printed(number: u32, text: &str) -> Vec<String> {
    let program =
        Program { file: "main.py".to_owned(), text: text.to_owned(), ..Program::default() };
    let mut machine = Machine::new(&program).unwrap();
    let (mut answer, mut printed) = (Answer::Go, String::new());
    while machine.outcome().is_none() {
        answer = match machine.resume(ThreadId(0), answer) {
            Step::Call { call, .. } => Answer::Returned(match call {
                Syscall::Socket => Returned::Opened(Fd(3)),
                Syscall::Connect { .. } => Returned::Failed(number),
                _ => Returned::Done,
            }),
            Step::Printed(output) => {
                printed += &output.text;
                Answer::Go
            }
            _ => Answer::Go,
        };
    }
    printed.lines().map(str::to_owned).collect()
}

#[test]
fn an_error_of_winsock_is_shown_as_python_shows_it_on_windows() {
    let text = "\
import socket
client = socket.socket()
try:
    client.connect(('127.0.0.1', 9527))
except ConnectionRefusedError as error:
    print(error)
    print(repr(error))
    print(error.errno, error.strerror, error.winerror)
client.connect(('127.0.0.1', 9527))
";
    let message = "No connection could be made because the target machine actively refused it";
    let expected = [
        format!("[WinError 10061] {message}"),
        format!("ConnectionRefusedError(10061, '{message}', None, 10061, None)"),
        format!("10061 {message} 10061"),
        "Traceback (most recent call last):".to_owned(),
        "  File \"main.py\", line 9, in <module>".to_owned(),
        "    client.connect(('127.0.0.1', 9527))".to_owned(),
        format!("ConnectionRefusedError: [WinError 10061] {message}"),
    ];
    assert_eq!(printed(errno::WSAECONNREFUSED, text), expected);
}

//! Any text is refused, or compiles to a program that ends, or stops at a budget. No call of it succeeds.
#![no_main]

use framescope_python::{Answer, Machine, Program, Returned, Step, ThreadId};
use libfuzzer_sys::fuzz_target;

/// The most operations of a program.
const OPERATIONS: u64 = 20_000;
/// The most steps of a program.
const STEPS: usize = 200;
const ECONNREFUSED: u32 = 111;

/// Each byte of an input that is made of tokens is one of these.
const TOKENS: &str = "\
    ( ) [ ] { } : , ; . = == != < > <= >= := + - * ** / // % @ & | ^ ~ << >> += -= *= -> ... \\ ' \" ''' \"\"\" f' f\" \
    b' r' {x} {x!r:>5} {x=} and as assert async await break class continue def del elif else except False finally for \
    from global if import in is lambda None nonlocal not or pass raise return True try while with yield match case _ \
    x y self f A 0 1 2 -1 7 255 1.5 1e9 0x1f 'a' 'é' b'ab' '%s' '%d' '{}' '' print len range str int bytes list dict \
    tuple set sorted enumerate zip map filter sum min max abs any all bool float bytearray repr isinstance type format \
    round divmod next iter open input super hasattr getattr Exception ValueError TypeError KeyError OSError \
    socket struct time threading json sys os errno random datetime select append join split strip encode decode replace \
    find format items keys values get pop update sort reverse insert index count upper lower startswith endswith \
    to_bytes from_bytes pack unpack calcsize socket() connect ('127.0.0.1',80) bind listen accept recv(4) send sendall \
    close sleep(1) dumps loads Thread start target args Lock Event __init__ __str__ __repr__ __len__ __enter__ __exit__ \
    __name__ '__main__' # （ ， “ é";

/// A text of random tokens.
fn from_tokens(bytes: &[u8]) -> String {
    let tokens: Vec<&str> = TOKENS.split_whitespace().collect();
    let mut text = String::new();
    let mut indentation = 0usize;
    for byte in bytes {
        match byte {
            0..=11 => {
                // The end of a line, and a step of the indentation.
                indentation = match byte {
                    0..=5 => indentation,
                    6..=8 => (indentation + 1).min(8),
                    _ => indentation.saturating_sub(1),
                };
                text.push('\n');
                text.extend(std::iter::repeat_n("    ", indentation));
            }
            byte => {
                text.push_str(tokens[usize::from(byte - 12) % tokens.len()]);
                if byte % 5 != 0 {
                    text.push(' ');
                }
            }
        }
    }
    text
}

fn run(text: String) {
    let program = Program { file: "x.py".to_owned(), text, argv: Vec::new(), process: 1 };
    let mut machine = match Machine::new(&program) {
        Ok(machine) => machine,
        Err(error) => {
            assert!(error.traceback("x.py", &program.text).ends_with('\n'));
            return;
        }
    };
    machine.limit_operations(OPERATIONS);
    let mut answers = vec![(ThreadId(0), Answer::Go)];
    for step in 0..STEPS {
        let Some((thread, answer)) = answers.pop() else { break };
        let answer = match machine.resume(thread, answer) {
            Step::Line(_) | Step::Printed(_) => Answer::Go,
            Step::Call { .. } => Answer::Returned(Returned::Failed(ECONNREFUSED)),
            Step::Input => Answer::Line((step % 3 != 0).then(|| "12".to_owned())),
            Step::Waits(_) => Answer::Woken(false),
            Step::Started(started) => {
                answers.push((started, Answer::Go));
                Answer::Go
            }
            Step::Ended => continue,
        };
        answers.push((thread, answer));
        if machine.outcome().is_some() {
            break;
        }
    }
    for thread in machine.threads().collect::<Vec<_>>() {
        let _ = machine.variables(thread);
    }
}

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((0..128, rest)) => run(from_tokens(rest)),
        Some((_, rest)) => run(String::from_utf8_lossy(rest).into_owned()),
        None => run(String::new()),
    }
});

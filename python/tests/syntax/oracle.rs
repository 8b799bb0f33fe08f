//! What `python3` makes of texts, and what this crate makes of them.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use framescope_python::{CompileErrorKind, Machine, Program};

/// A syntax error: its class, message, line, column, and what is printed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub(crate) struct SyntaxError(
    pub(crate) String,
    pub(crate) String,
    pub(crate) u32,
    pub(crate) i64,
    pub(crate) String,
);

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// Outside of the subset.
    Refused(String),
    Wrong(SyntaxError),
}

/// The errors that CPython 3.11 finds in each text.
pub(crate) fn python(texts: &[String]) -> Vec<Option<SyntaxError>> {
    let mut child = Command::new("python3")
        .args(["-W", "ignore", "-c", include_str!("oracle.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut stdin = child.stdin.take().unwrap();
    let input = serde_json::to_vec(texts).unwrap();
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    let answers: Vec<Option<SyntaxError>> =
        serde_json::from_slice(&output.stdout).expect("python3 is CPython 3.11 and answers");
    assert_eq!(answers.len(), texts.len());
    answers
}

/// What this crate makes of a text.
pub(crate) fn ours(text: &str) -> Verdict {
    let program =
        Program { file: "x.py".to_owned(), text: text.to_owned(), argv: Vec::new(), process: 1 };
    let Err(error) = Machine::new(&program) else { return Verdict::Accepted };
    match error.kind {
        CompileErrorKind::Refused => Verdict::Refused(error.message),
        CompileErrorKind::Syntax(class) => {
            let shown = error.traceback("x.py", text);
            let column = i64::from(error.column);
            Verdict::Wrong(SyntaxError(class.to_owned(), error.message, error.line, column, shown))
        }
    }
}

impl SyntaxError {
    /// Some columns of CPython are below 0. They are 0 here.
    pub(crate) fn clamped(mut self) -> Self {
        self.3 = self.3.max(0);
        self
    }
}

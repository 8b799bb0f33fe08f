//! Compares results with those of `python3`, which must be CPython 3.11.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use crate::failure::Failure;

const SERVER: &str = r"
import sys, json, struct, random, time, datetime
if sys.version_info[:2] != (3, 11):
    print(json.dumps('python3 is %d.%d, and these tests need 3.11' % sys.version_info[:2]))
    sys.exit()
def F(bits):
    return struct.unpack('<d', struct.pack('<Q', bits))[0]
for line in sys.stdin:
    try:
        answer = ascii(eval(json.loads(line)))
    except Exception as e:
        name = type(e).__name__
        answer = ('struct.error' if name == 'error' else name) + ': ' + ascii(str(e))
    print(json.dumps(answer))
";

/// The number of random cases: `default`, or what `FRAMESCOPE_CASES` says.
pub(crate) fn cases(default: usize) -> usize {
    std::env::var("FRAMESCOPE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// A generator that starts at `FRAMESCOPE_SEED`, or anywhere if `FRAMESCOPE_CASES` asks for a long run. A short run
/// has the same cases each time.
pub(crate) fn rng() -> fastrand::Rng {
    let given = std::env::var("FRAMESCOPE_SEED").ok().and_then(|n| n.parse().ok());
    let long = std::env::var_os("FRAMESCOPE_CASES").is_some();
    let seed =
        given.unwrap_or_else(|| if long { RandomState::new().build_hasher().finish() } else { 0 });
    println!("seed {seed}");
    fastrand::Rng::with_seed(seed)
}

/// What `ascii(eval(e))` is for each expression: the text, or `Class: ascii(message)`.
pub(crate) fn eval<S: AsRef<str>>(expressions: &[S]) -> Vec<String> {
    let mut child = Command::new("python3")
        .args(["-W", "ignore", "-c", SERVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut stdin = child.stdin.take().unwrap();
    let mut text = String::new();
    for expression in expressions {
        text.push_str(&serde_json::to_string(expression.as_ref()).unwrap());
        text.push('\n');
    }
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // The writer fails only if Python ended early, which the count of answers shows.
    let _ = writer.join().unwrap();
    let answers: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), expressions.len(), "{:?}", answers.last());
    answers
}

/// Asserts that each expression gives in CPython what it gave here. What is refused here is skipped.
pub(crate) fn compare(cases: Vec<(String, Result<String, Failure>)>) {
    let shown = cases.into_iter().filter_map(|(expression, ours)| match ours {
        Ok(text) => Some((expression, text)),
        Err(Failure::Raise(class, message)) => {
            Some((expression, format!("{}: {}", class.name(), text_literal(&message))))
        }
        Err(Failure::TooLarge | Failure::Refused(_)) => None,
    });
    compare_text(shown.collect());
}

/// Asserts that [`eval`] gives these texts.
pub(crate) fn compare_text(cases: Vec<(String, String)>) {
    let expressions: Vec<&str> = cases.iter().map(|(expression, _)| expression.as_str()).collect();
    let answers = eval(&expressions);
    let mut differences = Vec::new();
    for ((expression, ours), theirs) in cases.into_iter().zip(answers) {
        if ours != theirs {
            let difference =
                format!("{expression:.500}\n  here    {ours:.500}\n  CPython {theirs:.500}");
            differences.push(difference);
        }
    }
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences[..differences.len().min(10)].join("\n")
    );
}

/// `ascii(text)`.
pub(crate) fn text_literal(text: &str) -> String {
    crate::repr::text::ascii(text)
}

/// An expression for the bytes.
pub(crate) fn bytes_literal(bytes: &[u8]) -> String {
    crate::repr::text::repr_bytes(bytes)
}

/// An expression for the float, bit for bit.
pub(crate) fn float_literal(value: f64) -> String {
    format!("F({})", value.to_bits())
}

//! What programs start with, and when.

use serde::{Deserialize, Serialize};

/// The most programs of an experiment.
pub const MAX_PROGRAMS: usize = 16;
/// The longest name of a program or of its file, in bytes.
pub const MAX_NAME: usize = 64;
/// The longest text of a program, in bytes: 48 KiB, so that an experiment fits in a command.
pub const MAX_TEXT: usize = 48 * 1024;
/// The most bytes of the lines that a program reads, each with its end: 8 KiB.
pub const MAX_INPUT: usize = 8 * 1024;
/// The most bytes of the arguments of a program, each with its end: 1 KiB.
pub const MAX_ARGUMENTS: usize = 1024;

/// A program, and what it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its name, such as `server`.
    pub name: String,
    /// The name of its file, in tracebacks.
    pub file: String,
    /// Its text.
    pub text: String,
    /// `sys.argv` after the name of the file.
    pub argv: Vec<String>,
    /// The lines that it reads. After the last one its input ends. `None` if somebody types them.
    pub stdin: Option<Vec<String>>,
    /// Whether Ctrl+C is pressed when nothing moves any more.
    pub interrupt: bool,
}

/// When a program starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The index of the program.
    pub program: usize,
    /// What it waits for.
    pub when: When,
}

/// What the start of a program waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing.
    AtOnce,
    /// A program listens at this port.
    Listening(u16),
    /// The program with this index has ended.
    Ended(usize),
    /// The program with this index has printed this text.
    Printed(usize, String),
    /// The programs before it listen, have ended, or wait.
    Settled,
}

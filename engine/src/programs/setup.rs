//! What programs start with, and when.

/// A program, and what it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The index of the program.
    pub program: usize,
    /// What it waits for.
    pub when: When,
}

/// What the start of a program waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing.
    AtOnce,
    /// A program listens at this port.
    Listening(u16),
    /// The program with this index has ended.
    Ended(usize),
    /// The program with this index has printed this text.
    Printed(usize, String),
    /// The program before listens, has ended, or waits.
    Settled,
}

//! A program, and what it starts with.

/// A program and what it starts with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The name of its file, in tracebacks.
    pub file: String,
    /// Its text.
    pub text: String,
    /// `sys.argv` after the name of the file.
    pub argv: Vec<String>,
    /// What `os.getpid` returns.
    pub process: u32,
}

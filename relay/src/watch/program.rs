//! A program that is watched.

use std::path::PathBuf;

use framescope_lab::{Ended, Interrupted, Program};

use super::debug_info::source_of;
use super::terminal::Terminal;
use super::unchanged::Unchanged;

/// A program, before it starts and until it has ended.
#[derive(Debug)]
pub(super) struct Watched {
    /// What it reads, and whether Ctrl+C is pressed at the end.
    pub(super) program: Program,
    pub(super) unchanged: Unchanged,
    /// The file of its source, if it is a compiled program that says so.
    pub(super) source: Option<PathBuf>,
    /// `None` before it starts.
    pub(super) terminal: Option<Terminal>,
    /// The id of its first process. `None` before it starts, and after it has ended.
    pub(super) process: Option<i32>,
    /// Whether that has become the program.
    pub(super) runs: bool,
    /// Whether it is a Java that has not used a socket yet. Those that it opens until then are no one's who wrote the program.
    pub(super) is_starting: bool,
    /// How many threads it has had.
    pub(super) threads: usize,
    pub(super) ended: Option<Ended>,
    /// By stream, the bytes of a character that is not whole.
    pub(super) cut: [Vec<u8>; 2],
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// What followed when Ctrl+C was pressed.
    pub(super) interrupted: Option<Interrupted>,
    /// What it has read of a line that it has not read to its end.
    pub(super) read: Vec<u8>,
    /// How many of its lines it has been given.
    pub(super) typed: usize,
    /// Whether a line was asked for.
    pub(super) asked: bool,
}

impl Watched {
    pub(super) fn new(program: Program, unchanged: Unchanged) -> Self {
        Self {
            program,
            terminal: None,
            process: None,
            runs: false,
            is_starting: unchanged.opens_sockets_at_start(),
            source: source_of(unchanged.program()),
            unchanged,
            threads: 0,
            ended: None,
            cut: [Vec::new(), Vec::new()],
            stdout: String::new(),
            stderr: String::new(),
            interrupted: None,
            read: Vec::new(),
            typed: 0,
            asked: false,
        }
    }

    pub(super) const fn has_started(&self) -> bool {
        self.terminal.is_some()
    }
}

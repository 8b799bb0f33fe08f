//! Traces and programs of the first version, in which a program was a list of calls, as what they are now.
//!
//! What comes in: the file of a trace of version 1, or the text of a program from a link of that version. What goes
//! out: a trace whose programs are Python, or the Python of the program.
//!
//! May use: `experiment`, `trace`.

mod calls;
mod experiment;
mod text;
mod trace;
mod translate;

pub use experiment::{OutOfBounds, ParseProgramError, Program, Side};
pub use text::translate_program;
pub use trace::{Trace, TraceError};
pub use translate::{read_trace, translate_trace};

//! The lessons of a first course in sockets, each an experiment, some in several variants.
//!
//! In goes a lesson's name; out come its experiment, its texts (from `www/lessons`, by the variants'
//! names), and for a trace of it, which of its choices the trace bears out.
//!
//! May use: `experiment`, `trace`, `timeline`.

mod course;
mod experiments;
mod lesson;
mod outcome;
mod texts;

pub use lesson::{Lesson, Variant};
pub use texts::Texts;

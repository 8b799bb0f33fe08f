//! The lessons of a first course in sockets. Each lesson has one or more experiments, its variants.
//!
//! What comes in: the name of a variant. What goes out: its experiment, its texts (from `www/lessons`,
//! by the same name), and which of its choices a trace of the experiment confirms.
//!
//! May use: `experiment`, `trace`.

mod course;
mod experiments;
mod lesson;
mod outcome;
mod returned;
mod texts;

pub use course::{find_variant, lessons, variants};
pub use lesson::{Lesson, Variant};
pub use returned::returned;
pub use texts::Texts;

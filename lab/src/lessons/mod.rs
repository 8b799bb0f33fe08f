//! The lessons of a first course in sockets, whose programs are Python. Each lesson has one or more
//! variants, and each variant has a folder in `lessons`: its programs, when they start, and its texts.
//!
//! What comes in: the name of a variant. What goes out: its experiment, its texts, and which of its choices a
//! trace of the experiment confirms.
//!
//! May use: `experiment`, `timeline`, `trace`.

mod calls;
mod catalogue;
mod fingerprint;
mod folder;
mod lesson;
mod outcome;
mod segments;
mod texts;

pub use catalogue::{find_variant, lessons, variant_of, variants};
pub use lesson::{Lesson, Variant};
pub use texts::Texts;

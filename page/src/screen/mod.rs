//! What is on screen, as plain values: the view only gives each a place and a colour.
//!
//! In goes the state; out come lanes, rows of lists, and words.
//!
//! May use: `state`, `text`.

pub mod item_attribute;
pub mod lanes;
pub mod lists;
pub mod wording;

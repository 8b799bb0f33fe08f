//! What is on screen, as plain values. The view only gives each a place and a colour.
//!
//! What comes in: the state. What goes out: lanes, rows of lists, and texts.
//!
//! May use: `state`, `text`.

pub mod answer;
pub mod banner;
pub mod characters;
pub mod cuts;
pub mod drawing;
pub mod end_reason;
mod fills;
pub mod help;
pub mod item_attribute;
pub mod kernel;
pub mod ladder;
pub mod lanes;
pub mod lists;
pub mod misread;
pub mod network;
pub mod next;
pub mod opening;
pub mod pace;
pub mod picture;
pub mod problem;
pub mod programs;
pub mod ribbons;
pub mod source;
pub mod wording;

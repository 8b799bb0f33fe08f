//! Tests of the class, `/class` and `/class/console`: pages of students, consoles and projectors on real WebSockets.

mod challenge;
mod client;
#[cfg(unix)]
mod command;
mod follow;
mod grants;
mod hostile;
mod question;
#[cfg(unix)]
mod shared;

//! Tests of the class, `/class` and `/class/console`: pages of students, consoles and projectors on real WebSockets.

mod client;
mod follow;
mod hostile;
mod question;

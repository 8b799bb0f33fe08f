//! The page of a class: of students, of the teacher's console, and of the projector.
//!
//! What comes in: [`Msg`](msg::Msg)s. What goes out: [`Effect`](effect::Effect)s, and what is on screen as plain values.
//!
//! May use: `challenge`, `class`, `framing`, `lab`, `page`, `protocol`, `record`.

pub mod effect;
mod entrance;
pub mod msg;
mod qr;
pub mod screen;
pub mod state;
mod update;

pub use entrance::Entrance;
pub use framescope_class::SUBPROTOCOL;
pub use update::update;

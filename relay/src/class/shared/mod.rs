//! A class that several relays share through JetStream, the streams of NATS.
//!
//! One stream has the logs of all classes, and what each was opened with. A relay appends what
//! happens at its pages, and applies what comes back, in the stream's order, as all relays of the class do. So they have the
//! same class, and an entry is applied only when the stream has it.
//!
//! ```text
//! Classroom::apply -> Log::append -> Queue -> JetStream -> Log::run, of each relay -> Class
//! ```
//!
//! May use: `class::log_lost`.

mod log;
mod shared_class;
mod stream;

pub(super) use self::log::Log;
pub use self::shared_class::{SharedClass, SharedError};

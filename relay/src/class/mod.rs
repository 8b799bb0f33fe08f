//! The class: the pages of a teacher and of students, joined to one [`Class`](framescope_class::Class).
//!
//! What comes in: upgraded connections, and what their pages say. What goes out: to each page what it may be told, as soon as
//! it is news, and never more than the latest.
//!
//! ```text
//! a page -> session -> student -> Classroom::apply -> Class -> Published -> every session
//!                   -> teacher -> Classroom::apply
//! runs of the lesson -> series -> Classroom::apply
//! a student's program -> challenge_server -> Classroom::apply
//! ```
//!
//! Several relays may have one class: then what is applied comes back from its log, in [`shared`].
//!
//! May use: `challenge`, `net`, `session_end`, `sessions`, `websocket`, `worker`.

mod allowance;
mod challenge_server;
mod classroom;
mod config;
mod connections;
mod follower;
mod log_lost;
mod published;
mod recordings;
mod series;
mod session;
#[cfg_attr(not(feature = "nats"), path = "never_shared.rs")]
mod shared;
mod student;
mod teacher;

pub(crate) use self::challenge_server::serve_challenge;
pub use self::classroom::ClassHandle;
pub(crate) use self::classroom::Classroom;
pub use self::config::{ChallengeConfig, ClassConfig, Hosts, of_lesson};
pub(crate) use self::series::measure;
pub(crate) use self::session::{Door, run};
pub use self::shared::{SharedClass, SharedError};
pub(crate) use self::student::StudentDoor;
pub(crate) use self::teacher::TeacherDoor;

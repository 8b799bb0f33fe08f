//! A class: who takes part, what is asked, who bets what, and what each viewer may be told.
//!
//! What comes in: the [`Entry`]s of a log, in order. What goes out: what [everybody](Told), [a participant](Own), and [a console](ToldConsole) may be told, and what those who follow
//! [may see](Class::followed).
//!
//! This crate does no I/O, reads no clock, and draws no random numbers. Classes to which the same entries are applied in the
//! same order are the same.
//!
//! May use: `challenge`, `framing`, `record`.

mod asked;
mod board;
mod class;
mod code;
mod console_key;
mod entry;
mod export;
mod message;
mod name;
mod opening;
mod participant;
mod question;
mod refused;
mod shown;
mod step;
mod tally;
mod ticket;
mod told;

pub use asked::{Key, Measured, Phase, Vote};
pub use board::Tried;
pub use class::{Class, MAX_QUESTIONS};
pub use code::{CODE_LETTERS, Code, ParseCodeError};
pub use console_key::ConsoleKey;
pub use entry::{Command, ConsoleId, Entry};
pub use export::{Export, ExportedParticipant, ExportedQuestion, ExportedVerdict};
pub use message::{
    Ask, Challenge, ClassAddress, Follow, FromStudent, FromTeacher, MAX_CONSOLE_MESSAGE,
    MAX_STUDENT_MESSAGE, Recordings, Role, SUBPROTOCOL, ToStudent, ToTeacher, decode, encode,
};
pub use name::{MAX_NAME, Name, NameError};
pub use opening::{Opening, PlannedStep};
pub use participant::{MAX_PARTICIPANTS, ParticipantId, Token};
pub use question::{Answer, Kind, MAX_CHOICES, MAX_TEXT, Question, QuestionError};
pub use refused::Refused;
pub use shown::{MAX_PLACE, MAX_SHOWN, Show, Shown};
pub use step::Step;
pub use tally::{MAX_TALLIED, Tally};
pub use ticket::{ParseTicketError, Ticket};
pub use told::{
    Advice, Counts, MAX_NEWEST, MAX_PEOPLE, Next, Outcome, Own, Person, Row, Told, ToldConsole,
    ToldProjector, ToldQuestion,
};

//! What the pages of a class and its relay say to each other: `GET /class` for students, `GET /class/console` for the
//! teacher's pages, both with the subprotocol [`SUBPROTOCOL`]. Each message is one binary WebSocket message.

use framescope_challenge::Case;
use framescope_framing::HeaderFormat;
use framescope_record::Recording;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::asked::Vote;
use crate::code::Code;
use crate::console_key::ConsoleKey;
use crate::entry::{Command, ConsoleId};
use crate::name::Name;
use crate::participant::{ParticipantId, Token};
use crate::question::Answer;
use crate::refused::Refused;
use crate::shown::Show;
use crate::step::Step;
use crate::told::{Counts, Own, Told, ToldConsole, ToldProjector};

/// The WebSocket subprotocol for these messages. If the encoding changes, this name changes.
pub const SUBPROTOCOL: &str = "framescope.class.v1";

/// The longest message of a student's page, in bytes.
pub const MAX_STUDENT_MESSAGE: usize = 1024;

/// The longest message of a teacher's page, in bytes. With what surrounds it, it fits a message of NATS: 1 MiB.
pub const MAX_CONSOLE_MESSAGE: usize = 1_000_000;

/// The longest part of what is kept of a class, in bytes: 1 MiB.
const MAX_EXPORTED: usize = 1024 * 1024;

impl ToTeacher {
    /// What is kept of a class, in parts.
    #[must_use]
    pub fn exported(as_table: bool, text: &str) -> Vec<Self> {
        let (mut parts, mut rest) = (Vec::new(), text);
        loop {
            let (part, after) = rest.split_at(rest.floor_char_boundary(MAX_EXPORTED));
            let is_last = after.is_empty();
            parts.push(Self::Exported { as_table, part: part.to_owned(), is_last });
            if is_last {
                return parts;
            }
            rest = after;
        }
    }
}

/// What a student's page says. The first message is [`FromStudent::Join`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromStudent {
    /// Join the class, or come back to it.
    Join {
        /// The code on the projector.
        code: Code,
        /// Who it is. A page that joins for the first time makes it of random numbers, so that joining again is joining once.
        /// `None`: the relay makes it.
        token: Option<Token>,
        /// A nickname, if there is one.
        name: Option<Name>,
    },
    /// Bet. It is taken when [`ToStudent::Bet`] says so.
    Bet {
        /// The number of the question.
        question: u32,
        /// In which vote.
        vote: Vote,
        /// The number of the bet. A later one is higher.
        number: u64,
        /// The bet.
        answer: Answer,
    },
    /// The participant's program shall try this case next.
    TryNext(Case),
    /// Send the recordings of a case that was failed.
    Recordings(Case),
    /// Is the relay there?
    AreYouThere,
}

/// Where programs take the challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// The port, at the addresses at which students reach the page.
    pub port: u16,
    /// The header of all messages.
    pub header: HeaderFormat,
}

/// A case that a program has failed, and the same with a right one. Both are recorded at the server, and shown as a client sees
/// them: what was received is what the server sent at once, and what was sent is what the server got at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recordings {
    /// The case.
    pub case: Case,
    /// The seed of both.
    pub seed: u64,
    /// The participant's program.
    pub failed: Recording,
    /// A right one.
    pub right: Recording,
}

/// What a student's page is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToStudent {
    /// It has joined.
    Joined {
        /// With this token it comes back as the same participant.
        token: Token,
        /// Where programs take the challenge, if there is one.
        challenge: Option<Challenge>,
    },
    /// What everybody may know.
    Told(Told),
    /// How many there are.
    Counts(Counts),
    /// What only this participant may know.
    Own(Own),
    /// What has become of a bet: it is taken, unless this says why it is not.
    Bet {
        /// The number of the question.
        question: u32,
        /// The number of the bet.
        number: u64,
        /// Why it is not taken.
        refused: Option<Refused>,
    },
    /// What the teacher's page shows.
    Follow(Follow),
    /// The recordings that were asked for. `None`: there are none, or no longer.
    Recordings(Option<Box<Recordings>>),
    /// The relay is there.
    Here,
    /// It cannot join.
    Refused(Refused),
}

/// What the teacher's page shows, from the part on that the page does not have yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Follow {
    /// Nothing that a student may see.
    Nothing,
    /// The teacher's page is at this place.
    Place(String),
    /// A part of a run's trace.
    Part {
        /// The number of the run. Another number than the last one begins another run.
        run: u32,
        /// The number of the part, from 0.
        number: u32,
        /// The part.
        part: Vec<u8>,
    },
}

/// What a teacher's page says. The first message is [`FromTeacher::Enter`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromTeacher {
    /// Enter as a console or as a projector.
    Enter {
        /// The key in the teacher's link.
        key: ConsoleKey,
        /// As what.
        role: Role,
    },
    /// Be the console in charge.
    TakeOver,
    /// Ask a question.
    Ask(Ask),
    /// Let something else happen.
    Command(Command),
    /// This is what the page shows.
    Show(Show),
    /// Send what is kept of the class.
    Export {
        /// As a table, and not as JSON.
        as_table: bool,
        /// With nicknames.
        with_names: bool,
    },
    /// Send the recordings of a case that somebody's program has failed.
    Recordings(ParticipantId, Case),
    /// Is the relay there?
    AreYouThere,
}

/// Which question to ask. The relay has its answer; the page has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// The step of the plan with this number, from 0.
    Step(u32),
    /// That of a lesson's variant: `4c`.
    Lesson(String),
}

/// What a teacher's page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// A console.
    Console {
        /// Its number: a random one, so that entering again is entering once. `None`: the relay makes it.
        number: Option<ConsoleId>,
        /// The number of the page in whose place it comes: itself before a reload.
        before: Option<ConsoleId>,
    },
    /// A projector: it shows what the class may see.
    Projector,
}

/// An address at which students reach the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassAddress {
    /// What a student types: `192.168.1.20:9528`.
    pub typed: String,
    /// Where a link leads, without the code: `http://192.168.1.20:9528/class.html`.
    pub link: String,
    /// The name of the network, as the system calls it: `wlan0`.
    pub network: String,
}

impl ClassAddress {
    /// The link that joins the class with this code.
    #[must_use]
    pub fn join_link(&self, code: Code) -> String {
        format!("{}#{}", self.link, code.letters())
    }
}

/// What a teacher's page is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToTeacher {
    /// It has entered.
    Entered {
        /// Its number, if it is a console.
        console: Option<ConsoleId>,
        /// The code with which students join.
        code: Code,
        /// The addresses at which students reach the page.
        addresses: Vec<ClassAddress>,
        /// The steps of the plan.
        plan: Vec<Step>,
        /// With this token the teacher's pages run on the relay's own sockets.
        token: Option<String>,
        /// Where programs take the challenge, if there is one.
        challenge: Option<Challenge>,
    },
    /// What a console may know.
    Console(ToldConsole),
    /// What a projector may show.
    Projector(ToldProjector),
    /// What the teacher's page shows, for a projector.
    Follow(Follow),
    /// A part of what is kept of the class.
    Exported {
        /// As a table, and not as JSON.
        as_table: bool,
        /// The next part of the table, or of the JSON.
        part: String,
        /// Whether it is the last one.
        is_last: bool,
    },
    /// The recordings that were asked for. `None`: there are none, or no longer.
    Recordings(Option<Box<Recordings>>),
    /// The relay is there.
    Here,
    /// A command was refused.
    Refused(Refused),
}

/// A message as bytes.
///
/// # Panics
///
/// Never: every message can be encoded.
#[must_use]
pub fn encode(message: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(message).expect("every message can be encoded")
}

/// Reads a message. `None` if `bytes` is not the encoding of one.
#[must_use]
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Option<M> {
    postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(it, _)| it)
}

//! What is on screen, as plain values.
//!
//! What comes in: the state. What goes out: texts, rows and shares, ready to be shown.
//!
//! May use: `msg`, `qr`, `state`.

mod board;
mod case;
mod challenge;
mod console;
mod invitation;
mod programs;
mod question;
mod result;
mod shown_name;
mod stream;

use framescope_class::{Phase, Question, Refused};
use framescope_lab::find_variant;

pub use board::{Board, BoardRow, Column};
pub use case::{Mark, case_name};
pub use challenge::{ByteCell, ByteKind, ByteRow, ChallengeScreen, Failed, case_on_screen};
pub use console::{
    ConsoleBoard, ConsoleScreen, Control, CountRow, PersonRow, Press, Ruler, StepRow, next_press,
};
pub use invitation::Invitation;
pub use programs::ProgramLines;
pub use question::{Answers, Asked, Choice};
pub use result::{ResultRow, Revealed};
pub use stream::{Cut, Piece, Stream};

use crate::msg::Place;
use crate::state::{Connection, Mistake, Role, State, Student};

/// After this many failed tries there may be no class at this address.
const MANY_TRIES: u32 = 3;

/// What is on screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// A student joins.
    Join(Join),
    /// A student has joined, and nothing is to be seen yet.
    Waiting {
        /// That the student has joined, and as whom.
        heading: String,
        /// What comes next.
        text: String,
    },
    /// A question is asked, or its votes are counted.
    Asked(Asked),
    /// A question is revealed.
    Revealed(Revealed),
    /// The lab, in its frame.
    Lab(Frame),
    /// The challenge, on a student's page.
    Challenge(Box<ChallengeScreen>),
    /// Who has passed which cases of it, on the projector.
    Board(Board),
    /// The way into the class, on the projector.
    Invitation(Invitation),
    /// The teacher's console.
    Console(Box<ConsoleScreen>),
    /// The page cannot take part.
    Refused {
        /// Why.
        heading: String,
        /// What to do.
        text: String,
    },
}

/// A student joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// The code as it is typed.
    pub code: String,
    /// The nickname as it is typed.
    pub name: String,
    /// What is wrong with it.
    pub mistake: Option<String>,
    /// Whether the relay is being asked.
    pub is_busy: bool,
}

/// Where a student may go while no question is on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Where the student is.
    pub place: Place,
    /// Whether there is a challenge to go to.
    pub has_challenge: bool,
}

/// Where a student may go now. `None`: nowhere else.
#[must_use]
pub fn switch(state: &State) -> Option<Switch> {
    let Role::Student(student) = &state.role else { return None };
    let has_choice = student.has_joined
        && !matches!(state.connection, Connection::Refused(_))
        && state.question().is_none();
    let has_challenge = student.challenge.is_some();
    has_choice.then_some(Switch { place: student.place, has_challenge })
}

/// What a frame with the lab is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// It shows what the teacher's page shows.
    Following,
    /// A student's own, on the simulated kernel.
    Own,
    /// A student's own, on the relay's sockets.
    OnRelay,
}

/// What is on screen.
#[must_use]
pub fn screen(state: &State) -> Screen {
    if let Connection::Refused(refused) = state.connection {
        return refused_screen(state, refused);
    }
    match &state.role {
        Role::Student(student) => student_screen(state, student),
        Role::Console(console) => Screen::Console(Box::new(console::screen(state, console))),
        Role::Projector(projector) => {
            let shows_lab = projector.shown.place.as_ref().is_some_and(|place| !place.is_empty());
            let board = projector.told.as_ref().and_then(|told| told.board.as_ref());
            if let Some(screen) = question_screen(state) {
                screen
            } else if let Some(rows) = board {
                Screen::Board(board::screen(state, rows, projector.entered.as_ref()))
            } else if shows_lab {
                Screen::Lab(Frame::Following)
            } else {
                Screen::Invitation(invitation::screen(state, projector))
            }
        }
    }
}

/// The fragment with which a student's own lab begins: the lesson where the teacher is, or else the fourth.
#[must_use]
pub fn own_lesson(state: &State) -> String {
    let place = match &state.role {
        Role::Student(student) => student.shown.place.as_deref(),
        Role::Console(_) | Role::Projector(_) => None,
    };
    let lesson = place.and_then(|place| place.split(' ').next()).and_then(find_variant);
    format!("lesson={}", lesson.map_or("4a", |lesson| lesson.name))
}

/// What stands above everything: that the connection is lost. `None` if it is not.
#[must_use]
pub fn banner(state: &State) -> Option<String> {
    let Connection::Lost { tries } = state.connection else { return None };
    let was_there = match &state.role {
        Role::Student(student) => student.has_joined,
        Role::Console(console) => console.entered.is_some(),
        Role::Projector(projector) => projector.entered.is_some(),
    };
    let text = if was_there || tries < MANY_TRIES {
        state.locale.text("lost")
    } else {
        state.locale.text("no-class")
    };
    Some(text.to_owned())
}

/// Where students go to join, for the teacher's pages. `None` on a student's, and while the projector shows it large.
#[must_use]
pub fn join_line(state: &State) -> Option<String> {
    let entered = match &state.role {
        Role::Student(_) => return None,
        Role::Console(console) => console.entered.as_ref()?,
        Role::Projector(projector) => projector.entered.as_ref()?,
    };
    let typed = entered.addresses.first().map_or("", |address| &address.typed);
    Some(state.locale.fill("join-at", &[("address", &typed), ("code", &entered.code)]))
}

/// The lesson whose question is on the projector.
#[must_use]
pub fn lesson_line(state: &State) -> Option<String> {
    match (&state.role, &state.question()?.question) {
        (Role::Projector(_), Question::Lesson { variant, .. }) => {
            Some(console::lesson_title(state, variant))
        }
        _ => None,
    }
}

fn student_screen(state: &State, student: &Student) -> Screen {
    if !student.has_joined {
        let mistake = student.mistake.map(|mistake| match mistake {
            Mistake::Code => state.locale.text("no-code").to_owned(),
            Mistake::Name => state.locale.text("no-name").to_owned(),
            Mistake::OtherCode => state.locale.text("other-code").to_owned(),
        });
        return Screen::Join(Join {
            code: student.code.clone(),
            name: student.name.clone(),
            mistake,
            is_busy: state.connection == Connection::Opening,
        });
    }
    if let Some(screen) = question_screen(state) {
        return screen;
    }
    let grants_runs = student.told.as_ref().is_some_and(|told| told.grants_runs);
    if let Some(challenge) = student.challenge.filter(|_| student.place == Place::Challenge) {
        return Screen::Challenge(Box::new(challenge::screen(state, student, challenge)));
    }
    if student.place == Place::Alone {
        return Screen::Lab(if grants_runs { Frame::OnRelay } else { Frame::Own });
    }
    if student.shown.place.as_ref().is_some_and(|place| !place.is_empty()) {
        return Screen::Lab(Frame::Following);
    }
    let name = student.own.as_ref().and_then(|own| own.name.as_ref());
    let heading = match name {
        Some(name) => state.locale.fill("joined-as", &[("name", &name.as_str())]),
        None => state.locale.text("joined").to_owned(),
    };
    Screen::Waiting { heading, text: state.locale.text("wait").to_owned() }
}

/// The question on screen, if there is one. As long as it is not revealed, nothing else is: a page that follows cannot run
/// the lesson that is asked about.
fn question_screen(state: &State) -> Option<Screen> {
    let asked = state.question()?;
    Some(match (asked.phase, &asked.result) {
        (Phase::Revealed, Some(outcome)) => Screen::Revealed(result::screen(state, asked, outcome)),
        (Phase::Open | Phase::Closed | Phase::Revealed, _) => {
            Screen::Asked(question::screen(state, asked))
        }
    })
}

fn refused_screen(state: &State, refused: Refused) -> Screen {
    let locale = &state.locale;
    let (heading, text) = match refused {
        Refused::Key => (locale.text("no-key"), locale.text("no-key-do")),
        Refused::Full => (locale.text("full"), locale.text("full-do")),
        Refused::TooMany => (locale.text("too-many"), locale.text("too-many-do")),
        Refused::Code
        | Refused::Unknown
        | Refused::NotOpen
        | Refused::NoAnswer
        | Refused::Late
        | Refused::NotInCharge
        | Refused::Phase
        | Refused::Question
        | Refused::NoParticipant => (locale.text("refused"), locale.text("refused-do")),
    };
    Screen::Refused { heading: heading.to_owned(), text: text.to_owned() }
}

//! What happens: in the page, on its WebSocket, and in the frame with the lab.

use framescope_challenge::Case;
use framescope_class::{Answer, Command, ParticipantId};
use framescope_page::text::{Language, Texts};
use framescope_record::Source;

use crate::effect::Recorded;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// The page has opened.
    Started,
    /// The page's texts in a language. `None` if they could not be fetched.
    TextsArrived(Language, Option<Texts>),
    /// The texts of a lesson's variant. `None` if they could not be fetched.
    LessonArrived(&'static str, Language, Option<Texts>),
    /// Show the page in the other language.
    LanguageToggled,

    /// The WebSocket with this number is open.
    Opened(u32),
    /// A message of the WebSocket with this number.
    Received(u32, Vec<u8>),
    /// The WebSocket with this number is closed.
    Closed(u32),
    /// It is time to try again.
    Retried,
    /// It is time to ask whether the relay is there, at the other end of the WebSocket with this number.
    Checked(u32),

    /// A student does something.
    Student(StudentMsg),
    /// The teacher, or the lab in the teacher's frame, does something.
    Teacher(TeacherMsg),
    /// The frame with the lab is ready to be told.
    FrameReady,
    /// Show no recordings.
    RecordingsClosed,
    /// The frame of this recording is ready to be told.
    RecordedReady(Recorded),
}

/// Something that a student does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StudentMsg {
    /// The code that is being typed.
    CodeTyped(String),
    /// The nickname that is being typed.
    NameTyped(String),
    /// Join the class.
    Join,
    /// Bet.
    Bet(Answer),
    /// The number that is being typed as an answer.
    NumberTyped(String),
    /// Bet the number that was typed, or the order of the lines.
    BetDraft,
    /// Move the line at this place of the order by this many places.
    LineMoved(usize, isize),
    /// Be there while no question is on screen.
    PlaceChosen(Place),
    /// Look at this case of the challenge.
    CaseChosen(Case),
    /// Let the program try the case on screen next.
    TryNext,
    /// Show the recordings of the case on screen.
    RecordingsShown,
}

/// Something that the teacher does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TeacherMsg {
    /// Show this step of the plan.
    StepChosen(usize),
    /// Do what the next press of the violet button does.
    Next,
    /// Ask the question of the step on screen, or of the lesson that the lab shows.
    Ask,
    /// Let something happen.
    Command(Command),
    /// Be the console in charge.
    TakeOver,
    /// Show the way into the class on the projector, or what the lab shows.
    InvitationToggled,
    /// Show this tab of the console.
    TabChosen(Tab),
    /// Save what the class has done as a file.
    Export {
        /// As a table, and not as JSON.
        as_table: bool,
        /// With nicknames.
        with_names: bool,
    },

    /// Show the recordings of a case that somebody's program has failed.
    Recordings(ParticipantId, Case),
    /// The lab in the frame shows something.
    FrameShows(FromFrame),
}

/// What the lab in the teacher's frame says that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromFrame {
    /// A run begins, there: its experiment, as an encoded [`Command::Load`](framescope_lab::Command::Load).
    Run(Source, Vec<u8>),
    /// The next report of the run, encoded.
    Report(Vec<u8>),
    /// It is at this place.
    Place(String),
}

/// Where a student is while no question is on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Where the teacher is.
    #[default]
    Class,
    /// In the student's own lab.
    Alone,
    /// At the challenge.
    Challenge,
}

/// A tab of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The plan, the question, and the lab.
    #[default]
    Lesson,
    /// Who has joined.
    People,
    /// Who has passed which cases of the challenge.
    Challenge,
    /// What is kept.
    Afterwards,
}

//! The state of the page.

use framescope_challenge::Case;
use framescope_class::{
    Answer, Challenge, ClassAddress, Code, ConsoleId, ConsoleKey, Counts, Kind, Own, ParticipantId,
    Phase, Question, Recordings, Refused, Show, Step, Token, Told, ToldConsole, ToldProjector,
    ToldQuestion,
};
use framescope_page::state::LessonTexts;
use framescope_page::text::{Language, Locale};

use crate::entrance::Entrance;
use crate::msg::{Place, Tab};

/// The state of the page.
#[derive(Debug)]
pub struct State {
    /// The page's texts.
    pub locale: Locale,
    /// Who the page is for.
    pub role: Role,
    /// The way to the relay.
    pub connection: Connection,
    /// The number of the WebSocket.
    pub number: u32,
    /// The texts of lessons that have arrived.
    pub lessons: Vec<LessonTexts>,
    /// The texts of lessons that the page has asked for.
    pub asked: Vec<(&'static str, Language)>,
    /// The host in the page's address: `192.168.1.20`.
    pub host: String,
    /// What a student's page is called by when it joins for the first time.
    pub random: [u8; 16],
    /// Whether the relay is there.
    pub life: Life,
}

/// Who the page is for.
#[derive(Debug)]
pub enum Role {
    /// A student.
    Student(Box<Student>),
    /// The teacher.
    Console(Box<Console>),
    /// The class.
    Projector(Box<Projector>),
}

/// The way to the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// There is none, and none is wanted.
    Closed,
    /// It is being opened.
    Opening,
    /// It is open.
    Open,
    /// It was lost, and is opened again by itself.
    Lost {
        /// How often it has been tried.
        tries: u32,
    },
    /// It was refused, and is not tried again.
    Refused(Refused),
}

/// A student's page.
#[derive(Debug, Default)]
pub struct Student {
    /// The code as it is typed.
    pub code: String,
    /// The nickname as it is typed.
    pub name: String,
    /// What is wrong with what was typed.
    pub mistake: Option<Mistake>,
    /// Who the page is of, for which code.
    pub participant: Option<(Code, Token)>,
    /// Whether it has joined.
    pub has_joined: bool,
    /// The case whose recordings were asked for, and are not there.
    pub no_recordings: Option<Case>,
    /// What everybody may know.
    pub told: Option<Told>,
    /// How many there are.
    pub counts: Counts,
    /// What only this participant may know.
    pub own: Option<Own>,
    /// The bet that is on its way: its number, and the question's.
    pub sent: Option<Sent>,
    /// Why the last bet was not taken.
    pub refused: Option<Refused>,
    /// An answer that is being made.
    pub draft: Draft,
    /// Where the student is while no question is on screen.
    pub place: Place,
    /// Where programs take the challenge, if there is one.
    pub challenge: Option<Challenge>,
    /// The case of the challenge that is looked at.
    pub case: Option<Case>,
    /// The case that was chosen to be tried next.
    pub next: Option<Case>,
    /// The recordings on screen.
    pub recordings: Option<Box<Recordings>>,
    /// What the teacher's page shows.
    pub shown: Shown,
}

/// A bet that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The number of the question.
    pub question: u32,
    /// The number of the bet.
    pub number: u64,
    /// The bet.
    pub answer: Answer,
}

/// An answer that is being made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The number of the question that it is for.
    pub question: Option<u32>,
    /// The number as it is typed.
    pub number: String,
    /// Whether what was typed is no number.
    pub is_no_number: bool,
    /// The lines in the order in which they are now.
    pub order: Vec<u8>,
}

/// What is wrong with what a student has typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// It is no code.
    Code,
    /// It is no nickname.
    Name,
    /// It is the code of no class here.
    OtherCode,
}

/// What the teacher's page shows, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The parts of the run.
    pub parts: Vec<Vec<u8>>,
    /// The number of the run.
    pub run: Option<u32>,
    /// The place. Empty: the way into the class. `None`: it may not be seen.
    pub place: Option<String>,
}

/// The teacher's console.
#[derive(Debug, Default)]
pub struct Console {
    /// The key.
    pub key: Option<ConsoleKey>,
    /// The number of this console.
    pub id: ConsoleId,
    /// Its number before it was loaded again.
    pub before: Option<ConsoleId>,
    /// What the class is.
    pub entered: Option<Entered>,
    /// What the relay has told.
    pub told: Option<ToldConsole>,
    /// The step of the plan on screen.
    pub step: usize,
    /// The lesson that the lab in the frame was sent to last.
    pub lesson: Option<String>,
    /// The place of the lab in the frame.
    pub place: String,
    /// The run that the lab in the frame shows: how it began, and its parts.
    pub run: Vec<Show>,
    /// Whether the class may have missed some of it, because the connection was lost.
    pub shows_again: bool,
    /// Whether the projector shows the way into the class.
    pub invites: bool,
    /// The tab on screen.
    pub tab: Tab,
    /// Why the last command was refused.
    pub refused: Option<Refused>,
    /// Whether this console has ever been in charge.
    pub was_in_charge: bool,
    /// The recordings on screen, and whose they are.
    pub recordings: Option<(ParticipantId, Box<Recordings>)>,
    /// The parts that have come of what is kept.
    pub exported: String,
    /// Whose recordings were asked for last.
    pub recordings_of: Option<ParticipantId>,
}

/// What is known of the relay at the other end of the WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Whether the WebSocket is open.
    pub is_open: bool,
    /// Whether anything has come since the last check.
    pub was_heard: bool,
    /// Whether the relay was asked if it is there.
    pub was_asked: bool,
}

/// What a class is, for the teacher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The code with which students join.
    pub code: Code,
    /// The addresses at which students reach the page.
    pub addresses: Vec<ClassAddress>,
    /// The steps of the plan.
    pub plan: Vec<Step>,
    /// With this token the lab in the frame runs on the relay's own sockets.
    pub token: Option<String>,
    /// Where programs take the challenge, if there is one.
    pub challenge: Option<Challenge>,
}

/// The projector.
#[derive(Debug, Default)]
pub struct Projector {
    /// The key.
    pub key: Option<ConsoleKey>,
    /// What the class is.
    pub entered: Option<Entered>,
    /// What the relay has told.
    pub told: Option<ToldProjector>,
    /// What the teacher's page shows.
    pub shown: Shown,
}

impl State {
    /// The state before the first message. `kept` is what was kept for a reload: the participant, and the key. `random` is what
    /// the page is called by in the class, so nobody may guess it.
    #[must_use]
    pub fn new(
        locale: Locale,
        entrance: Entrance,
        kept: [Option<String>; 2],
        host: String,
        random: [u8; 16],
    ) -> Self {
        let [participant, key] = kept;
        let [id @ .., _, _, _, _, _, _, _, _] = random;
        let id = ConsoleId(u64::from_le_bytes(id));
        let (key, before) = key.as_deref().map_or((None, None), crate::entrance::kept_console);
        let role = match entrance {
            Entrance::Student(code) => {
                let participant = participant.as_deref().and_then(participant_of);
                let typed = code.or_else(|| participant.map(|(code, _)| code));
                Role::Student(Box::new(Student {
                    code: typed.map_or_else(String::new, |code| code.to_string()),
                    participant,
                    ..Student::default()
                }))
            }
            // Another key is that of another class.
            Entrance::Console(Some(new)) if Some(new) != key => {
                Role::Console(Box::new(Console { key: Some(new), id, ..Console::default() }))
            }
            Entrance::Console(_) => {
                Role::Console(Box::new(Console { key, id, before, ..Console::default() }))
            }
            Entrance::Projector => {
                Role::Projector(Box::new(Projector { key, ..Projector::default() }))
            }
        };
        Self {
            locale,
            role,
            connection: Connection::Closed,
            number: 0,
            lessons: Vec::new(),
            asked: Vec::new(),
            host,
            random,
            life: Life::default(),
        }
    }

    /// The question on screen, for anybody.
    #[must_use]
    pub fn question(&self) -> Option<&ToldQuestion> {
        let told = match &self.role {
            Role::Student(student) => student.told.as_ref(),
            Role::Console(console) => console.told.as_ref().map(|told| &told.told),
            Role::Projector(projector) => projector.told.as_ref().map(|told| &told.told),
        };
        told?.question.as_ref()
    }

    /// How many there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        match &self.role {
            Role::Student(student) => student.counts,
            Role::Console(console) => {
                console.told.as_ref().map_or_else(Counts::default, |told| told.counts)
            }
            Role::Projector(projector) => {
                projector.told.as_ref().map_or_else(Counts::default, |told| told.counts)
            }
        }
    }

    /// The texts of a lesson's variant. In the language of the page, or else in one that has arrived.
    #[must_use]
    pub fn lesson(&self, variant: &str) -> Option<&LessonTexts> {
        let mut of_lesson = self.lessons.iter().filter(|texts| texts.variant == variant);
        let language = self.locale.language;
        let in_language = of_lesson.clone().find(|texts| texts.language == language);
        in_language.or_else(|| of_lesson.next())
    }
}

impl Student {
    /// The bet in the present vote: the one on its way, or the one that was taken.
    #[must_use]
    pub fn bet(&self, asked: &ToldQuestion) -> Option<&Answer> {
        let sent = self.sent.as_ref().filter(|sent| sent.question == asked.number);
        let taken = || {
            let own = self.own.as_ref().filter(|own| own.question == Some(asked.number))?;
            own.bets[asked.vote as usize].as_ref()
        };
        sent.map(|sent| &sent.answer).or_else(taken)
    }

    /// Whether bets are taken now.
    #[must_use]
    pub fn can_bet(&self) -> bool {
        let asked = self.told.as_ref().and_then(|told| told.question.as_ref());
        asked.is_some_and(|asked| asked.phase == Phase::Open)
    }
}

impl Draft {
    /// Begins an answer to this question, if it is another one than before.
    pub(crate) fn begin(&mut self, asked: &ToldQuestion) {
        if self.question == Some(asked.number) {
            return;
        }
        let lines = match &asked.question {
            Question::Own { kind: Kind::Order(lines), .. } => lines.len(),
            Question::Own { kind: Kind::Choice(_) | Kind::Number, .. }
            | Question::Lesson { .. } => 0,
        };
        let order = (0..lines).filter_map(|line| u8::try_from(line).ok()).collect();
        *self = Self { question: Some(asked.number), order, ..Self::default() };
    }
}

/// The participant that was kept: the code and the token, in hexadecimal digits.
fn participant_of(kept: &str) -> Option<(Code, Token)> {
    let (code, token) = kept.split_once(' ')?;
    Some((code.parse().ok()?, Token(crate::entrance::hex(token)?)))
}

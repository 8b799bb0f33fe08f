//! What each kind of viewer may be told. Nothing else of a class is ever encoded for a viewer.

use framescope_challenge::Case;
use serde::{Deserialize, Serialize};

use crate::asked::{Asked, Measured, Phase, Vote};
use crate::board::Tried;
use crate::class::Class;
use crate::entry::ConsoleId;
use crate::name::Name;
use crate::participant::ParticipantId;
use crate::question::{Answer, Question};
use crate::tally::Tally;

/// What everybody may know besides [`Counts`]: students, the projector, the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The question on screen.
    pub question: Option<ToldQuestion>,
    /// Whether students may run on the relay's own sockets.
    pub grants_runs: bool,
}

/// How many there are. It changes with each join and each bet, and everybody may know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// How many have joined.
    pub joined: u32,
    /// How many have bet in the present vote.
    pub voted: u32,
}

/// What everybody may know of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldQuestion {
    /// Its number, from 0.
    pub number: u32,
    /// What is asked.
    pub question: Question,
    /// Its phase.
    pub phase: Phase,
    /// Which vote it is.
    pub vote: Vote,
    /// What came out. `None` until the teacher reveals it.
    pub result: Option<Outcome>,
}

/// What came out of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The first vote.
    pub first: Tally,
    /// The second one, if there was one.
    pub second: Option<Tally>,
    /// What runs have shown.
    pub measured: Option<Measured>,
    /// The right answer, if there is one.
    pub right: Option<Answer>,
}

/// A participant on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Who it is.
    pub id: ParticipantId,
    /// The nickname, unless there is none or it is hidden.
    pub name: Option<Name>,
    /// Each case that was tried, and whether it was passed.
    pub cases: Vec<(Case, bool)>,
}

/// What a participant is told besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// Who it is.
    pub id: ParticipantId,
    /// The nickname, also if it is hidden from others.
    pub name: Option<Name>,
    /// The number of the question that `bet` is about.
    pub question: Option<u32>,
    /// The bets in both votes.
    pub bets: [Option<Answer>; 2],
    /// The number of the last bet in this vote. The next one has a higher number.
    pub last_number: u64,
    /// The cases that were tried.
    pub tried: Vec<Tried>,
}

/// What a projector is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldProjector {
    /// What everybody may know.
    pub told: Told,
    /// How many there are.
    pub counts: Counts,
    /// Who has joined last, the last one first, with the nicknames that are not hidden.
    pub newest: Vec<(ParticipantId, Option<Name>)>,
    /// Who has passed which cases, if the board is shown.
    pub board: Option<Vec<Row>>,
}

/// How many of those who have joined last a projector is told.
pub const MAX_NEWEST: usize = 24;

/// How many of those who have joined last a console is told.
pub const MAX_PEOPLE: usize = 2000;

/// What a console is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldConsole {
    /// Whether this console is in charge.
    pub is_in_charge: bool,
    /// What everybody may know.
    pub told: Told,
    /// How many there are.
    pub counts: Counts,
    /// Who has passed which cases.
    pub board: Vec<Row>,
    /// Whether the board is on the projector.
    pub shows_board: bool,
    /// Whether the class is shown no place of the teacher's page: then the projector has the way into the class.
    pub shows_no_place: bool,
    /// The counts of this vote.
    pub tally: Option<Tally>,
    /// What came out of the question, from when it is closed.
    pub result: Option<Outcome>,
    /// What to do next.
    pub advice: Option<Advice>,
    /// Who has joined, at most [`MAX_PEOPLE`], in the order in which they joined.
    pub people: Vec<Person>,
}

/// A participant, for the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who it is.
    pub id: ParticipantId,
    /// The nickname.
    pub name: Option<Name>,
    /// Whether it is hidden from others.
    pub is_hidden: bool,
    /// Whether there is a bet in this vote.
    pub has_bet: bool,
}

/// What a teacher does best with this share of right answers. The bounds are those of peer instruction: Crouch and Mazur,
/// "Peer Instruction: Ten years of experience and results", 2001.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// The share of right answers in the last vote, from 0 to 1.
    pub right: f32,
    /// What to do.
    pub next: Next,
}

/// What to do after a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Next {
    /// Under 35 % are right: explain it.
    Explain,
    /// Let them talk to each other, and vote again.
    Talk,
    /// Over 70 % are right: go on.
    GoOn,
}

impl Advice {
    fn new(right: f32) -> Self {
        let next = if right < 0.35 {
            Next::Explain
        } else if right <= 0.70 {
            Next::Talk
        } else {
            Next::GoOn
        };
        Self { right, next }
    }
}

impl Told {
    /// What everybody may know of a class.
    #[must_use]
    pub fn of(class: &Class) -> Self {
        Self {
            question: class.on_screen().map(|asked| ToldQuestion {
                number: class.number(),
                question: asked.question.clone(),
                phase: asked.phase,
                vote: asked.vote,
                result: (asked.phase == Phase::Revealed).then(|| outcome(asked)),
            }),
            grants_runs: class.grants_runs,
        }
    }
}

impl Counts {
    /// How many there are in a class.
    #[must_use]
    pub fn of(class: &Class) -> Self {
        let voted = class.on_screen().map_or(0, |asked| asked.voted(asked.vote));
        Self { joined: count(class.participants.count()), voted: count(voted) }
    }
}

impl ToldProjector {
    /// What a projector of a class is told.
    #[must_use]
    pub fn of(class: &Class) -> Self {
        let newest = class.participants.iter().rev().take(MAX_NEWEST);
        Self {
            told: Told::of(class),
            counts: Counts::of(class),
            newest: newest.map(|(id, one)| (id, one.shown_name().cloned())).collect(),
            board: class.shows_board.then(|| rows(class)),
        }
    }
}

impl Own {
    /// What a participant of a class is told besides. `None` if there is no such one.
    #[must_use]
    pub fn of(class: &Class, id: ParticipantId) -> Option<Self> {
        let participant = class.participants.get(id)?;
        let asked = class.on_screen();
        let bet = |vote| asked.and_then(|asked| asked.bet_of(id, vote)).cloned();
        Some(Self {
            id,
            name: participant.name.clone(),
            question: asked.map(|_| class.number()),
            bets: [Vote::First, Vote::Second].map(bet),
            last_number: asked.map_or(0, |asked| asked.last_number(id, asked.vote)),
            tried: class.board.of(id).cloned().collect(),
        })
    }
}

impl ToldConsole {
    /// What a console of a class is told.
    #[must_use]
    pub fn of(class: &Class, console: ConsoleId) -> Self {
        let asked = class.on_screen();
        let is_over = |asked: &&Asked| asked.phase != Phase::Open;
        let earlier = class.participants.count().saturating_sub(MAX_PEOPLE);
        let people = class.participants.iter().skip(earlier).map(|(id, participant)| Person {
            id,
            name: participant.name.clone(),
            is_hidden: participant.is_hidden,
            has_bet: asked.is_some_and(|asked| asked.bet_of(id, asked.vote).is_some()),
        });
        Self {
            is_in_charge: class.console == Some(console),
            told: Told::of(class),
            counts: Counts::of(class),
            board: rows(class),
            shows_board: class.shows_board,
            shows_no_place: class.shown.place.is_empty(),
            tally: asked.map(|asked| Tally::new(&asked.question, asked.answers(asked.vote))),
            result: asked.filter(is_over).map(outcome),
            advice: asked
                .filter(is_over)
                .and_then(|asked| asked.share_right(asked.vote))
                .map(Advice::new),
            people: people.collect(),
        }
    }
}

fn rows(class: &Class) -> Vec<Row> {
    let rows = class.board.participants().filter_map(|id| {
        let name = class.participants.get(id)?.shown_name().cloned();
        let cases = class.board.of(id).map(|tried| (tried.case, tried.is_passed()));
        Some(Row { id, name, cases: cases.collect() })
    });
    rows.collect()
}

fn outcome(asked: &Asked) -> Outcome {
    let tally = |vote| Tally::new(&asked.question, asked.answers(vote));
    Outcome {
        first: tally(Vote::First),
        second: (asked.vote == Vote::Second).then(|| tally(Vote::Second)),
        measured: asked.measured.clone(),
        right: asked.right(),
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

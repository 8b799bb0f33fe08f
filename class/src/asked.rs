//! A question that was asked: its phase, its votes, and what was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::participant::ParticipantId;
use crate::question::{Answer, Question};
use crate::refused::Refused;

/// The phases of a question: open, closed, revealed. A closed one may be opened for a second vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Bets are taken.
    Open,
    /// No bet is taken, and nobody but the console knows the counts.
    Closed,
    /// The counts, what was measured, and the right answer are public.
    Revealed,
}

/// Which of the two votes on a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Vote {
    /// Before the talk.
    First,
    /// After it.
    Second,
}

/// What makes an answer right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Key {
    /// The runs decide.
    Measured {
        /// The choice that says that it depends, if the kernels decide. Then it is right, even if all runs here were alike:
        /// those of another machine may not be.
        depends: Option<u8>,
    },
    /// This answer is.
    Answer(Answer),
    /// None is: it is asked for an opinion.
    None,
}

/// How often runs had each outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// For each choice of the question, the number of runs that confirm it.
    pub runs: Vec<u32>,
    /// The number of runs that confirm none.
    pub other: u32,
}

/// A bet that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bet {
    /// The number that the participant gave it. A later one is higher.
    number: u64,
    answer: Answer,
}

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) question: Question,
    key: Key,
    pub(crate) phase: Phase,
    pub(crate) vote: Vote,
    bets: [BTreeMap<ParticipantId, Bet>; 2],
    pub(crate) measured: Option<Measured>,
}

impl Asked {
    /// A question that is open for its first vote. `None` if it is out of bounds, or the key none of its answers.
    pub(crate) fn new(question: Question, key: Key) -> Option<Self> {
        question.check().ok()?;
        let takes = match &key {
            Key::Measured { depends: Some(choice) } => question.takes(&Answer::Choice(*choice)),
            Key::Measured { depends: None } => question.choices().is_some(),
            Key::Answer(answer) => question.takes(answer),
            Key::None => true,
        };
        let (phase, vote) = (Phase::Open, Vote::First);
        takes.then(|| Self {
            question,
            key,
            phase,
            vote,
            bets: [BTreeMap::new(), BTreeMap::new()],
            measured: None,
        })
    }

    /// Takes a bet, if it is open for this vote. One that comes again changes nothing.
    pub(crate) fn bet(
        &mut self,
        participant: ParticipantId,
        vote: Vote,
        number: u64,
        answer: Answer,
    ) -> Result<(), Refused> {
        if self.phase != Phase::Open || self.vote != vote {
            return Err(Refused::NotOpen);
        }
        if !self.question.takes(&answer) {
            return Err(Refused::NoAnswer);
        }
        let bets = &mut self.bets[vote as usize];
        match bets.get(&participant) {
            Some(known) if known.number == number && known.answer == answer => Ok(()),
            Some(known) if known.number >= number => Err(Refused::Late),
            Some(_) | None => {
                bets.insert(participant, Bet { number, answer });
                Ok(())
            }
        }
    }

    /// Takes what was measured. Before the reveal nobody sees it.
    pub(crate) fn measure(&mut self, measured: Measured) -> Result<(), Refused> {
        if self.question.choices() != Some(measured.runs.len()) {
            return Err(Refused::NoAnswer);
        }
        self.measured = Some(measured);
        Ok(())
    }

    pub(crate) fn close(&mut self) -> Result<(), Refused> {
        self.pass(Phase::Open, Phase::Closed)
    }

    pub(crate) fn vote_again(&mut self) -> Result<(), Refused> {
        if self.vote == Vote::Second {
            return Err(Refused::Phase);
        }
        self.pass(Phase::Closed, Phase::Open)?;
        self.vote = Vote::Second;
        Ok(())
    }

    pub(crate) fn reveal(&mut self) -> Result<(), Refused> {
        self.pass(Phase::Closed, Phase::Revealed)
    }

    fn pass(&mut self, from: Phase, to: Phase) -> Result<(), Refused> {
        if self.phase != from {
            return Err(Refused::Phase);
        }
        self.phase = to;
        Ok(())
    }

    /// A participant's bet in a vote.
    pub(crate) fn bet_of(&self, participant: ParticipantId, vote: Vote) -> Option<&Answer> {
        self.bets[vote as usize].get(&participant).map(|bet| &bet.answer)
    }

    /// The number of a participant's last bet in a vote. 0 if there is none.
    pub(crate) fn last_number(&self, participant: ParticipantId, vote: Vote) -> u64 {
        self.bets[vote as usize].get(&participant).map_or(0, |bet| bet.number)
    }

    /// How many have bet in a vote.
    pub(crate) fn voted(&self, vote: Vote) -> usize {
        self.bets[vote as usize].len()
    }

    /// All answers of a vote, in the order in which the participants joined.
    pub(crate) fn answers(&self, vote: Vote) -> impl Iterator<Item = &Answer> {
        self.bets[vote as usize].values().map(|bet| &bet.answer)
    }

    /// The right answer. `None` if none is, or if the runs have not decided.
    pub(crate) fn right(&self) -> Option<Answer> {
        match &self.key {
            Key::Answer(answer) => Some(answer.clone()),
            Key::Measured { depends } => {
                let most_frequent = || {
                    let runs = &self.measured.as_ref()?.runs;
                    let most = runs.iter().max().filter(|most| **most > 0)?;
                    let most = runs.iter().position(|count| count == most)?;
                    u8::try_from(most).ok()
                };
                depends.or_else(most_frequent).map(Answer::Choice)
            }
            Key::None => None,
        }
    }

    /// The share of the answers of a vote that are right. `None` if nobody has voted, or none is right.
    pub(crate) fn share_right(&self, vote: Vote) -> Option<f32> {
        let right = self.right()?;
        let answers = self.answers(vote).filter(|answer| **answer == right).count();
        let voted = self.voted(vote);
        #[expect(clippy::cast_precision_loss, reason = "a class is smaller than 2^24")]
        (voted > 0).then(|| answers as f32 / voted as f32)
    }
}

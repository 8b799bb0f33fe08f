//! The state of a class.

use framescope_challenge::Case;

use crate::asked::{Asked, Key, Measured, Phase};
use crate::board::Board;
use crate::entry::{Command, ConsoleId, Entry};
use crate::participant::{ParticipantId, Participants, Token};
use crate::question::Question;
use crate::refused::Refused;
use crate::shown::Shown;
use crate::ticket::Ticket;

/// The most questions of a class.
pub const MAX_QUESTIONS: usize = 200;

/// A class. What is in it is changed by [`Class::apply`] alone, and is told as [`Told`](crate::Told), [`Own`](crate::Own) and
/// [`ToldConsole`](crate::ToldConsole).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Class {
    pub(crate) participants: Participants,
    pub(crate) console: Option<ConsoleId>,
    pub(crate) asked: Vec<Asked>,
    /// Whether the last question was put away.
    pub(crate) is_put_away: bool,
    pub(crate) board: Board,
    pub(crate) shows_board: bool,
    pub(crate) grants_runs: bool,
    pub(crate) shown: Shown,
}

impl Class {
    /// A class that nobody has joined.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets something happen.
    ///
    /// # Errors
    ///
    /// [`Refused`] says why it does not happen. Then nothing has changed.
    pub fn apply(&mut self, entry: Entry) -> Result<(), Refused> {
        match entry {
            Entry::Join { token, name } => self.participants.join(token, name).map(|_| ()),
            Entry::Bet { token, question, vote, number, answer } => {
                let participant = self.participants.find(&token)?;
                // A question that was put away is no longer open.
                let open = if self.is_put_away { None } else { self.last_if(question) };
                open.ok_or(Refused::NotOpen)?.bet(participant, vote, number, answer)
            }
            Entry::Enter { console, before } => {
                if self.console.is_none() || self.console == before {
                    self.console = Some(console);
                }
                Ok(())
            }
            Entry::TakeOver(console) => {
                self.console = Some(console);
                Ok(())
            }
            Entry::Ask(console, question, key) => {
                self.check_in_charge(console)?;
                self.ask(question, key)
            }
            Entry::Command(console, command) => {
                self.check_in_charge(console)?;
                self.obey(command)
            }
            Entry::Show(console, show) => {
                self.check_in_charge(console)?;
                self.shown.show(show);
                Ok(())
            }
            Entry::Measured { question, measured } => {
                let index = usize::try_from(question).unwrap_or(usize::MAX);
                self.asked.get_mut(index).ok_or(Refused::Question)?.measure(measured)
            }
            Entry::Tried(participant, tried) => {
                self.participants.get(participant).ok_or(Refused::NoParticipant)?;
                self.board.add(participant, tried);
                Ok(())
            }
        }
    }

    fn check_in_charge(&self, console: ConsoleId) -> Result<(), Refused> {
        if self.console == Some(console) { Ok(()) } else { Err(Refused::NotInCharge) }
    }

    fn ask(&mut self, question: Question, key: Key) -> Result<(), Refused> {
        if self.on_screen().is_some_and(|asked| asked.phase != Phase::Revealed) {
            return Err(Refused::Phase);
        }
        if self.asked.len() >= MAX_QUESTIONS {
            return Err(Refused::TooMany);
        }
        self.asked.push(Asked::new(question, key).ok_or(Refused::Question)?);
        self.is_put_away = false;
        Ok(())
    }

    fn obey(&mut self, command: Command) -> Result<(), Refused> {
        match command {
            Command::Close => self.on_screen_mut()?.close(),
            Command::VoteAgain => self.on_screen_mut()?.vote_again(),
            Command::Reveal => self.on_screen_mut()?.reveal(),
            Command::PutAway => {
                self.on_screen_mut()?;
                self.is_put_away = true;
                Ok(())
            }
            Command::Hide(id) => self.hide(id, true),
            Command::Unhide(id) => self.hide(id, false),
            Command::ShowBoard(shows) => {
                self.shows_board = shows;
                Ok(())
            }
            Command::GrantRuns(grants) => {
                self.grants_runs = grants;
                Ok(())
            }
        }
    }

    fn hide(&mut self, id: ParticipantId, is_hidden: bool) -> Result<(), Refused> {
        self.participants.get_mut(id).ok_or(Refused::NoParticipant)?.is_hidden = is_hidden;
        Ok(())
    }

    /// What those who follow may see of the teacher's page. Until the question on screen is revealed, that is nothing: the
    /// answer could be read from it.
    #[must_use]
    pub fn followed(&self) -> Option<&Shown> {
        let is_secret = self.on_screen().is_some_and(|asked| asked.phase != Phase::Revealed);
        (!is_secret).then_some(&self.shown)
    }

    /// The console in charge.
    #[must_use]
    pub const fn console(&self) -> Option<ConsoleId> {
        self.console
    }

    /// Who has this token.
    #[must_use]
    pub fn participant(&self, token: &Token) -> Option<ParticipantId> {
        self.participants.find(token).ok()
    }

    /// Whether this ticket is that of its participant.
    #[must_use]
    pub fn has_ticket(&self, ticket: Ticket) -> bool {
        let id = ticket.participant();
        let participant = self.participants.get(id);
        participant.is_some_and(|participant| Ticket::new(id, participant.token()) == ticket)
    }

    /// The case that a participant's program tries after this one: the next that it has not passed. `None` if there is none
    /// behind it.
    #[must_use]
    pub fn next_case(&self, participant: ParticipantId, after: Option<Case>) -> Option<Case> {
        self.board.next_case(participant, after)
    }

    /// The question on screen, if it is not revealed, and its number.
    #[must_use]
    pub fn question_in_secret(&self) -> Option<(u32, &Question)> {
        let asked = self.on_screen().filter(|asked| asked.phase != Phase::Revealed)?;
        Some((self.number(), &asked.question))
    }

    /// What the runs of the last question were.
    #[must_use]
    pub fn measured(&self) -> Option<&Measured> {
        self.asked.last()?.measured.as_ref()
    }

    /// Whether students may run on the relay's own sockets.
    #[must_use]
    pub const fn grants_runs(&self) -> bool {
        self.grants_runs
    }

    /// The number of the question on screen.
    pub(crate) fn number(&self) -> u32 {
        u32::try_from(self.asked.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    /// The question on screen.
    pub(crate) fn on_screen(&self) -> Option<&Asked> {
        self.asked.last().filter(|_| !self.is_put_away)
    }

    fn on_screen_mut(&mut self) -> Result<&mut Asked, Refused> {
        self.asked.last_mut().filter(|_| !self.is_put_away).ok_or(Refused::Phase)
    }

    /// The last question, if it has this number.
    fn last_if(&mut self, question: u32) -> Option<&mut Asked> {
        let is_last = self.number() == question;
        self.asked.last_mut().filter(|_| is_last)
    }
}

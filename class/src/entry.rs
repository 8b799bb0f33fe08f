//! What happens in a class.

use serde::{Deserialize, Serialize};

use crate::asked::{Key, Measured, Vote};
use crate::board::Tried;
use crate::name::Name;
use crate::participant::{ParticipantId, Token};
use crate::question::{Answer, Question};
use crate::shown::Show;

/// The number of a console: a random one, so that no two have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleId(pub u64);

/// Something that happens in a class. Classes to which the same entries are applied in the same order are the same, so
/// several relays can share one class through one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// A page joins, or comes back.
    Join {
        /// Whose page it is.
        token: Token,
        /// A nickname, if it was given.
        name: Option<Name>,
    },
    /// A participant bets. The last bet counts.
    Bet {
        /// Who bets.
        token: Token,
        /// The number of the question.
        question: u32,
        /// In which vote.
        vote: Vote,
        /// The number that the participant's page gave the bet. A later one is higher, so one that comes again, or late,
        /// replaces none.
        number: u64,
        /// The bet.
        answer: Answer,
    },
    /// A console comes in. It takes charge if nobody is in charge, or if the one in charge is itself under the number that it
    /// had before. So a page that comes back stays in charge, and of two copies of a page the later one is.
    Enter {
        /// Its number.
        console: ConsoleId,
        /// Its number from before.
        before: Option<ConsoleId>,
    },
    /// A console takes charge. The one before loses it.
    TakeOver(ConsoleId),
    /// The teacher asks a question. It is open at once.
    Ask(ConsoleId, Question, Key),
    /// The teacher says what is to happen.
    Command(ConsoleId, Command),
    /// The teacher's page shows something.
    Show(ConsoleId, Show),
    /// The runs of a question have been made.
    Measured {
        /// The number of the question.
        question: u32,
        /// What they were.
        measured: Measured,
    },
    /// A participant's program has tried a case.
    Tried(ParticipantId, Tried),
}

impl Entry {
    /// The console that asks for it, if one does.
    #[must_use]
    pub const fn console(&self) -> Option<ConsoleId> {
        match self {
            Self::Enter { console, .. }
            | Self::TakeOver(console)
            | Self::Ask(console, ..)
            | Self::Command(console, _)
            | Self::Show(console, _) => Some(*console),
            Self::Join { .. } | Self::Bet { .. } | Self::Measured { .. } | Self::Tried(..) => None,
        }
    }
}

/// What a teacher says is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Take no more bets.
    Close,
    /// Open the question for a second vote.
    VoteAgain,
    /// Show the counts, what was measured, and what is right.
    Reveal,
    /// Take the question off the screens.
    PutAway,
    /// Hide a nickname.
    Hide(ParticipantId),
    /// Show a nickname again.
    Unhide(ParticipantId),
    /// Show the board, or no longer.
    ShowBoard(bool),
    /// Let students run on the relay's own sockets, or no longer.
    GrantRuns(bool),
}

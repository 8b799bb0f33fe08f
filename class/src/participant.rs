//! Who takes part.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::name::Name;
use crate::refused::Refused;

/// The most participants of a class.
pub const MAX_PARTICIPANTS: usize = 200_000;

/// The secret by which a page proves who it is, after a reload too. Whoever makes it takes it from a source that nobody
/// can guess.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token(pub [u8; 16]);

/// A token is a secret, and not printed.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The number of a participant, from 0, in the order in which they joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ParticipantId(pub u32);

/// A participant: one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Participant {
    /// The nickname, if one was given.
    pub(crate) name: Option<Name>,
    /// Whether the teacher has hidden the nickname.
    pub(crate) is_hidden: bool,
    token: Token,
}

impl Participant {
    pub(crate) const fn token(&self) -> &Token {
        &self.token
    }

    /// The nickname, as others may see it.
    pub(crate) fn shown_name(&self) -> Option<&Name> {
        self.name.as_ref().filter(|_| !self.is_hidden)
    }
}

/// All participants. Nobody leaves: who closes the page comes back as the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Participants {
    all: Vec<Participant>,
    by_token: BTreeMap<Token, ParticipantId>,
}

impl Participants {
    /// Who has this token. If nobody has, a participant joins. A name takes the place of the one before, unless the teacher
    /// has hidden that.
    pub(crate) fn join(
        &mut self,
        token: Token,
        name: Option<Name>,
    ) -> Result<ParticipantId, Refused> {
        if let Some(known) = self.by_token.get(&token).copied() {
            if let Some(participant) = self.get_mut(known)
                && name.is_some()
                && !participant.is_hidden
            {
                participant.name = name;
            }
            return Ok(known);
        }
        let next = u32::try_from(self.all.len()).ok().filter(|_| self.all.len() < MAX_PARTICIPANTS);
        let id = ParticipantId(next.ok_or(Refused::Full)?);
        self.all.push(Participant { name, is_hidden: false, token });
        self.by_token.insert(token, id);
        Ok(id)
    }

    pub(crate) fn find(&self, token: &Token) -> Result<ParticipantId, Refused> {
        self.by_token.get(token).copied().ok_or(Refused::Unknown)
    }

    pub(crate) fn get(&self, id: ParticipantId) -> Option<&Participant> {
        self.all.get(usize::try_from(id.0).ok()?)
    }

    pub(crate) fn get_mut(&mut self, id: ParticipantId) -> Option<&mut Participant> {
        self.all.get_mut(usize::try_from(id.0).ok()?)
    }

    pub(crate) const fn count(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (ParticipantId, &Participant)> {
        let count = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        (0..count).map(ParticipantId).zip(&self.all)
    }
}

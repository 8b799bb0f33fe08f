//! A student's page.

use std::time::Duration;

use bytes::Bytes;
use framescope_class::{
    Entry, FromStudent, MAX_STUDENT_MESSAGE, Own, ParticipantId, Refused, ToStudent, Token, decode,
    encode,
};
use tokio::time::{Instant, sleep};

use super::allowance::Allowance;
use super::classroom::Classroom;
use super::connections::Connection;
use super::follower::Follower;
use super::published::Published;
use super::session::{Door, Viewer};
use crate::session_end::SessionEnd;

/// How long somebody who does not know the code waits before the next try.
const WRONG_CODE: Duration = Duration::from_secs(1);

/// Where a student comes in, with a permit, which is given back when the student has joined.
pub(crate) struct StudentDoor<P>(pub(crate) P);

impl<'a, P: Send> Door<'a> for StudentDoor<P> {
    type Viewer = Student<'a>;
    const MAX_MESSAGE: usize = MAX_STUDENT_MESSAGE;

    async fn enter(
        self,
        class: &'a Classroom,
        first: &[u8],
    ) -> Result<(Student<'a>, Bytes), (Option<Bytes>, SessionEnd)> {
        let Some(FromStudent::Join { code, token, name }) = decode(first) else {
            return Err((None, SessionEnd::NoClassMessage));
        };
        let joined = if class.has_code(code) {
            match token.map_or_else(new_token, Ok) {
                Ok(token) => {
                    let joined =
                        class.join(token, name).await.map_err(|lost| (None, lost.into()))?;
                    joined.map(|joined| (token, joined))
                }
                Err(refused) => Err(refused),
            }
        } else {
            sleep(WRONG_CODE).await;
            Err(Refused::Code)
        };
        match joined {
            Ok((token, (id, connection))) => {
                drop(self.0);
                let student = Student {
                    class,
                    token,
                    id,
                    _connection: connection,
                    follower: Follower::default(),
                    told: 0,
                    counts: 0,
                    changes: 0,
                    own: None,
                };
                let challenge = class.challenge();
                Ok((student, encode(&ToStudent::Joined { token, challenge }).into()))
            }
            Err(refused) => {
                let told = encode(&ToStudent::Refused(refused)).into();
                Err((Some(told), SessionEnd::ClassRefused(refused)))
            }
        }
    }
}

fn new_token() -> Result<Token, Refused> {
    let mut bytes = [0; 16];
    // Without random numbers nobody may join: anybody could guess who somebody is.
    getrandom::fill(&mut bytes).map_err(|_| Refused::Full)?;
    Ok(Token(bytes))
}

/// A participant's page.
pub(crate) struct Student<'a> {
    class: &'a Classroom,
    token: Token,
    id: ParticipantId,
    _connection: Connection,
    follower: Follower,
    /// The number of what everybody may know, as the page has been told it.
    told: u64,
    /// The number of the counts, as the page has been told them.
    counts: u64,
    /// How many changes of the class the page has been told, as far as they concern its participant.
    changes: u64,
    /// What only this participant may know, as the page has been told it.
    own: Option<Own>,
}

impl Viewer for Student<'_> {
    fn allowance() -> Option<Allowance> {
        Some(Allowance::new(Instant::now()))
    }

    async fn obey(&mut self, message: &[u8]) -> Result<Vec<Bytes>, SessionEnd> {
        let answer = match decode(message) {
            Some(FromStudent::Bet { question, vote, number, answer }) => {
                let bet = Entry::Bet { token: self.token, question, vote, number, answer };
                ToStudent::Bet { question, number, refused: self.class.apply(bet).await?.err() }
            }
            Some(FromStudent::Join { name, .. }) => {
                let join = Entry::Join { token: self.token, name };
                match self.class.apply(join).await? {
                    Ok(()) => {
                        let challenge = self.class.challenge();
                        ToStudent::Joined { token: self.token, challenge }
                    }
                    Err(refused) => ToStudent::Refused(refused),
                }
            }
            Some(FromStudent::TryNext(case)) => {
                self.class.try_next(self.id, case);
                return Ok(Vec::new());
            }
            Some(FromStudent::Recordings(case)) => {
                ToStudent::Recordings(self.class.recordings(self.id, case))
            }
            Some(FromStudent::AreYouThere) => ToStudent::Here,
            None => return Err(SessionEnd::NoClassMessage),
        };
        Ok([encode(&answer).into()].into_iter().chain(self.own_news()).collect())
    }

    fn news(&mut self, published: &Published) -> Vec<Bytes> {
        let mut news = Vec::new();
        if self.told != published.told.number {
            self.told = published.told.number;
            news.push(published.told.message.clone());
        }
        // Another page or a program of the same participant may have done something.
        if self.changes != published.changes {
            self.changes = published.changes;
            news.extend(self.own_news());
        }
        if self.counts != published.counts.number {
            self.counts = published.counts.number;
            news.push(published.counts.message.clone());
        }
        news.extend(self.follower.news(published.followed.as_ref(), |message| &message.student));
        news
    }
}

impl Student<'_> {
    fn own_news(&mut self) -> Option<Bytes> {
        let own = self.class.own(self.id);
        let is_news = own != self.own;
        self.own = own;
        let own = self.own.as_ref().filter(|_| is_news)?;
        Some(encode(&ToStudent::Own(own.clone())).into())
    }
}

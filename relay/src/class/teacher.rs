//! A teacher's page: a console, or a projector.

use std::time::Duration;

use bytes::Bytes;
use framescope_class::{
    ConsoleId, Entry, FromTeacher, MAX_CONSOLE_MESSAGE, Refused, Role, ToTeacher, decode, encode,
};
use tokio::time::sleep;

use super::allowance::Allowance;
use super::classroom::Classroom;
use super::follower::Follower;
use super::published::Published;
use super::session::{Door, Viewer};
use crate::session_end::SessionEnd;

/// How long somebody who does not have the key waits before the next try.
const WRONG_KEY: Duration = Duration::from_secs(1);

/// Where a teacher's page comes in, with a permit, which it keeps.
pub(crate) struct TeacherDoor<P>(pub(crate) P);

impl<'a, P: Send> Door<'a> for TeacherDoor<P> {
    type Viewer = Teacher<'a, P>;
    const MAX_MESSAGE: usize = MAX_CONSOLE_MESSAGE;

    async fn enter(
        self,
        class: &'a Classroom,
        first: &[u8],
    ) -> Result<(Teacher<'a, P>, Bytes), (Option<Bytes>, SessionEnd)> {
        let Some(FromTeacher::Enter { key, role }) = decode(first) else {
            return Err((None, SessionEnd::NoClassMessage));
        };
        if !class.has_key(key) {
            sleep(WRONG_KEY).await;
            let told = encode(&ToTeacher::Refused(Refused::Key)).into();
            return Err((Some(told), SessionEnd::ClassRefused(Refused::Key)));
        }
        let console = match role {
            Role::Console { number, before } => {
                let console = number.map_or_else(random_id, Ok).map_err(|end| (None, end))?;
                let entered = class.apply(Entry::Enter { console, before }).await;
                // A console is always let in.
                let _ = entered.map_err(|lost| (None, lost.into()))?;
                Some(console)
            }
            Role::Projector => None,
        };
        let follower = Follower::default();
        let teacher = Teacher { class, console, follower, changes: 0, _permit: self.0 };
        Ok((teacher, encode(&class.entered(console)).into()))
    }
}

/// The number of a console. Other relays of the class give numbers too.
fn random_id() -> Result<ConsoleId, SessionEnd> {
    getrandom::u64().map(ConsoleId).map_err(|_| SessionEnd::ClassRefused(Refused::Full))
}

/// A teacher's page.
pub(crate) struct Teacher<'a, P> {
    class: &'a Classroom,
    /// Its number, if it is a console.
    console: Option<ConsoleId>,
    follower: Follower,
    /// How many changes of the class the page has been told.
    changes: u64,
    _permit: P,
}

impl<P: Send> Viewer for Teacher<'_, P> {
    fn allowance() -> Option<Allowance> {
        None
    }

    async fn obey(&mut self, message: &[u8]) -> Result<Vec<Bytes>, SessionEnd> {
        let message = decode(message).ok_or(SessionEnd::NoClassMessage)?;
        if let FromTeacher::AreYouThere = message {
            return Ok(vec![encode(&ToTeacher::Here).into()]);
        }
        let obeyed = match (self.console, message) {
            // A projector decides nothing.
            (None, _) => Err(Refused::NotInCharge),
            (Some(console), FromTeacher::TakeOver) => {
                self.class.apply(Entry::TakeOver(console)).await?
            }
            (Some(console), FromTeacher::Ask(ask)) => self.class.ask(console, &ask).await?,
            (Some(console), FromTeacher::Command(command)) => {
                self.class.apply(Entry::Command(console, command)).await?
            }
            (Some(console), FromTeacher::Show(show)) => {
                self.class.apply(Entry::Show(console, show)).await?
            }
            (Some(_), FromTeacher::Export { as_table, with_names }) => {
                let text = self.class.exported(as_table, with_names);
                let parts = ToTeacher::exported(as_table, &text);
                return Ok(parts.iter().map(|part| encode(part).into()).collect());
            }
            (Some(_), FromTeacher::Recordings(participant, case)) => {
                let recordings = self.class.recordings(participant, case);
                return Ok(vec![encode(&ToTeacher::Recordings(recordings)).into()]);
            }
            (Some(_), FromTeacher::Enter { .. } | FromTeacher::AreYouThere) => Ok(()),
        };
        let refused = obeyed.err().map(|refused| encode(&ToTeacher::Refused(refused)).into());
        Ok(refused.into_iter().collect())
    }

    /// A console shows its own page, and follows nobody.
    fn news(&mut self, published: &Published) -> Vec<Bytes> {
        let mut news = Vec::new();
        if self.changes != published.changes {
            self.changes = published.changes;
            let told = match self.console {
                Some(console) => ToTeacher::Console(self.class.told_console(console)),
                None => ToTeacher::Projector(self.class.told_projector()),
            };
            news.push(encode(&told).into());
        }
        if self.console.is_none() {
            let followed = published.followed.as_ref();
            news.extend(self.follower.news(followed, |message| &message.projector));
        }
        news
    }
}

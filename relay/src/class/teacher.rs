//! A session of a teacher's page: a console, or a projector.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use framescope_class::{
    ConsoleId, Entry, FromTeacher, MAX_CONSOLE_MESSAGE, MAX_SHOWN, Refused, Role, ToTeacher,
    decode, encode,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::classroom::Classroom;
use super::follower::Follower;
use super::published::Published;
use crate::net::linger;
use crate::session_end::SessionEnd;
use crate::websocket::{self, Keepalive, Received, Receiver, Sender, WebSocket};

/// The longest message to a teacher's page, in bytes: a part of a trace, or the people of a full class.
const MAX_SEND: usize = MAX_SHOWN + 1024;

/// How long somebody who does not have the key waits before the next try.
const WRONG_KEY: Duration = Duration::from_secs(1);

/// Serves a teacher's page until it leaves or `stop` is cancelled, then closes.
pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    client: S,
    already_read: Bytes,
    ping_interval: Duration,
    close_timeout: Duration,
    class: &Arc<Classroom>,
    stop: &CancellationToken,
) -> SessionEnd {
    let client = WebSocket::new(client, already_read, MAX_CONSOLE_MESSAGE, MAX_SEND).await;
    let (mut to_client, mut from_client) = client.split();
    let keepalive = Keepalive::new(ping_interval);
    let served = async {
        let mut teacher = enter(&mut to_client, &mut from_client, &keepalive, class).await?;
        teacher.serve(&mut to_client, &mut from_client, &keepalive).await
    };
    let end = tokio::select! {
        () = stop.cancelled() => SessionEnd::RelayStopping,
        end = served => end.err().unwrap_or(SessionEnd::ClientClosed),
    };
    let _ = timeout(close_timeout, to_client.farewell(&end)).await;
    let mut client = websocket::into_stream(to_client, from_client);
    let _ = timeout(close_timeout, linger(&mut client)).await;
    end
}

/// The first message has the key.
async fn enter<'a, S: AsyncRead + AsyncWrite + Unpin>(
    to_client: &mut Sender<S>,
    from_client: &mut Receiver<S>,
    keepalive: &Keepalive,
    class: &'a Arc<Classroom>,
) -> Result<Teacher<'a>, SessionEnd> {
    let first = loop {
        match from_client.receive().await? {
            Received::Bytes(bytes) => break bytes,
            Received::SignOfLife => keepalive.heard(),
        }
    };
    let Some(FromTeacher::Enter { key, role }) = decode(&first) else {
        return Err(SessionEnd::NoClassMessage);
    };
    if !class.has_key(key) {
        tokio::time::sleep(WRONG_KEY).await;
        keepalive.send(to_client, encode(&ToTeacher::Refused(Refused::Key)).into()).await?;
        return Err(SessionEnd::ClassRefused(Refused::Key));
    }
    let console = match role {
        Role::Console(known) => Some(class.enter(known)),
        Role::Projector => None,
    };
    keepalive.send(to_client, encode(&class.entered(console)).into()).await?;
    Ok(Teacher { class, console, follower: Follower::default(), changes: 0 })
}

/// A teacher's page.
struct Teacher<'a> {
    class: &'a Arc<Classroom>,
    /// Its number, if it is a console.
    console: Option<ConsoleId>,
    follower: Follower,
    /// How many changes of the class the page has been told.
    changes: u64,
}

impl Teacher<'_> {
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        to_client: &mut Sender<S>,
        from_client: &mut Receiver<S>,
        keepalive: &Keepalive,
    ) -> Result<(), SessionEnd> {
        let mut pings = keepalive.pings();
        let mut published = self.class.published();
        published.mark_changed();
        loop {
            tokio::select! {
                received = from_client.receive() => match received? {
                    Received::Bytes(bytes) => {
                        keepalive.heard();
                        if let Err(refused) = self.obey(&bytes)? {
                            let refused = encode(&ToTeacher::Refused(refused));
                            keepalive.send(to_client, refused.into()).await?;
                        }
                    }
                    Received::SignOfLife => keepalive.heard(),
                },
                changed = published.changed() => {
                    if changed.is_err() {
                        return Err(SessionEnd::RelayStopping);
                    }
                    let latest = published.borrow_and_update().clone();
                    let news = self.news(&latest);
                    for message in news {
                        keepalive.send(to_client, message).await?;
                    }
                }
                _ = pings.tick() => keepalive.ping(to_client).await?,
            }
        }
    }

    fn obey(&self, bytes: &[u8]) -> Result<Result<(), Refused>, SessionEnd> {
        let message = decode(bytes).ok_or(SessionEnd::NoClassMessage)?;
        // A projector decides nothing.
        let Some(console) = self.console else { return Ok(Err(Refused::NotInCharge)) };
        Ok(match message {
            FromTeacher::TakeOver => self.class.apply(Entry::TakeOver(console)),
            FromTeacher::Ask(ask) => self.class.ask(console, &ask),
            FromTeacher::Command(command) => self.class.apply(Entry::Command(console, command)),
            FromTeacher::Show(show) => self.class.show(console, show),
            FromTeacher::Enter { .. } => Ok(()),
        })
    }

    /// The messages that are news to the page. A console shows its own page, and follows nobody.
    fn news(&mut self, published: &Published) -> Vec<Bytes> {
        let mut news = Vec::new();
        let is_news = self.changes != published.changes;
        self.changes = published.changes;
        match self.console {
            Some(console) if is_news => {
                news.push(encode(&ToTeacher::Console(self.class.told_console(console))).into());
            }
            Some(_) => {}
            None => {
                if is_news {
                    let (told, newest) = self.class.told_projector();
                    news.push(encode(&ToTeacher::Projector(told, newest)).into());
                }
                news.extend(self.follower.news(published, |message| &message.projector));
            }
        }
        news
    }
}

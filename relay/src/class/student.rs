//! A session of a student's page.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use framescope_class::{
    Entry, FromStudent, MAX_STUDENT_MESSAGE, Own, ParticipantId, Refused, ToStudent, Token, decode,
    encode,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::allowance::Allowance;
use super::classroom::Classroom;
use super::connections::Connection;
use super::follower::Follower;
use super::published::Published;
use crate::net::linger;
use crate::session_end::SessionEnd;
use crate::websocket::{self, Keepalive, Received, Receiver, Sender, WebSocket};

/// The longest message to a student's page besides parts of a trace, in bytes. It bounds the buffer for what is sent.
const MAX_SEND: usize = framescope_class::MAX_SHOWN + 1024;

/// How long somebody who does not know the code waits before the next try.
const WRONG_CODE: Duration = Duration::from_secs(1);

/// Serves a student's page until it leaves or `stop` is cancelled, then closes. `joined` is called when the page has joined.
pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    client: S,
    already_read: Bytes,
    ping_interval: Duration,
    close_timeout: Duration,
    class: &Arc<Classroom>,
    joined: impl FnOnce(),
    stop: &CancellationToken,
) -> SessionEnd {
    let client = WebSocket::new(client, already_read, MAX_STUDENT_MESSAGE, MAX_SEND).await;
    let (mut to_client, mut from_client) = client.split();
    let keepalive = Keepalive::new(ping_interval);
    let served = async {
        let mut student = join(&mut to_client, &mut from_client, &keepalive, class).await?;
        joined();
        student.serve(&mut to_client, &mut from_client, &keepalive).await
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

/// The first message joins the class.
async fn join<'a, S: AsyncRead + AsyncWrite + Unpin>(
    to_client: &mut Sender<S>,
    from_client: &mut Receiver<S>,
    keepalive: &Keepalive,
    class: &'a Arc<Classroom>,
) -> Result<Student<'a>, SessionEnd> {
    let first = loop {
        match from_client.receive().await? {
            Received::Bytes(bytes) => break bytes,
            Received::SignOfLife => keepalive.heard(),
        }
    };
    let Some(FromStudent::Join { code, token, name }) = decode(&first) else {
        return Err(SessionEnd::NoClassMessage);
    };
    let joined = if class.has_code(code) {
        let token = token.map_or_else(new_token, Ok)?;
        class.join(token, name).map(|(id, connection)| (token, id, connection))
    } else {
        tokio::time::sleep(WRONG_CODE).await;
        Err(Refused::Code)
    };
    match joined {
        Ok((token, id, connection)) => {
            keepalive.send(to_client, encode(&ToStudent::Joined(token)).into()).await?;
            let follower = Follower::default();
            let (told, own) = (0, None);
            Ok(Student { class, token, id, _connection: connection, follower, told, own })
        }
        Err(refused) => {
            keepalive.send(to_client, encode(&ToStudent::Refused(refused)).into()).await?;
            Err(SessionEnd::ClassRefused(refused))
        }
    }
}

fn new_token() -> Result<Token, SessionEnd> {
    let mut bytes = [0; 16];
    // Without random numbers nobody may join: anybody could guess who somebody is.
    getrandom::fill(&mut bytes).map_err(|_| SessionEnd::ClassRefused(Refused::Full))?;
    Ok(Token(bytes))
}

/// A participant's page.
struct Student<'a> {
    class: &'a Arc<Classroom>,
    token: Token,
    id: ParticipantId,
    _connection: Connection,
    follower: Follower,
    /// The number of what everybody may know that the page has been told.
    told: u64,
    /// What only this participant may know, as the page has been told it.
    own: Option<Own>,
}

impl Student<'_> {
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        to_client: &mut Sender<S>,
        from_client: &mut Receiver<S>,
        keepalive: &Keepalive,
    ) -> Result<(), SessionEnd> {
        let mut pings = keepalive.pings();
        let mut published = self.class.published();
        published.mark_changed();
        let mut allowance = Allowance::new(Instant::now());
        loop {
            tokio::select! {
                received = async {
                    sleep_until(allowance.next_at()).await;
                    from_client.receive().await
                } => match received? {
                    Received::Bytes(bytes) => {
                        keepalive.heard();
                        allowance.take(Instant::now());
                        let answer = self.obey(&bytes)?;
                        keepalive.send(to_client, encode(&answer).into()).await?;
                        if let Some(message) = self.own_news() {
                            keepalive.send(to_client, message).await?;
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

    fn obey(&self, bytes: &[u8]) -> Result<ToStudent, SessionEnd> {
        match decode(bytes) {
            Some(FromStudent::Bet { question, vote, number, answer }) => {
                let bet = Entry::Bet { token: self.token, question, vote, number, answer };
                let refused = self.class.apply(bet).err();
                Ok(ToStudent::Bet { question, number, refused })
            }
            Some(FromStudent::Join { name, .. }) => {
                let join = Entry::Join { token: self.token, name };
                match self.class.apply(join) {
                    Ok(()) => Ok(ToStudent::Joined(self.token)),
                    Err(refused) => Ok(ToStudent::Refused(refused)),
                }
            }
            None => Err(SessionEnd::NoClassMessage),
        }
    }

    /// The messages that are news to the page.
    fn news(&mut self, published: &Published) -> Vec<Bytes> {
        let mut news = Vec::new();
        if self.told != published.told_number {
            self.told = published.told_number;
            news.push(published.told.clone());
            news.extend(self.own_news());
        }
        news.extend(self.follower.news(published, |message| &message.student));
        news
    }

    fn own_news(&mut self) -> Option<Bytes> {
        let own = self.class.own(self.id);
        let is_news = own != self.own;
        self.own = own;
        let own = self.own.as_ref().filter(|_| is_news)?;
        Some(encode(&ToStudent::Own(own.clone())).into())
    }
}

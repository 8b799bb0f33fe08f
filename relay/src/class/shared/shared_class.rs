//! Opening a class that relays share.

use std::time::Duration;

use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{LastRawMessageError, LastRawMessageErrorKind, Stream};
use async_nats::jetstream::{self, Context};
use async_nats::{ConnectOptions, Event, ServerAddr};
use framescope_class::{Code, Opening};
use tokio::sync::watch;

use super::stream::{Subjects, open_stream};

/// The longest time for an answer of NATS.
pub(super) const ANSWER: Duration = Duration::from_secs(3);

/// A class that several relays share.
#[derive(Clone, Debug)]
pub struct SharedClass {
    pub(super) context: Context,
    pub(super) stream: Stream,
    /// Changes with each new connection to NATS.
    pub(super) connected: watch::Receiver<()>,
    pub(super) code: Code,
    /// Where the stream has what the class was opened with.
    opened_at: u64,
    opening: Opening,
    /// This relay: a number that no other one has.
    pub(super) relay: u64,
}

/// Why a class cannot be shared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SharedError {
    /// This is not the address of a server.
    #[error("{0:?} is not the address of a NATS server: nats://HOST:PORT, or tls://HOST:PORT")]
    Address(String),
    /// It does not answer, or lets nobody in.
    #[error("cannot connect to NATS at {0}: {1}")]
    Connect(String, String),
    /// It has no JetStream, or no stream can be made there.
    #[error("NATS at {0} keeps no class: {1} (nats-server needs --jetstream)")]
    Stream(String, String),
    /// The system has no random numbers, of which a relay makes its number.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// A class with this code is going on, and it was opened with something else.
    #[error("the class {0} goes on already, with another plan")]
    OtherPlan(Code),
}

impl SharedClass {
    /// Opens the class with this code, or finds it as another relay has opened it. Several relays may do so at the same time.
    /// `urls` are those of NATS servers, with commas between them.
    ///
    /// # Errors
    ///
    /// [`SharedError`] says why the class cannot be shared. A class that was opened with another plan is another class; an
    /// empty plan asks for none.
    pub async fn open(
        urls: &str,
        code: Code,
        opening: Opening,
    ) -> Result<(Self, Opening), SharedError> {
        let mut addresses = Vec::new();
        for url in urls.split(',').map(str::trim) {
            let address = url.parse::<ServerAddr>().ok().filter(|it| !it.host().is_empty());
            addresses.push(address.ok_or_else(|| SharedError::Address(without_secret(url)))?);
        }
        let places = addresses.iter().map(|it| format!("{}:{}", it.host(), it.port()));
        let place = places.collect::<Vec<_>>().join(", ");
        let (connects, connected) = watch::channel(());
        let options = ConnectOptions::new().event_callback(move |event| {
            if event == Event::Connected {
                connects.send_replace(());
            }
            async {}
        });
        let client = options.name("framescope").connection_timeout(ANSWER).connect(addresses).await;
        // The text of the error has those of its causes.
        let failed = |error: async_nats::ConnectError| error.to_string();
        let client = client.map_err(|error| SharedError::Connect(place.clone(), failed(error)))?;
        let mut context = jetstream::new(client);
        context.set_timeout(ANSWER);
        let keeps_none = |error: String| SharedError::Stream(place.clone(), error);
        let stream = open_stream(&context).await;
        let stream = stream.map_err(|error| keeps_none(error.to_string()))?;
        let subject = Subjects(code).opening();
        let record = postcard::to_stdvec(&opening);
        let record = record.map_err(|error| keeps_none(error.to_string()))?;
        // Whoever is first has no message before it.
        let message = PublishMessage::build().payload(record.into());
        let message = message.expected_last_subject_sequence(0);
        let published = async { context.send_publish(subject.clone(), message).await?.await };
        let (opened_at, opening) = match published.await {
            Ok(ack) => (ack.sequence, opening),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                let found = stream.get_last_raw_message_by_subject(&subject).await;
                let found = found.map_err(|error| keeps_none(error.to_string()))?;
                let sequence = found.sequence;
                let found: Opening = postcard::from_bytes(&found.payload)
                    .map_err(|_| keeps_none(format!("what is kept of {code} is no class")))?;
                if !opening.plan.is_empty() && opening.plan != found.plan {
                    return Err(SharedError::OtherPlan(code));
                }
                (sequence, found)
            }
            Err(error) => return Err(keeps_none(error.to_string())),
        };
        let relay = getrandom::u64()?;
        let shared =
            Self { context, stream, connected, code, opened_at, opening: opening.clone(), relay };
        Ok((shared, opening))
    }

    /// Whether NATS has the class no longer.
    ///
    /// # Errors
    ///
    /// NATS does not say.
    pub(super) async fn is_gone(&self) -> Result<bool, LastRawMessageError> {
        let subject = Subjects(self.code).opening();
        match self.stream.get_last_raw_message_by_subject(&subject).await {
            Ok(found) => {
                let opening = postcard::from_bytes::<Opening>(&found.payload);
                Ok((found.sequence, opening.as_ref()) != (self.opened_at, Ok(&self.opening)))
            }
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// An address may have a password.
fn without_secret(url: &str) -> String {
    url.rsplit_once('@').map_or(url, |(_, place)| place).to_owned()
}

//! The stream of all classes.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::CreateStreamError;
use async_nats::jetstream::stream::{Config, DiscardPolicy, Stream};
use framescope_class::{Code, Entry, Show};
use tracing::info;

/// The name of the stream. If the encoding of an entry changes, this name and that of the subjects change.
const NAME: &str = "framescope_class_v1";

/// What the stream's subjects begin with.
const SUBJECTS: &str = "framescope.class.v1";

/// How long an entry is kept. No class is longer, and then nothing of it is left.
const MAX_AGE: Duration = Duration::from_hours(24);

/// The most messages of a class on one subject. One more is refused, and those of others are not.
const MAX_MESSAGES: i64 = 4_000_000;

/// How many servers keep an entry, if there are as many: with three, one may fail.
const REPLICAS: usize = 3;

/// The stream. If it is not there, it is made.
pub(super) async fn open_stream(context: &Context) -> Result<Stream, CreateStreamError> {
    let config = |num_replicas| Config {
        name: NAME.to_owned(),
        subjects: vec![format!("{SUBJECTS}.>")],
        max_age: MAX_AGE,
        max_messages_per_subject: MAX_MESSAGES,
        discard: DiscardPolicy::New,
        discard_new_per_subject: true,
        num_replicas,
        ..Config::default()
    };
    // A server alone, or a small cluster, refuses as many replicas.
    match context.get_or_create_stream(config(REPLICAS)).await {
        Ok(stream) => Ok(stream),
        Err(error) => {
            info!(%error, "one server of NATS keeps the class");
            context.get_or_create_stream(config(1)).await
        }
    }
}

/// The subjects of a class.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subjects(pub(super) Code);

impl Subjects {
    /// All of what happens in it, in one order.
    pub(super) fn all(self) -> String {
        format!("{SUBJECTS}.{}.*", self.0.letters())
    }

    /// What the class was opened with: one message.
    pub(super) fn opening(self) -> String {
        format!("{SUBJECTS}.opening.{}", self.0.letters())
    }

    /// Everything else that happens.
    pub(super) fn log(self) -> String {
        format!("{SUBJECTS}.{}.log", self.0.letters())
    }

    /// Where the teacher's page is. The last one counts.
    pub(super) fn place(self) -> String {
        format!("{SUBJECTS}.{}.place", self.0.letters())
    }

    /// The run that the teacher's page shows, in parts. Those of the last one count.
    pub(super) fn run(self) -> String {
        format!("{SUBJECTS}.{}.run", self.0.letters())
    }

    /// The subject of an entry.
    pub(super) fn of(self, entry: &Entry) -> String {
        match entry {
            Entry::Show(_, Show::Place(_)) => self.place(),
            Entry::Show(_, Show::Run(_) | Show::Part(_)) => self.run(),
            Entry::Join { .. }
            | Entry::Bet { .. }
            | Entry::Enter { .. }
            | Entry::TakeOver(_)
            | Entry::Ask(..)
            | Entry::Command(..)
            | Entry::Measured { .. }
            | Entry::Tried(..) => self.log(),
        }
    }
}

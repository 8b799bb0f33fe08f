//! Why a session or its recording ended, as the relay writes it into a close frame or a recording, and as the page
//! reads it.

use std::fmt;

/// Why a session or its recording ended. What varies follows the text of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason<'a> {
    /// The target closed its side.
    TargetClosed,
    /// The connection to the target failed, with this error of the system.
    TargetFailed(&'a str),
    /// The client closed.
    ClientClosed,
    /// The connection to the client failed, with this error.
    ClientFailed(&'a str),
    /// The client answers no pings, or takes no bytes.
    ClientSilent,
    /// No byte went either way for this time.
    Idle(&'a str),
    /// The client sent a text message.
    ClientSentText,
    /// The relay is shutting down.
    RelayStopping,
    /// The recording is full. The session went on.
    RecordingFull,
    /// The recording was not finished: it goes on, its relay was killed, or its disk is full.
    RecordingUnfinished,
    /// The session broke off.
    BrokeOff,
    /// The worker of an experiment cannot be started, because of this error of the system.
    WorkerNotStarted(&'a str),
    /// The worker of an experiment used more memory than this.
    WorkerMemory(&'a str),
    /// The worker of an experiment used more processor time than this.
    WorkerProcessor(&'a str),
    /// This ended the worker of an experiment: a signal, or a status with which it ended itself.
    WorkerEnded(&'a str),
    /// The worker of an experiment has not answered for this time.
    WorkerSilent(&'a str),
    /// Another reason, in English.
    Other(&'a str),
}

impl<'a> EndReason<'a> {
    /// The reasons whose texts are whole.
    const WHOLE: [Self; 8] = [
        Self::TargetClosed,
        Self::ClientClosed,
        Self::ClientSilent,
        Self::ClientSentText,
        Self::RelayStopping,
        Self::RecordingFull,
        Self::RecordingUnfinished,
        Self::BrokeOff,
    ];

    /// The reasons that end with what varies.
    const BEGUN: [fn(&'a str) -> Self; 8] = [
        Self::TargetFailed,
        Self::ClientFailed,
        Self::Idle,
        Self::WorkerNotStarted,
        Self::WorkerMemory,
        Self::WorkerProcessor,
        Self::WorkerEnded,
        Self::WorkerSilent,
    ];

    /// Reads what [`EndReason`]'s `Display` wrote.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        if let Some(whole) = Self::WHOLE.into_iter().find(|reason| reason.start() == text) {
            return whole;
        }
        Self::BEGUN
            .into_iter()
            .find_map(|reason| Some(reason(text.strip_prefix(reason("").start())?)))
            .unwrap_or(Self::Other(text))
    }

    /// The text of its kind.
    const fn start(self) -> &'static str {
        match self {
            Self::TargetClosed => "the target closed its side",
            Self::TargetFailed(_) => "the connection to the target failed: ",
            Self::ClientClosed => "the client closed",
            Self::ClientFailed(_) => "the connection to the client failed: ",
            Self::ClientSilent => "the client answers no pings, or takes no bytes",
            Self::Idle(_) => "no byte went either way for ",
            Self::ClientSentText => "a text message arrived; messages here are binary",
            Self::RelayStopping => "the relay is shutting down",
            Self::RecordingFull => "the recording is full; the session went on",
            Self::RecordingUnfinished => "the recording was not finished",
            Self::BrokeOff => "the session broke off",
            Self::WorkerNotStarted(_) => "no worker can be started: ",
            Self::WorkerMemory(_) => "the worker used more memory than ",
            Self::WorkerProcessor(_) => "the worker used more processor time than ",
            Self::WorkerEnded(_) => "the worker was ended by ",
            Self::WorkerSilent(_) => "the worker has not answered for ",
            Self::Other(_) => "",
        }
    }

    /// What follows the text of its kind.
    const fn rest(self) -> &'a str {
        match self {
            Self::TargetFailed(rest)
            | Self::ClientFailed(rest)
            | Self::Idle(rest)
            | Self::WorkerNotStarted(rest)
            | Self::WorkerMemory(rest)
            | Self::WorkerProcessor(rest)
            | Self::WorkerEnded(rest)
            | Self::WorkerSilent(rest)
            | Self::Other(rest) => rest,
            Self::TargetClosed
            | Self::ClientClosed
            | Self::ClientSilent
            | Self::ClientSentText
            | Self::RelayStopping
            | Self::RecordingFull
            | Self::RecordingUnfinished
            | Self::BrokeOff => "",
        }
    }
}

/// The reason for a message of the client over `limit` bytes.
#[must_use]
pub fn message_too_long(limit: usize) -> String {
    format!("a message over the limit of {limit} bytes arrived")
}

impl fmt::Display for EndReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.start())?;
        f.write_str(self.rest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_read_from_the_text_that_it_is_written_as() {
        let others = [
            EndReason::TargetFailed("Connection reset by peer (os error 104)"),
            EndReason::ClientFailed("it ended without a close frame"),
            EndReason::Idle("3600s"),
            EndReason::WorkerNotStarted("Resource temporarily unavailable (os error 11)"),
            EndReason::WorkerMemory("96 MiB"),
            EndReason::WorkerProcessor("10 s"),
            EndReason::WorkerEnded("signal 9"),
            EndReason::WorkerSilent("10 s"),
            EndReason::Other("the disk is full"),
        ];
        for reason in EndReason::WHOLE.into_iter().chain(others) {
            let text = reason.to_string();
            assert_eq!(EndReason::parse(&text), reason);
            assert!(!text.ends_with(['.', ':', ' ']), "a sentence goes on after it: {text}");
        }
    }
}

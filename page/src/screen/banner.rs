//! The banner: what has become of the connection, of the run, or of the relay.

use framescope_protocol::{Refused, close_code};
use framescope_record::Source as Kernel;

use super::end_reason::end_reason;
use crate::state::{
    Channel, Connection, ConnectionState, NOT_TAKEN, Refusal, Relay, State, Tab, UNREADABLE,
};
use crate::text::Locale;

/// What the banner says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// How much it matters.
    pub kind: BannerKind,
    /// The sentences.
    pub text: String,
}

/// How much a banner matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BannerKind {
    /// All is as it should be.
    Quiet,
    /// A stream or a recording has ended.
    End,
    /// What had failed can begin again.
    Back,
    /// Something has failed.
    Error,
}

impl BannerKind {
    /// Its name in the document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::End | Self::Back => "end",
            Self::Error => "error",
        }
    }

    /// The sign before the text: a colour alone says nothing to some.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Quiet => "",
            Self::End => "∎",
            Self::Back => "↻",
            Self::Error => "✕",
        }
    }

    fn with(self, text: impl Into<String>) -> Banner {
        Banner { kind: self, text: text.into() }
    }
}

/// The banner on screen. `None` if there is nothing to say.
#[must_use]
pub fn banner(state: &State) -> Option<Banner> {
    match state.tab {
        Tab::Live => live(state),
        Tab::Lab => lab(state),
    }
}

fn lab(state: &State) -> Option<Banner> {
    let locale = &state.locale;
    let lost = |reason: &str| {
        let reason = end_reason(locale, reason);
        BannerKind::Error.with(locale.fill("banner-lab-lost", &[("reason", &reason)]))
    };
    let is_simulated = state.lab.source == Kernel::Simulated;
    match &state.lab.channel {
        Channel::Refused { answer: Some(refusal) } => return Some(refused(locale, refusal)),
        Channel::Lost { reason } if is_simulated && reason.is_empty() => {
            return Some(BannerKind::Error.with(locale.text("banner-simulated-missing")));
        }
        Channel::Lost { reason } if is_simulated || !state.is_relay_gone => {
            return Some(lost(reason));
        }
        Channel::Lost { .. }
        | Channel::Refused { answer: None }
        | Channel::Absent
        | Channel::Opening(_)
        | Channel::Open => {}
    }
    if let Some(failure) = &state.lab.failure {
        return Some(lost(failure));
    }
    if state.relay == Relay::Absent {
        return Some(BannerKind::Quiet.with(locale.text("banner-absent-lab")));
    }
    if state.is_relay_gone {
        return Some(BannerKind::Error.with(locale.text("banner-lab-gone")));
    }
    state.lab.is_cut_off().then(|| BannerKind::Quiet.with(locale.text("banner-lab-cut")))
}

fn live(state: &State) -> Option<Banner> {
    let locale = &state.locale;
    let connection = state.connection();
    let is_over = connection.is_some_and(|connection| connection.state.is_over());
    if state.relay == Relay::Absent && !is_over && !state.shows_recording() {
        return Some(BannerKind::Quiet.with(locale.text("banner-absent")));
    }
    let connection = connection?;
    let (kind, text) = match &connection.state {
        ConnectionState::Connecting | ConnectionState::Open => return None,
        ConnectionState::Recorded { end } => {
            let text = locale.fill("banner-recorded", &[("end", &end_reason(locale, end))]);
            return Some(BannerKind::End.with(text));
        }
        ConnectionState::Closed => (BannerKind::Quiet, locale.text("banner-closed")),
        ConnectionState::EndOfStream => (BannerKind::End, locale.text("banner-end")),
        ConnectionState::Refused { answer: Some(refusal) } => {
            return Some(refused(locale, refusal));
        }
        ConnectionState::Refused { answer: None } | ConnectionState::Lost { .. }
            if state.relay_is_back && state.shows_current() =>
        {
            (BannerKind::Back, locale.text("banner-back"))
        }
        ConnectionState::Refused { answer: None } => {
            return Some(BannerKind::Error.with(lost_text(state, connection, None)));
        }
        ConnectionState::Lost { code, reason } => {
            let text = lost_text(state, connection, Some((*code, reason)));
            return Some(BannerKind::Error.with(text));
        }
    };
    Some(kind.with(text))
}

/// Why a connection is not there, and whether the relay is. `closed`: the close code and the reason of one that was.
fn lost_text(state: &State, connection: &Connection, closed: Option<(u16, &str)>) -> String {
    let locale = &state.locale;
    let is_simulated = connection.source == Kernel::Simulated;
    let text = match closed {
        Some((NOT_TAKEN, _)) => locale.text("banner-not-taken"),
        Some((UNREADABLE, _)) => locale.text("banner-unreadable"),
        Some((close_code::NO_CLOSE_FRAME, _)) if is_simulated => {
            locale.text("banner-simulated-lost")
        }
        Some((close_code::NO_CLOSE_FRAME, _)) => locale.text("banner-lost-silent"),
        Some((code, reason)) => {
            let reason = &end_reason(locale, reason);
            &locale.fill("banner-lost", &[("code", &code), ("reason", reason)])
        }
        None if is_simulated => locale.text("banner-simulated-missing"),
        None => locale.text("banner-refused-silent"),
    };
    if is_simulated || !state.is_relay_gone || !state.shows_current() {
        return text.to_owned();
    }
    format!("{text} {}", locale.text("banner-gone"))
}

/// Why the relay has refused a WebSocket.
fn refused(locale: &Locale, refusal: &Refusal) -> Banner {
    let why = match Refused::from_status(refusal.status) {
        Some(Refused::NoToken) => locale.text("refused-token"),
        Some(Refused::Origin | Refused::Host) => locale.text("refused-origin"),
        Some(Refused::UnknownTarget) => locale.text("refused-target"),
        Some(Refused::NotAnUpgrade) => locale.text("refused-websocket"),
        Some(Refused::TargetUnreachable | Refused::TargetTimedOut) => {
            locale.text("refused-unreachable")
        }
        Some(Refused::TooMany) => locale.text("refused-full"),
        None => locale.text("refused-other"),
    };
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("why", &why), ("status", &refusal.status), ("reason", &refusal.reason)];
    BannerKind::Error.with(locale.fill("banner-refused", &values))
}

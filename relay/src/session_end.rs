//! Why a session ended, and the WebSocket close code that says so.

use std::io;
use std::time::Duration;

use framescope_class::{self as class, Refused};
use framescope_lab::CommandError;
use framescope_protocol::{EndReason, close_code, message_too_long};

use crate::net::explain_connection;

/// Why a session of the bridge, of the lab or of the class ended.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(not(unix), allow(dead_code, reason = "the lab needs Unix, and some ends are its own"))]
pub(crate) enum SessionEnd {
    #[error("{}", EndReason::TargetClosed)]
    TargetClosed,
    #[error("{start}{}", explain_connection(.0), start = EndReason::TargetFailed(""))]
    TargetFailed(#[source] io::Error),
    #[error("{}", EndReason::ClientClosed)]
    ClientClosed,
    #[error("{}", EndReason::ClientFailed(.0))]
    ClientFailed(String),
    #[error("{}", EndReason::ClientSilent)]
    ClientSilent,
    #[error("{start}{limit:?}", start = EndReason::Idle(""))]
    Idle { limit: Duration },
    #[error("{}", EndReason::ClientSentText)]
    ClientSentText,
    #[error("the client sent text that is not UTF-8")]
    ClientSentBadText,
    #[error("{}{raise}", message_too_long(*.limit))]
    ClientSentTooMuch {
        limit: usize,
        /// How whoever runs the relay may raise the limit, or nothing.
        raise: &'static str,
    },
    #[error("the client broke the WebSocket protocol: {0}")]
    ClientBrokeProtocol(String),
    #[error(transparent)]
    CommandRefused(CommandError),
    #[error("no experiment is loaded")]
    NothingLoaded,
    #[error("this is not a message of {}", class::SUBPROTOCOL)]
    NoClassMessage,
    #[error(transparent)]
    ClassRefused(Refused),
    #[error("the log of the class cannot be reached")]
    ClassLogLost,
    #[error("{}", EndReason::RelayStopping)]
    RelayStopping,
}

/// The longest reason that fits a close frame, in bytes: 125 without the code (RFC 6455, section 5.5.1).
const MAX_REASON: usize = 123;

impl SessionEnd {
    /// The close code and reason to send, RFC 6455, section 7.4.1. `None`: the client has closed already, or
    /// can no longer be told.
    pub(crate) fn close_frame(&self) -> Option<(u16, String)> {
        let code = match self {
            Self::TargetClosed => close_code::TARGET_CLOSED,
            Self::RelayStopping | Self::Idle { .. } => close_code::GOING_AWAY,
            // The page comes back later.
            Self::ClassLogLost => 1013,
            Self::ClientBrokeProtocol(_) => 1002,
            Self::ClientSentText => 1003,
            // Bytes that are no command are like text that is not UTF-8. A command that breaks a bound was
            // understood, and is against the rules.
            Self::ClientSentBadText
            | Self::NoClassMessage
            | Self::CommandRefused(CommandError::Malformed) => 1007,
            Self::CommandRefused(
                CommandError::TooLong(_) | CommandError::OutOfBounds(_) | CommandError::Typed,
            )
            | Self::NothingLoaded
            | Self::ClassRefused(_) => 1008,
            Self::ClientSentTooMuch { .. } => close_code::MESSAGE_TOO_LONG,
            Self::TargetFailed(_) => close_code::TARGET_FAILED,
            Self::ClientClosed | Self::ClientFailed(_) | Self::ClientSilent => return None,
        };
        let mut reason = self.to_string();
        reason.truncate(reason.floor_char_boundary(MAX_REASON));
        Some((code, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_is_too_long_is_cut_between_characters() {
        let end = SessionEnd::TargetFailed(io::Error::other("粘".repeat(100)));
        let (code, reason) = end.close_frame().unwrap();
        assert_eq!(code, 1011);
        assert!(reason.len() <= MAX_REASON && reason.ends_with('粘'), "{reason}");
    }
}

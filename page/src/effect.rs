//! What is to be done outside the model.

use framescope_lab::Trace;

/// Something that `update` wants done outside the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the relay what it is.
    FetchRelayInfo,
    /// Open the WebSocket of a connection; one that is open is closed first.
    Open {
        /// The connection's number.
        number: u32,
        /// Path and query, from the page's origin.
        path: String,
    },
    /// Send one binary message.
    Send(Vec<u8>),
    /// Ask the relay, without a WebSocket, why it refused one.
    Diagnose {
        /// The connection's number.
        number: u32,
        /// The same path and query.
        path: String,
    },
    /// After a while, see whether a relay answers.
    PollLater,
    /// Begin to send [`Msg::Ticked`](crate::msg::Msg::Ticked), or stop.
    Play(bool),
    /// Put this behind the `#` of the page's address.
    SetFragment(String),
    /// Keep language and look for the next visit.
    Remember,
    /// Say this to those who listen instead of looking.
    Announce(String),
    /// The whole screen, or back.
    ToggleFullscreen,
    /// Open the WebSocket of the lab; one that is open is closed first.
    LabOpen {
        /// Its number.
        number: u32,
        /// Path and query, from the page's origin.
        path: String,
    },
    /// Send one command, encoded.
    LabSend(Vec<u8>),
    /// After the next picture, [`LabMsg::SeriesGoesOn`](crate::msg::LabMsg::SeriesGoesOn).
    SeriesLater {
        /// To be handed back.
        seed: u64,
    },
    /// Offer a trace as a file.
    Download {
        /// The file's name.
        name: String,
        /// What is in it.
        trace: Box<Trace>,
    },
}

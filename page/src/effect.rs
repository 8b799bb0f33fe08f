//! What the shell has to do outside the state.

use framescope_lab::Trace;
use framescope_record::Source;

use crate::screen::drawing::Drawing;
use crate::state::Tab;
use crate::text::Language;

/// Something that `update` asks the shell to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Fetch the relay's `/relay.json`.
    FetchRelayInfo,
    /// Fetch the page's texts in a language, and send [`Msg::TextsArrived`](crate::msg::Msg::TextsArrived).
    FetchTexts(Language),
    /// Fetch the texts of a lesson's variant, and send
    /// [`LabMsg::TextsArrived`](crate::msg::LabMsg::TextsArrived).
    FetchLesson(&'static str, Language),
    /// Read a saved file in another thread, and send [`Msg::FileReported`](crate::msg::Msg::FileReported) with its first
    /// report, or [`Msg::FileUnread`](crate::msg::Msg::FileUnread). Stop to read the file before it.
    ReadFile {
        /// The number of the file.
        number: u32,
        /// Where it comes from.
        source: FileSource,
    },
    /// Send the next report about the file that is read.
    ReadOn,
    /// Stop to read the file.
    StopReading,
    /// Open the bridge of a connection. Close the bridge that is open first.
    Open {
        /// The connection's number.
        number: u32,
        /// Which bridge, and how it reads.
        bridge: Bridge,
    },
    /// Close the bridge of the connection.
    Close,
    /// Send a binary message on the connection, once or several times.
    Send {
        /// The message.
        message: Vec<u8>,
        /// How many times, at least once. Nothing comes between them.
        times: u32,
    },
    /// Ask the relay why it refused a WebSocket, with a request without an upgrade.
    Diagnose {
        /// Which one.
        socket: Socket,
        /// Its path and query.
        path: String,
    },
    /// Ask after a while whether a relay answers.
    PollLater,
    /// Begin to send [`Msg::Ticked`](crate::msg::Msg::Ticked), or stop.
    Play(bool),
    /// Set the fragment of the page's address: the part after `#`. The entry in the history stays the same.
    SetFragment(String),
    /// Set the fragment of the page's address, in a new entry of the history: Back leads to the place before.
    PushFragment(String),
    /// Keep the token, so that the page has it again when it is reloaded.
    KeepToken(String),
    /// Save the language and the preferences for the next visit.
    Remember,
    /// Announce this text to users of a screen reader.
    Announce(String),
    /// Enter or leave full screen.
    ToggleFullscreen,
    /// Open a channel of the lab. Close the one that is open first.
    LabOpen {
        /// The number of the new channel.
        number: u32,
        /// Where it leads.
        to: Runner,
    },
    /// Send one command of the lab, encoded.
    LabSend(Vec<u8>),
    /// Send [`LabMsg::TypingPaused`](crate::msg::LabMsg::TypingPaused) when nobody has typed for a while.
    CheckLater,
    /// Translate the programs of a link of the first version to this variant, and send
    /// [`LabMsg::LinkTranslated`](crate::msg::LabMsg::LinkTranslated). The server's is the first.
    TranslateLink(&'static str, Vec<Option<String>>),
    /// Tell the class what this page shows.
    Mirror(Mirrored),
    /// Offer a trace as a file to download.
    Download {
        /// The file's name.
        name: String,
        /// The trace to write.
        trace: Box<Trace>,
        /// How it is written.
        format: TraceFormat,
    },
    /// Offer a drawing as a file to download.
    DownloadPicture {
        /// The file's name.
        name: String,
        /// The drawing.
        drawing: Box<Drawing>,
        /// How it is written.
        format: PictureFormat,
    },
    /// Offer a program as a file to download.
    SaveProgram {
        /// The file's name.
        name: String,
        /// Its text.
        text: String,
    },
}

/// A WebSocket of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    /// That of the connection with this number.
    Connection(u32),
    /// That of the lab's channel with this number.
    Lab(u32),
}

/// Where a saved file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileSource {
    /// The user has chosen it on this tab.
    Chosen(Tab),
    /// It is at this path, and is fetched.
    Fetched(String),
}

/// How a picture is written into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// As shapes and texts.
    Svg,
    /// As pixels.
    Png,
}

/// How a trace is written into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceFormat {
    /// All of it, as JSON.
    Json,
    /// Its segments, as a capture file for Wireshark.
    Capture,
}

/// What connects the page to a server, and reads from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// A relay's. The path and the query of its WebSocket, from the page's origin.
    Relay(String),
    /// The one of this page's engine, on the simulated kernel. The same path and query, without a token.
    Simulated(String),
}

/// What runs the programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runner {
    /// A relay, on real sockets. The path and the query of its lab, from the page's origin.
    Relay(String),
    /// The engine of this page, on the simulated kernel.
    Engine,
}

/// What the teacher's page of a class shows, as it tells the class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mirrored {
    /// A run begins: where it takes place, and its experiment, as an encoded
    /// [`Command::Load`](framescope_lab::Command::Load).
    Run(Source, Vec<u8>),
    /// The next report of the run, encoded.
    Report(Vec<u8>),
    /// Which lesson and which moment is on screen.
    Place(String),
}

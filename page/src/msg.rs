//! What can happen: what the viewer, the network or the clock did.

use framescope_framing::HeaderFormat;
use framescope_lab::{Call, SavedFile, Side};
use framescope_protocol::RelayInfo;
use framescope_record::{Direction, Item, Source};

use crate::state::{List, ListView, Refusal, Tab};

/// Something that kind: a viewer, the network or the clock.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// The page is there.
    Started,
    /// The relay said what it is; `None` where no relay answers.
    RelayInfoArrived(Option<RelayInfo>),
    /// A relay that was gone answers, or does not.
    RelayPolled(bool),

    /// The WebSocket of a connection is open.
    SocketOpened(u32),
    /// One binary message, which is what one `recv()` returned.
    SocketReceived(u32, Vec<u8>),
    /// The WebSocket is closed, with a code of RFC 6455, section 7.4.1.
    SocketClosed {
        /// The connection's number.
        number: u32,
        /// The close code; 1006 where there was no close frame.
        code: u16,
        /// The reason in the close frame.
        reason: String,
    },
    /// Why a WebSocket did not open: what the relay answered to a plain request.
    Diagnosed {
        /// The connection's number.
        number: u32,
        /// What it answered; `None` where it does not.
        answer: Option<Refusal>,
    },

    /// A new connection, please.
    Reconnect,
    /// Another of the connections that are kept should be shown.
    Show(u32),
    /// A read option was set to what the viewer typed.
    RecvTyped(String),
    /// The same for the delay.
    DelayTyped(String),
    /// `TCP_NODELAY` on or off.
    NodelaySet(bool),
    /// Another target.
    TargetChosen(String),
    /// Headers are to be read, and written, another way.
    HeaderChosen(HeaderFormat),

    /// The composer's text changed.
    TextTyped(String),
    /// The composer's repeat count changed.
    TimesTyped(String),
    /// Send what the composer holds.
    Send,
    /// Send this once, as a preset button does.
    SendText(String),

    /// The pointer is on an item, or on none.
    Pointed(Option<Item>),
    /// An item was chosen, or the choice was dropped.
    Selected(Option<Item>),
    /// The choice moves along its axis or list.
    SelectionMoved(Direction, Unit, Move),

    /// The lanes have room for so many pixels.
    LanesResized(u32),
    /// The lanes move by so many bytes.
    Panned(Direction, i64),
    /// The lanes move to an offset, given as a share of the stream from 0 to 1.
    PannedTo(Direction, f64),
    /// One step closer or farther.
    Zoomed(i32),
    /// A list was scrolled, or has room for another number of rows.
    ListScrolled(List, ListView),

    /// To the next event, or the one before, or further.
    Stepped(Move),
    /// To the event of that number.
    SteppedTo(usize),
    /// Play from here, or pause.
    PlayToggled,
    /// The clock, while playing.
    Ticked,
    /// Keep the newest on screen, or do not.
    FollowToggled,

    /// The other part of the page.
    TabChosen(Tab),
    /// The first variant of the lesson of that number.
    LessonNumber(u8),
    /// Something of the lab.
    Lab(LabMsg),

    /// A trace or a recording was read from a file.
    FileOpened(Box<SavedFile>),
    /// Why a file could not be opened, or written.
    FileFailed(String),

    /// The other language.
    LanguageToggled,
    /// Dark or light.
    ThemeToggled,
    /// Large, for a room.
    ProjectorToggled,
    /// The read options were opened, or folded away.
    ReadOptionsOpened(bool),
    /// Bytes as Python prints them, or in hex.
    NotationToggled,
    /// Single keys act, or do not (WCAG 2.1.4).
    ShortcutsToggled,
    /// All black, or back.
    BlankToggled,
    /// The whole screen, or back.
    FullscreenToggled,
    /// The list of keys.
    HelpToggled,
}

/// Something that happened in the lab.
#[derive(Clone, Debug, PartialEq)]
pub enum LabMsg {
    /// The next lesson's variant, or the one before.
    AdjacentVariant(isize),
    /// A lesson's variant, by its name.
    LessonChosen(String),
    /// Real sockets, or the model.
    SourceChosen(Source),
    /// The next call of a side.
    Step(Side),
    /// The next call of the experiment's order.
    StepNext,
    /// All that is left.
    RunAll,
    /// From the beginning.
    Reset,
    /// An answer to the question, from 0.
    Predicted(usize),
    /// Another flow on screen, by its index.
    FlowChosen(usize),
    /// Another reader of what is recorded; `None` is the recorded one.
    ReaderChosen(Option<Call>),
    /// The programs may be changed, or stay as they are.
    EditToggled,
    /// A program was changed.
    ProgramTyped(Side, String),
    /// The changed programs are to be run.
    EditsApplied,
    /// The number of runs changed.
    RunsTyped(String),
    /// Many runs; `seed` is for those on the model.
    SeriesAsked {
        /// Any number.
        seed: u64,
    },
    /// Some more of them, on the model.
    SeriesGoesOn {
        /// The same number.
        seed: u64,
    },
    /// The trace is to be kept as a file.
    ExportAsked,
    /// The WebSocket of the lab is open.
    SocketOpened(u32),
    /// One report, encoded.
    SocketReceived(u32, Vec<u8>),
    /// It is closed, with a code of RFC 6455, section 7.4.1.
    SocketClosed {
        /// The number of the WebSocket.
        number: u32,
        /// The close code; 1006 where there was no close frame.
        code: u16,
        /// The reason in the close frame.
        reason: String,
    },
}

/// What a selection moves by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Byte by byte.
    Byte,
    /// Chunk by chunk.
    Chunk,
    /// Message by message.
    Message,
}

/// How far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To the very first.
    First,
    /// So many forward, or back where negative.
    By(i64),
    /// To the newest.
    Last,
}

impl Move {
    /// Where it leads from `from`, within `numbers`.
    #[must_use]
    pub fn apply(self, from: u64, first: u64, last: u64) -> u64 {
        match self {
            Self::First => first,
            Self::By(by) => from.saturating_add_signed(by).clamp(first, last.max(first)),
            Self::Last => last,
        }
    }
}

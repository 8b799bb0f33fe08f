//! The messages: what the user, the network or the clock did.

use framescope_framing::HeaderFormat;
use framescope_lab::{FileReport, Reader, Until};
use framescope_protocol::RelayInfo;
use framescope_record::{Direction, Item, Source};

use crate::effect::{PictureFormat, Socket, TraceFormat};
use crate::state::{Canvas, List, ListView, Problem, Refusal, Tab};
use crate::text::{Language, Texts};

/// Something that happened: an action of the user, an event of the network, or a tick of the clock.
#[derive(Debug, PartialEq)]
pub enum Msg {
    /// The page has loaded.
    Started,
    /// The user touches the page for the first time: with a key, a pointer or a finger. What that does follows.
    Touched,
    /// The fragment of the page's address is another: a link was opened on this page, or the user went back or
    /// forward.
    AddressChanged(String),
    /// The relay's `/relay.json`. `None` if no relay answers.
    RelayInfoArrived(Option<RelayInfo>),
    /// Whether a relay that did not answer before answers now.
    RelayPolled(bool),

    /// The WebSocket of the connection with this number is open. The relay selected this subprotocol; the text is
    /// empty if it selected none.
    SocketOpened(u32, String),
    /// One binary message of a connection: reads as its subprotocol says.
    SocketReceived(u32, Vec<u8>),
    /// The WebSocket of a connection is closed, with a code of RFC 6455, section 7.4.1.
    SocketClosed {
        /// The connection's number.
        number: u32,
        /// The close code. 1006 if there was no close frame.
        code: u16,
        /// The reason in the close frame.
        reason: String,
    },
    /// Why a WebSocket did not open: the relay's answer to a request without an upgrade.
    Diagnosed {
        /// Which one.
        socket: Socket,
        /// The answer. `None` if the relay does not answer.
        answer: Option<Refusal>,
    },

    /// Open a new connection.
    Reconnect,
    /// Show the kept connection with this number.
    Show(u32),
    /// The user typed this as the `recv` size.
    RecvTyped(String),
    /// The user typed this as the delay.
    DelayTyped(String),
    /// Set `TCP_NODELAY` on or off.
    NodelaySet(bool),
    /// Send and read messages with a header, or without.
    FramingChosen(bool),
    /// Show the lists of the tab Live, or its picture.
    ListsChosen(bool),
    /// Connect to another target.
    TargetChosen(String),
    /// Read headers in another format.
    HeaderChosen(HeaderFormat),
    /// Write headers in another format.
    WriteHeaderChosen(HeaderFormat),

    /// The composer's text changed.
    TextTyped(String),
    /// The composer's number of times changed.
    TimesTyped(String),
    /// Send the composer's text.
    Send,
    /// Fill the composer with this text and number of times, as a preset button does.
    PresetChosen(String, u32),

    /// The pointer is on an item, or on none.
    Pointed(Option<Item>),
    /// Select an item, or none.
    Selected(Option<Item>),
    /// Move the selection along its axis or list.
    SelectionMoved(Direction, Unit, Move),

    /// The new width of the lanes, in CSS pixels.
    LanesResized(u32),
    /// The new size of the picture.
    PictureResized(Canvas),
    /// The new size of the picture of a connection.
    RibbonsResized(Canvas),
    /// A picture that is higher than its frame was scrolled to this height, in its own pixels. `None`: to its end.
    PictureScrolled(Option<f32>),
    /// The browser begins to print the page, or has done so.
    Printed(bool),
    /// Move the lanes by this number of bytes.
    Panned(Direction, i64),
    /// Move the lanes to an offset, given as a share of the stream from 0 to 1.
    PannedTo(Direction, f64),
    /// Zoom in (positive) or out (negative) by one step.
    Zoomed(i32),
    /// The user scrolled a list, or the list now fits another number of rows.
    ListScrolled(List, ListView),

    /// Take a step. At the end of a lesson, go on to the next one: a remote has two keys only.
    WentOn,
    /// Take a step back. At the beginning of a lesson, go back to the lesson before.
    WentBack,
    /// Move the cursor by events.
    Stepped(Move),
    /// Move the cursor to the event with this number.
    SteppedTo(usize),
    /// Play from the cursor, or pause.
    PlayToggled,
    /// The clock ticked while playing.
    Ticked,
    /// Keep the newest event on screen, or stop.
    FollowToggled,

    /// Show this tab.
    TabChosen(Tab),
    /// A digit was pressed: show the first variant of the lesson with this number. Soon after another digit, of the
    /// lesson with the number of both.
    LessonDigit(u8),
    /// Open the field for the name of a lesson, or close it.
    GoToggled,
    /// The name of a lesson was typed there.
    GoEntered(String),
    /// A message of the lab.
    Lab(LabMsg),

    /// The user has chosen a file with this name on this tab.
    FileChosen(Tab, String),
    /// The next report about the file with this number.
    FileReported(u32, FileReport),
    /// Why the file with this number could not be read.
    FileUnread(u32, Problem),
    /// Give up the file that is being opened.
    OpeningCancelled,
    /// Why a file could not be opened or written.
    FileFailed(Problem),

    /// Change the language.
    LanguageToggled,
    /// The page's texts in a language. `None` if they could not be fetched.
    TextsArrived(Language, Option<Texts>),
    /// Change between the light and the dark theme.
    ThemeToggled,
    /// Switch projector mode on or off: larger text and bytes.
    ProjectorToggled,
    /// Show bytes as Python prints them, or in hex.
    NotationToggled,
    /// Switch single-key shortcuts on or off (WCAG 2.1.4).
    ShortcutsToggled,
    /// Make the screen black, or show the page again.
    BlankToggled,
    /// Enter or leave full screen.
    FullscreenToggled,
    /// Open or close the list of keys.
    HelpToggled,
}

impl Msg {
    /// Whether it comes again and again while something moves: a finger, the moment on screen, or bytes.
    #[must_use]
    pub const fn is_motion(&self) -> bool {
        matches!(
            self,
            Self::Touched
                | Self::SocketReceived(..)
                | Self::Pointed(_)
                | Self::LanesResized(_)
                | Self::PictureResized(_)
                | Self::RibbonsResized(_)
                | Self::PictureScrolled(_)
                | Self::Panned(..)
                | Self::PannedTo(..)
                | Self::ListScrolled(..)
                | Self::SteppedTo(_)
                | Self::Ticked
                | Self::FileReported(..)
                | Self::Lab(LabMsg::Reported(..) | LabMsg::Followed(_))
        )
    }
}

/// Something that happened in the lab.
#[derive(Debug, PartialEq)]
pub enum LabMsg {
    /// Show the variant that is this number of places after the current one. Negative: before it.
    AdjacentVariant(isize),
    /// The texts of a lesson's variant in a language. `None` if they could not be fetched.
    TextsArrived(&'static str, Language, Option<Texts>),
    /// Show the variant with this name, or the user's own programs.
    LessonChosen(String),
    /// Run on real sockets, or on the simulated kernel.
    SourceChosen(Source),
    /// Let a thread of a program take a step.
    Step {
        /// The index of the program.
        program: usize,
        /// The number of the thread. `None` is the first that can take a step.
        thread: Option<usize>,
    },
    /// Take the next step of the experiment's order, to the next line.
    StepLine,
    /// A step goes to the next line, or through the next system call.
    UntilChosen(Until),
    /// Let all programs run, or stop them.
    RunToggled,
    /// Reset the run.
    Reset,
    /// A line was typed for a program. `None` is the end of its input.
    Typed(usize, Option<String>),
    /// Press Ctrl+C for a program.
    Interrupted(usize),
    /// The user's answer to the question: the index of a choice, from 0.
    Predicted(usize),
    /// Show the flow with this index.
    FlowChosen(usize),
    /// Read the recorded bytes with another reader. `None`: with the recorded one.
    ReaderChosen(Option<Reader>),
    /// Put a link to the moment on screen into the address.
    LinkAsked,
    /// Open the editor, or use what was edited.
    EditToggled,
    /// The text of a program in the editor changed.
    ProgramTyped(usize, String),
    /// Nobody has typed in the editor for a while.
    TypingPaused,
    /// Add a program.
    ProgramAdded,
    /// Remove a program.
    ProgramRemoved(usize),
    /// A file was opened as the text of a program.
    ProgramOpened {
        /// The index of the program.
        program: usize,
        /// The name of the file.
        file: String,
        /// Its text.
        text: String,
    },
    /// Save the text of a program as a file.
    ProgramSaved(usize),
    /// Use the lesson's programs again.
    ProgramsRestored,
    /// The programs of a link of the first version, as Python.
    LinkTranslated(Vec<Option<String>>),
    /// The user typed this as the number of runs.
    RunsTyped(String),
    /// Show all phases of the run in the picture, or fold the oldest.
    FoldToggled,
    /// Run a series.
    SeriesAsked,
    /// Show the trace of the lesson that was recorded elsewhere.
    RecordedAsked,
    /// Hold every segment from now on, or do not.
    HoldToggled,
    /// The user said in words what happens on the wire.
    WireTyped(String),
    /// Say what becomes of the segment with this number.
    SegmentDecided(u32, SegmentFate),
    /// Save the trace as a file.
    ExportAsked(TraceFormat),
    /// Save the picture of the run as a file.
    PictureAsked(PictureFormat),
    /// The teacher's page shows this.
    Followed(Followed),
    /// The channel with this number is open.
    ChannelOpened(u32),
    /// One report on the channel with this number, encoded.
    Reported(u32, Vec<u8>),
    /// The channel with this number is closed.
    ChannelClosed {
        /// Its number.
        number: u32,
        /// The close code of a WebSocket: RFC 6455, section 7.4.1. 1006 if there was no close frame.
        code: u16,
        /// Why, in a sentence. Empty if it is not known.
        reason: String,
    },
}

/// What the teacher's page of a class shows, as a page that follows is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// A run begins: its trace without events, as the encoded head of a [`FileReport`]. Or a whole recording.
    Run(Vec<u8>),
    /// The next report of the run, encoded.
    Report(Vec<u8>),
    /// Which lesson and which moment is on screen.
    Place(String),
}

/// The unit that a selection moves by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Byte by byte.
    Byte,
    /// Chunk by chunk.
    Chunk,
    /// Message by message.
    Message,
}

/// A move through numbered items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To the first.
    First,
    /// Forward by this number, or back if it is negative.
    By(i64),
    /// To the newest.
    Last,
}

impl Move {
    /// The number that the move leads to from `from`, within `first` to `last`.
    #[must_use]
    pub fn apply(self, from: u64, first: u64, last: u64) -> u64 {
        match self {
            Self::First => first,
            Self::By(by) => from.saturating_add_signed(by).clamp(first, last.max(first)),
            Self::Last => last,
        }
    }
}

/// What the user makes of a segment that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentFate {
    /// It arrives now.
    Deliver,
    /// It is lost.
    Drop,
    /// It arrives a tenth of a second from now.
    Delay,
    /// A copy of it arrives now.
    Duplicate,
}

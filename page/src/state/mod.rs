//! All that the page knows.
//!
//! In go the changes that `update` makes; out come plain values that `screen` and the view read.
//!
//! May use: `text`.

mod connection;
mod lab;
mod link;
mod list_view;
mod preferences;
mod room;
mod viewport;

use std::ops::RangeInclusive;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat, encode};
use framescope_lab::{Lesson, Variant};
use framescope_protocol::{DEMO_TARGET, RelayInfo};
use framescope_record::{Direction, Item, Moment, Provenance, Record};

use crate::text::{Language, Locale};

pub use connection::{Connection, ConnectionState, NOT_TAKEN, Refusal};
pub use lab::{Editor, Lab, LabSocket, READERS, Series, parse_runs};
pub use link::{Lessons, Link, parse_delay, parse_recv};
pub use list_view::{List, ListView};
pub use preferences::{Preferences, Theme};
pub use room::Tab;
pub use viewport::Viewport;

/// How many connections are kept, recordings and the shown one included.
pub const KEPT_CONNECTIONS: usize = 8;

/// The most times that the composer sends its text at once.
pub const MAX_TIMES: u32 = 1000;

/// The most bytes that the composer sends at once: 4 MiB.
pub const MAX_SEND: usize = 4 * 1024 * 1024;

/// The widths that a byte may have on screen, in CSS pixels, from far to near.
pub const CELL_WIDTHS: [u32; 5] = [4, 10, 20, 34, 54];
/// From this width on, a byte is shown in its cell.
pub const GLYPH_WIDTH: u32 = 20;
/// The closeness to begin with: every byte readable on a laptop.
const ZOOM: usize = 3;
/// The closeness for a room.
pub const PROJECTOR_ZOOM: usize = 4;

/// What is known of the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relay {
    /// It was asked.
    Asked,
    /// It answered.
    Known(RelayInfo),
    /// It does not answer.
    Absent,
}

/// What the viewer is about to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composer {
    /// The payload.
    pub text: String,
    /// How often, each in a send of its own; `None` where what was typed is no such number.
    pub times: Option<u32>,
}

/// All that the page knows.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct State {
    /// Which part of it is on screen.
    pub tab: Tab,
    /// The lessons.
    pub lab: Lab,
    /// The texts.
    pub locale: Locale,
    /// How the page looks.
    pub preferences: Preferences,
    /// Is the screen black?
    pub blank: bool,
    /// Is the list of keys open?
    pub help: bool,
    /// The relay.
    pub relay: Relay,
    /// Did the relay stop to answer?
    pub is_relay_gone: bool,
    /// Does a relay that was gone answer again?
    pub relay_is_back: bool,
    /// The read options, the header and the target, as the viewer set them.
    pub link: Link,
    /// Are the read options open, or folded away?
    pub read_options_open: bool,
    /// Is what was typed as `recv` size out of bounds?
    pub bad_recv: bool,
    /// Is what was typed as delay out of bounds?
    pub bad_delay: bool,
    /// What the viewer is about to send.
    pub composer: Composer,
    /// The connections that are kept, and recordings among them, oldest first.
    pub connections: Vec<Connection>,
    /// The number of the one that is shown.
    pub shown: u32,
    /// Why the last file could not be opened, or written.
    pub file_problem: Option<String>,
    /// After which event the picture stands; `None` is the newest.
    pub cursor: Option<usize>,
    /// Do events follow one another by the clock?
    pub playing: bool,
    /// Is the newest kept on screen?
    pub follow: bool,
    /// What the pointer is on.
    pub pointed: Option<Item>,
    /// What was chosen.
    pub selected: Option<Item>,
    /// The room for the lanes, in CSS pixels.
    pub lanes_width: u32,
    /// An index into [`CELL_WIDTHS`].
    pub zoom: usize,
    /// The first offset on screen of what was received.
    pub received_first: u64,
    /// The first offset on screen of what was sent.
    pub sent_first: u64,
    /// The list of chunks.
    pub chunk_list: ListView,
    /// The list of messages.
    pub message_list: ListView,
    /// The list of what calls returned.
    pub returned_list: ListView,
    /// The ladder.
    pub ladder_list: ListView,
}

/// The lesson to begin with.
fn first_lesson() -> &'static Variant {
    let mut variants = Lesson::all().flat_map(|lesson| lesson.variants);
    variants.next().expect("the course has lessons")
}

impl State {
    /// The page before anything has happened.
    #[must_use]
    pub fn new(language: Language, preferences: Preferences, link: Link) -> Self {
        Self {
            tab: Tab::Live,
            lab: Lab::new(first_lesson()),
            locale: Locale::new(language),
            preferences,
            blank: false,
            help: false,
            relay: Relay::Asked,
            is_relay_gone: false,
            relay_is_back: false,
            link,
            read_options_open: !preferences.projector,
            bad_recv: false,
            bad_delay: false,
            composer: Composer { text: "hello".to_owned(), times: Some(1) },
            connections: Vec::new(),
            shown: 0,
            file_problem: None,
            cursor: None,
            playing: false,
            follow: true,
            pointed: None,
            selected: None,
            lanes_width: 0,
            zoom: if preferences.projector { PROJECTOR_ZOOM } else { ZOOM },
            received_first: 0,
            sent_first: 0,
            chunk_list: ListView::default(),
            message_list: ListView::default(),
            returned_list: ListView::default(),
            ladder_list: ListView::default(),
        }
    }

    /// The connection on screen.
    #[must_use]
    pub fn connection(&self) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.number == self.shown)
    }

    /// The connection that may be open: the newest that is no recording.
    #[must_use]
    pub fn current(&self) -> Option<&Connection> {
        self.connections.iter().rfind(|connection| !connection.is_recorded())
    }

    /// The same, to be changed.
    pub fn current_mut(&mut self) -> Option<&mut Connection> {
        self.connections.iter_mut().rfind(|connection| !connection.is_recorded())
    }

    /// Is the connection on screen the one that may be open?
    #[must_use]
    pub fn shows_current(&self) -> bool {
        self.current().is_some_and(|current| current.number == self.shown)
    }

    /// Is a recording on screen?
    #[must_use]
    pub fn shows_recording(&self) -> bool {
        self.connection().is_some_and(Connection::is_recorded)
    }

    /// The number of the next connection, or recording.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        self.connections.last().map_or(1, |last| last.number + 1)
    }

    /// How headers are read and written, but for those of recordings.
    #[must_use]
    pub fn format(&self) -> HeaderFormat {
        let of_relay = || match &self.relay {
            Relay::Known(info) => Some(info.header),
            Relay::Asked | Relay::Absent => None,
        };
        self.link.header.or_else(of_relay).unwrap_or_default()
    }

    /// How the headers on screen are read. A recording brings its own format and keeps it: another
    /// one chosen while it is on screen is for it alone, as the page's is for the connections.
    /// Neither may change what the other means: the page goes on to write its messages for the
    /// server that it talks to, and a recorded server may have wanted others.
    #[must_use]
    pub fn shown_format(&self) -> HeaderFormat {
        let recording = self.connection().filter(|connection| connection.is_recorded());
        recording.map_or_else(|| self.format(), |recording| recording.received().format())
    }

    /// The longest payload that is read or written, in bytes.
    #[must_use]
    pub fn max_payload(&self) -> usize {
        match &self.relay {
            Relay::Known(info) => info.max_message,
            Relay::Asked | Relay::Absent => DEFAULT_MAX_PAYLOAD,
        }
    }

    /// Can this be sent so many times? `None` where it is too much.
    #[must_use]
    pub fn frame(&self, text: &str, times: u32) -> Option<Vec<u8>> {
        let mut wire = Vec::new();
        encode(self.format(), text.as_bytes(), &mut wire).ok()?;
        let fits = text.len() <= self.max_payload()
            && wire.len().saturating_mul(times as usize) <= MAX_SEND.max(wire.len());
        fits.then_some(wire)
    }

    /// The header that [`State::frame`] writes.
    #[must_use]
    pub fn frame_header(&self, text: &str, times: u32) -> Option<[u8; 4]> {
        self.frame(text, times)?.first_chunk().copied()
    }

    /// The target to connect to.
    #[must_use]
    pub fn target(&self) -> &str {
        self.link.target.as_deref().unwrap_or(DEMO_TARGET)
    }

    /// What is on screen: the record of a connection, or of a flow in the lab.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self.tab {
            Tab::Live => self.connection().map(|connection| &connection.record),
            Tab::Lab => self.lab.record(),
        }
    }

    /// The positions that the cursor can have, oldest first.
    #[must_use]
    pub fn positions(&self) -> RangeInclusive<usize> {
        match self.tab {
            Tab::Live => self.record().map_or(0..=0, Record::event_numbers),
            Tab::Lab => 0..=self.lab.timeline.moments().len() - 1,
        }
    }

    /// The number of the event at the cursor; `None` is the newest.
    #[must_use]
    pub fn event(&self) -> Option<usize> {
        match self.tab {
            Tab::Live => self.cursor,
            Tab::Lab => self.cursor.map(|at| {
                let moments = self.lab.timeline.moments();
                moments.get(at).copied().unwrap_or(usize::MAX)
            }),
        }
    }

    /// Up to which event the picture goes.
    #[must_use]
    pub fn moment(&self) -> Moment {
        self.record().map(|record| record.moment(self.event())).unwrap_or_default()
    }

    /// When the last event on screen happened, in microseconds since the first.
    #[must_use]
    pub fn time(&self) -> Option<u64> {
        match self.tab {
            Tab::Live => self.record()?.time(&self.moment()),
            Tab::Lab => self.lab.events(self.event()).last().map(|last| last.at),
        }
    }

    /// Where an axis ends at the moment on screen. In the lab what was sent and what was received
    /// share one.
    #[must_use]
    pub fn axis_end(&self, direction: Direction) -> u64 {
        let moment = self.moment();
        match self.tab {
            Tab::Live => moment.end(direction),
            Tab::Lab => moment.end(Direction::Sent).max(moment.end(Direction::Received)),
        }
    }

    /// Does the relay run experiments?
    #[must_use]
    pub fn has_lab(&self) -> bool {
        !self.is_relay_gone && matches!(&self.relay, Relay::Known(info) if info.lab)
    }

    /// What a link to what is on screen carries.
    #[must_use]
    pub fn fragment(&self) -> String {
        let mut link = self.link.clone();
        if self.tab == Tab::Lab {
            link.lessons.name = Some(self.lab.variant.name.to_owned());
            link.lessons.programs = self.lab.changed_programs();
        }
        link.to_fragment()
    }

    /// What is on screen of a list.
    #[must_use]
    pub const fn list_view(&self, list: List) -> &ListView {
        match list {
            List::Chunks => &self.chunk_list,
            List::Messages => &self.message_list,
            List::Returned => &self.returned_list,
            List::Ladder => &self.ladder_list,
        }
    }

    /// What lights up: all that belongs to what is pointed at, or else to what was chosen.
    #[must_use]
    pub fn highlight(&self) -> Option<Provenance> {
        self.provenance(self.pointed).or_else(|| self.provenance(self.selected))
    }

    /// All that belongs to `item`, at the moment on screen.
    #[must_use]
    pub fn provenance(&self, item: Option<Item>) -> Option<Provenance> {
        let (item, record) = (item?, self.record()?);
        let end = self.moment().end(item.direction);
        item.provenance(record.stream(item.direction), end)
    }

    /// The width of a byte on screen, in CSS pixels.
    #[must_use]
    pub fn cell_width(&self) -> u32 {
        CELL_WIDTHS[self.zoom]
    }

    /// What part of an axis is on screen.
    #[must_use]
    pub fn viewport(&self, direction: Direction) -> Viewport {
        let first = match direction {
            Direction::Received => self.received_first,
            Direction::Sent => self.sent_first,
        };
        let columns = u64::from((self.lanes_width / self.cell_width()).max(1));
        Viewport { first, columns }
    }
}

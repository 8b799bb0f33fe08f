//! The state of the page.
//!
//! What comes in: the changes that `update` makes. What goes out: plain values that `screen` and the
//! view read.
//!
//! May use: `text`.

mod canvas;
mod channel;
mod composer;
mod connection;
mod editor;
mod lab;
mod lesson_texts;
mod link;
mod list_view;
mod opening;
mod preferences;
mod problem;
mod series;
mod tab;
mod viewport;
mod way;

use std::ops::RangeInclusive;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat, encode};
use framescope_lab::{Variant, find_variant};
use framescope_protocol::{DEMO_TARGET, PLAIN_TARGET, RelayInfo};
use framescope_record::{Direction, Item, Moment, Provenance, Record, Source};

use crate::text::Locale;

pub use canvas::Canvas;
pub use channel::Channel;
pub use composer::{Composer, MAX_TIMES};
pub use connection::{Clock, Connection, ConnectionState, NOT_TAKEN, Refusal, UNREADABLE};
pub use editor::{Editor, experiment_of};
pub use lab::{Asked, Lab, OWN, Printed, PrintedKind, WATCHED};
pub use lesson_texts::LessonTexts;
pub use link::{
    Lessons, Link, LinkedMoment, LinkedProgram, MAX_STEPS, parse_delay, parse_recv, parse_times,
};
pub use list_view::{List, ListView};
pub use opening::{Arriving, ArrivingFile, Opening};
pub use preferences::{Preferences, Theme};
pub use problem::Problem;
pub use series::{ChunkSizes, SERIES, Series, parse_reader_size, parse_runs};
pub use tab::Tab;
pub use viewport::Viewport;
pub use way::Way;

/// The number of connections that are kept. It includes recordings and the connection on screen.
pub const KEPT_CONNECTIONS: usize = 8;

/// The most bytes that the composer sends at once: 4 MiB.
pub const MAX_SEND: usize = 4 * 1024 * 1024;

/// The widths of a byte on screen, in CSS pixels, from zoomed out to zoomed in.
pub const CELL_WIDTHS: [u32; 5] = [4, 10, 20, 34, 54];
/// The smallest width of a byte, in CSS pixels, at which its cell shows its value.
pub const GLYPH_WIDTH: u32 = 20;
/// The same in projector mode.
const PROJECTOR_GLYPH_WIDTH: u32 = 32;
/// The greatest zoom that the page chooses by itself, an index into [`CELL_WIDTHS`]: every byte is readable on a laptop.
const ZOOM: usize = 3;
/// The same in projector mode.
const PROJECTOR_ZOOM: usize = 4;

/// What the page knows about the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relay {
    /// The page has asked, and the relay has not answered yet.
    Asked,
    /// The relay answered.
    Known(RelayInfo),
    /// The relay does not answer.
    Absent,
}

/// The state of the page.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch")]
pub struct State {
    /// The tab on screen.
    pub tab: Tab,
    /// Whether a link or the user has chosen it.
    pub is_tab_chosen: bool,
    /// The lab.
    pub lab: Lab,
    /// The texts in the user's language.
    pub locale: Locale,
    /// What is saved for the next visit, except the language.
    pub preferences: Preferences,
    /// Whether the screen is black.
    pub blank: bool,
    /// Whether the list of keys is open.
    pub help: bool,
    /// Whether the field for the name of a lesson is open.
    pub go: bool,
    /// The digit of a lesson's number that was pressed, and when, in milliseconds. Another may follow.
    pub digit: Option<(u8, f64)>,
    /// Whether the user prefers less motion. Then nothing moves by itself.
    pub reduced_motion: bool,
    /// Whether the user has touched the page: with a key, a pointer or a finger.
    pub is_touched: bool,
    /// What is known about the relay.
    pub relay: Relay,
    /// Whether the relay has stopped to answer.
    pub is_relay_gone: bool,
    /// Whether a relay that had stopped to answer answers again.
    pub relay_is_back: bool,
    /// The read options, the header format, the target and the token that the user set.
    pub link: Link,
    /// Whether the `recv` size that the user typed is out of bounds.
    pub bad_recv: bool,
    /// Whether the delay that the user typed is out of bounds.
    pub bad_delay: bool,
    /// The message to send.
    pub composer: Composer,
    /// What the user sent last.
    pub last_sent: Option<Composer>,
    /// What is sent when the next connection to a built-in server opens.
    pub to_send: Option<Composer>,
    /// The connections and recordings that are kept, oldest first.
    pub connections: Vec<Connection>,
    /// The number of the connection on screen.
    pub shown: u32,
    /// The file that is being opened.
    pub opening: Opening,
    /// The number of the file that was opened last, from 1. Reports about earlier ones are ignored.
    pub file_number: u32,
    /// What could not be done.
    pub problem: Option<Problem>,
    /// The position on screen, one of [`State::positions`]. `None` is the newest.
    pub cursor: Option<usize>,
    /// Whether the clock moves the cursor.
    pub playing: bool,
    /// Whether the newest event is kept on screen.
    pub follow: bool,
    /// What the page is to a class.
    pub part: Part,
    /// Whether the page is being printed.
    pub is_printing: bool,
    /// The item that the pointer is on.
    pub pointed: Option<Item>,
    /// The item that the user selected.
    pub selected: Option<Item>,
    /// The width of the lanes, in CSS pixels.
    pub lanes_width: u32,
    /// The size of the picture of the run.
    pub canvas: Canvas,
    /// Where the view of a picture begins that is higher than its frame, in its own pixels. `None`: its end is in view.
    pub picture_top: Option<f32>,
    /// The size of the picture of a connection.
    pub ribbons: Canvas,
    /// The zoom that the user has chosen, an index into [`CELL_WIDTHS`].
    pub zoom: Option<usize>,
    /// The first offset on screen in the received direction.
    pub received_first: u64,
    /// The first offset on screen in the sent direction.
    pub sent_first: u64,
    /// The rows on screen of the list of chunks.
    pub chunk_list: ListView,
    /// The rows on screen of the list of messages.
    pub message_list: ListView,
    /// The rows on screen of the ladder.
    pub ladder_list: ListView,
}

/// What the page is to a class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Nothing.
    #[default]
    None,
    /// It is the teacher's. Those who follow it know it to be at this place.
    Shown(String),
    /// It shows what the teacher's page shows, and runs nothing.
    Following,
}

/// The lesson that the page shows first: three sends merge before one's eyes.
const OPENING: &str = "4a";

fn opening_lesson() -> &'static Variant {
    find_variant(OPENING).expect("a test checks that it is there")
}

impl State {
    /// The state before the first message.
    #[must_use]
    pub fn new(locale: Locale, preferences: Preferences, link: Link) -> Self {
        Self {
            tab: Tab::Live,
            is_tab_chosen: false,
            lab: Lab::new(opening_lesson()),
            locale,
            preferences,
            blank: false,
            help: false,
            go: false,
            digit: None,
            reduced_motion: false,
            is_touched: false,
            relay: Relay::Asked,
            is_relay_gone: false,
            relay_is_back: false,
            bad_recv: false,
            bad_delay: false,
            composer: Composer { text: "hello".to_owned(), times: Some(1) },
            last_sent: None,
            to_send: Some(link.first_send.clone()),
            link,
            connections: Vec::new(),
            shown: 0,
            opening: Opening::Nothing,
            file_number: 0,
            problem: None,
            cursor: None,
            playing: false,
            follow: true,
            part: Part::None,
            is_printing: false,
            pointed: None,
            selected: None,
            lanes_width: 0,
            canvas: Canvas::default(),
            picture_top: None,
            ribbons: Canvas::default(),
            zoom: None,
            received_first: 0,
            sent_first: 0,
            chunk_list: ListView::default(),
            message_list: ListView::default(),
            ladder_list: ListView::default(),
        }
    }

    /// The size in which the picture of the run is drawn.
    #[must_use]
    pub const fn picture_canvas(&self) -> Canvas {
        if self.is_printing { Canvas::PAPER } else { self.canvas }
    }

    /// The size in which the picture of a connection is drawn.
    #[must_use]
    pub const fn ribbons_canvas(&self) -> Canvas {
        if self.is_printing { Canvas::PAPER } else { self.ribbons }
    }

    /// Whether the lists stand in the place of the picture of a connection. Paper always has the picture: a list shows
    /// only what is scrolled to.
    #[must_use]
    pub const fn has_lists(&self) -> bool {
        self.link.has_lists && !self.is_printing
    }

    /// The colour theme on screen, or on paper.
    #[must_use]
    pub const fn theme(&self) -> Theme {
        if self.is_printing { Theme::Light } else { self.preferences.theme }
    }

    /// The connection on screen.
    #[must_use]
    pub fn connection(&self) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.number == self.shown)
    }

    /// The connection that may be open: the newest that is not a recording.
    #[must_use]
    pub fn current(&self) -> Option<&Connection> {
        self.connections.iter().rfind(|connection| !connection.is_recorded())
    }

    /// The connection that may be open, mutable.
    pub fn current_mut(&mut self) -> Option<&mut Connection> {
        self.connections.iter_mut().rfind(|connection| !connection.is_recorded())
    }

    /// Whether the connection on screen is the one that may be open.
    #[must_use]
    pub fn shows_current(&self) -> bool {
        self.current().is_some_and(|current| current.number == self.shown)
    }

    /// Whether a recording is on screen.
    #[must_use]
    pub fn shows_recording(&self) -> bool {
        self.connection().is_some_and(Connection::is_recorded)
    }

    /// The number for the next connection or recording.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        self.connections.last().map_or(1, |last| last.number + 1)
    }

    /// The format in which headers of the page's own connections are read.
    #[must_use]
    pub fn format(&self) -> HeaderFormat {
        let of_relay = || match &self.relay {
            Relay::Known(info) => Some(info.header),
            Relay::Asked | Relay::Absent => None,
        };
        self.link.header.or_else(of_relay).unwrap_or_default()
    }

    /// The format in which the page writes headers.
    #[must_use]
    pub fn write_format(&self) -> HeaderFormat {
        self.link.write_header.unwrap_or_else(|| self.format())
    }

    /// The header format of what is on screen.
    ///
    /// `None` if it has no headers. A recording has its own format. If the user chooses another format while a recording is on
    /// screen, it applies only to this recording. The page's format does not change, because the page
    /// still writes messages for the server that it is connected to.
    #[must_use]
    pub fn shown_format(&self) -> Option<HeaderFormat> {
        match self.connection().filter(|connection| connection.is_recorded()) {
            Some(recording) => recording.received().format(),
            None => self.link.is_framed.then(|| self.format()),
        }
    }

    /// The longest payload that the page reads and writes, in bytes.
    #[must_use]
    pub fn max_payload(&self) -> usize {
        match &self.relay {
            Relay::Known(info) => info.max_message,
            Relay::Asked | Relay::Absent => DEFAULT_MAX_PAYLOAD,
        }
    }

    /// `text` as it is sent: with a header, if messages have one. `None` if it is too long, or too long to be sent
    /// `times` times.
    #[must_use]
    pub fn frame(&self, text: &str, times: u32) -> Option<Vec<u8>> {
        let mut wire = Vec::new();
        if self.link.is_framed {
            encode(self.write_format(), text.as_bytes(), &mut wire).ok()?;
        } else {
            wire.extend(text.as_bytes());
        }
        let fits = text.len() <= self.max_payload()
            && wire.len().saturating_mul(times as usize) <= MAX_SEND.max(wire.len());
        fits.then_some(wire)
    }

    /// The header that [`State::frame`] writes, if it writes one.
    #[must_use]
    pub fn frame_header(&self, text: &str, times: u32) -> Option<[u8; 4]> {
        self.frame(text, times)?.first_chunk().copied().filter(|_| self.link.is_framed)
    }

    /// The target to connect to.
    #[must_use]
    pub fn target(&self) -> &str {
        let chosen = self.link.target.as_deref();
        let first = match &self.relay {
            Relay::Known(info)
                if !info.targets.iter().any(|name| name == self.built_in_target()) =>
            {
                info.targets.first().map(String::as_str)
            }
            Relay::Known(_) | Relay::Asked | Relay::Absent => None,
        };
        chosen.or(first).unwrap_or_else(|| self.built_in_target())
    }

    /// The target that a relay has unless it was told otherwise, and the page without a relay.
    #[must_use]
    pub const fn built_in_target(&self) -> &'static str {
        if self.link.is_framed { DEMO_TARGET } else { PLAIN_TARGET }
    }

    /// The names of the targets in the list to choose from. The server without a header is chosen elsewhere. A list of
    /// one is not shown.
    pub fn listed_targets(&self) -> impl Iterator<Item = &str> {
        let targets: &[String] = match &self.relay {
            Relay::Known(info) => &info.targets,
            Relay::Asked | Relay::Absent => &[],
        };
        targets.iter().map(String::as_str).filter(|name| *name != PLAIN_TARGET)
    }

    /// The record on screen: of a connection, or of a flow in the lab.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self.tab {
            Tab::Live => self.connection().map(|connection| &connection.record),
            Tab::Lab => self.lab.record(),
        }
    }

    /// The positions that the cursor can have. On the tab Live they are event numbers, in the lab
    /// indices of moments.
    #[must_use]
    pub fn positions(&self) -> RangeInclusive<usize> {
        match self.tab {
            Tab::Live => self.record().map_or(0..=0, Record::event_numbers),
            Tab::Lab => 0..=self.lab.shown_timeline().moments().len() - 1,
        }
    }

    /// The number of the event at the cursor. `None` is the newest event.
    #[must_use]
    pub fn event(&self) -> Option<usize> {
        match self.tab {
            Tab::Live => self.cursor,
            Tab::Lab => self.cursor.map(|at| {
                let moments = self.lab.shown_timeline().moments();
                moments.get(at).copied().unwrap_or(usize::MAX)
            }),
        }
    }

    /// The state of the record at the cursor.
    #[must_use]
    pub fn moment(&self) -> Moment {
        self.record().map(|record| record.moment(self.event())).unwrap_or_default()
    }

    /// The time of the last event on screen, in microseconds since the first event. In the lab, since
    /// the experiment began.
    #[must_use]
    pub fn time(&self) -> Option<u64> {
        match self.tab {
            Tab::Live => self.record()?.time(&self.moment()),
            Tab::Lab => self.lab.events(self.event()).last().map(|last| last.at),
        }
    }

    /// The offset at which an axis ends at the moment on screen. In the lab both directions share one
    /// axis.
    #[must_use]
    pub fn axis_end(&self, direction: Direction) -> u64 {
        let moment = self.moment();
        match self.tab {
            Tab::Live => moment.end(direction),
            Tab::Lab => moment.end(Direction::Sent).max(moment.end(Direction::Received)),
        }
    }

    /// Whether the relay can run the experiment.
    #[must_use]
    pub fn has_lab(&self) -> bool {
        let has_lab = matches!(&self.relay, Relay::Known(info) if info.lab);
        !self.is_relay_gone && (has_lab || self.is_watching())
    }

    /// Whether the relay runs the programs on screen as they are.
    #[must_use]
    pub fn is_watching(&self) -> bool {
        self.can_watch() && self.lab.experiment.watched
    }

    /// Whether the relay watches programs.
    #[must_use]
    pub fn can_watch(&self) -> bool {
        matches!(&self.relay, Relay::Known(info) if info.watched)
    }

    /// Whether many runs may have several outcomes: the lesson says that the kernel decides, or the programs are the
    /// user's.
    #[must_use]
    pub fn has_series(&self) -> bool {
        let variant = self.lab.variant.filter(|_| self.lab.is_own);
        self.has_lab() && variant.is_none_or(|variant| variant.varies)
    }

    /// Whether a series of runs can begin. On the simulated kernel every run is the same.
    #[must_use]
    pub fn can_run_series(&self) -> bool {
        let is_running = self.lab.series.as_ref().is_some_and(|series| series.is_running);
        self.has_series() && self.lab.source == Source::Measured && !is_running
    }

    /// The fragment of a link to what is on screen.
    #[must_use]
    pub fn fragment(&self) -> String {
        let lessons = if self.tab == Tab::Lab { self.lessons() } else { Lessons::default() };
        Link { lessons, ..self.link.clone() }.to_fragment()
    }

    /// The lab in a link to it.
    #[must_use]
    pub fn lessons(&self) -> Lessons {
        let mut lessons = self.link.lessons.clone();
        lessons.name = Some(self.lab.name().to_owned());
        // Those that are watched are on one machine only, and its relay says which they are.
        if self.lab.has_programs() && !self.lab.experiment.watched {
            let programs = self.lab.changed_programs().into_iter();
            lessons.programs = programs.map(LinkedProgram::from).collect();
        }
        lessons
    }

    /// The moment on screen, for a link. `None` if steps of the lesson's order have not led to it.
    #[must_use]
    pub fn linked_moment(&self) -> Option<LinkedMoment> {
        let lab = &self.lab;
        let shown = lab.events(self.event()).len();
        let recorded = lab.what_if.as_ref().map_or(shown, |what_if| what_if.recorded(shown));
        let steps = lab.way.steps(recorded).filter(|steps| (1..=MAX_STEPS).contains(steps))?;
        let reader = lab.what_if.as_ref().map(|what_if| what_if.reader);
        let is_reached_again = !lab.is_imported && !lab.experiment.watched;
        is_reached_again.then_some(LinkedMoment { steps, until: lab.until, reader })
    }

    /// The name of the lesson on screen. `None` on the tab Live. The history has an entry for each place.
    #[must_use]
    pub fn place(&self) -> Option<&'static str> {
        (self.tab == Tab::Lab).then(|| self.lab.name())
    }

    /// The rows on screen of a list.
    #[must_use]
    pub const fn list_view(&self, list: List) -> &ListView {
        match list {
            List::Chunks => &self.chunk_list,
            List::Messages => &self.message_list,
            List::Ladder => &self.ladder_list,
        }
    }

    /// What to highlight: the provenance of the item that the pointer is on, or else of the selected
    /// item.
    #[must_use]
    pub fn highlight(&self) -> Option<Provenance> {
        self.provenance(self.pointed).or_else(|| self.provenance(self.selected))
    }

    /// The provenance of `item` at the moment on screen.
    #[must_use]
    pub fn provenance(&self, item: Option<Item>) -> Option<Provenance> {
        let (item, record) = (item?, self.record()?);
        let end = self.moment().end(item.direction);
        item.provenance(record.stream(item.direction), end)
    }

    /// The width of a byte on screen, in CSS pixels.
    #[must_use]
    pub fn cell_width(&self) -> u32 {
        CELL_WIDTHS[self.zoom()]
    }

    /// The zoom, an index into [`CELL_WIDTHS`]: the user's, or in the lab the one with which the stream fits, if there is one.
    #[must_use]
    pub fn zoom(&self) -> usize {
        let greatest = if self.preferences.projector { PROJECTOR_ZOOM } else { ZOOM };
        self.zoom.unwrap_or_else(|| match self.tab {
            Tab::Live => greatest,
            Tab::Lab => self.fitting_zoom(greatest),
        })
    }

    fn fitting_zoom(&self, greatest: usize) -> usize {
        let length = self.lab.record().map_or(0, |record| record.stream(Direction::Sent).end());
        // A byte with a glyph is large in projector mode.
        let is_readable = |width: u32| {
            !self.preferences.projector || !(GLYPH_WIDTH..PROJECTOR_GLYPH_WIDTH).contains(&width)
        };
        let fits = |width: u32| {
            // The width is not known before the lanes have been shown.
            self.lanes_width == 0 || length.saturating_mul(width.into()) <= self.lanes_width.into()
        };
        let fitting = (0..=greatest).rev().find(|zoom| {
            let width = CELL_WIDTHS[*zoom];
            is_readable(width) && fits(width)
        });
        fitting.unwrap_or(0)
    }

    /// The offset of the edge between two bytes that is nearest to this place on the lanes, in CSS pixels from their left end.
    #[must_use]
    pub fn offset_at(&self, left: f64) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is not negative, and a screen has fewer than 2^53 pixels"
        )]
        let bytes = (left / f64::from(self.cell_width())).round().max(0.0) as u64;
        self.received_first.saturating_add(bytes)
    }

    /// The part of an axis that is on screen.
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

//! A file that is being opened. The screen keeps what it showed until all of the file has arrived.

use framescope_lab::{SavedEvents, SavedFile, Timeline, Trace};

use super::connection::Connection;

/// The file that is being opened.
#[derive(Debug)]
pub enum Opening {
    /// There is none.
    Nothing,
    /// Its text is read and checked.
    Reading {
        /// What the user calls it.
        name: String,
    },
    /// It can be shown, and its events arrive.
    Arriving {
        /// What the user calls it.
        name: String,
        /// What has arrived.
        file: Box<ArrivingFile>,
    },
}

/// What has arrived of a file. Its events are worked in as they come, so that none of the page's tasks is long.
#[derive(Debug)]
pub struct ArrivingFile {
    content: Arriving,
    arrived: usize,
    expected: usize,
}

/// What has arrived of a file.
#[derive(Debug)]
pub enum Arriving {
    /// A trace, and what it shows.
    Trace(Box<(Trace, Timeline)>),
    /// A recording.
    Recording(Box<Connection>),
}

impl ArrivingFile {
    /// The head of a file: its content without the `expected` events that follow. A recording is read with payloads of at
    /// most `max_payload` bytes.
    #[must_use]
    pub fn new(head: SavedFile, expected: usize, max_payload: usize) -> Self {
        let content = match head {
            SavedFile::Trace(trace) => {
                let timeline = Timeline::new(&trace.experiment);
                Arriving::Trace(Box::new((trace, timeline)))
            }
            SavedFile::Recording(recording) => {
                Arriving::Recording(Box::new(Connection::recorded(recording, max_payload)))
            }
        };
        Self { content, arrived: 0, expected }
    }

    /// Adds the next events.
    pub fn add(&mut self, events: SavedEvents) {
        match (&mut self.content, events) {
            (Arriving::Trace(arriving), SavedEvents::Trace(events)) => {
                let (trace, timeline) = &mut **arriving;
                self.arrived += events.len();
                timeline.extend(&events);
                trace.events.extend(events);
            }
            (Arriving::Recording(connection), SavedEvents::Recording(events)) => {
                for event in &events {
                    self.arrived += 1;
                    connection.cross(self.arrived, event);
                }
            }
            // The reader sends the events of the file that it has announced.
            (Arriving::Trace(_), SavedEvents::Recording(_))
            | (Arriving::Recording(_), SavedEvents::Trace(_)) => {}
        }
    }

    /// How many events have arrived, and how many there are.
    #[must_use]
    pub const fn progress(&self) -> (usize, usize) {
        (self.arrived, self.expected)
    }

    /// Whether all events have arrived.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.arrived >= self.expected
    }

    /// The content, as far as it has arrived.
    #[must_use]
    pub fn into_content(self) -> Arriving {
        self.content
    }
}

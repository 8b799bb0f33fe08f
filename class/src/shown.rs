//! What the teacher's page shows, for those who follow.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest place, in bytes: a fragment of the page's address.
pub const MAX_PLACE: usize = 4096;

/// The longest trace that is followed, encoded, in bytes: 4 MiB.
pub const MAX_SHOWN: usize = 4 * 1024 * 1024;

/// What the console's page says that it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    /// The page is at this place: a fragment of its address.
    Place(String),
    /// A run begins, with this beginning of its trace.
    Run(Vec<u8>),
    /// The run goes on, with this part of its trace.
    Part(Vec<u8>),
}

/// What the teacher's page shows: its place, and a trace in parts. The class does not look into them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The fragment of the page's address.
    pub place: String,
    /// How many runs there were. The parts are those of the last one.
    pub run: u32,
    /// The trace so far, in parts.
    pub parts: Vec<Arc<[u8]>>,
    /// Whether a part was left out, because the trace was too long.
    pub is_cut: bool,
    /// The length of all parts, in bytes.
    length: usize,
}

impl Shown {
    /// Shows something else, or more of it. A place that is too long is left out, and so are all parts from the one on with
    /// which a trace is too long.
    pub(crate) fn show(&mut self, show: Show) {
        match show {
            Show::Place(place) => {
                if place.len() <= MAX_PLACE {
                    self.place = place;
                }
            }
            Show::Run(part) => {
                self.run += 1;
                self.parts.clear();
                (self.length, self.is_cut) = (0, false);
                self.add(part);
            }
            Show::Part(part) => self.add(part),
        }
    }

    fn add(&mut self, part: Vec<u8>) {
        self.is_cut |= self.length + part.len() > MAX_SHOWN;
        if !self.is_cut {
            self.length += part.len();
            self.parts.push(part.into());
        }
    }
}

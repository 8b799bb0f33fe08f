//! The sizes of the chunks that a run's streams arrived in.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::event::{Event, EventKind};
use crate::experiment::{Experiment, Side};

/// The number of chunks of a side that are kept. Later ones are left out.
const MAX_CHUNKS: usize = 64;

/// The sizes of a run's chunks: for each side, by its number, the sizes of the first 64 chunks that it
/// received, in bytes. The empty chunk at the end of a stream is left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChunkSizes(Vec<Vec<u32>>);

impl ChunkSizes {
    /// The chunk sizes of a run before its first event.
    #[must_use]
    pub fn new(experiment: &Experiment) -> Self {
        Self(vec![Vec::new(); experiment.clients.len() + 1])
    }

    /// The chunk sizes of a run with these events.
    #[must_use]
    pub fn of<'a>(experiment: &Experiment, events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut sizes = Self::new(experiment);
        for event in events {
            sizes.add(event.side, &event.kind);
        }
        sizes
    }

    /// Adds the next event of a side.
    pub fn add(&mut self, side: Side, kind: &EventKind) {
        if let EventKind::Received { got, .. } = kind
            && !got.0.is_empty()
            && let Some(sizes) = self.0.get_mut(usize::from(side.0))
            && sizes.len() < MAX_CHUNKS
        {
            sizes.push(u32::try_from(got.0.len()).unwrap_or(u32::MAX));
        }
    }

    /// The sides that received any bytes, and the sizes of their chunks.
    pub fn sides(&self) -> impl Iterator<Item = (Side, &[u32])> {
        let sides = self.0.iter().enumerate().filter(|(_, sizes)| !sizes.is_empty());
        sides.filter_map(|(side, sizes)| Some((Side(u8::try_from(side).ok()?), &sizes[..])))
    }
}

/// As a sum for each side: `10+5 / 12`. `0` if no side received a byte.
impl fmt::Display for ChunkSizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |(_, sizes): (Side, &[u32])| {
            sizes.iter().map(u32::to_string).collect::<Vec<_>>().join("+")
        };
        let sums: Vec<String> = self.sides().map(sum).collect();
        f.write_str(if sums.is_empty() { "0" } else { "" })?;
        f.write_str(&sums.join(" / "))
    }
}

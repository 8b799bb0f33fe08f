//! Many runs of one experiment.

use framescope_lab::{Event, EventKind};
use framescope_syscall::{Data, Returned};

/// The fewest and the most runs of a series.
pub const SERIES: std::ops::RangeInclusive<u16> = 2..=1000;

/// The sizes of the chunks that each program received, in order, without the empty one at the end.
pub type ChunkSizes = Vec<(usize, Vec<u32>)>;

/// Many runs of one experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The number of runs that the user asked for.
    pub runs: u16,
    /// Each outcome and its number of runs, the most frequent first.
    pub outcomes: Vec<(ChunkSizes, u16)>,
    /// Whether more runs will follow.
    pub is_running: bool,
    /// The chunks of the run that goes on.
    pub current: ChunkSizes,
}

impl Series {
    /// A series before its first run.
    #[must_use]
    pub const fn new(runs: u16) -> Self {
        Self { runs, outcomes: Vec::new(), is_running: true, current: Vec::new() }
    }

    /// The number of runs that are over.
    #[must_use]
    pub fn done(&self) -> u16 {
        self.outcomes.iter().map(|(_, count)| count).sum()
    }

    /// Notes what a program received in the run that goes on.
    pub fn note(&mut self, event: &Event) {
        let EventKind::Returned(Returned::Received(Data(bytes))) = &event.kind else { return };
        let Some(size) = u32::try_from(bytes.len()).ok().filter(|size| *size > 0) else { return };
        let at = self.current.partition_point(|(program, _)| *program < event.program);
        match self.current.get_mut(at).filter(|(program, _)| *program == event.program) {
            Some((_, sizes)) => sizes.push(size),
            None => self.current.insert(at, (event.program, vec![size])),
        }
    }

    /// A run is over. Returns whether another one follows.
    pub fn count(&mut self) -> bool {
        let sizes = std::mem::take(&mut self.current);
        let found = self.outcomes.iter().position(|(known, _)| *known == sizes);
        let counted = match found.map(|at| self.outcomes.remove(at)) {
            Some((sizes, count)) => (sizes, count + 1),
            None => (sizes, 1),
        };
        let at = self.outcomes.partition_point(|(sizes, count)| {
            count.cmp(&counted.1).reverse().then_with(|| sizes.cmp(&counted.0)).is_lt()
        });
        self.outcomes.insert(at, counted);
        self.is_running = self.done() < self.runs;
        self.is_running
    }
}

/// Parses the number of bytes that each `recv` of another reader asks for. `None` if no `recv` can ask for as many.
#[must_use]
pub fn parse_reader_size(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|size| *size > 0)
}

/// Parses the number of runs that the user typed. `None` if it is invalid.
#[must_use]
pub fn parse_runs(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|runs| SERIES.contains(runs))
}

//! The bounds of a run.

/// The most events of a run. At this number the run ends with [`RunEnd::RecordFull`](super::RunEnd::RecordFull).
pub const MAX_EVENTS: usize = 100_000;

/// The longest run, in microseconds: ten minutes.
pub const MAX_RUN_US: u64 = 600_000_000;

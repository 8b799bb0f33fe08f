//! How long a run may be.

/// The most events of a run; then it stops and says so.
pub const MAX_EVENTS: usize = 100_000;

/// The longest run, in microseconds: ten minutes.
pub const MAX_RUN_US: u64 = 600_000_000;

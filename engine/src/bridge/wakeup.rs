//! When a program runs again whose call waits.

/// The time from when something arrives to when the program that waits for it runs, in microseconds. What is sent
/// meanwhile sticks together, as on a real machine.
const WAKE_US: u64 = 50;

/// When a program runs again. Times are in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wakeup {
    /// It runs.
    Runs,
    /// Its call waits until something arrives.
    Waits,
    /// Something has arrived. It runs from this time on.
    At(u64),
}

impl Wakeup {
    /// Something has arrived.
    pub(super) const fn arrived(&mut self, now: u64) {
        if matches!(self, Self::Waits) {
            *self = Self::At(now.saturating_add(WAKE_US));
        }
    }

    /// Whether the program can make its call.
    pub(super) const fn is_over(self, now: u64) -> bool {
        match self {
            Self::Runs => true,
            Self::Waits => false,
            Self::At(at) => at <= now,
        }
    }

    /// When it runs again, if that is known.
    pub(super) const fn due(self) -> Option<u64> {
        match self {
            Self::Runs | Self::Waits => None,
            Self::At(at) => Some(at),
        }
    }
}

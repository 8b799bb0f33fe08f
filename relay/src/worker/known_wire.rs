//! What is known about whether workers have a wire.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use framescope_lab::{NoWire, NoWireReason};

use crate::wire_choice::WireChoice;

/// How long it is believed that there is no wire. Somebody may have found the remedy since.
const BELIEVED: Duration = Duration::from_secs(10);

/// What is known about whether workers have a wire. It is found out before the first one starts.
#[derive(Debug)]
pub(super) struct KnownWire(Mutex<Option<Known>>);

#[derive(Clone, Debug)]
struct Known {
    wire: Result<(), NoWire>,
    since: Instant,
}

impl KnownWire {
    pub(super) fn new(choice: WireChoice) -> Self {
        let off = || Known { wire: Err(NoWire::off()), since: Instant::now() };
        Self(Mutex::new((choice == WireChoice::Off).then(off)))
    }

    /// What is known, or what a trial finds out if nothing is.
    pub(super) fn get(
        &self,
        now: Instant,
        try_wire: impl FnOnce() -> Result<(), NoWire>,
    ) -> Result<(), NoWire> {
        // The lock is held during a trial, so that there is only one.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let believed = known.take().filter(|known| !is_outdated(&known.wire, known.since, now));
        let believed = believed.unwrap_or_else(|| Known { wire: try_wire(), since: now });
        known.insert(believed).wire.clone()
    }

    /// A worker has not had its wire: a trial is due. Returns whether one may find out more.
    pub(super) fn doubt(&self) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.take_if(|known| known.wire.is_ok()).is_some()
    }
}

/// Whether what was found out at `since` may have changed by now. That there is a wire is believed until a worker has none.
pub(super) fn is_outdated(wire: &Result<(), NoWire>, since: Instant, now: Instant) -> bool {
    let changes = match wire.as_ref().map_err(|why| why.reason) {
        Ok(()) | Err(NoWireReason::NotLinux | NoWireReason::Off) => false,
        Err(
            NoWireReason::Namespaces
            | NoWireReason::Tun
            | NoWireReason::Settings
            | NoWireReason::Silent
            | NoWireReason::Right,
        ) => true,
    };
    changes && now.saturating_duration_since(since) >= BELIEVED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_tun() -> Result<(), NoWire> {
        Err(NoWire::new(NoWireReason::Tun, "/dev/net/tun is missing"))
    }

    fn not_tried() -> Result<(), NoWire> {
        panic!("it is known")
    }

    #[test]
    fn that_there_is_no_wire_is_believed_for_a_while_only() {
        let (known, start) = (KnownWire::new(WireChoice::Auto), Instant::now());
        assert_eq!(known.get(start, no_tun), no_tun());
        assert_eq!(known.get(start + BELIEVED / 2, not_tried), no_tun());
        assert!(!known.doubt(), "nobody has relied on it");
        assert_eq!(known.get(start + BELIEVED, || Ok(())), Ok(()));
        assert_eq!(known.get(start + 100 * BELIEVED, not_tried), Ok(()));
        assert!(known.doubt());
        assert_eq!(known.get(start + 100 * BELIEVED, no_tun), no_tun());
    }

    #[test]
    fn a_wire_that_is_switched_off_is_never_tried() {
        let known = KnownWire::new(WireChoice::Off);
        assert!(!known.doubt());
        let later = Instant::now() + 100 * BELIEVED;
        assert_eq!(known.get(later, not_tried), Err(NoWire::off()));
    }
}

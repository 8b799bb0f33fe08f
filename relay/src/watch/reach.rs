//! How programs are watched, and whom they reach.

use framescope_lab::{Network, NoWire, WireSetup};

use super::wire::Wire;
use crate::wire::{Device, Tap};

/// How programs are watched.
#[derive(Debug)]
pub struct Ways {
    /// Whom they reach.
    pub reach: Reach,
    /// Each call is shown each time that it is made.
    pub raw: bool,
    /// The variables of a Python are shown before each of its calls. That slows it down.
    pub variables: bool,
}

/// The network of programs that are watched.
#[derive(Debug)]
pub enum Reach {
    /// They reach each other, and nothing else. Each segment passes through this device.
    EachOther(Device),
    /// They reach what this process reaches. `Err`: their segments cannot be seen.
    All(Result<Tap, NoWire>),
}

impl Reach {
    /// The network as it is said, and its wire.
    pub(super) fn into_wire(self, setup: &WireSetup) -> (Network, Option<Wire>) {
        match self {
            Self::EachOther(device) => (Network::Wire, Some(Wire::held(device, setup))),
            Self::All(Ok(tap)) => (Network::Shared, Some(Wire::seen(tap))),
            Self::All(Err(why)) => (Network::Loopback(why), None),
        }
    }
}

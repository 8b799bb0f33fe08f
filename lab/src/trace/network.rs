//! Which network programs run on.

use serde::{Deserialize, Serialize};

/// The network that programs run on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// One whose segments are in the trace.
    Wire,
    /// One that others use too. Its segments are in the trace, and nobody changes what becomes of them.
    Shared,
    /// The loopback interface. No segment is seen, because there is no wire here.
    Loopback(NoWire),
    /// It is not known: an old trace does not say.
    #[default]
    Unknown,
}

/// Why there is no wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoWire {
    /// What it takes and is missing.
    pub reason: NoWireReason,
    /// What failed, in a sentence, with what the system answered.
    pub error: String,
    /// What somebody can do about it: commands to copy. `None` if nothing is known that helps.
    #[serde(default)]
    pub remedy: Option<String>,
}

impl NoWire {
    /// No wire, and no remedy.
    #[must_use]
    pub fn new(reason: NoWireReason, error: impl Into<String>) -> Self {
        Self { reason, error: error.into(), remedy: None }
    }

    /// Somebody has switched it off.
    #[must_use]
    pub fn off() -> Self {
        Self::new(NoWireReason::Off, "it is switched off")
    }
}

/// What a wire takes and is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoWireReason {
    /// Only Linux has what it takes.
    NotLinux,
    /// It was switched off.
    Off,
    /// The system allows no user and network namespaces.
    Namespaces,
    /// `/dev/net/tun` is missing, or may not be opened.
    Tun,
    /// The settings of the network in a namespace cannot be changed.
    Settings,
    /// All was set up, and no segment came through.
    Silent,
    /// To see the segments of a network that others use too takes a right that is missing.
    Right,
}

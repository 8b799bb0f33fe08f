//! The wire between programs: how it is set, and what it does to segments.

use serde::{Deserialize, Serialize};

/// The most rules of a wire.
pub const MAX_WIRE_RULES: usize = 32;
/// The smallest MTU, in bytes: every IPv4 host takes packets of this size (RFC 791, section 3.1).
pub const MIN_MTU: u16 = 576;
/// The largest MTU, in bytes: that of the loopback interface, less one.
pub const MAX_MTU: u16 = 65_535;
/// The MTU of an Ethernet, in bytes.
pub const ETHERNET_MTU: u16 = 1500;
/// The longest latency or delay, in microseconds: 10 seconds.
pub const MAX_DELAY_US: u64 = 10_000_000;

/// How the wire is set when an experiment begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WireSetup {
    /// The largest packet, in bytes, with its headers.
    pub mtu: u16,
    /// How long each segment is on its way, in microseconds.
    pub latency_us: u64,
    /// What makes the choices of [`WireRule::permille`]. The same seed makes the same choices.
    pub seed: u64,
    /// What happens to segments. The first rule that is for a segment decides.
    pub rules: Vec<WireRule>,
}

impl Default for WireSetup {
    fn default() -> Self {
        Self { mtu: ETHERNET_MTU, latency_us: 0, seed: 0, rules: Vec::new() }
    }
}

/// What happens to some of the segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireRule {
    /// Only for segments of this direction.
    #[serde(default)]
    pub direction: Option<WireDirection>,
    /// Only for segments of this class.
    #[serde(default)]
    pub class: SegmentClass,
    /// How many of these segments pass before.
    #[serde(default)]
    pub skip: u32,
    /// For how many of them. `None`: for all that follow.
    #[serde(default)]
    pub count: Option<u32>,
    /// With which probability, in thousandths. It is drawn for each of them.
    #[serde(default = "always")]
    pub permille: u16,
    /// What happens.
    pub action: WireAction,
}

impl WireRule {
    /// The same happens to every segment.
    #[must_use]
    pub const fn for_all(action: WireAction) -> Self {
        let class = SegmentClass::Any;
        Self { direction: None, class, skip: 0, count: None, permille: always(), action }
    }
}

/// A certainty, in thousandths.
const fn always() -> u16 {
    1000
}

/// A direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireDirection {
    /// From the side that sent the first SYN.
    ToServer,
    /// To the side that sent the first SYN.
    ToClient,
}

/// What a segment is for. One that is for several things is of the first class here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentClass {
    /// Every segment.
    #[default]
    Any,
    /// SYN, and SYN with ACK.
    Syn,
    /// RST.
    Rst,
    /// One with payload.
    Data,
    /// FIN without payload.
    Fin,
    /// Nothing but an acknowledgement.
    Ack,
}

/// What the wire does to a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireAction {
    /// Keeps it until a command says what becomes of it.
    Hold,
    /// Loses it.
    Drop,
    /// Delivers it later by this time, in microseconds.
    Delay(u64),
    /// Delivers it twice.
    Duplicate,
    /// Delivers it after the next segment of its direction. If none follows soon, it is only late.
    Reorder,
}

impl WireSetup {
    /// Whether it is within all bounds.
    #[must_use]
    pub fn is_in_bounds(&self) -> bool {
        (MIN_MTU..=MAX_MTU).contains(&self.mtu)
            && self.latency_us <= MAX_DELAY_US
            && are_rules_in_bounds(&self.rules)
    }
}

/// Whether a list of rules is within all bounds.
pub(crate) fn are_rules_in_bounds(rules: &[WireRule]) -> bool {
    let is_short = |rule: &WireRule| match rule.action {
        WireAction::Delay(us) => us <= MAX_DELAY_US,
        WireAction::Hold | WireAction::Drop | WireAction::Duplicate | WireAction::Reorder => true,
    };
    rules.len() <= MAX_WIRE_RULES
        && rules.iter().all(|rule| rule.permille <= 1000 && is_short(rule))
}

//! Where a relay has what.

/// What the relay is, as JSON: [`RelayInfo`](crate::RelayInfo).
pub const RELAY_INFO: &str = "/relay.json";

/// Answers 200 while the relay serves.
pub const HEALTH: &str = "/healthz";

/// The WebSocket of the lab.
pub const LAB: &str = "/lab";

/// Before the name of a target: its WebSocket.
pub const BRIDGE: &str = "/bridge/";

//! The WebSocket close codes of the bridge: RFC 6455, section 7.4.1.

/// The target closed its side. All bytes that it sent were delivered before this.
pub const TARGET_CLOSED: u16 = 1000;

/// The relay is stopping, or the session was idle for too long.
pub const GOING_AWAY: u16 = 1001;

/// There was no close frame. The browser reports this code; no peer sends it.
pub const NO_CLOSE_FRAME: u16 = 1006;

/// The client sent a message over the limit.
pub const MESSAGE_TOO_LONG: u16 = 1009;

/// The connection to the target failed.
pub const TARGET_FAILED: u16 = 1011;

//! The WebSocket close codes that page and relay give a meaning of their own, RFC 6455, section 7.4.1.

/// The target closed its side, and everything that it sent came before this.
pub const TARGET_CLOSED: u16 = 1000;

/// The relay is stopping, or nobody used the session.
pub const GOING_AWAY: u16 = 1001;

/// There was no close frame. A browser says so; nobody sends it.
pub const NO_CLOSE_FRAME: u16 = 1006;

//! The paths of a relay.

/// The relay's [`RelayInfo`](crate::RelayInfo), as JSON.
pub const RELAY_INFO: &str = "/relay.json";

/// Answers 200 while the relay serves.
pub const HEALTH: &str = "/healthz";

/// Whether the relay takes more clients: it does not when it is about to stop.
pub const READY: &str = "/readyz";

/// The WebSocket of the lab.
pub const LAB: &str = "/lab";

/// The programs that the relay watches, as a trace in which nothing has happened yet. They run in [`LAB`].
pub const WATCHED: &str = "/watched.json";

/// The WebSocket of a student's page of the class.
pub const CLASS: &str = "/class";

/// The WebSocket of a teacher's page of the class.
pub const CLASS_CONSOLE: &str = "/class/console";

/// The WebSocket of a target. The target's name follows it.
pub const BRIDGE: &str = "/bridge/";

/// The page of a class, for students and teachers.
pub const CLASS_PAGE: &str = "/class.html";

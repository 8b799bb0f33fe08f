//! The rules for every connection.

use std::time::Duration;

use framescope_framing::HeaderFormat;

/// The most bytes that one `recv()` asks for.
pub(super) const RECV: usize = 8 * 1024;
/// A connection that says nothing for this long is closed.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_mins(10);

/// The rules for every connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) format: HeaderFormat,
    /// The longest payload accepted in a request or asked for in a reply, in bytes.
    pub(crate) max_message: usize,
    /// How long a client may take to read our last bytes when the connection closes.
    pub(crate) close_timeout: Duration,
}

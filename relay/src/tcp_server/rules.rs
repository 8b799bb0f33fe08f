//! What every connection is served by.

use std::time::Duration;

use framescope_framing::HeaderFormat;

/// The rules by which every connection is served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) format: HeaderFormat,
    /// The longest payload accepted in a request or asked for in a reply, in bytes.
    pub(crate) max_message: usize,
    /// How long a closing connection may take to read our last bytes.
    pub(crate) close_timeout: Duration,
}

//! The rules for every connection of a server.

use std::time::Duration;

use framescope_framing::HeaderFormat;

/// The rules for every connection of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) kind: Kind,
    /// How long a client may take to read our last bytes when the connection closes.
    pub(crate) close_timeout: Duration,
}

/// What a server makes of bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// It answers framed messages.
    Framed {
        format: HeaderFormat,
        /// The longest payload accepted in a request or asked for in a reply, in bytes.
        max_message: usize,
    },
    /// It knows no header, and sends back what each `recv()` returned.
    Plain,
}

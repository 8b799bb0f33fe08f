//! What a kernel reports about a socket.

use serde::{Deserialize, Serialize};

use crate::trace::TcpState;

/// What the kernel reports about a side's socket. `None` for what it does not report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpInfo {
    /// The connection's state.
    pub state: Option<TcpState>,
    /// The number of bytes that have arrived and that no `recv()` has returned.
    pub unread: Option<u32>,
    /// The number of bytes that were sent and that the peer's kernel has not acknowledged.
    pub unacknowledged: Option<u32>,
}

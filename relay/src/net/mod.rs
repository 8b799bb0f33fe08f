//! TCP connections, whatever is said on them: taking ports and connections, TLS, watching a peer, and
//! closing so that nothing is lost.
//!
//! In come addresses and sockets; out come connections, and what the kernel knows of them. Nothing here
//! knows HTTP, WebSocket frames or headers.
//!
//! May use: nothing.

mod accept;
mod closing;
mod drain_deadline;
mod keepalive;
mod listen;
pub(crate) mod read_buffer;
#[cfg(target_os = "linux")]
mod sock_diag;
mod timer;
mod tls;
mod unacknowledged;

pub(crate) use self::accept::accept;
pub(crate) use self::closing::{linger, linger_with};
pub(crate) use self::drain_deadline::DrainDeadline;
pub(crate) use self::keepalive::{MAX_UNANSWERED_PINGS, every};
pub(crate) use self::listen::listen;
pub use self::listen::{BindError, alternatives, reachable};
#[cfg(target_os = "linux")]
pub(crate) use self::sock_diag::{Found, SockDiag};
pub(crate) use self::timer::keep_timer_armed;
pub use self::tls::{Tls, TlsError};
pub(crate) use self::unacknowledged::Unacknowledged;

//! TCP connections, whatever is said on them: taking ports and connections, TLS, watching a peer, and
//! closing so that nothing is lost.
//!
//! In come addresses and sockets; out come connections, and what the kernel knows of them. Nothing here
//! knows HTTP, WebSocket frames or headers.
//!
//! May use: `comma_list`, `named_file`.

mod accept;
mod certificate_authorities;
mod client_certificate;
mod closing;
mod drain_deadline;
mod inherited;
mod keepalive;
mod listen;
mod listen_on;
mod listener;
mod places;
pub(crate) mod read_buffer;
#[cfg(target_os = "linux")]
mod sock_diag;
mod socket;
#[cfg(unix)]
mod socket_file;
mod timer;
mod tls;
mod tls_error;
mod unacknowledged;
mod vanishing;

pub(crate) use self::accept::accept;
pub use self::certificate_authorities::AuthoritiesError;
pub(crate) use self::certificate_authorities::read_authorities;
pub(crate) use self::client_certificate::CertificateName;
pub(crate) use self::closing::{linger, linger_with, poll_discard};
pub(crate) use self::drain_deadline::DrainDeadline;
pub use self::inherited::Inherited;
#[cfg(unix)]
pub(crate) use self::inherited::send;
pub(crate) use self::keepalive::{MAX_UNANSWERED_PINGS, every};
#[cfg(unix)]
pub(crate) use self::listen::left_over;
pub use self::listen::{BindError, alternatives, reachable};
pub(crate) use self::listen::{listen, listen_at, listen_on};
#[cfg(unix)]
pub(crate) use self::listen_on::MAX_UNIX_PATH;
pub use self::listen_on::{ListenOn, ParseListenOnError, parse_places};
pub(crate) use self::listener::Listener;
pub use self::places::PlacesError;
pub(crate) use self::places::{check_count, check_places};
#[cfg(target_os = "linux")]
pub(crate) use self::sock_diag::{Found, SockDiag};
pub(crate) use self::socket::{Socket, set_nodelay};
#[cfg(unix)]
pub(crate) use self::socket_file::SocketFile;
pub(crate) use self::timer::keep_timer_armed;
pub use self::tls::{Tls, TlsError};
pub(crate) use self::tls_error::explain_connection;
pub(crate) use self::unacknowledged::Unacknowledged;
pub(crate) use self::vanishing::Vanishing;

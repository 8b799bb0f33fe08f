//! Noticing that the machine of a peer is gone: no FIN and no reset tells.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// A silent peer is asked this often before it is given up.
const PROBES: u32 = 3;

/// What the kernel does about a peer that says nothing. `None`: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vanishing {
    /// `SO_KEEPALIVE`: a peer that has been silent for this long is asked, and asked again after a third of it.
    /// One that answers [`PROBES`] times with nothing is gone.
    pub(crate) keepalive: Option<Duration>,
    /// `TCP_USER_TIMEOUT`, of Linux: a peer that takes no bytes for this long is gone, even if it answers.
    pub(crate) user_timeout: Option<Duration>,
}

impl Vanishing {
    /// Sets the options of tcp(7).
    pub(super) fn set(self, tcp: &TcpStream) -> io::Result<()> {
        let tcp = SockRef::from(tcp);
        if let Some(period) = self.keepalive {
            let again = (period / PROBES).max(Duration::from_secs(1));
            let keepalive = TcpKeepalive::new().with_time(period).with_interval(again);
            #[cfg(unix)]
            let keepalive = keepalive.with_retries(PROBES);
            tcp.set_tcp_keepalive(&keepalive)?;
        }
        #[cfg(target_os = "linux")]
        if self.user_timeout.is_some() {
            tcp.set_tcp_user_timeout(self.user_timeout)?;
        }
        Ok(())
    }
}

//! What a reload may change: who may use the relay, what the bridge connects to, and how much of it. A request
//! is answered by the policy that there was when it came, and its session keeps it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::http::HeaderValue;
use framescope_protocol::RelayInfo;
use tokio_rustls::TlsAcceptor;

use super::access::Access;
use super::trust::Trust;
use crate::net::Vanishing;
use crate::sessions::Sessions;
use crate::target::Connector;
use crate::token::Tokens;

/// One policy.
pub(crate) struct Policy {
    pub(crate) access: Access,
    pub(crate) trust: Trust,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) targets: HashMap<String, ServedTarget>,
    /// Counts the sessions of targets that are no longer there. One may come back.
    pub(crate) former: HashMap<String, Sessions>,
    pub(crate) info: RelayInfo,
    pub(crate) tls: Option<TlsAcceptor>,
    /// Whether a client with TLS must have a certificate.
    pub(crate) asks_for_certificate: bool,
    /// The longest WebSocket message, in bytes.
    pub(crate) max_client_message: usize,
    /// `Strict-Transport-Security`, RFC 6797. Nothing is said of it without TLS.
    pub(crate) hsts: Option<HeaderValue>,
    pub(crate) connect_timeout: Duration,
    pub(crate) vanishing: Vanishing,
    pub(crate) ping_interval: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) drain_timeout: Option<Duration>,
    pub(crate) stop_delay: Duration,
    pub(crate) header_timeout: Duration,
    pub(crate) send_timeout: Duration,
    /// Whether a target is told where its clients came in.
    pub(crate) tells_ends: bool,
}

/// A target, with what it takes to connect to it.
pub(crate) struct ServedTarget {
    pub(crate) connector: Connector,
    pub(crate) subprotocols: Vec<String>,
    /// `None`: the relay's tokens count.
    pub(crate) tokens: Option<Tokens>,
    pub(crate) max_sessions: usize,
    /// Counts its sessions, from one policy to the next.
    pub(crate) sessions: Sessions,
}

impl Policy {
    /// Nobody is trusted, nothing is asked for, and nothing is connected to.
    #[cfg(test)]
    pub(super) fn without_anything() -> Self {
        let minute = Duration::from_mins(1);
        Self {
            access: Access::new(false, Vec::new()),
            trust: Trust::default(),
            tokens: None,
            targets: HashMap::new(),
            former: HashMap::new(),
            info: RelayInfo {
                version: String::new(),
                tcp_address: None,
                header: framescope_framing::HeaderFormat::default(),
                max_message: 1,
                targets: Vec::new(),
                lab: false,
                watched: false,
            },
            tls: None,
            asks_for_certificate: false,
            max_client_message: 5,
            hsts: None,
            connect_timeout: minute,
            vanishing: Vanishing::default(),
            ping_interval: minute,
            close_timeout: minute,
            idle_timeout: None,
            drain_timeout: None,
            stop_delay: Duration::ZERO,
            header_timeout: minute,
            send_timeout: minute,
            tells_ends: false,
        }
    }

    /// What counts the sessions of each target that is there, or was there when they began.
    pub(crate) fn counts(&self) -> HashMap<String, Sessions> {
        let targets = self.targets.iter().map(|(name, target)| (name, &target.sessions));
        let all = targets.chain(&self.former);
        all.map(|(name, sessions)| (name.clone(), sessions.clone())).collect()
    }

    fn bound_sessions(&self) {
        for target in self.targets.values() {
            target.sessions.bound(target.max_sessions, target.max_sessions);
        }
    }

    /// The first token, for the links that a teacher is given.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.tokens.as_ref().map(Tokens::secret)
    }
}

/// The policy that counts now.
pub(crate) struct Policies(RwLock<Arc<Policy>>);

impl Policies {
    pub(crate) fn new(first: Policy) -> Self {
        first.bound_sessions();
        Self(RwLock::new(Arc::new(first)))
    }

    pub(crate) fn now(&self) -> Arc<Policy> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, next: Policy) {
        next.bound_sessions();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}

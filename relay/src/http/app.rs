//! What all requests share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use framescope_protocol::RelayInfo;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::access::Access;
use super::refusal_log::RefusalLog;
use super::token::Token;
use crate::bridge::Recordings;
use crate::class::Classroom;
use crate::metrics::Metrics;
use crate::sessions::Sessions;
use crate::target::{Resolver, Target};
use crate::worker::Workers;

/// What all requests share.
pub(crate) struct App {
    pub(crate) access: Access,
    pub(crate) info: RelayInfo,
    pub(crate) token: Option<Token>,
    pub(crate) metrics: Metrics,
    pub(crate) refusals: RefusalLog,
    pub(crate) targets: HashMap<String, Target>,
    pub(crate) resolver: Resolver,
    /// The longest WebSocket message, in bytes.
    pub(crate) max_frame: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) ping_interval: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) recordings: Option<Recordings>,
    /// Counts the bridge sessions.
    pub(crate) sessions: Sessions,
    /// Counts the experiments.
    pub(crate) experiments: Sessions,
    /// The class, if one is going on.
    pub(crate) class: Option<Arc<Classroom>>,
    /// Counts the pages that have not joined the class.
    pub(crate) arrivals: Sessions,
    /// Counts the teacher's pages.
    pub(crate) consoles: Sessions,
    /// Where programs in Python run.
    pub(crate) workers: Workers,
    /// The tasks of all sessions. A stop waits for them.
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// The address at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

//! What all requests share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::peer::Peer;
use super::policy::{Policies, Policy};
use super::refusal_log::RefusalLog;
use crate::bridge::Recordings;
use crate::class::Classroom;
use crate::metrics::Metrics;
use crate::sessions::Sessions;
use crate::target::Resolver;
use crate::worker::Workers;

/// What all requests share.
pub(crate) struct App {
    pub(crate) policies: Policies,
    pub(crate) metrics: Metrics,
    pub(crate) refusals: RefusalLog,
    pub(crate) resolver: Resolver,
    pub(crate) recordings: Option<Recordings>,
    /// Counts the HTTP connections by address. Another bound holds for all of them.
    pub(crate) connections: Sessions,
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
    /// The relay is about to stop.
    pub(crate) is_leaving: AtomicBool,
    /// Takes no more connections. Sessions go on. A stop is this too.
    pub(crate) retire: CancellationToken,
    /// Ends all sessions.
    pub(crate) stop: CancellationToken,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

/// What a request is answered by.
#[derive(Clone)]
pub(super) struct Asked {
    /// Who asks. A proxy that is trusted has been replaced by its client.
    pub(super) peer: Peer,
    /// The policy that there was when the request came.
    pub(super) policy: Arc<Policy>,
}

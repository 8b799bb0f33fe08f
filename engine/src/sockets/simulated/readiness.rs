//! Which sockets are ready, as `select(2)` says it.

use framescope_lab::TcpState;

use super::endpoint::Endpoint;

/// For what a socket is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Readiness {
    pub(super) read: bool,
    pub(super) write: bool,
}

/// For what a socket is ready. Linux: `tcp_poll`, and the sets of `select.c`: a socket that is hung up is
/// ready to read from, and one with an error is ready for both. None ever has out-of-band data.
pub(super) fn readiness(endpoint: &Endpoint) -> Readiness {
    let state = endpoint.state;
    if state == TcpState::Listen {
        return Readiness { read: !endpoint.accept_queue.waiting.is_empty(), write: false };
    }
    let hung_up = state == TcpState::Closed || (endpoint.read_shut && endpoint.write_shut);
    let error = endpoint.error.is_some();
    if state == TcpState::SynSent {
        return Readiness { read: hung_up || endpoint.read_shut || error, write: error };
    }
    // Linux says that a socket is writable again when a third of the buffer is free.
    let writable =
        endpoint.send_space() > 0 && endpoint.send_space() >= endpoint.sending.unacknowledged() / 2;
    Readiness {
        read: hung_up || endpoint.read_shut || error || !endpoint.receiving.queue.is_empty(),
        write: error || endpoint.write_shut || writable,
    }
}

//! The ladder diagram: what each program did, and what crossed to the other side. Time goes down.

use framescope_syscall::{BlockedOn, Returned, Shutdown, Syscall};

use super::connections::Connections;
use super::pending::Call;
use crate::trace::TcpState;
use crate::trace::{Ended, Event, EventKind};

/// One rung: something that a program did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The index of its event.
    pub event: usize,
    /// The index of the event at which the call was made. `None` if it is not about a call.
    pub call: Option<usize>,
    /// What it sent to the other side.
    pub crossing: Option<Crossing>,
}

/// What crosses from one side to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// The segment with this number.
    Segment(u32),
    /// This number of bytes, as recorded.
    Bytes(u32),
    /// SYN, SYN-ACK and ACK. Derived from the call: no segment was captured.
    Handshake,
    /// FIN. Derived from the call: no segment was captured.
    Fin,
    /// RST. Derived from the call: no segment was captured.
    Reset,
}

/// The rungs of all events so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Ladder {
    rungs: Vec<Rung>,
    /// Whether a segment was captured. Then what crosses is not derived from calls.
    has_segments: bool,
}

impl Ladder {
    pub(super) fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// Adds an event, and the call that it is about. `connections` is as it was before the event.
    pub(super) fn push(
        &mut self,
        event: usize,
        what: &Event,
        call: Option<&Call>,
        connections: &Connections,
    ) {
        if let EventKind::Segment(segment) = &what.kind {
            self.has_segments = true;
            let crossing = Some(Crossing::Segment(segment.number));
            self.rungs.push(Rung { event, call: None, crossing });
            return;
        }
        let is_shown = match (&what.kind, call) {
            (EventKind::Blocked(on), _) => *on != BlockedOn::Clock,
            (EventKind::Returned(returned), Some(call)) => {
                matches!(returned, Returned::Failed(_) | Returned::TimedOut)
                    || call.syscall.is_about_a_connection()
            }
            (EventKind::Ended(ended), _) => match ended {
                Ended::Exception(_)
                | Ended::Refused { .. }
                | Ended::Syntax { .. }
                | Ended::Spins { .. } => true,
                Ended::Exit(_) | Ended::Blocked { .. } | Ended::NotStarted => false,
            },
            (
                EventKind::Began
                | EventKind::Line(_)
                | EventKind::Variables(_)
                | EventKind::Called(..)
                | EventKind::Returned(_)
                | EventKind::Printed(_)
                | EventKind::Reads
                | EventKind::Read(_)
                | EventKind::Started(_)
                | EventKind::Waits
                | EventKind::ThreadEnded
                | EventKind::Sockets(_)
                | EventKind::Segment(_)
                | EventKind::Fate(..),
                _,
            ) => false,
        };
        if is_shown {
            let crossing = match (&what.kind, call) {
                (EventKind::Returned(returned), Some(call)) if !self.has_segments => {
                    crossing(what.program, &call.syscall, returned, connections)
                }
                _ => None,
            };
            self.rungs.push(Rung { event, call: call.map(|call| call.index), crossing });
        }
    }
}

/// What a call that returned has sent to the other side.
fn crossing(
    program: usize,
    call: &Syscall,
    returned: &Returned,
    connections: &Connections,
) -> Option<Crossing> {
    match (call, returned) {
        (Syscall::Connect { .. }, Returned::Done) => Some(Crossing::Handshake),
        (Syscall::Send { .. }, Returned::Sent(count)) => Some(Crossing::Bytes(*count)),
        (Syscall::Shutdown { fd, how: Shutdown::Write | Shutdown::Both }, Returned::Done) => {
            connections
                .report(program, *fd)
                .is_none_or(|socket| socket.state.is_none_or(sends_fin))
                .then_some(Crossing::Fin)
        }
        (Syscall::Close { fd }, Returned::Done) => {
            let socket = connections.report(program, *fd)?;
            socket.peer?;
            let resets =
                connections.resets(program, *fd) || socket.unread.is_some_and(|bytes| bytes > 0);
            let state = socket.state;
            // A close with unread bytes sends a reset (RFC 1122, section 4.2.2.13).
            match state {
                Some(TcpState::Closed | TcpState::SynSent) => None,
                _ if resets => Some(Crossing::Reset),
                _ => state.is_none_or(sends_fin).then_some(Crossing::Fin),
            }
        }
        _ => None,
    }
}

/// Whether a program that ends its direction in this state sends a FIN.
fn sends_fin(state: TcpState) -> bool {
    matches!(state, TcpState::Established | TcpState::CloseWait | TcpState::SynReceived)
}

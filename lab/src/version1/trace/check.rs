//! Checks that a trace that was read from a file can have happened, event by event.

use std::collections::VecDeque;

use super::connections::Connections;
use super::event::{Event, EventKind};
use crate::trace::MAX_RUN_US;
use crate::version1::experiment::{Experiment, MAX_SLEEP_MS, Side};

/// The state after the events that were checked. The next event must fit it.
pub(super) struct Checker<'a> {
    experiment: &'a Experiment,
    /// The time of the last event.
    at: u64,
    /// By side: the call in progress or the next call, and whether it is in progress.
    calls: Vec<(u16, bool)>,
    /// By client, to the server and from it: the bytes that were sent and not received.
    flows: Vec<[VecDeque<u8>; 2]>,
    connections: Connections,
}

impl<'a> Checker<'a> {
    pub(super) fn new(experiment: &'a Experiment) -> Self {
        let calls = vec![(0, false); experiment.clients.len() + 1];
        let flows = experiment.clients.iter().map(|_| Default::default()).collect();
        Self { experiment, at: 0, calls, flows, connections: Connections::default() }
    }

    /// Checks the next event. `None` if it cannot have happened.
    pub(super) fn check(&mut self, event: &Event) -> Option<()> {
        let program = self.experiment.program(event.side)?;
        program.0.get(usize::from(event.call))?;
        let is_late = event.at > MAX_RUN_US + u64::from(MAX_SLEEP_MS) * 1000;
        if event.at < self.at || is_late || event.tcp_info.len() != self.calls.len() {
            return None;
        }
        self.at = event.at;
        let (call, in_progress) = self.calls.get_mut(usize::from(event.side.0))?;
        if event.call != *call || *in_progress == (event.kind == EventKind::Began) {
            return None;
        }
        *in_progress = true;
        let client = self.connections.push(event);
        match &event.kind {
            EventKind::Returned(_) => {
                *call += 1;
                *in_progress = false;
                Some(())
            }
            EventKind::Accepted(client) => {
                client.is_none_or(|client| self.flow(client).is_some()).then_some(())
            }
            EventKind::Sent(data) => {
                if let Some(client) = client {
                    let to_server = usize::from(event.side == Side::SERVER);
                    self.flow(client)?[to_server].extend(&data.0);
                }
                Some(())
            }
            EventKind::Received { asked, got } => {
                let is_within = got.0.len() <= *asked as usize;
                let Some(client) = client else { return is_within.then_some(()) };
                let from_server = usize::from(event.side != Side::SERVER);
                let sent = &mut self.flow(client)?[from_server];
                let was_sent = got.0.len() <= sent.len()
                    && sent.drain(..got.0.len()).eq(got.0.iter().copied());
                (is_within && was_sent).then_some(())
            }
            EventKind::Began | EventKind::Blocked(_) | EventKind::Failed(_) => Some(()),
        }
    }

    fn flow(&mut self, client: Side) -> Option<&mut [VecDeque<u8>; 2]> {
        self.flows.get_mut(usize::from(client.0).checked_sub(1)?)
    }
}

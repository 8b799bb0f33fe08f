//! The moments of a trace that are shown.

use crate::trace::{Event, EventKind};

/// The moments of a trace. A call is one moment, with all that its thread does until it stops, waits, or makes
/// another call. A call that waits has one moment more. A segment that is sent is a moment, together with what becomes
/// of it at once. What becomes of it later is another one.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    numbers: Vec<usize>,
    /// The program and the thread whose events go on with the last moment.
    open: Option<(usize, usize)>,
    /// Whether the last moment has a call.
    has_call: bool,
    /// The segment of the last moment, if nothing has become of it.
    segment: Option<u32>,
}

impl Default for Moments {
    fn default() -> Self {
        Self { numbers: vec![0], open: None, has_call: false, segment: None }
    }
}

impl Moments {
    pub(super) fn push(&mut self, index: usize, event: &Event) {
        let thread = (event.program, event.thread);
        let is_open = self.open == Some(thread);
        let goes_on = match &event.kind {
            EventKind::Sockets(_) | EventKind::Variables(_) => self.numbers.len() > 1,
            EventKind::Called(..) => is_open && !self.has_call,
            EventKind::Segment(_) => false,
            EventKind::Fate(number, _) => self.segment == Some(*number),
            EventKind::Began
            | EventKind::Line(_)
            | EventKind::Blocked(_)
            | EventKind::Returned(_)
            | EventKind::Printed(_)
            | EventKind::Reads
            | EventKind::Read(_)
            | EventKind::Started(_)
            | EventKind::Waits
            | EventKind::ThreadEnded
            | EventKind::Ended(_) => is_open,
        };
        if goes_on {
            self.numbers.pop();
        } else {
            self.has_call = false;
        }
        self.numbers.push(index + 1);
        match &event.kind {
            EventKind::Sockets(_) | EventKind::Variables(_) => {}
            EventKind::Segment(_)
            | EventKind::Fate(..)
            | EventKind::Line(_)
            | EventKind::Blocked(_)
            | EventKind::Reads
            | EventKind::Waits
            | EventKind::Ended(_) => self.open = None,
            EventKind::Began
            | EventKind::Called(..)
            | EventKind::Returned(_)
            | EventKind::Printed(_)
            | EventKind::Read(_)
            | EventKind::Started(_)
            | EventKind::ThreadEnded => self.open = Some(thread),
        }
        if let EventKind::Segment(segment) = &event.kind {
            self.segment = Some(segment.number);
        } else if !matches!(event.kind, EventKind::Sockets(_)) {
            self.segment = None;
        }
        self.has_call |= matches!(event.kind, EventKind::Called(..));
    }

    pub(super) fn numbers(&self) -> &[usize] {
        &self.numbers
    }
}

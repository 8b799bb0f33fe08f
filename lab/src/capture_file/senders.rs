//! Which bytes a segment has, and which calls sent them.

use framescope_record::Direction;

use crate::timeline::{Flow, Timeline};
use crate::trace::{EventKind, Fate, Segment, Trace};

/// The longest text of a call, in characters.
const MAX_CALL: usize = 120;

/// The most calls that a comment names. A segment may have the bytes of many.
const MAX_CALLS: usize = 8;

/// What the calls of a trace have sent.
pub(super) struct Senders<'a> {
    trace: &'a Trace,
    timeline: Timeline,
}

impl<'a> Senders<'a> {
    pub(super) fn new(trace: &'a Trace) -> Self {
        let mut timeline = Timeline::new(&trace.experiment);
        timeline.extend(&trace.events);
        Self { trace, timeline }
    }

    /// The payload of a segment, and what is to be said of it. `None` if the trace does not have its bytes.
    pub(super) fn of(&self, segment: &Segment) -> (Option<&[u8]>, Vec<String>) {
        let flow = self.timeline.flow_of(segment);
        let payload = payload(flow, segment);
        let mut comments = match flow {
            _ if payload.is_none() => vec!["the trace does not have these bytes".to_owned()],
            Some(flow) => {
                let calls = flow.senders(segment.payload.clone()).take(MAX_CALLS);
                calls.filter_map(|call| self.text(call)).collect()
            }
            None => Vec::new(),
        };
        let index = usize::try_from(segment.number).unwrap_or(usize::MAX);
        let history = self.timeline.segments().get(index);
        comments.extend(history.and_then(|history| match history.fate(usize::MAX)? {
            Fate::Dropped | Fate::Overflowed => Some("lost on the wire".to_owned()),
            Fate::Held | Fate::Copied => Some("held on the wire".to_owned()),
            Fate::Delivered => None,
        }));
        if history.is_some_and(|history| history.is_doubled(usize::MAX)) {
            comments.push("arrived more than once".to_owned());
        }
        if history.is_some_and(|history| history.is_overtaken(usize::MAX)) {
            comments.push("arrived after one that was sent later".to_owned());
        }
        (payload, comments)
    }

    /// The program, line and call of an event.
    fn text(&self, event: usize) -> Option<String> {
        let event = self.trace.events.get(event)?;
        let EventKind::Called(call, _) = &event.kind else { return None };
        let program = self.trace.experiment.programs.get(event.program);
        let file = program.map_or("", |program| program.file.as_str());
        let text: String = call.to_string().chars().take(MAX_CALL).collect();
        Some(format!("{file}:{}: {text}", event.line))
    }
}

fn payload<'a>(flow: Option<&'a Flow>, segment: &Segment) -> Option<&'a [u8]> {
    if segment.length() == 0 {
        return Some(&[]);
    }
    let bytes = flow?.record.stream(Direction::Sent).bytes(segment.payload.clone());
    (bytes.len() as u64 == segment.length()).then_some(bytes)
}

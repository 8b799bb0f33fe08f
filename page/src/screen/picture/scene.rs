//! What is drawn of a run: its calls, the states of its sockets, and its segments, in order.

use framescope_lab::{
    CallHistory, Connection, Crossing, Ended, Event, EventKind, Fate, SegmentHistory, TcpState,
};
use framescope_syscall::{BlockedOn, Returned};

use crate::state::State;

/// A step of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step<'a> {
    /// The index of its event.
    pub(super) event: usize,
    /// When, in microseconds.
    pub(super) at: u64,
    /// What happens.
    pub(super) what: What<'a>,
}

/// What happens at a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What<'a> {
    /// A program makes a call.
    Called(&'a CallHistory),
    /// A call that has waited returns.
    Returned(&'a CallHistory),
    /// The kernel of a side reports another state of the connection on screen.
    State {
        /// Whether it is the server's kernel.
        is_server: bool,
        /// The state.
        state: TcpState,
    },
    /// A segment leaves.
    Sent(u32, &'a SegmentHistory),
    /// A segment arrives. The second number is the event at which it has left.
    Arrived(u32, usize),
    /// Something crosses, as a call tells: no segment was captured.
    Derived {
        /// What crosses.
        crossing: Crossing,
        /// Whether it goes to the server.
        to_server: bool,
    },
    /// An exception ends a program.
    Raised {
        /// The index of the program.
        program: usize,
        /// The name of the exception's class.
        class: &'a str,
    },
}

/// The most steps that are drawn.
pub(super) const MAX_STEPS: usize = 400;

/// The newest steps of the run at the moment on screen, in order, and how many there were before them.
pub(super) fn steps<'a>(
    state: &'a State,
    connection: Option<&Connection>,
) -> (Vec<Step<'a>>, usize) {
    let number = state.lab.events(state.event()).len();
    let (mut steps, mut before) = (Vec::new(), 0);
    before += calls(state, number, &mut steps);
    before += segments(state, number, &mut steps);
    states(state, number, connection, &mut steps);
    derived(state, number, &mut steps);
    raised(state, number, &mut steps);
    steps.sort_by_key(|step| step.event);
    let over = steps.len().saturating_sub(MAX_STEPS);
    steps.drain(..over);
    (steps, before + over)
}

/// Adds a step at this event, if the trace has it.
fn push<'a>(state: &'a State, steps: &mut Vec<Step<'a>>, event: usize, what: What<'a>) {
    if let Some(known) = state.lab.shown_trace().events.get(event) {
        steps.push(Step { event, at: known.at, what });
    }
}

fn calls<'a>(state: &'a State, number: usize, steps: &mut Vec<Step<'a>>) -> usize {
    let events = &state.lab.shown_trace().events;
    let all = state.lab.shown_timeline().calls();
    let count = all.partition_point(|call| call.called < number);
    let mut shown = 0;
    for call in all[..count].iter().rev() {
        if !is_shown(events, call, number) {
            continue;
        }
        shown += 1;
        if shown > MAX_STEPS {
            continue;
        }
        push(state, steps, call.called, What::Called(call));
        let waited = call.blocked.is_some();
        if let Some(returned) = call.returned.filter(|event| waited && *event < number) {
            push(state, steps, returned, What::Returned(call));
        }
    }
    shown.saturating_sub(MAX_STEPS)
}

/// Whether a call is drawn: one about a connection, one that has failed, and one that waits for a socket.
fn is_shown(events: &[Event], call: &CallHistory, number: usize) -> bool {
    let kind = |event: usize| events.get(event).map(|event| &event.kind);
    let Some(EventKind::Called(syscall, _)) = kind(call.called) else { return false };
    let returned = call.returned.filter(|event| *event < number).and_then(kind);
    let has_failed =
        matches!(returned, Some(EventKind::Returned(Returned::Failed(_) | Returned::TimedOut)));
    let waits_for = call.blocked.filter(|event| *event < number).and_then(kind);
    let waits = matches!(waits_for, Some(EventKind::Blocked(on)) if *on != BlockedOn::Clock);
    has_failed || waits || syscall.is_about_a_connection()
}

fn segments<'a>(state: &'a State, number: usize, steps: &mut Vec<Step<'a>>) -> usize {
    let all = state.lab.shown_timeline().segments();
    let count = all.partition_point(|segment| segment.event < number);
    let first = count.saturating_sub(MAX_STEPS);
    for (index, history) in all.iter().enumerate().take(count).skip(first) {
        let Ok(segment) = u32::try_from(index) else { break };
        push(state, steps, history.event, What::Sent(segment, history));
        for arrived in history.deliveries().filter(|event| *event < number) {
            push(state, steps, arrived, What::Arrived(segment, history.event));
        }
    }
    first
}

/// Adds each change of the state of both ends of a connection.
fn states<'a>(
    state: &'a State,
    number: usize,
    connection: Option<&Connection>,
    steps: &mut Vec<Step<'a>>,
) {
    let Some(connection) = connection else { return };
    for is_server in [false, true] {
        let Some(program) = connection.program(is_server) else { continue };
        let events = &state.lab.shown_trace().events;
        let reports = state.lab.shown_timeline().program(program).reports(number);
        let mut last = None;
        for event in &reports[reports.len().saturating_sub(MAX_STEPS)..] {
            let Some(EventKind::Sockets(sockets)) = events.get(*event).map(|event| &event.kind)
            else {
                continue;
            };
            let reported = connection.socket(is_server, sockets).and_then(|end| end.state);
            if let Some(tcp) = reported.filter(|_| reported != last) {
                push(state, steps, *event, What::State { is_server, state: tcp });
            }
            last = reported.or(last);
        }
    }
}

/// Adds what has crossed as the calls tell, if no segment was captured.
fn derived<'a>(state: &'a State, number: usize, steps: &mut Vec<Step<'a>>) {
    let all = state.lab.shown_timeline().rungs();
    let count = all.partition_point(|rung| rung.event < number);
    for rung in &all[count.saturating_sub(MAX_STEPS)..count] {
        let crossing = match rung.crossing {
            Some(Crossing::Segment(_)) | None => continue,
            Some(crossing) => crossing,
        };
        let Some(event) = state.lab.shown_trace().events.get(rung.event) else { continue };
        let to_server = !state.lab.is_server(event.program);
        push(state, steps, rung.event, What::Derived { crossing, to_server });
    }
}

fn raised<'a>(state: &'a State, number: usize, steps: &mut Vec<Step<'a>>) {
    let events = &state.lab.shown_trace().events;
    for program in 0..state.lab.shown_trace().experiment.programs.len() {
        let history = state.lab.shown_timeline().program(program);
        let Some(event) = history.ended_by(number) else { continue };
        if let Some(EventKind::Ended(Ended::Exception(exception))) =
            events.get(event).map(|event| &event.kind)
        {
            push(state, steps, event, What::Raised { program, class: &exception.class });
        }
    }
}

/// Whether a step stays on screen when those around it are folded: a call that waits, and a segment that is held.
pub(super) fn stays(step: &Step<'_>, number: usize) -> bool {
    match step.what {
        What::Called(call) => {
            call.blocked.is_some_and(|event| event < number)
                && call.returned.is_none_or(|event| event >= number)
        }
        What::Sent(_, history) => {
            matches!(history.fate(number), Some(Fate::Held | Fate::Copied))
        }
        What::Returned(_)
        | What::State { .. }
        | What::Arrived(..)
        | What::Derived { .. }
        | What::Raised { .. } => false,
    }
}

/// A gap that is at least this long has a reason that can be told, in microseconds: a delayed acknowledgement takes 40 ms.
/// Shorter ones come from the system's other work.
pub(super) const STILL: u64 = 20_000;

/// Whether a thread did nothing for some time before a call. In a run that is stepped, it waited for its step.
pub(super) fn stood_before(state: &State, call: &CallHistory) -> bool {
    let events = &state.lab.shown_trace().events;
    let Some((called, before)) = events.get(..=call.called).and_then(<[Event]>::split_last) else {
        return false;
    };
    let recent = before.iter().rev().take_while(|event| event.at.saturating_add(STILL) > called.at);
    let mut recent = recent.filter(|event| is_of_the_thread(event));
    !recent.any(|event| (event.program, event.thread) == (called.program, called.thread))
}

/// Whether an event is something that its thread did, and not its kernel or its network.
const fn is_of_the_thread(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Sockets(_) | EventKind::Segment(_) | EventKind::Fate(..))
}

/// Whether a segment is an acknowledgement of something new, and nothing else.
pub(super) fn is_new_ack(state: &State, history: &SegmentHistory) -> bool {
    let event = state.lab.shown_trace().events.get(history.event);
    let segment = event.map(|event| &event.kind);
    history.new_ack.is_some()
        && matches!(segment, Some(EventKind::Segment(one)) if one.only_acknowledges())
}

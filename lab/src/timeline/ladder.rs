//! The ladder diagram. It shows what each side did and what crossed between the sides. Time goes down.

use framescope_record::Data;

use crate::experiment::{Call, Experiment, Side};
use crate::trace::{BlockedOn, CallError, Event, EventKind, Value};

/// One rung: one action of a side.
#[derive(Clone, Debug, PartialEq)]
pub struct Rung<'a> {
    /// The number of the event, from 1.
    pub number: usize,
    /// Microseconds since the experiment began.
    pub at: u64,
    /// The side.
    pub side: Side,
    /// What it did.
    pub what: RungKind<'a>,
    /// What it sent to the other side.
    pub crossing: Option<RungCrossing>,
}

/// What a side did.
#[derive(Clone, Debug, PartialEq)]
pub enum RungKind<'a> {
    /// The call with this index returned, and there is no more to show.
    Done(usize),
    /// The call with this index waits.
    Waits(usize, BlockedOn),
    /// `accept` returned this client's connection. `None` if the client is not known.
    Accepted(Option<Side>),
    /// The call with this index sent, and the kernel took these bytes.
    Sent(usize, &'a Data),
    /// A `recv` asked for this number of bytes and got these.
    Received(u32, &'a Data),
    /// A call that may need several `recv` returned these bytes.
    Message(&'a Data),
    /// A call met the end of the stream.
    EndOfStream,
    /// The call with this index failed.
    Failed(usize, &'a CallError),
}

/// What crosses from one side to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RungCrossing {
    /// This number of bytes, as recorded.
    Bytes(usize),
    /// SYN, SYN-ACK and ACK. Derived from the call: segments are not captured.
    Handshake,
    /// FIN. Derived from the call.
    Fin,
    /// RST. Derived from the call.
    Reset,
}

/// Whether this event has a rung. Events that add nothing to the other events of their call have none.
#[must_use]
pub fn has_rung(experiment: &Experiment, event: &Event) -> bool {
    call_of(experiment, event).and_then(|call| kind(call, event)).is_some()
}

/// The rung of the event with this index. `None` if it has none.
#[must_use]
pub fn rung<'a>(experiment: &Experiment, events: &'a [Event], index: usize) -> Option<Rung<'a>> {
    let event = events.get(index)?;
    let call = call_of(experiment, event)?;
    let what = kind(call, event)?;
    let crossing = match &what {
        RungKind::Sent(_, data) => Some(RungCrossing::Bytes(data.0.len())),
        RungKind::Done(_) => crossing(call, &events[..index], event.side),
        RungKind::Waits(..)
        | RungKind::Accepted(_)
        | RungKind::Received(..)
        | RungKind::Message(_)
        | RungKind::EndOfStream
        | RungKind::Failed(..) => None,
    };
    Some(Rung { number: index + 1, at: event.at, side: event.side, what, crossing })
}

fn call_of<'a>(experiment: &'a Experiment, event: &Event) -> Option<&'a Call> {
    experiment.program(event.side)?.0.get(usize::from(event.call))
}

fn kind<'a>(call: &Call, event: &'a Event) -> Option<RungKind<'a>> {
    let index = usize::from(event.call);
    Some(match &event.kind {
        EventKind::Began | EventKind::Failed(_) => return None,
        EventKind::Blocked(on) => RungKind::Waits(index, *on),
        EventKind::Accepted(client) => RungKind::Accepted(*client),
        EventKind::Sent(data) => RungKind::Sent(index, data),
        EventKind::Received { asked, got } => RungKind::Received(*asked, got),
        EventKind::Returned(Value::Nothing) => match call {
            Call::Accept | Call::Send(_) | Call::SendMessage(_) | Call::SendHeader(_) => {
                return None;
            }
            Call::Listen { .. }
            | Call::Connect
            | Call::Recv(_)
            | Call::RecvExact(_)
            | Call::RecvNaive
            | Call::RecvMessage
            | Call::Sleep { .. }
            | Call::SetNodelay(_)
            | Call::SetRecvBuffer(_)
            | Call::SetSendBuffer(_)
            | Call::ShutdownWrite
            | Call::Close
            | Call::Reset => RungKind::Done(index),
        },
        // A plain recv returns what its system call received, and that has a rung already.
        EventKind::Returned(Value::Bytes(_)) if matches!(call, Call::Recv(_)) => return None,
        EventKind::Returned(Value::Bytes(data) | Value::Message(data)) => RungKind::Message(data),
        EventKind::Returned(Value::EndOfStream) => RungKind::EndOfStream,
        EventKind::Returned(Value::Error(error)) => RungKind::Failed(index, error),
    })
}

/// What a call that returned has sent to the other side.
fn crossing(call: &Call, before: &[Event], side: Side) -> Option<RungCrossing> {
    match call {
        Call::Connect => Some(RungCrossing::Handshake),
        Call::ShutdownWrite => Some(RungCrossing::Fin),
        Call::Reset => Some(RungCrossing::Reset),
        Call::Close => Some(close(before, side)),
        Call::Listen { .. }
        | Call::Accept
        | Call::Send(_)
        | Call::SendMessage(_)
        | Call::SendHeader(_)
        | Call::Recv(_)
        | Call::RecvExact(_)
        | Call::RecvNaive
        | Call::RecvMessage
        | Call::Sleep { .. }
        | Call::SetNodelay(_)
        | Call::SetRecvBuffer(_)
        | Call::SetSendBuffer(_) => None,
    }
}

/// A close with unread bytes sends a reset (RFC 1122, section 4.2.2.13).
fn close(before: &[Event], side: Side) -> RungCrossing {
    let tcp_info = before.last().and_then(|event| event.tcp_info.get(usize::from(side.0)));
    let unread = tcp_info.and_then(|tcp_info| tcp_info.unread).unwrap_or(0);
    if unread > 0 { RungCrossing::Reset } else { RungCrossing::Fin }
}

//! The ladder diagram: time downwards, what each side did, and what crossed between them.

use framescope_record::Data;

use crate::experiment::{Call, Experiment, Side};
use crate::trace::{BlockedOn, CallError, Event, EventKind, Value};

/// One rung: one thing that a side did.
#[derive(Clone, Debug, PartialEq)]
pub struct Rung<'a> {
    /// The number of the event, from 1.
    pub number: usize,
    /// Microseconds since the experiment began.
    pub at: u64,
    /// Who did it.
    pub side: Side,
    /// What was done.
    pub what: RungKind<'a>,
    /// What went to the other side with it.
    pub crossing: Option<RungCrossing>,
}

/// What a side did.
#[derive(Clone, Debug, PartialEq)]
pub enum RungKind<'a> {
    /// Its call of this index returned, and that is all there is to say.
    Done(usize),
    /// Its call of this index waits.
    Waits(usize, BlockedOn),
    /// `accept` handed over this client's connection.
    Accepted(Option<Side>),
    /// The kernel took these bytes of the call of this index.
    Sent(usize, &'a Data),
    /// A `recv` asked for so many bytes and got these.
    Received(u32, &'a Data),
    /// A call put several of those together to this.
    Message(&'a Data),
    /// A call found the end of the stream.
    EndOfStream,
    /// Its call of this index failed.
    Failed(usize, &'a CallError),
}

/// What crosses from one side to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RungCrossing {
    /// So many bytes, as recorded.
    Bytes(usize),
    /// SYN, SYN-ACK and ACK: the model, since nobody captured them.
    Handshake,
    /// FIN: the model.
    Fin,
    /// RST: the model.
    Reset,
}

/// Does this event have a rung of its own? A call that did not wait is said with its last event.
#[must_use]
pub fn has_rung(experiment: &Experiment, event: &Event) -> bool {
    call_of(experiment, event).and_then(|call| kind(call, event)).is_some()
}

/// The rung of the event of that index; `None` where it has none.
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
        // A plain recv's value is what its system call got.
        EventKind::Returned(Value::Bytes(_)) if matches!(call, Call::Recv(_)) => return None,
        EventKind::Returned(Value::Bytes(data) | Value::Message(data)) => RungKind::Message(data),
        EventKind::Returned(Value::EndOfStream) => RungKind::EndOfStream,
        EventKind::Returned(Value::Error(error)) => RungKind::Failed(index, error),
    })
}

/// What a call that is done has sent to the other side.
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

/// A close with bytes unread is a reset (RFC 1122, section 4.2.2.13).
fn close(before: &[Event], side: Side) -> RungCrossing {
    let tcp_info = before.last().and_then(|event| event.tcp_info.get(usize::from(side.0)));
    let unread = tcp_info.and_then(|tcp_info| tcp_info.unread).unwrap_or(0);
    if unread > 0 { RungCrossing::Reset } else { RungCrossing::Fin }
}

//! The ladder diagram: time downwards, what each side did, and what crossed between them.

use framescope_record::Data;

use crate::experiment::{Call, Experiment, Side};
use crate::trace::{BlockedOn, CallError, Event, Happened, Value};

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

/// The rungs of what has happened, oldest first.
#[must_use]
pub fn ladder<'a>(experiment: &'a Experiment, events: &'a [Event]) -> Vec<Rung<'a>> {
    events.iter().enumerate().filter_map(|(index, _)| rung(experiment, events, index)).collect()
}

fn rung<'a>(experiment: &'a Experiment, events: &'a [Event], index: usize) -> Option<Rung<'a>> {
    let event = &events[index];
    let call = usize::from(event.call);
    let program = experiment.program(event.side)?;
    let kind = program.0.get(call)?;
    let (what, crossing) = match &event.happened {
        Happened::Began | Happened::Failed(_) => return None,
        Happened::Blocked(on) => (RungKind::Waits(call, *on), None),
        Happened::Accepted(client) => (RungKind::Accepted(*client), None),
        Happened::Sent(data) => {
            (RungKind::Sent(call, data), Some(RungCrossing::Bytes(data.0.len())))
        }
        Happened::Received { asked, got } => (RungKind::Received(*asked, got), None),
        Happened::Returned(Value::Nothing) => match kind {
            Call::Accept | Call::Send(_) | Call::SendMessage(_) | Call::SendHeader(_) => {
                return None;
            }
            Call::Connect => (RungKind::Done(call), Some(RungCrossing::Handshake)),
            Call::ShutdownWrite => (RungKind::Done(call), Some(RungCrossing::Fin)),
            Call::Reset => (RungKind::Done(call), Some(RungCrossing::Reset)),
            Call::Close => (RungKind::Done(call), Some(close(&events[..index], event.side))),
            _ => (RungKind::Done(call), None),
        },
        // A plain recv's value is what its system call got.
        Happened::Returned(Value::Bytes(_)) if matches!(kind, Call::Recv(_)) => return None,
        Happened::Returned(Value::Bytes(data) | Value::Message(data)) => {
            (RungKind::Message(data), None)
        }
        Happened::Returned(Value::EndOfStream) => (RungKind::EndOfStream, None),
        Happened::Returned(Value::Error(error)) => (RungKind::Failed(call, error), None),
    };
    Some(Rung { number: index + 1, at: event.at, side: event.side, what, crossing })
}

/// A close with bytes unread is a reset (RFC 1122, section 4.2.2.13).
fn close(before: &[Event], side: Side) -> RungCrossing {
    let figures = before.last().and_then(|event| event.figures.get(usize::from(side.0)));
    let unread = figures.and_then(|figures| figures.unread).unwrap_or(0);
    if unread > 0 { RungCrossing::Reset } else { RungCrossing::Fin }
}

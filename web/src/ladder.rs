//! The ladder diagram: time downwards, what each side did, and what crossed between them.

use framescope_lab::{BlockedOn, Call, CallError, Event, Experiment, Happened, Side, Value};
use framescope_record::Data;

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
    pub what: What<'a>,
    /// What went to the other side with it.
    pub crossing: Option<Crossing>,
}

/// What a side did.
#[derive(Clone, Debug, PartialEq)]
pub enum What<'a> {
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
pub enum Crossing {
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
        Happened::Blocked(on) => (What::Waits(call, *on), None),
        Happened::Accepted(client) => (What::Accepted(*client), None),
        Happened::Sent(data) => (What::Sent(call, data), Some(Crossing::Bytes(data.0.len()))),
        Happened::Received { asked, got } => (What::Received(*asked, got), None),
        Happened::Returned(Value::Nothing) => match kind {
            Call::Accept | Call::Send(_) | Call::SendMessage(_) | Call::SendHeader(_) => {
                return None;
            }
            Call::Connect => (What::Done(call), Some(Crossing::Handshake)),
            Call::ShutdownWrite => (What::Done(call), Some(Crossing::Fin)),
            Call::Reset => (What::Done(call), Some(Crossing::Reset)),
            Call::Close => (What::Done(call), Some(close(&events[..index], event.side))),
            _ => (What::Done(call), None),
        },
        // A plain recv's value is what its system call got.
        Happened::Returned(Value::Bytes(_)) if matches!(kind, Call::Recv(_)) => return None,
        Happened::Returned(Value::Bytes(data) | Value::Message(data)) => {
            (What::Message(data), None)
        }
        Happened::Returned(Value::EndOfStream) => (What::EndOfStream, None),
        Happened::Returned(Value::Error(error)) => (What::Failed(call, error), None),
    };
    Some(Rung { number: index + 1, at: event.at, side: event.side, what, crossing })
}

/// A close with bytes unread is a reset (RFC 1122, section 4.2.2.13).
fn close(before: &[Event], side: Side) -> Crossing {
    let figures = before.last().and_then(|event| event.figures.get(usize::from(side.0)));
    let unread = figures.and_then(|figures| figures.unread).unwrap_or(0);
    if unread > 0 { Crossing::Reset } else { Crossing::Fin }
}

#[cfg(test)]
mod tests {
    use framescope_engine::simulate;
    use framescope_lab::Variant;

    use super::*;

    fn crossings(name: &str) -> Vec<(Side, Crossing)> {
        let trace = simulate(&Variant::find(name).unwrap().experiment()).unwrap();
        let rungs = ladder(&trace.experiment, &trace.events);
        rungs.iter().filter_map(|rung| Some((rung.side, rung.crossing?))).collect()
    }

    #[test]
    fn what_crosses_is_on_the_ladder_and_what_was_not_captured_is_the_model() {
        let client = |crossing| (Side::CLIENT, crossing);
        let five = client(Crossing::Bytes(5));
        assert_eq!(
            crossings("4a"),
            [client(Crossing::Handshake), five, five, five, client(Crossing::Fin)]
        );
        let server = |crossing| (Side::SERVER, crossing);
        assert_eq!(crossings("13b").last(), Some(&server(Crossing::Reset)));
    }

    #[test]
    fn a_recv_and_the_value_that_is_the_same_are_one_rung() {
        let trace = simulate(&Variant::find("4a").unwrap().experiment()).unwrap();
        let rungs = ladder(&trace.experiment, &trace.events);
        let server: Vec<_> = rungs.iter().filter(|rung| rung.side == Side::SERVER).collect();
        assert_eq!(server.len(), 5, "listen, accept and three recv");
        assert!(matches!(server[2].what, What::Received(1024, data) if data.0.len() == 15));
    }
}

//! Reads the bytes of a recorded trace again, with another reader.

use std::collections::VecDeque;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat};
use framescope_lab::{
    Call, Connections, Event, EventKind, Experiment, MAX_CALLS, Program, Side, Value,
};
use framescope_record::{Direction, Record};

use crate::kernel::{Outcome, Syscall};
use crate::run::Process;

/// What another reader would have received.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The recorded sends, and the chunks that the other reader receives.
    pub record: Record,
    /// The values that its calls return. Each comes with the number of the recorded event (from 1) at
    /// which the call returns.
    pub returned: Vec<(usize, Value)>,
}

/// Reads again what `from` sent to `to`. The call `reader`, repeated, replaces the recorded calls.
///
/// When the recorded program's `recv` returned, `reader` reads until it would wait. After the last
/// event it reads all bytes that were sent and not read. So it reads the same bytes with the same
/// timing.
#[must_use]
pub fn replay(
    experiment: &Experiment,
    events: &[Event],
    (from, to): (Side, Side),
    reader: &Call,
) -> Replay {
    let mut reader = Reader::new(experiment.header, reader);
    let mut connections = Connections::default();
    for (index, event) in events.iter().enumerate() {
        let number = index + 1;
        reader.record.pass(number);
        let client = connections.push(event);
        let of_this_connection = [from, to].map(Some).contains(&client);
        if !of_this_connection {
            continue;
        }
        match &event.kind {
            EventKind::Sent(data) if event.side == from => reader.arrive(number, event, &data.0),
            EventKind::Received { .. } if event.side == to => reader.read(number, event),
            EventKind::Returned(_) if event.side == from => {
                let call = experiment
                    .program(from)
                    .and_then(|program| program.0.get(usize::from(event.call)));
                reader.sender_has_ended |= matches!(call, Some(Call::Close | Call::ShutdownWrite));
            }
            EventKind::Began
            | EventKind::Blocked(_)
            | EventKind::Accepted(_)
            | EventKind::Sent(_)
            | EventKind::Received { .. }
            | EventKind::Failed(_)
            | EventKind::Returned(_) => {}
        }
    }
    if let Some(last) = events.last() {
        reader.read(events.len(), last);
    }
    Replay { record: reader.record, returned: reader.returned }
}

struct Reader {
    process: Process,
    record: Record,
    returned: Vec<(usize, Value)>,
    /// The bytes that were sent and not read.
    arrived: VecDeque<u8>,
    /// Whether the sender has closed or shut down its direction.
    sender_has_ended: bool,
    /// Whether the reader has met the end of the stream, or an error.
    is_over: bool,
}

impl Reader {
    fn new(format: HeaderFormat, reader: &Call) -> Self {
        Self {
            process: Process::new(Program(vec![reader.clone(); MAX_CALLS]), format),
            record: Record::new(format, DEFAULT_MAX_PAYLOAD),
            returned: Vec::new(),
            arrived: VecDeque::new(),
            sender_has_ended: false,
            is_over: false,
        }
    }

    fn can_read(&self) -> bool {
        !self.is_over
            && self.process.current().is_some()
            && (self.sender_has_ended || !self.arrived.is_empty())
    }

    fn arrive(&mut self, number: usize, event: &Event, bytes: &[u8]) {
        self.arrived.extend(bytes);
        let given = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.record.push(number, Direction::Sent, bytes, given, event.at);
    }

    fn read(&mut self, number: usize, event: &Event) {
        while self.can_read() {
            self.recv(number, event);
        }
    }

    /// Makes one `recv` of the reader. Records what its call returns, if it returns.
    fn recv(&mut self, number: usize, event: &Event) {
        if let Some(value) = self.process.begin() {
            return self.record_return(number, value);
        }
        let Some(Syscall::Recv(asked)) = self.process.wants() else { return };
        let length = self.arrived.len().min(asked as usize);
        let bytes: Vec<u8> = self.arrived.drain(..length).collect();
        if bytes.is_empty() {
            self.record.end(number);
        } else {
            self.record.push(number, Direction::Received, &bytes, asked, event.at);
        }
        if let Some(value) = self.process.take(Outcome::Received(bytes)) {
            self.record_return(number, value);
        }
    }

    fn record_return(&mut self, number: usize, value: Value) {
        self.is_over |= match &value {
            Value::EndOfStream | Value::Error(_) => true,
            Value::Bytes(data) => data.0.is_empty(),
            Value::Nothing | Value::Message(_) => false,
        };
        self.returned.push((number, value));
    }
}

#[cfg(test)]
mod tests {
    use framescope_lab::{CallError, find_variant, returned};

    use super::*;
    use crate::run::simulate;

    fn read(name: &str, reader: &Call) -> Vec<String> {
        let trace = simulate(&find_variant(name).unwrap().experiment()).unwrap();
        let replay = replay(&trace.experiment, &trace.events, (Side::CLIENT, Side::SERVER), reader);
        let text = |(_, value): &(usize, Value)| match value {
            Value::Bytes(data) | Value::Message(data) => data.to_string(),
            Value::EndOfStream => "end".to_owned(),
            Value::Error(error) => error.to_string(),
            Value::Nothing => "nothing".to_owned(),
        };
        replay.returned.iter().map(text).collect()
    }

    #[test]
    fn a_correct_reader_gets_the_whole_message_that_the_naive_reader_cut() {
        let whole = ["b'hello world!'", "b'again'", "end"];
        assert_eq!(read("7a", &Call::RecvMessage), whole);
        let naive = read("7a", &Call::RecvNaive);
        assert_eq!(naive[0], "b'hello '");
        assert_eq!(read("7b", &Call::RecvNaive)[0], naive[0]);
    }

    #[test]
    fn another_recv_size_cuts_the_same_stream_at_other_offsets() {
        assert_eq!(read("4a", &Call::Recv(1024)), ["b'hellohellohello'", "b''"]);
        assert_eq!(read("4a", &Call::Recv(4)), ["b'hell'", "b'ohel'", "b'lohe'", "b'llo'", "b''"]);
        assert_eq!(read("4a", &Call::RecvExact(5))[..3], ["b'hello'"; 3]);
        let truncated = CallError::Truncated { missing: 5 }.to_string();
        assert_eq!(read("4a", &Call::RecvExact(5))[3], truncated);
    }

    #[test]
    fn the_recorded_reader_gets_what_was_recorded() {
        for (name, reader) in [("6a", Call::RecvMessage), ("11b", Call::RecvMessage)] {
            let trace = simulate(&find_variant(name).unwrap().experiment()).unwrap();
            let recorded = returned(&trace.experiment, Side::SERVER, &trace.events);
            let recorded: Vec<_> = recorded.map(|(_, value)| value.clone()).collect();
            let replay =
                replay(&trace.experiment, &trace.events, (Side::CLIENT, Side::SERVER), &reader);
            let values: Vec<_> = replay.returned.into_iter().map(|(_, value)| value).collect();
            assert_eq!(values, recorded, "lesson {name}");
        }
    }
}

//! The events of a run in which another reader has taken over.

use std::ops::Range;

use framescope_record::{Data, Direction};
use framescope_syscall::{BlockedOn, Fd, Returned, Syscall, Wait};

use super::reader::{Reader, Reading, Then};
use super::source::{Place, Source, accepted_in, socket_in};
use crate::experiment::Experiment;
use crate::timeline::{Arrivals, Connection, Flow, Timeline};
use crate::trace::{
    Columns, Ended, Event, EventKind, MAX_EVENTS, Output, RunEnd, Socket, Trace, Variable,
};

/// The longest value of a variable that is shown, in bytes.
const MAX_VALUE: usize = 400;

/// A reader that takes over.
pub(super) struct TakenOver<'a> {
    recorded: &'a Trace,
    has_segments: bool,
    flow: &'a Flow,
    arrivals: &'a Arrivals,
    /// All bytes that are known of the flow.
    bytes: &'a [u8],
    /// Where the reader takes over.
    end: End,
    source: Source,
    reading: Reading,
    /// How many bytes it has read.
    read: u64,
    doing: Doing,
    variables: Vec<Variable>,
    events: Vec<Event>,
    /// The most events of the reader: all of the recorded ones fit beside them.
    left: usize,
    printed: usize,
}

/// What the reader is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Runs,
    /// It has called `recv`.
    Calls,
    /// Its `recv` waits.
    Waits,
    Ended,
}

/// The end of the connection that receives.
#[derive(Clone, Copy, Debug)]
struct End {
    program: usize,
    /// The thread that reads.
    thread: usize,
    fd: Fd,
    /// The index of the event at which the reader takes over.
    from: usize,
}

impl<'a> TakenOver<'a> {
    pub(super) fn new(
        recorded: &'a Trace,
        timeline: &'a Timeline,
        index: usize,
        reader: Reader,
    ) -> Option<Self> {
        let flow = timeline.flows().get(index)?;
        let connection = timeline.connections().get(flow.connection)?;
        let (end, place, socket) = find_end(recorded, flow, connection)?;
        let header = flow.header_in_texts().unwrap_or_default();
        let text = &recorded.experiment.programs.get(end.program)?.text;
        let streams = [Direction::Sent, Direction::Received].map(|side| flow.record.stream(side));
        let stream = streams.into_iter().max_by_key(|stream| stream.end())?;
        let bytes = stream.bytes(0..stream.end());
        if bytes.len() as u64 != stream.end() {
            return None;
        }
        Some(Self {
            recorded,
            has_segments: !timeline.segments().is_empty(),
            flow,
            arrivals: timeline.arrivals(flow),
            bytes,
            end,
            source: Source::new(text, place, reader, &socket, header),
            reading: Reading::new(reader, header),
            read: 0,
            doing: Doing::Runs,
            variables: variables_before(&recorded.events[..end.from], end),
            events: Vec::new(),
            left: MAX_EVENTS.saturating_sub(recorded.events.len()),
            printed: 0,
        })
    }

    /// The program in which the reader takes over, and the numbers of its lines there.
    pub(super) fn place(&self) -> (usize, Range<u32>) {
        (self.end.program, self.source.lines())
    }

    /// The trace, and by the number of recorded events the number of its own until then.
    pub(super) fn trace(mut self) -> (Trace, Vec<usize>) {
        let recorded = self.recorded;
        let mut numbers = vec![0];
        for (event, index) in recorded.events.iter().zip(0..) {
            self.push(index, event);
            if index >= self.end.from {
                self.go_on(index + 1, event.at);
            }
            numbers.push(self.events.len());
        }
        let count = recorded.events.len();
        let last = recorded.events.last().map_or(0, |last| last.at);
        if self.end.from == count {
            self.go_on(count, last);
        }
        if recorded.end == Some(RunEnd::Finished) && self.doing != Doing::Ended {
            let line = self.source.line(self.reading.ask().line);
            self.emit(last, line, EventKind::Ended(Ended::Blocked { line, printed: self.printed }));
        }
        if let Some(number) = numbers.last_mut() {
            *number = self.events.len();
        }
        let mut trace = Trace::new(recorded.source, self.experiment());
        trace.system.clone_from(&recorded.system);
        trace.network.clone_from(&recorded.network);
        trace.end = if self.left == 0 { Some(RunEnd::RecordFull) } else { recorded.end };
        trace.events = self.events;
        (trace, numbers)
    }

    fn experiment(&self) -> Experiment {
        let mut experiment = self.recorded.experiment.clone();
        if let Some(program) = experiment.programs.get_mut(self.end.program) {
            program.text.clone_from(&self.source.text);
        }
        experiment
    }

    /// Adds a recorded event, unless the program does not do it any more.
    fn push(&mut self, index: usize, event: &Event) {
        let mut event = event.clone();
        if event.program == self.end.program {
            let has_taken_over = index >= self.end.from;
            match &mut event.kind {
                EventKind::Sockets(sockets) if has_taken_over => {
                    self.correct(index, sockets);
                }
                EventKind::Sockets(_) | EventKind::Segment(_) | EventKind::Fate(..) => {}
                EventKind::Line(frames) if !has_taken_over => {
                    for frame in frames {
                        frame.line = self.source.moved(frame.line);
                    }
                }
                EventKind::Began
                | EventKind::Line(_)
                | EventKind::Variables(_)
                | EventKind::Called(..)
                | EventKind::Blocked(_)
                | EventKind::Returned(_)
                | EventKind::Printed(_)
                | EventKind::Reads
                | EventKind::Read(_)
                | EventKind::Started(_)
                | EventKind::Waits
                | EventKind::ThreadEnded
                | EventKind::Ended(_) => {
                    if has_taken_over {
                        return;
                    }
                }
            }
            event.line = self.source.moved(event.line);
            if let EventKind::Printed(output) = &event.kind {
                self.printed += output.text.len();
            }
        }
        self.events.push(event);
    }

    /// Says how many bytes this reader has left unread.
    fn correct(&self, index: usize, sockets: &mut [Socket]) {
        let socket = sockets.iter_mut().find(|socket| socket.fd == Some(self.end.fd));
        if let Some(unread) = socket.and_then(|socket| socket.unread.as_mut()) {
            let left = self.arrived(index).saturating_sub(self.read);
            *unread = u32::try_from(left).unwrap_or(u32::MAX);
        }
    }

    /// How many bytes had arrived after `number` recorded events. Without segments, those that were sent.
    fn arrived(&self, number: usize) -> u64 {
        let moment = self.flow.record.moment(Some(number));
        let arrived =
            if self.has_segments { self.arrivals.end(number) } else { moment.end(Direction::Sent) };
        arrived.max(moment.end(Direction::Received)).min(self.bytes.len() as u64)
    }

    fn has_end(&self, number: usize) -> bool {
        let was_read = self.flow.record.moment(Some(number)).has_ended();
        was_read || (self.has_segments && self.arrivals.has_end(number))
    }

    /// Reads what has arrived, until it has to wait.
    fn go_on(&mut self, number: usize, at: u64) {
        while self.doing != Doing::Ended && self.left > 0 {
            let ask = self.reading.ask();
            let line = self.source.line(ask.line);
            if self.doing == Doing::Runs {
                let (fd, length) = (self.end.fd, ask.length);
                let call = Syscall::Recv { fd, length, peek: false, wait: Wait::Forever };
                self.emit(at, line, EventKind::Called(call, self.source.call(ask.line)));
                self.doing = Doing::Calls;
            }
            let left = self.arrived(number).saturating_sub(self.read);
            if left == 0 && ask.length > 0 && !self.has_end(number) {
                if self.doing == Doing::Calls {
                    self.emit(at, line, EventKind::Blocked(BlockedOn::Bytes));
                    self.doing = Doing::Waits;
                }
                return;
            }
            let end = self.read + left.min(ask.length.into());
            let of = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
            let got = &self.bytes[of(self.read)..of(end)];
            self.read = end;
            self.emit(at, line, EventKind::Returned(Returned::Received(Data(got.to_vec()))));
            self.doing = Doing::Runs;
            let then = self.reading.take(got);
            self.follow(then, at, line);
        }
    }

    fn follow(&mut self, then: Then, at: u64, line: u32) {
        let Then { variables, printed, ended } = then;
        let is_global = self.variables.iter().all(|known| known.is_global);
        for (name, mut value) in variables {
            if value.len() > MAX_VALUE {
                value.truncate(value.floor_char_boundary(MAX_VALUE));
                value.push('…');
            }
            match self.variables.iter_mut().find(|known| known.name == name) {
                Some(known) => known.value = value,
                None => self.variables.push(Variable { name: name.to_owned(), value, is_global }),
            }
        }
        self.emit(at, line, EventKind::Variables(self.variables.clone()));
        if let Some((text, of_reader)) = printed {
            self.print(at, of_reader, text, false);
        }
        let Some((ended, of_reader)) = ended else { return };
        self.doing = Doing::Ended;
        if let Ended::Exception(raised) = &ended {
            self.print(at, of_reader, format!("{}\n", raised.shown), true);
        }
        let line = if ended.status() == Some(0) { 0 } else { self.source.line(of_reader) };
        self.emit(at, line, EventKind::ThreadEnded);
        if self.end.thread == 0 {
            self.emit(at, line, EventKind::Ended(ended));
        }
    }

    fn print(&mut self, at: u64, of_reader: usize, text: String, to_stderr: bool) {
        self.printed += text.len();
        let line = self.source.line(of_reader);
        self.emit(at, line, EventKind::Printed(Output { text, to_stderr }));
    }

    fn emit(&mut self, at: u64, line: u32, kind: EventKind) {
        if self.left > 0 {
            self.left -= 1;
            let End { program, thread, .. } = self.end;
            self.events.push(Event { at, program, thread, line, kind });
        }
    }
}

/// Which end receives the flow, where in its text the reader takes over, and how the socket is called there.
fn find_end(
    recorded: &Trace,
    flow: &Flow,
    connection: &Connection,
) -> Option<(End, Place, String)> {
    let (program, events) = (flow.to?, &recorded.events);
    let mut own = events.iter().enumerate().filter(|(_, event)| event.program == program);
    let fd = own.find_map(|(index, event)| {
        let EventKind::Sockets(sockets) = &event.kind else { return None };
        Some((index, connection.socket(flow.to_server, sockets)?.fd?))
    });
    let (known, fd) = fd?;
    let made = events[..known].iter().rfind(|event| {
        let made = if let EventKind::Returned(Returned::Accepted { fd, .. })
        | EventKind::Called(Syscall::Connect { fd, .. }, _) = &event.kind
        {
            Some(*fd)
        } else {
            None
        };
        event.program == program && made == Some(fd)
    })?;
    let text = &recorded.experiment.programs.get(program)?.text;
    let line_of = |line: u32| text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
    let first = own.find_map(|(index, event)| {
        let EventKind::Called(Syscall::Recv { fd: read, peek: false, .. }, columns) = &event.kind
        else {
            return None;
        };
        (*read == fd).then_some((index, event, *columns))
    });
    let (from, thread) =
        first.map_or((events.len(), made.thread), |(at, event, _)| (at, event.thread));
    let end = End { program, thread, fd, from };
    if let Some((_, event, columns)) = first
        && (event.thread != made.thread || event.line > made.line)
    {
        let socket = socket_in(line_of(event.line), columns, "recv");
        return Some((end, Place::Instead(event.line), socket.unwrap_or_else(unnamed)));
    }
    let lines = events[..from].iter().filter(|event| {
        event.program == program && event.thread == made.thread && event.line >= made.line
    });
    let after = lines.map(|event| event.line).next_back().unwrap_or(made.line);
    let socket = socket_in(line_of(made.line), columns_of(made), "connect");
    let socket = socket.or_else(|| accepted_in(line_of(made.line)));
    Some((end, Place::After(after), socket.unwrap_or_else(unnamed)))
}

const fn columns_of(event: &Event) -> Columns {
    if let EventKind::Called(_, columns) = &event.kind {
        *columns
    } else {
        Columns { from: 0, to: 0 }
    }
}

fn unnamed() -> String {
    "conn".to_owned()
}

/// The variables of the thread before the reader takes over.
fn variables_before(events: &[Event], end: End) -> Vec<Variable> {
    let own = |event: &&Event| event.program == end.program && event.thread == end.thread;
    let last = events.iter().rev().filter(own).find_map(|event| {
        let EventKind::Variables(variables) = &event.kind else { return None };
        Some(variables)
    });
    last.cloned().unwrap_or_default()
}

//! The events of a trace of version 1, as a run of its programs in Python has them.

use std::net::Ipv4Addr;

use framescope_record::python_repr;
use framescope_syscall::{Address, Fd, Returned, SocketOption, Syscall, Wait, errno};

use super::calls::{LISTENER, Progress, blocked_on, class, number, syscall};
use super::experiment::{Call, Side};
use super::text::Python;
use super::trace as old;
use super::trace::{CallError, Connections, Value};
use crate::experiment::{Experiment, Program, Start, When};
use crate::trace::{
    Columns, Ended, Event, EventKind as Kind, Exception, Frame, MAX_EVENTS, MAX_RUN_US, Output,
    RunEnd, Socket, TcpState, Trace, TraceError,
};

/// The port at which every server of the first version listens.
const PORT: u16 = 9527;
/// The port of the first client. The trace does not say which it was.
const FIRST_CLIENT_PORT: u16 = 50_000;

/// Reads a trace from the JSON of either version. One of version 1 is translated.
///
/// # Errors
///
/// [`TraceError`] says what is wrong.
pub fn read_trace(json: &str) -> Result<Trace, TraceError> {
    match Trace::from_json(json) {
        Err(TraceError::Version(1)) => {}
        Err(TraceError::Json(_)) if is_version_1(json) => {}
        read => return read,
    }
    let trace = old::Trace::from_json(json).map_err(|error| TraceError::Json(error.to_string()))?;
    translate_trace(&trace)
}

fn is_version_1(json: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u32,
    }
    serde_json::from_str(json).is_ok_and(|trace: Versioned| trace.version == 1)
}

/// A trace of version 1 as one of version 2, with the same times. Its events are those that a run of its programs in
/// Python has, as far as the trace knows them.
///
/// # Errors
///
/// [`TraceError`], if it would be over a bound of version 2.
pub fn translate_trace(trace: &old::Trace) -> Result<Trace, TraceError> {
    let mut translation = Translation::new(trace);
    for event in &trace.events {
        translation.add(event);
        if translation.events.len() >= MAX_EVENTS {
            translation.events.truncate(MAX_EVENTS);
            return translation.finish(Some(RunEnd::RecordFull));
        }
    }
    if trace.end == Some(RunEnd::Finished) {
        translation.end_all();
    }
    translation.finish(trace.end)
}

struct Translation<'a> {
    trace: &'a old::Trace,
    sides: Vec<SideState>,
    connections: Connections,
    events: Vec<Event>,
    at: u64,
}

/// What is known of a program.
struct SideState {
    lines: Vec<u32>,
    has_begun: bool,
    /// The socket that its calls act on.
    fd: Fd,
    /// The index of the event of the system call that has not returned.
    pending: Option<usize>,
    /// How far its call of the first version is.
    progress: Progress,
    line: u32,
    ended: bool,
    printed: usize,
    sockets: Vec<Socket>,
}

const fn address(port: u16) -> Address {
    Address { ip: Ipv4Addr::LOCALHOST, port }
}

const fn client_address(side: Side) -> Address {
    address(FIRST_CLIENT_PORT + side.0 as u16)
}

impl<'a> Translation<'a> {
    fn new(trace: &'a old::Trace) -> Self {
        let sides = trace.experiment.sides().map(|side| {
            let program = trace.experiment.program(side).cloned().unwrap_or_default();
            SideState {
                lines: Python::of(&program, side, trace.experiment.header).lines,
                has_begun: false,
                fd: LISTENER,
                pending: None,
                progress: Progress::default(),
                line: 0,
                ended: false,
                printed: 0,
                sockets: Vec::new(),
            }
        });
        let (connections, events) = (Connections::default(), Vec::new());
        Self { sides: sides.collect(), connections, events, trace, at: 0 }
    }

    fn finish(self, end: Option<RunEnd>) -> Result<Trace, TraceError> {
        let experiment = &self.trace.experiment;
        let programs = experiment.sides().filter_map(|side| {
            let name = match side.0 {
                0 => "server".to_owned(),
                1 => "client".to_owned(),
                number => format!("client{number}"),
            };
            let text = Python::of(experiment.program(side)?, side, experiment.header).text;
            Some(Program { file: format!("{name}.py"), name, text, ..Program::default() })
        });
        let programs: Vec<Program> = programs.collect();
        let starts = (0..programs.len()).map(|program| Start {
            program,
            when: if program == 0 { When::AtOnce } else { When::Listening(PORT) },
        });
        let starts = starts.collect();
        let experiment = Experiment { programs, starts, ..Experiment::default() };
        let mut trace = Trace::new(self.trace.source, experiment);
        trace.events = self.events;
        trace.end = end;
        trace.check()
    }

    fn note(&mut self, side: usize, kind: Kind) {
        let line = self.sides[side].line;
        self.events.push(Event { at: self.at, program: side, thread: 0, line, kind });
    }

    /// The program makes this system call.
    fn call(&mut self, side: usize, call: Syscall) {
        self.sides[side].pending = Some(self.events.len());
        self.sides[side].progress.has_called = true;
        self.note(side, Kind::Called(call, Columns::default()));
    }

    /// The program makes the next system call of its call, if none waits.
    fn call_next(&mut self, side: usize, call: &Call) {
        if self.sides[side].pending.is_none() {
            let SideState { fd, progress, .. } = self.sides[side];
            let header = self.trace.experiment.header;
            self.call(side, syscall(call, fd, address(PORT), header, progress));
        }
    }

    /// A system call has returned, and now it is known which it was.
    fn call_returned(&mut self, side: usize, call: Syscall, returned: Returned) {
        match self.sides[side].pending.and_then(|index| self.events.get_mut(index)) {
            Some(event) => event.kind = Kind::Called(call, Columns::default()),
            None => self.call(side, call),
        }
        self.returned(side, returned);
    }

    fn returned(&mut self, side: usize, returned: Returned) {
        if self.sides[side].pending.take().is_some() {
            self.note(side, Kind::Returned(returned));
        }
    }

    fn add(&mut self, event: &old::Event) {
        let side = usize::from(event.side.0);
        let program = self.trace.experiment.program(event.side);
        let Some(call) = program.and_then(|program| program.0.get(usize::from(event.call))) else {
            return;
        };
        self.at = event.at.min(MAX_RUN_US);
        self.connections.push(event);
        let (fd, wait) = (self.sides[side].fd, Wait::Forever);
        let continues_call =
            !matches!(event.kind, old::EventKind::Began | old::EventKind::Returned(_));
        if continues_call && self.sides[side].progress.has_failed {
            // An error ends the call: this cannot have happened.
            return;
        }
        match &event.kind {
            old::EventKind::Began => self.begin(side, usize::from(event.call), call),
            old::EventKind::Returned(value) => self.return_value(side, event, call, value),
            old::EventKind::Blocked(on) => {
                self.call_next(side, call);
                self.note(side, Kind::Blocked(blocked_on(*on)));
            }
            old::EventKind::Accepted(client) => {
                let accept = Syscall::Accept { fd: LISTENER, wait };
                let fd = Fd(fd.0.max(LISTENER.0) + 1);
                let peer = client.map_or(address(0), client_address);
                self.call_returned(side, accept, Returned::Accepted { fd, peer });
                self.sides[side].fd = fd;
            }
            old::EventKind::Sent(data) => {
                let send = Syscall::Send { fd, bytes: data.clone(), wait };
                let count = u32::try_from(data.0.len()).unwrap_or(u32::MAX);
                self.call_returned(side, send, Returned::Sent(count));
                self.sides[side].progress.bytes += data.0.len();
            }
            old::EventKind::Received { asked, got } => {
                let recv = Syscall::Recv { fd, length: *asked, peek: false, wait };
                self.call_returned(side, recv, Returned::Received(got.clone()));
                self.sides[side].progress.received(&got.0);
            }
            old::EventKind::Failed(error) => {
                self.call_next(side, call);
                self.returned(side, Returned::Failed(number(*error)));
                self.sides[side].progress.has_failed = true;
            }
        }
        self.report(event);
    }

    fn begin(&mut self, side: usize, index: usize, call: &Call) {
        if !self.sides[side].has_begun {
            self.sides[side].has_begun = true;
            self.note(side, Kind::Began);
        }
        let line = self.sides[side].lines.get(index).copied().unwrap_or(0);
        self.sides[side].line = line;
        self.sides[side].progress = Progress::default();
        let frame = Frame { function: "<module>".to_owned(), line };
        self.note(side, Kind::Line(vec![frame]));
        if *call == Call::Reset {
            let fd = self.sides[side].fd;
            let option = SocketOption::Linger { on: true, seconds: 0 };
            self.call_returned(side, Syscall::SetOption { fd, option }, Returned::Done);
        }
    }

    fn return_value(&mut self, side: usize, event: &old::Event, call: &Call, value: &Value) {
        // A send or a receive has an event for each of its system calls. `recv_message` needs none if it has read
        // the message before.
        let has_events = call.sends() || call.receives();
        let is_last = *call == Call::Reset || !self.sides[side].progress.has_called;
        if is_last && !has_events && !matches!(value, Value::Error(_)) {
            self.call_next(side, call);
        }
        self.returned(side, Returned::Done);
        match value {
            Value::Nothing => {}
            Value::Bytes(data) | Value::Message(data) => {
                self.print(side, format!("{}\n", python_repr(&data.0)));
            }
            Value::EndOfStream => self.print(side, "b''\n".to_owned()),
            Value::Error(error) => self.fail(side, error),
        }
        let program = self.trace.experiment.program(event.side);
        let is_over = program.is_none_or(|program| usize::from(event.call) + 1 == program.0.len());
        if is_over && !self.sides[side].ended {
            self.end(side, Ended::Exit(0));
        }
    }

    fn print(&mut self, side: usize, text: String) {
        self.sides[side].printed += text.len();
        self.note(side, Kind::Printed(Output { text, to_stderr: false }));
    }

    fn fail(&mut self, side: usize, error: &CallError) {
        let (class, errno, message) = match error {
            CallError::Errno(error) => {
                let number = number(*error);
                let message = format!("[Errno {number}] {}", errno::message(number));
                (class(*error), Some(number), message)
            }
            CallError::ShortHeader { .. } => {
                ("struct.error", None, "unpack requires a buffer of 4 bytes".to_owned())
            }
            CallError::Truncated { missing } => {
                ("EOFError", None, format!("the stream ended, bytes missing: {missing}"))
            }
            CallError::Negative { .. } | CallError::TooLong { .. } => {
                ("ValueError", None, error.to_string())
            }
        };
        let shown = format!("{class}: {message}");
        let output = Output { text: format!("{shown}\n"), to_stderr: true };
        self.note(side, Kind::Printed(output));
        let lines = vec![self.sides[side].line];
        let exception = Exception { class: class.to_owned(), message, errno, lines, shown };
        self.end(side, Ended::Exception(exception));
    }

    fn end(&mut self, side: usize, ended: Ended) {
        self.sides[side].ended = true;
        self.note(side, Kind::ThreadEnded);
        self.note(side, Kind::Ended(ended));
    }

    /// The run has finished: what has not ended waits for ever.
    fn end_all(&mut self) {
        for side in 0..self.sides.len() {
            let SideState { ended, has_begun, line, printed, .. } = self.sides[side];
            if ended {
                continue;
            }
            if has_begun {
                self.end(side, Ended::Blocked { line, printed });
            } else {
                self.note(side, Kind::Ended(Ended::NotStarted));
            }
        }
    }

    /// What the kernel reported about each side's socket.
    fn report(&mut self, event: &old::Event) {
        let current = self.connections.of(Side::SERVER);
        for (side, tcp_info) in event.tcp_info.iter().enumerate() {
            let Some(state) = self.sides.get(side) else { return };
            let listens = tcp_info.state == Some(TcpState::Listen);
            let client = u8::try_from(side).ok().filter(|side| *side > 0).map(Side);
            let (local, peer) = match (client, current) {
                (Some(client), _) => (client_address(client), Some(address(PORT))),
                (None, Some(client)) if !listens => (address(PORT), Some(client_address(client))),
                (None, _) => (address(PORT), None),
            };
            let mut sockets = Vec::new();
            if tcp_info.state.is_some() {
                sockets.push(Socket {
                    fd: Some(if listens { LISTENER } else { state.fd }),
                    state: tcp_info.state,
                    local,
                    peer,
                    unread: tcp_info.unread,
                    unacknowledged: tcp_info.unacknowledged,
                    limits: None,
                    backlog: None,
                });
            }
            if sockets != state.sockets {
                self.sides[side].sockets.clone_from(&sockets);
                self.note(side, Kind::Sockets(sockets));
            }
        }
    }
}

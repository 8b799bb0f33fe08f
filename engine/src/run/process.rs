//! Runs a program without I/O: says which system call comes next, and takes the outcome of the last one.

use framescope_framing::{DecodeError, Decoder, HeaderFormat, encode};
use framescope_lab::{Call, CallError, Program, Value};
use framescope_record::Data;

use crate::kernel::{Outcome, Syscall};

/// The longest payload that `recv_message` and `recv_naively` accept in a program, in bytes: 1 MiB.
const MAX_MESSAGE: u32 = 1024 * 1024;

/// A running program.
#[derive(Clone, Debug)]
pub struct Process {
    program: Program,
    format: HeaderFormat,
    /// The index of the call in progress, or of the next call.
    at: usize,
    progress: CallProgress,
    /// The decoder of `recv_message`. It keeps the message that is not yet complete from call to call.
    decoder: Decoder,
    /// The bytes that `recv_message` has read and the decoder has not taken.
    undecoded: Vec<u8>,
    failed: bool,
}

/// How far the call in progress is.
#[derive(Clone, Debug)]
enum CallProgress {
    /// No call is in progress.
    Idle,
    /// The call is one system call.
    SingleSyscall,
    /// The bytes that are still to be sent.
    Sending(Vec<u8>),
    /// The bytes that `recv_exact` has received, and the number of bytes that it has to return.
    RecvExact { got: Vec<u8>, want: u32 },
    /// The naive reader's first `recv`, for a header.
    NaiveHeader,
    /// The naive reader's second `recv`, for the length that the header declared.
    NaivePayload(u32),
    /// `recv_message` reads until a message is complete.
    Message,
}

impl Process {
    /// A program before its first call.
    #[must_use]
    pub fn new(program: Program, format: HeaderFormat) -> Self {
        Self {
            program,
            format,
            at: 0,
            progress: CallProgress::Idle,
            decoder: Decoder::with_max_payload(format, MAX_MESSAGE as usize),
            undecoded: Vec::new(),
            failed: false,
        }
    }

    /// The index of the call in progress, or of the next call. `None` if the program has ended.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        (!self.failed && self.at < self.program.0.len()).then_some(self.at)
    }

    /// Begins the next call. Returns its value at once if the call needs no system call.
    ///
    /// Does nothing if a call is in progress or the program has ended.
    pub fn begin(&mut self) -> Option<Value> {
        if !matches!(self.progress, CallProgress::Idle) {
            return None;
        }
        let call = self.program.0.get(self.current()?)?.clone();
        self.progress = match call {
            Call::Send(data) => CallProgress::Sending(data.0),
            Call::SendMessage(data) => {
                let mut wire = Vec::new();
                // The bound of a payload is far below the maximum of every header format.
                let _ = encode(self.format, &data.0, &mut wire);
                CallProgress::Sending(wire)
            }
            Call::SendHeader(number) => {
                CallProgress::Sending(self.format.write_or_ones(number).to_vec())
            }
            Call::RecvExact(want) => CallProgress::RecvExact { got: Vec::new(), want },
            Call::RecvNaive => CallProgress::NaiveHeader,
            Call::RecvMessage => {
                if let Some(value) = self.decode() {
                    return Some(self.end(value));
                }
                CallProgress::Message
            }
            Call::Listen { .. }
            | Call::Accept
            | Call::Connect
            | Call::Recv(_)
            | Call::Sleep { .. }
            | Call::SetNodelay(_)
            | Call::SetRecvBuffer(_)
            | Call::SetSendBuffer(_)
            | Call::ShutdownWrite
            | Call::Close
            | Call::Reset => CallProgress::SingleSyscall,
        };
        None
    }

    /// The system call that the call in progress needs next. `None` if no call is in progress.
    #[must_use]
    pub fn wants(&self) -> Option<Syscall> {
        let call = self.program.0.get(self.at)?;
        match &self.progress {
            CallProgress::Idle => None,
            CallProgress::SingleSyscall => single_syscall(call),
            CallProgress::Sending(bytes) => Some(Syscall::Send(bytes.clone())),
            CallProgress::RecvExact { got, want } => {
                Some(Syscall::Recv(*want - u32::try_from(got.len()).unwrap_or(*want)))
            }
            CallProgress::NaiveHeader => Some(Syscall::Recv(NAIVE_HEADER)),
            CallProgress::NaivePayload(length) => Some(Syscall::Recv(*length)),
            CallProgress::Message => Some(Syscall::Recv(READ_AHEAD)),
        }
    }

    /// Takes the outcome of the system call. Returns the call's value if the call has ended.
    pub fn take(&mut self, outcome: Outcome) -> Option<Value> {
        let value = match outcome {
            Outcome::Failed(errno) => Some(Value::Error(CallError::Errno(errno))),
            Outcome::Done | Outcome::Accepted(_) => Some(Value::Nothing),
            Outcome::Sent(count) => self.sent(count),
            Outcome::Received(bytes) => self.received(bytes),
        };
        value.map(|value| self.end(value))
    }

    fn sent(&mut self, count: usize) -> Option<Value> {
        let CallProgress::Sending(bytes) = &mut self.progress else { return Some(Value::Nothing) };
        bytes.drain(..count.min(bytes.len()));
        bytes.is_empty().then_some(Value::Nothing)
    }

    fn received(&mut self, bytes: Vec<u8>) -> Option<Value> {
        let ended = bytes.is_empty();
        match &mut self.progress {
            CallProgress::RecvExact { got, want } => {
                got.extend_from_slice(&bytes);
                let missing = *want - u32::try_from(got.len()).unwrap_or(*want);
                match (missing, ended) {
                    (0, _) => Some(Value::Bytes(Data(std::mem::take(got)))),
                    (_, true) => Some(Value::Error(CallError::Truncated { missing })),
                    (_, false) => None,
                }
            }
            CallProgress::NaiveHeader => self.naive_header(&bytes),
            CallProgress::NaivePayload(_) => Some(Value::Message(Data(bytes))),
            CallProgress::Message if ended && self.decoder.finish().is_ok() => {
                Some(Value::EndOfStream)
            }
            CallProgress::Message if ended => {
                let missing = self.decoder.wanted().missing();
                let missing = u32::try_from(missing).unwrap_or(u32::MAX);
                Some(Value::Error(CallError::Truncated { missing }))
            }
            CallProgress::Message => {
                self.undecoded.extend_from_slice(&bytes);
                self.decode()
            }
            CallProgress::Idle | CallProgress::SingleSyscall | CallProgress::Sending(_) => {
                Some(Value::Bytes(Data(bytes)))
            }
        }
    }

    fn naive_header(&mut self, bytes: &[u8]) -> Option<Value> {
        if bytes.is_empty() {
            return Some(Value::EndOfStream);
        }
        let Ok(header) = bytes.try_into() else {
            let got = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
            return Some(Value::Error(CallError::ShortHeader { got }));
        };
        let declared = self.format.read(header);
        match u32::try_from(declared) {
            Ok(0) => Some(Value::Message(Data::default())),
            Ok(length) if length <= MAX_MESSAGE => {
                self.progress = CallProgress::NaivePayload(length);
                None
            }
            _ if declared < 0 => Some(Value::Error(CallError::Negative { declared })),
            _ => Some(Value::Error(CallError::TooLong {
                declared: declared.unsigned_abs(),
                limit: MAX_MESSAGE,
            })),
        }
    }

    /// The next message in the bytes that were read, or the error. `None` if more bytes are needed.
    fn decode(&mut self) -> Option<Value> {
        let mut chunk = &self.undecoded[..];
        let decoded = self.decoder.decode(&mut chunk);
        let value = match decoded {
            Ok(None) => None,
            Ok(Some(message)) => Some(Value::Message(Data(message.payload.to_vec()))),
            Err(DecodeError::Negative { declared, .. }) => {
                Some(Value::Error(CallError::Negative { declared }))
            }
            Err(DecodeError::TooLong { declared, .. }) => {
                Some(Value::Error(CallError::TooLong { declared, limit: MAX_MESSAGE }))
            }
        };
        let taken = self.undecoded.len() - chunk.len();
        self.undecoded.drain(..taken);
        value
    }

    fn end(&mut self, value: Value) -> Value {
        self.failed = matches!(value, Value::Error(_));
        self.progress = CallProgress::Idle;
        self.at += 1;
        value
    }
}

/// The system call that `call` consists of. `None` for a call that may need several.
const fn single_syscall(call: &Call) -> Option<Syscall> {
    Some(match call {
        Call::Listen { backlog } => Syscall::Listen { backlog: *backlog },
        Call::Accept => Syscall::Accept,
        Call::Connect => Syscall::Connect,
        Call::Recv(length) => Syscall::Recv(*length),
        Call::Sleep { ms } => Syscall::Sleep { ms: *ms },
        Call::SetNodelay(on) => Syscall::SetNodelay(*on),
        Call::SetRecvBuffer(bytes) => Syscall::SetRecvBuffer(*bytes),
        Call::SetSendBuffer(bytes) => Syscall::SetSendBuffer(*bytes),
        Call::ShutdownWrite => Syscall::ShutdownWrite,
        Call::Close => Syscall::Close,
        Call::Reset => Syscall::Reset,
        Call::Send(_)
        | Call::SendMessage(_)
        | Call::SendHeader(_)
        | Call::RecvExact(_)
        | Call::RecvNaive
        | Call::RecvMessage => return None,
    })
}

/// The number of bytes that the naive reader asks for first: a header.
const NAIVE_HEADER: u32 = 4;

/// The number of bytes that `recv_message` asks for.
const READ_AHEAD: u32 = 4096;

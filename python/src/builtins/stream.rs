//! What `makefile` returns: a connection that is read and written like a file.
#![allow(clippy::wildcard_enum_match_arm, reason = "a method knows the type of its object")]

use std::rc::Rc;

use super::arguments::{int, method, named, none, one};
use super::codecs::Codec;
use crate::budget::room_for;
use crate::native::{Doing, Flow, Input, Task, error, refuse, type_error, value_error};
use crate::operators::compare::as_bytes;
use crate::operators::kind::type_name;
use crate::os_error::os_error;
use crate::types::Exc;
use crate::value::{Args, Cx, Fail, Native, Outcome, Socket, Stream, Value};
use framescope_syscall::{Data, Fd, Returned, Syscall, Wait};

/// The size of CPython's buffers, in bytes.
const BUFFER_SIZE: usize = 8192;

/// `socket.makefile(mode)`.
pub(crate) fn makefile(socket: &Rc<Socket>, args: Args) -> Outcome {
    let [mode, buffering, encoding, errors, newline] =
        named(args, "makefile", ["mode", "buffering", "encoding", "errors", "newline"], 0)?;
    let keeps_newlines = matches!(&newline, Value::Str(text) if &*text.text == "\n");
    let newline = if keeps_newlines { Value::None } else { newline };
    for (name, value) in [("buffering", &buffering), ("errors", &errors), ("newline", &newline)] {
        if value.is_bound() && !matches!(value, Value::None) {
            return Err(refuse(format!("'{name}' of makefile is outside of the subset")));
        }
    }
    let mode = match &mode {
        Value::Unbound => "r".to_owned(),
        Value::Str(text) => text.text.to_string(),
        other => return Err(type_error(format!("mode must be str, not {}", type_name(other)))),
    };
    if !mode.chars().all(|character| matches!(character, 'r' | 'w' | 'b')) {
        return Err(value_error(format!("invalid mode '{mode}' (only r, w, b allowed)")));
    }
    let encoding = match &encoding {
        Value::Str(text) => text.text.to_string(),
        _ => "utf-8".to_owned(),
    };
    let encoding = (!mode.contains('b')).then_some(encoding);
    socket.streams.set(socket.streams.get() + 1);
    Ok(Flow::Value(Value::Stream(Rc::new(Stream {
        socket: Rc::clone(socket),
        mode,
        translates: encoding.is_some() && !keeps_newlines,
        encoding,
        unread: Vec::new().into(),
        unsent: Vec::new().into(),
        is_closed: false.into(),
    }))))
}

fn stream_of(args: Args) -> Result<(Rc<Stream>, Args), Fail> {
    let (object, args) = method(args);
    match object {
        Value::Stream(stream) => Ok((stream, args)),
        other => Err(type_error(format!("a stream is expected, not {}", type_name(&other)))),
    }
}

/// Fails if the stream is closed, or cannot do this.
fn check(stream: &Stream, needed: char) -> Result<(), Fail> {
    if stream.is_closed.get() {
        return Err(value_error("I/O operation on closed file."));
    }
    let can = stream.mode.contains(needed) || (needed == 'r' && !stream.mode.contains('w'));
    if can {
        return Ok(());
    }
    let text = if needed == 'r' { "not readable" } else { "not writable" };
    Err(error(Exc::UnsupportedOperation, text))
}

pub(crate) static METHODS: &[Native] = &[
    Native {
        name: "read",
        call: |_, args| {
            let (stream, args) = stream_of(args)?;
            let [size] = named(args, "read", ["size"], 0)?;
            check(&stream, 'r')?;
            let want = match &size {
                Value::Unbound | Value::None => Want::All,
                other => usize::try_from(int(other)?).map_or(Want::All, Want::Size),
            };
            Ok(Flow::Task(Box::new(Read { stream, want, lines: Vec::new(), as_item: false })))
        },
    },
    Native {
        name: "readline",
        call: |_, args| {
            let (stream, args) = stream_of(args)?;
            if !args.values.is_empty() {
                return Err(refuse("'readline' with a size is outside of the subset"));
            }
            check(&stream, 'r')?;
            let want = Want::Line;
            Ok(Flow::Task(Box::new(Read { stream, want, lines: Vec::new(), as_item: false })))
        },
    },
    Native {
        name: "readlines",
        call: |_, args| {
            let (stream, args) = stream_of(args)?;
            if !args.values.is_empty() {
                return Err(refuse("'readlines' with a size is outside of the subset"));
            }
            check(&stream, 'r')?;
            let want = Want::Lines;
            Ok(Flow::Task(Box::new(Read { stream, want, lines: Vec::new(), as_item: false })))
        },
    },
    Native {
        name: "write",
        call: |_, args| {
            let (stream, args) = stream_of(args)?;
            let data = one(args, "write")?;
            check(&stream, 'w')?;
            write(&stream, &data)
        },
    },
    Native {
        name: "writelines",
        call: |cx, args| {
            let (stream, args) = stream_of(args)?;
            let lines = one(args, "writelines")?;
            check(&stream, 'w')?;
            super::iterables::with_items(
                cx,
                &lines,
                vec![Value::Stream(stream)],
                |_, lines, kept| {
                    let Some(Value::Stream(stream)) = kept.first() else {
                        return Ok(Flow::Value(Value::None));
                    };
                    for line in &lines {
                        let (bytes, _) = encoded(stream, line)?;
                        stream.unsent.borrow_mut().extend(bytes);
                    }
                    flush_if_full(stream, Value::None)
                },
            )
        },
    },
    Native {
        name: "flush",
        call: |_, args| {
            let (stream, _) = stream_of(args)?;
            if stream.is_closed.get() {
                return Err(value_error("I/O operation on closed file."));
            }
            Ok(Flow::Task(Box::new(Flush {
                stream,
                sent: None,
                value: Value::None,
                closes: false,
            })))
        },
    },
    Native { name: "close", call: |_, args| close(stream_of(args)?.0) },
    Native {
        name: "__enter__",
        call: |_, args| {
            let object = none(args, "__enter__")?;
            if let Value::Stream(stream) = &object
                && stream.is_closed.get()
            {
                return Err(value_error("I/O operation on closed file."));
            }
            Ok(Flow::Value(object))
        },
    },
    Native { name: "__exit__", call: |_, args| close(stream_of(args)?.0) },
    Native {
        name: "readable",
        call: |_, args| {
            let (stream, _) = stream_of(args)?;
            Ok(Flow::Value(Value::Bool(stream.mode.contains('r') || !stream.mode.contains('w'))))
        },
    },
    Native {
        name: "writable",
        call: |_, args| {
            let (stream, _) = stream_of(args)?;
            Ok(Flow::Value(Value::Bool(stream.mode.contains('w'))))
        },
    },
];

fn close(stream: Rc<Stream>) -> Outcome {
    if stream.is_closed.get() {
        return Ok(Flow::Value(Value::None));
    }
    Ok(Flow::Task(Box::new(Flush { stream, sent: None, value: Value::None, closes: true })))
}

/// The bytes of what is written, and what `write` returns.
fn encoded(stream: &Stream, data: &Value) -> Result<(Vec<u8>, usize), Fail> {
    match (&stream.encoding, data) {
        (Some(encoding), Value::Str(text)) => {
            let encoding = Value::str(encoding.as_str());
            let bytes = Codec::of(&encoding, &Value::Unbound, "write")?.encode(&text.text)?;
            Ok((bytes, text.length))
        }
        (Some(_), other) => {
            Err(type_error(format!("write() argument must be str, not {}", type_name(other))))
        }
        (None, other) => match as_bytes(other) {
            Some(bytes) => Ok((bytes.to_vec(), bytes.len())),
            None => Err(type_error(format!(
                "a bytes-like object is required, not '{}'",
                type_name(other)
            ))),
        },
    }
}

fn write(stream: &Rc<Stream>, data: &Value) -> Outcome {
    let (bytes, count) = encoded(stream, data)?;
    room_for(bytes.len())?;
    stream.unsent.borrow_mut().extend(bytes);
    flush_if_full(stream, Value::size(count))
}

fn flush_if_full(stream: &Rc<Stream>, value: Value) -> Outcome {
    if stream.unsent.borrow().len() <= BUFFER_SIZE {
        return Ok(Flow::Value(value));
    }
    let stream = Rc::clone(stream);
    Ok(Flow::Task(Box::new(Flush { stream, sent: None, value, closes: false })))
}

fn fd_of(stream: &Stream) -> Fd {
    stream.socket.fd.get().unwrap_or(Fd(u32::MAX))
}

fn wait_of(stream: &Stream) -> Wait {
    match stream.socket.timeout.get() {
        None => Wait::Forever,
        Some(0) => Wait::Never,
        Some(us) => Wait::For(us),
    }
}

fn fail_of(returned: &Returned) -> Option<Fail> {
    match returned {
        Returned::Failed(number) => Some(os_error(*number)),
        Returned::TimedOut => Some(error(Exc::TimeoutError, "timed out")),
        _ => None,
    }
}

/// Sends what was written, and closes the stream if it is to be closed.
#[derive(Debug)]
struct Flush {
    stream: Rc<Stream>,
    /// The bytes that were given to the last `send`, as long as it runs.
    sent: Option<usize>,
    value: Value,
    closes: bool,
}

impl Task<Value> for Flush {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        if let Input::Returned(returned) = input {
            if self.sent.take().is_none() {
                return Ok(Doing::Return(std::mem::take(&mut self.value)));
            }
            if let Some(fail) = fail_of(&returned) {
                self.stream.unsent.take();
                if self.closes {
                    self.leave();
                }
                return Err(fail);
            }
            if let Returned::Sent(count) = returned {
                let mut unsent = self.stream.unsent.borrow_mut();
                let count = (count as usize).min(unsent.len());
                unsent.drain(..count);
            }
        }
        let bytes = self.stream.unsent.borrow().clone();
        if !bytes.is_empty() {
            self.sent = Some(bytes.len());
            let (fd, wait) = (fd_of(&self.stream), wait_of(&self.stream));
            return Ok(Doing::Syscall(Syscall::Send { fd, bytes: Data(bytes), wait }));
        }
        if self.closes
            && let Some(fd) = self.leave()
        {
            return Ok(Doing::Syscall(Syscall::Close { fd }));
        }
        Ok(Doing::Return(std::mem::take(&mut self.value)))
    }
}

impl Flush {
    /// Closes the stream. Returns the descriptor if its socket was waiting for that.
    fn leave(&self) -> Option<Fd> {
        self.stream.is_closed.set(true);
        let socket = &self.stream.socket;
        socket.streams.set(socket.streams.get().saturating_sub(1));
        if socket.is_closed.get() && socket.streams.get() == 0 { socket.fd.take() } else { None }
    }
}

#[derive(Clone, Copy, Debug)]
enum Want {
    Line,
    Lines,
    All,
    /// So many characters, or bytes.
    Size(usize),
}

#[derive(Debug)]
struct Read {
    stream: Rc<Stream>,
    want: Want,
    lines: Vec<Value>,
    /// Whether an iterator asks: the line is returned in a tuple, and an empty tuple at the end.
    as_item: bool,
}

/// A task that reads the next line: it returns the line in a tuple, or an empty tuple at the end.
pub(crate) fn next_line(stream: Rc<Stream>) -> Box<dyn Task<Value>> {
    Box::new(Read { stream, want: Want::Line, lines: Vec::new(), as_item: true })
}

impl Read {
    fn text(&self, bytes: &[u8]) -> Result<Value, Fail> {
        match &self.stream.encoding {
            Some(encoding) => {
                let encoding = Value::str(encoding.as_str());
                let text = Codec::of(&encoding, &Value::Unbound, "decode")?.decode(bytes)?;
                match &text {
                    Value::Str(string) if self.stream.translates && string.text.contains('\r') => {
                        Ok(Value::str(string.text.replace("\r\n", "\n").replace('\r', "\n")))
                    }
                    _ => Ok(text),
                }
            }
            None => Ok(Value::bytes(bytes.to_vec())),
        }
    }

    /// The bytes that are wanted, if they are there. `at_end` is whether no more come.
    fn take(&self, at_end: bool) -> Result<Option<Vec<u8>>, Fail> {
        let mut unread = self.stream.unread.borrow_mut();
        let count = match self.want {
            Want::Line | Want::Lines => line_end(&unread, self.stream.translates, at_end),
            Want::All => None,
            Want::Size(size) => match &self.stream.encoding {
                None => (unread.len() >= size).then_some(size),
                Some(_) => match std::str::from_utf8(&unread) {
                    Ok(text) => {
                        let end = text.char_indices().nth(size).map(|(at, _)| at);
                        end.or_else(|| (text.chars().count() >= size).then_some(text.len()))
                    }
                    Err(_) => None,
                },
            },
        };
        let count = match (count, at_end) {
            (Some(count), _) => count,
            (None, true) => unread.len(),
            (None, false) => return Ok(None),
        };
        Ok(Some(unread.drain(..count).collect()))
    }
}

/// Where the first line ends. `None` if its end is not there yet.
fn line_end(bytes: &[u8], translates: bool, at_end: bool) -> Option<usize> {
    let is_end = |byte: &u8| *byte == b'\n' || (translates && *byte == b'\r');
    let at = bytes.iter().position(is_end)?;
    match (bytes[at], bytes.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        // A `\n` may still follow.
        (b'\r', None) if !at_end => None,
        _ => Some(at + 1),
    }
}

impl Task<Value> for Read {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        let mut at_end = false;
        if let Input::Returned(returned) = input {
            if let Some(fail) = fail_of(&returned) {
                return Err(fail);
            }
            if let Returned::Received(Data(bytes)) = returned {
                at_end = bytes.is_empty();
                room_for(bytes.len())?;
                self.stream.unread.borrow_mut().extend(bytes);
            }
        }
        loop {
            let Some(bytes) = self.take(at_end)? else {
                return Ok(Doing::Syscall(Syscall::Recv {
                    fd: fd_of(&self.stream),
                    length: u32::try_from(BUFFER_SIZE).unwrap_or(u32::MAX),
                    peek: false,
                    wait: wait_of(&self.stream),
                }));
            };
            if let Want::Lines = self.want {
                if bytes.is_empty() {
                    return Ok(Doing::Return(Value::list(std::mem::take(&mut self.lines))));
                }
                let line = self.text(&bytes)?;
                self.lines.push(line);
                continue;
            }
            let value = self.text(&bytes)?;
            return Ok(Doing::Return(match (self.as_item, bytes.is_empty()) {
                (false, _) => value,
                (true, true) => Value::tuple(Vec::new()),
                (true, false) => Value::tuple(vec![value]),
            }));
        }
    }
}

//! The methods of a socket.
#![allow(clippy::wildcard_enum_match_arm, reason = "a call returns what its system call returns")]

use std::rc::Rc;

use super::address;
use super::options;
use crate::builtins::arguments::{bytes, int, method, named, none, one, seconds};
use crate::builtins::stream;
use crate::modules::calls::{call, call_none, call_whatever, check};
use crate::native::{Doing, Flow, Input, Task, error, refuse, type_error, value_error};
use crate::operators::kind::type_name;
use crate::operators::truth;
use crate::types::Exc;
use crate::value::{Args, Cx, Fail, Native, Outcome, Socket, Value};
use framescope_syscall::{Address, Data, Fd, Returned, Shutdown, Syscall, Wait};

/// A descriptor that no socket has.
const NO_FD: Fd = Fd(u32::MAX);

fn socket_of(args: Args, name: &str) -> Result<(Rc<Socket>, Args), Fail> {
    let (object, args) = method(args);
    match object {
        Value::Socket(socket) => Ok((socket, args)),
        other => Err(type_error(format!(
            "descriptor '{name}' for '_socket.socket' objects doesn't apply to a '{}' object",
            type_name(&other)
        ))),
    }
}

/// The descriptor of a socket. A closed one has none that is open.
fn fd_of(socket: &Socket) -> Fd {
    socket.fd.get().unwrap_or(NO_FD)
}

/// How long the calls of a socket wait.
pub(crate) fn wait_of(socket: &Socket) -> Wait {
    match socket.timeout.get() {
        None => Wait::Forever,
        Some(0) => Wait::Never,
        Some(us) => Wait::For(us),
    }
}

/// A new socket.
pub(crate) fn new(cx: &Cx, fd: Fd, local: Option<Address>, peer: Option<Address>) -> Rc<Socket> {
    Rc::new(Socket {
        fd: Some(fd).into(),
        timeout: None.into(),
        protocol: 0.into(),
        streams: 0.into(),
        is_closed: false.into(),
        local: local.into(),
        peer: peer.into(),
        orphans: Rc::clone(&cx.orphans),
    })
}

pub(crate) static METHODS: &[Native] = &[
    Native {
        name: "bind",
        call: |_, args| {
            let (socket, args) = socket_of(args, "bind")?;
            let address = address::parse(&one(args, "socket.bind")?, "bind")?;
            let call_bind = Syscall::Bind { fd: fd_of(&socket), address };
            socket.local.set(Some(address));
            call_none(call_bind)
        },
    },
    Native {
        name: "listen",
        call: |_, args| {
            let (socket, args) = socket_of(args, "listen")?;
            let [backlog] = named(args, "listen", ["backlog"], 0)?;
            let backlog = if backlog.is_bound() { int(&backlog)? } else { 128 };
            let backlog = i32::try_from(backlog)
                .map_err(|_| error(Exc::OverflowError, "signed integer is greater than maximum"))?;
            let syscall = Syscall::Listen { fd: fd_of(&socket), backlog: backlog.max(0) };
            call_none(syscall)
        },
    },
    Native { name: "accept", call: accept },
    Native {
        name: "connect",
        call: |_, args| {
            let (socket, args) = socket_of(args, "connect")?;
            let address = address::parse(&one(args, "socket.connect")?, "connect")?;
            let syscall = Syscall::Connect { fd: fd_of(&socket), address, wait: wait_of(&socket) };
            socket.peer.set(None);
            let kept = vec![Value::Socket(socket), address::tuple(address)];
            call(syscall, kept, |_, _, kept| connected(kept, Value::None))
        },
    },
    Native {
        name: "connect_ex",
        call: |_, args| {
            let (socket, args) = socket_of(args, "connect_ex")?;
            let address = address::parse(&one(args, "socket.connect_ex")?, "connect_ex")?;
            let syscall = Syscall::Connect { fd: fd_of(&socket), address, wait: wait_of(&socket) };
            let kept = vec![Value::Socket(socket), address::tuple(address)];
            call_whatever(syscall, kept, |_, returned, kept| match returned {
                Returned::Failed(number) => Ok(Flow::Value(Value::Int(number.into()))),
                Returned::TimedOut => {
                    Ok(Flow::Value(Value::Int(framescope_syscall::errno::EAGAIN.into())))
                }
                _ => connected(kept, Value::Int(0)),
            })
        },
    },
    Native {
        name: "send",
        call: |_, args| {
            let (socket, args) = socket_of(args, "send")?;
            let data = data_of(args, "send")?;
            let syscall =
                Syscall::Send { fd: fd_of(&socket), bytes: Data(data), wait: wait_of(&socket) };
            call(syscall, Vec::new(), |_, returned, _| match returned {
                Returned::Sent(count) => Ok(Flow::Value(Value::Int(count.into()))),
                _ => Ok(Flow::Value(Value::Int(0))),
            })
        },
    },
    Native {
        name: "sendall",
        call: |_, args| {
            let (socket, args) = socket_of(args, "sendall")?;
            let bytes = data_of(args, "sendall")?;
            Ok(Flow::Task(Box::new(SendAll { socket, bytes, sent: 0 })))
        },
    },
    Native {
        name: "recv",
        call: |_, args| {
            let (socket, args) = socket_of(args, "recv")?;
            let (length, peek, wait) = recv_options(args, "recv", &socket)?;
            let syscall = Syscall::Recv { fd: fd_of(&socket), length, peek, wait };
            if length == 0 {
                return Ok(Flow::Value(Value::bytes(Vec::new())));
            }
            call(syscall, Vec::new(), |_, returned, _| match returned {
                Returned::Received(Data(bytes)) => Ok(Flow::Value(Value::bytes(bytes))),
                _ => Ok(Flow::Value(Value::None)),
            })
        },
    },
    Native { name: "recv_into", call: recv_into },
    Native {
        name: "shutdown",
        call: |_, args| {
            let (socket, args) = socket_of(args, "shutdown")?;
            let how = match int(&one(args, "socket.shutdown")?)? {
                0 => Shutdown::Read,
                1 => Shutdown::Write,
                2 => Shutdown::Both,
                _ => {
                    return Err(crate::os_error::os_error(framescope_syscall::errno::EINVAL));
                }
            };
            call_none(Syscall::Shutdown { fd: fd_of(&socket), how })
        },
    },
    Native {
        name: "close",
        call: |_, args| {
            let (socket, args) = socket_of(args, "close")?;
            if !args.values.is_empty() {
                let given = args.values.len() + 1;
                return Err(type_error(format!(
                    "socket.close() takes 1 positional argument but {given} were given"
                )));
            }
            close(&socket)
        },
    },
    Native { name: "__enter__", call: |_, args| Ok(Flow::Value(none(args, "__enter__")?)) },
    Native {
        name: "__exit__",
        call: |_, args| {
            let (socket, _) = socket_of(args, "__exit__")?;
            close(&socket)
        },
    },
    Native {
        name: "detach",
        call: |_, args| {
            let (socket, _) = socket_of(args, "detach")?;
            let fd = socket.fd.take();
            socket.is_closed.set(true);
            Ok(Flow::Value(Value::Int(fd.map_or(-1, |fd| fd.0.into()))))
        },
    },
    Native {
        name: "fileno",
        call: |_, args| {
            let (socket, args) = socket_of(args, "fileno")?;
            let given = args.values.len();
            if given > 0 {
                return Err(type_error(format!(
                    "socket.fileno() takes no arguments ({given} given)"
                )));
            }
            Ok(Flow::Value(Value::Int(socket.fd.get().map_or(-1, |fd| fd.0.into()))))
        },
    },
    Native {
        name: "settimeout",
        call: |_, args| {
            let (socket, args) = socket_of(args, "settimeout")?;
            let value = one(args, "socket.settimeout")?;
            set_timeout(&socket, timeout_of(&value)?)
        },
    },
    Native {
        name: "gettimeout",
        call: |_, args| {
            let (socket, _) = socket_of(args, "gettimeout")?;
            #[expect(clippy::cast_precision_loss, reason = "timeouts are short")]
            let seconds = socket.timeout.get().map(|us| us as f64 / 1e6);
            Ok(Flow::Value(seconds.map_or(Value::None, Value::Float)))
        },
    },
    Native {
        name: "setblocking",
        call: |_, args| {
            let (socket, args) = socket_of(args, "setblocking")?;
            let value = one(args, "socket.setblocking")?;
            if !matches!(value, Value::Bool(_) | Value::Int(_) | Value::Big(_)) {
                return Err(type_error(format!(
                    "'{}' object cannot be interpreted as an integer",
                    type_name(&value)
                )));
            }
            set_timeout(&socket, if truth::is_true(&value) { None } else { Some(0) })
        },
    },
    Native {
        name: "getblocking",
        call: |_, args| {
            let (socket, _) = socket_of(args, "getblocking")?;
            Ok(Flow::Value(Value::Bool(socket.timeout.get() != Some(0))))
        },
    },
    Native {
        name: "setsockopt",
        call: |_, args| {
            let (socket, args) = socket_of(args, "setsockopt")?;
            let option = options::to_set(args)?;
            call_none(Syscall::SetOption { fd: fd_of(&socket), option })
        },
    },
    Native {
        name: "getsockopt",
        call: |_, args| {
            let (socket, args) = socket_of(args, "getsockopt")?;
            let (option, length) = options::to_get(args)?;
            let syscall = Syscall::GetOption { fd: fd_of(&socket), option };
            call(syscall, vec![Value::Int(length)], |_, returned, kept| match returned {
                Returned::Option(option) => {
                    let as_bytes = matches!(kept.first(), Some(Value::Int(length)) if *length > 0);
                    Ok(Flow::Value(options::value(option, as_bytes)))
                }
                _ => Ok(Flow::Value(Value::None)),
            })
        },
    },
    Native {
        name: "getsockname",
        call: |_, args| {
            let (socket, _) = socket_of(args, "getsockname")?;
            call(Syscall::LocalAddress { fd: fd_of(&socket) }, Vec::new(), address_of)
        },
    },
    Native {
        name: "getpeername",
        call: |_, args| {
            let (socket, _) = socket_of(args, "getpeername")?;
            call(Syscall::PeerAddress { fd: fd_of(&socket) }, Vec::new(), address_of)
        },
    },
    Native {
        name: "makefile",
        call: |_, args| {
            let (socket, args) = socket_of(args, "makefile")?;
            stream::makefile(&socket, args)
        },
    },
];

fn address_of(_: &mut Cx, returned: Returned, _: Vec<Value>) -> Outcome {
    match returned {
        Returned::Address(address) => Ok(Flow::Value(address::tuple(address))),
        _ => Ok(Flow::Value(Value::None)),
    }
}

/// Notes the peer of a socket that has connected.
fn connected(kept: Vec<Value>, value: Value) -> Outcome {
    if let [Value::Socket(socket), Value::Tuple(peer)] = kept.as_slice()
        && let [Value::Str(host), Value::Int(port)] = peer.items.as_slice()
    {
        let ip = host.text.parse().ok();
        let port = u16::try_from(*port).ok();
        socket.peer.set(ip.zip(port).map(|(ip, port)| Address { ip, port }));
    }
    Ok(Flow::Value(value))
}

fn accept(_: &mut Cx, args: Args) -> Outcome {
    let (socket, args) = socket_of(args, "accept")?;
    if !args.values.is_empty() {
        let given = args.values.len() + 1;
        return Err(type_error(format!(
            "socket.accept() takes 1 positional argument but {given} were given"
        )));
    }
    let syscall = Syscall::Accept { fd: fd_of(&socket), wait: wait_of(&socket) };
    call(syscall, vec![Value::Socket(socket)], |cx, returned, kept| {
        let Returned::Accepted { fd, peer } = returned else { return Ok(Flow::Value(Value::None)) };
        let local = match kept.first() {
            Some(Value::Socket(listener)) => listener.local.get(),
            _ => None,
        };
        let local = local.map(|local| Address { ip: own_ip(local, peer), ..local });
        let conn = new(cx, fd, local, Some(peer));
        if let Some(Value::Socket(listener)) = kept.first() {
            conn.protocol.set(listener.protocol.get());
        }
        let conn = Value::Socket(conn);
        Ok(Flow::Value(Value::tuple(vec![conn, address::tuple(peer)])))
    })
}

/// The address of the server's end of a connection: a server at every address got it at one.
fn own_ip(local: Address, peer: Address) -> std::net::Ipv4Addr {
    if local.ip.is_unspecified() { peer.ip } else { local.ip }
}

fn data_of(args: Args, function: &str) -> Result<Vec<u8>, Fail> {
    if args.values.is_empty() {
        return Err(type_error(format!("{function}() takes at least 1 argument (0 given)")));
    }
    let given = args.values.len();
    if given > 2 {
        return Err(type_error(format!("{function}() takes at most 2 arguments ({given} given)")));
    }
    let mut values = args.values.into_iter();
    let data = bytes(&values.next().unwrap_or_default())?;
    match values.next() {
        Some(flags) if int(&flags)? != 0 => {
            Err(refuse(format!("flags of '{function}' are outside of the subset")))
        }
        Some(_) | None => Ok(data),
    }
}

const MSG_PEEK: i64 = 2;
const MSG_DONTWAIT: i64 = 64;

fn recv_options(args: Args, function: &str, socket: &Socket) -> Result<(u32, bool, Wait), Fail> {
    if args.values.is_empty() {
        return Err(type_error(format!("{function}() takes at least 1 argument (0 given)")));
    }
    let given = args.values.len();
    if given > 2 {
        return Err(type_error(format!("{function}() takes at most 2 arguments ({given} given)")));
    }
    let length = int(&args.values[0])?;
    if length < 0 {
        return Err(value_error(format!("negative buffersize in {function}")));
    }
    let flags = match args.values.get(1) {
        Some(flags) => int(flags)?,
        None => 0,
    };
    if flags & !(MSG_PEEK | MSG_DONTWAIT) != 0 {
        return Err(refuse(format!("this flag of '{function}' is outside of the subset")));
    }
    let wait = if flags & MSG_DONTWAIT == 0 { wait_of(socket) } else { Wait::Never };
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    Ok((length, flags & MSG_PEEK != 0, wait))
}

fn recv_into(_: &mut Cx, args: Args) -> Outcome {
    let (socket, args) = socket_of(args, "recv_into")?;
    let [buffer, nbytes, flags] = named(args, "recv_into", ["buffer", "nbytes", "flags"], 1)?;
    let Value::ByteArray(array) = &buffer else {
        return Err(type_error(format!(
            "recv_into() argument 1 must be read-write bytes-like object, not {}",
            type_name(&buffer)
        )));
    };
    let space = array.bytes.borrow().len();
    let wanted = if nbytes.is_bound() { int(&nbytes)? } else { 0 };
    if wanted < 0 {
        return Err(value_error("negative buffersize in recv_into"));
    }
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let length = if wanted == 0 { space } else { wanted };
    if length > space {
        return Err(value_error("buffer too small for requested bytes"));
    }
    if flags.is_bound() && int(&flags)? != 0 {
        return Err(refuse("flags of 'recv_into' are outside of the subset"));
    }
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let syscall = Syscall::Recv { fd: fd_of(&socket), length, peek: false, wait: wait_of(&socket) };
    call(syscall, vec![buffer], |_, returned, kept| {
        let (Returned::Received(Data(bytes)), Some(Value::ByteArray(array))) =
            (returned, kept.first())
        else {
            return Ok(Flow::Value(Value::None));
        };
        let mut own = array.bytes.borrow_mut();
        let count = bytes.len().min(own.len());
        own[..count].copy_from_slice(&bytes[..count]);
        Ok(Flow::Value(Value::size(count)))
    })
}

/// Closes a socket. If a stream of it is open, its descriptor stays open.
pub(crate) fn close(socket: &Rc<Socket>) -> Outcome {
    socket.is_closed.set(true);
    if socket.streams.get() > 0 {
        return Ok(Flow::Value(Value::None));
    }
    match socket.fd.take() {
        Some(fd) => call_none(Syscall::Close { fd }),
        None => Ok(Flow::Value(Value::None)),
    }
}

/// A timeout in microseconds, rounded up. `None` waits for ever.
pub(crate) fn timeout_of(value: &Value) -> Result<Option<u64>, Fail> {
    if let Value::None = value {
        return Ok(None);
    }
    let seconds = seconds(value)?;
    if seconds < 0.0 {
        return Err(value_error("Timeout value out of range"));
    }
    if !seconds.is_finite() || seconds > 9.2e9 {
        return Err(error(Exc::OverflowError, "timestamp too large to convert to C _PyTime_t"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked")]
    Ok(Some((seconds * 1e6).ceil() as u64))
}

fn set_timeout(socket: &Socket, timeout: Option<u64>) -> Outcome {
    if socket.fd.get().is_none() {
        return Err(crate::os_error::os_error(framescope_syscall::errno::EBADF));
    }
    socket.timeout.set(timeout);
    Ok(Flow::Value(Value::None))
}

#[derive(Debug)]
struct SendAll {
    socket: Rc<Socket>,
    bytes: Vec<u8>,
    sent: usize,
}

impl Task<Value> for SendAll {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        if let Input::Returned(returned) = input {
            check(&returned)?;
            if let Returned::Sent(count) = returned {
                self.sent += count as usize;
            }
            if self.sent >= self.bytes.len() {
                return Ok(Doing::Return(Value::None));
            }
        }
        let bytes = self.bytes.get(self.sent..).unwrap_or_default().to_vec();
        Ok(Doing::Syscall(Syscall::Send {
            fd: fd_of(&self.socket),
            bytes: Data(bytes),
            wait: wait_of(&self.socket),
        }))
    }
}

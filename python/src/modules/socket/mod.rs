//! The module `socket`: TCP over IPv4.
//!
//! What comes in: calls of its functions and methods. What goes out: system calls, and their results as
//! Python's values and exceptions.
//!
//! May use: `builtins`, `modules::calls`, `native`, `operators`, `os_error`, `types`, `value`.

mod address;
mod functions;
mod methods;
mod options;

use std::cell::RefCell;
use std::rc::Rc;

pub(crate) use functions::SOCKET;
pub(crate) use methods::{METHODS, timeout_of};

use crate::types::{Exc, Type};
use crate::value::{Attributes, Cx, Module, Value};

const CONSTANTS: &[(&str, i64)] = &[
    ("AF_INET", 2),
    ("AF_INET6", 10),
    ("AF_UNIX", 1),
    ("AF_UNSPEC", 0),
    ("AI_PASSIVE", 1),
    ("INADDR_ANY", 0),
    ("IPPROTO_IP", 0),
    ("IPPROTO_TCP", 6),
    ("IPPROTO_UDP", 17),
    ("MSG_DONTWAIT", 64),
    ("MSG_PEEK", 2),
    ("MSG_WAITALL", 256),
    ("SHUT_RD", 0),
    ("SHUT_RDWR", 2),
    ("SHUT_WR", 1),
    ("SOCK_DGRAM", 2),
    ("SOCK_RAW", 3),
    ("SOCK_STREAM", 1),
    ("SOL_SOCKET", 1),
    ("SOL_TCP", 6),
    ("SOMAXCONN", 4096),
    ("SO_ACCEPTCONN", 30),
    ("SO_BROADCAST", 6),
    ("SO_ERROR", 4),
    ("SO_KEEPALIVE", 9),
    ("SO_LINGER", 13),
    ("SO_RCVBUF", 8),
    ("SO_REUSEADDR", 2),
    ("SO_REUSEPORT", 15),
    ("SO_SNDBUF", 7),
    ("SO_TYPE", 3),
    ("TCP_NODELAY", 1),
];

/// The module.
pub(crate) fn module(cx: &mut Cx) -> Value {
    let mut attributes = Attributes::new();
    let mut set = |cx: &mut Cx, name: &str, value: Value| {
        attributes.push((cx.symbols.of(name), value));
    };
    for (name, number) in CONSTANTS {
        set(cx, name, Value::Int(*number));
    }
    for native in functions::FUNCTIONS {
        set(cx, native.name, Value::Native(native));
    }
    let socket = cx.type_class(Type::Socket);
    set(cx, "SocketType", socket.clone());
    set(cx, "socket", socket);
    let exceptions = [
        ("error", Exc::OsError),
        ("timeout", Exc::TimeoutError),
        ("gaierror", Exc::GaiError),
        ("herror", Exc::HError),
    ];
    for (name, exc) in exceptions {
        let class = cx.exception_class(exc);
        set(cx, name, class);
    }
    Value::Module(Rc::new(Module { name: "socket", attributes: RefCell::new(attributes) }))
}

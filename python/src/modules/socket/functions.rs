//! The functions of the module `socket`, and its constructor.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most functions know a few types, and others fail"
)]

use std::net::Ipv4Addr;
use std::rc::Rc;

use super::{address, methods};
use crate::builtins::arguments::{bytes, int, named, one, positional};
use crate::modules::calls::{call, check};
use crate::native::{Doing, Flow, Input, Task, error, refuse, type_error};
use crate::operators::kind::int_of;
use crate::operators::truth;
use crate::os_error::os_error_with;
use crate::types::Exc;
use crate::value::{Cx, Fail, Native, Outcome, Socket, Value};
use framescope_syscall::{Address, Returned, SocketOption, Syscall};

const IPPROTO_TCP: i64 = 6;

/// `socket(family, type, proto)`.
pub(crate) static SOCKET: Native = Native {
    name: "socket",
    call: |_, args| {
        let [family, kind, proto, fileno] =
            named(args, "socket", ["family", "type", "proto", "fileno"], 0)?;
        let number = |value: &Value, default: i64| match value {
            Value::Unbound => Ok(default),
            other => int(other),
        };
        if fileno.is_bound() && !matches!(fileno, Value::None) {
            return Err(refuse("a socket from a descriptor is outside of the subset"));
        }
        match number(&family, -1)? {
            -1 | 2 => {}
            10 => return Err(refuse("IPv6 is outside of the subset; use AF_INET")),
            _ => return Err(refuse("this address family is outside of the subset; use AF_INET")),
        }
        match number(&kind, -1)? {
            -1 | 1 => {}
            2 => return Err(refuse("UDP is outside of the subset; use SOCK_STREAM")),
            _ => {
                return Err(refuse(
                    "this type of socket is outside of the subset; use SOCK_STREAM",
                ));
            }
        }
        let protocol = number(&proto, 0)?;
        match protocol {
            -1 | 0 | IPPROTO_TCP => {}
            _ => return Err(refuse("this protocol is outside of the subset; leave it out")),
        }
        call(Syscall::Socket, vec![Value::Int(protocol.max(0))], |cx, returned, kept| {
            opened(cx, &returned, &kept)
        })
    },
};

fn opened(cx: &Cx, returned: &Returned, kept: &[Value]) -> Outcome {
    match returned {
        Returned::Opened(fd) => {
            let any = Address { ip: Ipv4Addr::UNSPECIFIED, port: 0 };
            let socket = methods::new(cx, *fd, Some(any), None);
            if let Some(Value::Int(protocol)) = kept.first() {
                socket.protocol.set(*protocol);
            }
            Ok(Flow::Value(Value::Socket(socket)))
        }
        _ => Ok(Flow::Value(Value::None)),
    }
}

pub(crate) static FUNCTIONS: &[Native] = &[
    Native {
        name: "gethostname",
        call: |_, args| {
            positional(args, "gethostname", 0, 0)?;
            Ok(Flow::Value(Value::str(address::HOST_NAME)))
        },
    },
    Native {
        name: "getfqdn",
        call: |_, args| {
            positional(args, "getfqdn", 0, 1)?;
            Ok(Flow::Value(Value::str(address::HOST_NAME)))
        },
    },
    Native {
        name: "gethostbyname",
        call: |_, args| {
            let host = one(args, "gethostbyname")?;
            let message = "gethostbyname() argument 1 must be str, bytes or bytearray, not ";
            let ip = address::resolve(&address::host_text(&host, message)?)?;
            Ok(Flow::Value(Value::str(ip.to_string())))
        },
    },
    Native {
        name: "inet_aton",
        call: |_, args| {
            let text = one(args, "inet_aton")?;
            let text = address::host_text(&text, "inet_aton() argument 1 must be str, not ")?;
            match text.parse::<Ipv4Addr>() {
                Ok(ip) => Ok(Flow::Value(Value::bytes(ip.octets().to_vec()))),
                Err(_) if text.split('.').all(|part| part.parse::<u32>().is_ok()) => {
                    Err(refuse("write an IPv4 address with four numbers"))
                }
                Err(_) => Err(error(Exc::OsError, "illegal IP address string passed to inet_aton")),
            }
        },
    },
    Native {
        name: "inet_ntoa",
        call: |_, args| {
            let packed = bytes(&one(args, "inet_ntoa")?)?;
            match <[u8; 4]>::try_from(packed) {
                Ok(octets) => Ok(Flow::Value(Value::str(Ipv4Addr::from(octets).to_string()))),
                Err(_) => Err(error(Exc::OsError, "packed IP wrong length for inet_ntoa")),
            }
        },
    },
    Native { name: "htons", call: |_, args| short(&one(args, "htons")?, "htons") },
    Native { name: "ntohs", call: |_, args| short(&one(args, "ntohs")?, "ntohs") },
    Native { name: "htonl", call: |_, args| long(&one(args, "htonl")?) },
    Native { name: "ntohl", call: |_, args| long(&one(args, "ntohl")?) },
    Native {
        name: "create_connection",
        call: |_, args| {
            let [at, timeout, source] =
                named(args, "create_connection", ["address", "timeout", "source_address"], 1)?;
            if source.is_bound() && !matches!(source, Value::None) {
                return Err(refuse("'source_address' is outside of the subset"));
            }
            let timeout = if timeout.is_bound() { methods::timeout_of(&timeout)? } else { None };
            let address = address::parse(&at, "connect")?;
            Ok(Flow::Task(Box::new(CreateConnection {
                address,
                timeout,
                socket: None,
                failed: None,
            })))
        },
    },
    Native {
        name: "create_server",
        call: |_, mut args| {
            let named_only = ["family", "reuse_port", "dualstack_ipv6"];
            let mut backlog = 128;
            let mut wrong = None;
            args.named.retain(|(name, value)| {
                match &**name {
                    "backlog" => match value {
                        Value::None => {}
                        other => backlog = int(other).unwrap_or(128),
                    },
                    name if named_only.contains(&name) && !truth::is_true(value) => {}
                    "family" if matches!(value, Value::Int(2)) => {}
                    "address" => return true,
                    other => wrong = Some(other.to_owned()),
                }
                false
            });
            if let Some(name) = wrong {
                return Err(refuse(format!("'{name}' of create_server is outside of the subset")));
            }
            let [at] = named(args, "create_server", ["address"], 1)?;
            let address = address::parse(&at, "bind")?;
            let backlog = i32::try_from(backlog).unwrap_or(i32::MAX).max(0);
            Ok(Flow::Task(Box::new(CreateServer { address, backlog, socket: None, step: 0 })))
        },
    },
];

fn short(value: &Value, function: &str) -> Outcome {
    let number = int(value)?;
    if number < 0 {
        return Err(error(
            Exc::OverflowError,
            format!("{function}: can't convert negative Python int to C 16-bit unsigned integer"),
        ));
    }
    let number = u16::try_from(number).map_err(|_| {
        error(
            Exc::OverflowError,
            format!("{function}: Python int too large to convert to C 16-bit unsigned integer"),
        )
    })?;
    Ok(Flow::Value(Value::Int(number.swap_bytes().into())))
}

fn long(value: &Value) -> Outcome {
    let Some(number) = int_of(value) else {
        let name = crate::operators::kind::type_name(value);
        return Err(type_error(format!("expected int, {name} found")));
    };
    if number.sign() == num_bigint::Sign::Minus {
        return Err(error(Exc::OverflowError, "can't convert negative value to unsigned int"));
    }
    match u32::try_from(&number) {
        Ok(number) => Ok(Flow::Value(Value::Int(number.swap_bytes().into()))),
        Err(_) => Err(error(Exc::OverflowError, "int larger than 32 bits")),
    }
}

#[derive(Debug)]
struct CreateConnection {
    address: Address,
    timeout: Option<u64>,
    socket: Option<Rc<Socket>>,
    /// What the connect returned, while the socket is being closed.
    failed: Option<Returned>,
}

impl Task<Value> for CreateConnection {
    fn resume(&mut self, cx: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        let Input::Returned(returned) = input else { return Ok(Doing::Syscall(Syscall::Socket)) };
        if let Some(failed) = self.failed.take() {
            check(&failed)?;
        }
        let Some(socket) = &self.socket else {
            check(&returned)?;
            let Returned::Opened(fd) = returned else { return Ok(Doing::Return(Value::None)) };
            let any = Address { ip: Ipv4Addr::UNSPECIFIED, port: 0 };
            let socket = methods::new(cx, fd, Some(any), None);
            socket.timeout.set(self.timeout);
            // It is the protocol of the address that CPython has looked up.
            socket.protocol.set(IPPROTO_TCP);
            let wait = methods::wait_of(&socket);
            self.socket = Some(socket);
            return Ok(Doing::Syscall(Syscall::Connect { fd, address: self.address, wait }));
        };
        if let Returned::Address(local) = returned {
            socket.local.set(Some(local));
            return Ok(Doing::Return(Value::Socket(Rc::clone(socket))));
        }
        if check(&returned).is_err() {
            self.failed = Some(returned);
            let fd = socket.fd.take();
            return Ok(match fd {
                Some(fd) => Doing::Syscall(Syscall::Close { fd }),
                None => Doing::Return(Value::None),
            });
        }
        socket.peer.set(Some(self.address));
        match socket.fd.get() {
            Some(fd) => Ok(Doing::Syscall(Syscall::LocalAddress { fd })),
            None => Ok(Doing::Return(Value::None)),
        }
    }
}

#[derive(Debug)]
struct CreateServer {
    address: Address,
    backlog: i32,
    socket: Option<Rc<Socket>>,
    step: u8,
}

impl Task<Value> for CreateServer {
    fn resume(&mut self, cx: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        let Input::Returned(returned) = input else { return Ok(Doing::Syscall(Syscall::Socket)) };
        self.step += 1;
        if let Returned::Failed(number) = returned
            && self.step == 3
        {
            // As Python: the message names the address.
            let message = format!(
                "{} (while attempting to bind on address ('{}', {}))",
                framescope_syscall::errno::message(number),
                self.address.ip,
                self.address.port
            );
            return Err(os_error_with(number, Value::str(message), false));
        }
        check(&returned)?;
        if let Returned::Opened(fd) = returned {
            self.socket = Some(methods::new(cx, fd, None, None));
        }
        let Some(socket) = &self.socket else { return Ok(Doing::Return(Value::None)) };
        let Some(fd) = socket.fd.get() else { return Ok(Doing::Return(Value::None)) };
        Ok(match (self.step, returned) {
            (1, _) => {
                Doing::Syscall(Syscall::SetOption { fd, option: SocketOption::ReuseAddress(true) })
            }
            (2, _) => Doing::Syscall(Syscall::Bind { fd, address: self.address }),
            (3, _) => Doing::Syscall(Syscall::Listen { fd, backlog: self.backlog }),
            (4, _) => Doing::Syscall(Syscall::LocalAddress { fd }),
            (_, Returned::Address(local)) => {
                socket.local.set(Some(local));
                Doing::Return(Value::Socket(Rc::clone(socket)))
            }
            _ => Doing::Return(Value::Socket(Rc::clone(socket))),
        })
    }
}

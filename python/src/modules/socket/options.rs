//! Socket options by their numbers.
#![allow(clippy::wildcard_enum_match_arm, reason = "an option has one kind of value")]

use byteorder::{ByteOrder as _, LittleEndian};

use crate::builtins::arguments::{bytes, int};
use crate::native::{refuse, type_error};
use crate::value::{Args, Fail, Value};
use framescope_syscall::SocketOption;

const SOL_SOCKET: i64 = 1;
const IPPROTO_TCP: i64 = 6;
/// The size of `struct linger`.
const LINGER_SIZE: usize = 8;

/// The option of these numbers, with this value.
fn option(level: i64, name: i64, value: u32) -> Option<SocketOption> {
    let on = value != 0;
    Some(match (level, name) {
        (SOL_SOCKET, 2) => SocketOption::ReuseAddress(on),
        (SOL_SOCKET, 3) => SocketOption::Type(value),
        (SOL_SOCKET, 4) => SocketOption::Error(value),
        (SOL_SOCKET, 7) => SocketOption::SendBuffer(value),
        (SOL_SOCKET, 8) => SocketOption::RecvBuffer(value),
        (SOL_SOCKET, 9) => SocketOption::KeepAlive(on),
        (SOL_SOCKET, 13) => SocketOption::Linger { on, seconds: 0 },
        (SOL_SOCKET, 15) => SocketOption::ReusePort(on),
        (SOL_SOCKET, 30) => SocketOption::Listens(on),
        (IPPROTO_TCP, 1) => SocketOption::Nodelay(on),
        _ => return None,
    })
}

fn unknown() -> Fail {
    refuse("this socket option is outside of the subset")
}

/// The arguments of `setsockopt`.
pub(crate) fn to_set(args: Args) -> Result<SocketOption, Fail> {
    let given = args.values.len();
    if given != 3 {
        return Err(type_error(format!("setsockopt() takes exactly 3 arguments ({given} given)")));
    }
    let (level, name) = (int(&args.values[0])?, int(&args.values[1])?);
    match &args.values[2] {
        Value::Int(_) | Value::Bool(_) => {
            let value = int(&args.values[2])?;
            if (level, name) == (SOL_SOCKET, 13) {
                return Err(crate::os_error::os_error(framescope_syscall::errno::EINVAL));
            }
            let value = u32::try_from(value).unwrap_or(u32::MAX);
            option(level, name, value).ok_or_else(unknown)
        }
        other => {
            let value = bytes(other)?;
            match (level, name) {
                (SOL_SOCKET, 13) if value.len() >= LINGER_SIZE => Ok(SocketOption::Linger {
                    on: LittleEndian::read_i32(&value) != 0,
                    seconds: LittleEndian::read_u32(&value[4..]),
                }),
                (SOL_SOCKET, 13) => {
                    Err(crate::os_error::os_error(framescope_syscall::errno::EINVAL))
                }
                _ if value.len() >= 4 => {
                    option(level, name, LittleEndian::read_u32(&value)).ok_or_else(unknown)
                }
                _ => Err(crate::os_error::os_error(framescope_syscall::errno::EINVAL)),
            }
        }
    }
}

/// The arguments of `getsockopt`: the option, and the length of the buffer, if one is given.
pub(crate) fn to_get(args: Args) -> Result<(SocketOption, i64), Fail> {
    let given = args.values.len();
    if given < 2 {
        return Err(type_error(format!("getsockopt() takes at least 2 arguments ({given} given)")));
    }
    if given > 3 {
        return Err(type_error(format!("getsockopt() takes at most 3 arguments ({given} given)")));
    }
    let length = match args.values.get(2) {
        Some(length) => int(length)?,
        None => 0,
    };
    let option = option(int(&args.values[0])?, int(&args.values[1])?, 0).ok_or_else(unknown)?;
    Ok((option, length))
}

/// The value that `getsockopt` returns.
pub(crate) fn value(option: SocketOption, as_bytes: bool) -> Value {
    let number = match option {
        SocketOption::ReuseAddress(on)
        | SocketOption::ReusePort(on)
        | SocketOption::KeepAlive(on)
        | SocketOption::Nodelay(on)
        | SocketOption::Listens(on) => u32::from(on),
        SocketOption::RecvBuffer(number)
        | SocketOption::SendBuffer(number)
        | SocketOption::Error(number)
        | SocketOption::Type(number) => number,
        SocketOption::Linger { on, seconds } => {
            if as_bytes {
                let mut bytes = [0; LINGER_SIZE];
                LittleEndian::write_u32(&mut bytes, u32::from(on));
                LittleEndian::write_u32(&mut bytes[4..], seconds);
                return Value::bytes(bytes.to_vec());
            }
            u32::from(on)
        }
    };
    if as_bytes { Value::bytes(number.to_le_bytes().to_vec()) } else { Value::Int(number.into()) }
}

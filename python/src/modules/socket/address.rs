//! Addresses as Python has them: a tuple of a host and a port.
#![allow(clippy::wildcard_enum_match_arm, reason = "an address is a tuple, and all else fails")]

use std::net::Ipv4Addr;

use crate::builtins::arguments::int;
use crate::native::{Raised, error, refuse, type_error};
use crate::operators::compare::as_bytes;
use crate::operators::kind::int_of;
use crate::operators::kind::type_name;
use crate::types::Exc;
use crate::value::{Fail, Value};
use framescope_syscall::Address;

/// The name of this machine, as `gethostname` gives it.
pub(crate) const HOST_NAME: &str = "framescope";

/// The address of a call. `function` is its name, for messages.
pub(crate) fn parse(value: &Value, function: &str) -> Result<Address, Fail> {
    let Value::Tuple(tuple) = value else {
        return Err(type_error(format!(
            "{function}(): AF_INET address must be tuple, not {}",
            type_name(value)
        )));
    };
    let [host, port] = tuple.items.as_slice() else {
        return Err(type_error("AF_INET address must be a pair (host, port)"));
    };
    let name = host_text(host, "str, bytes or bytearray expected, not ")?;
    if int_of(port).is_none() {
        return Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            type_name(port)
        )));
    }
    let ip = resolve(&name)?;
    let port = int(port)?;
    let port = u16::try_from(port)
        .map_err(|_| error(Exc::OverflowError, format!("{function}(): port must be 0-65535.")))?;
    Ok(Address { ip, port })
}

/// The text of a host.
pub(crate) fn host_text(host: &Value, message: &str) -> Result<String, Fail> {
    match host {
        Value::Str(text) => Ok(text.text.to_string()),
        other => match as_bytes(other) {
            Some(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            None => Err(type_error(format!("{message}{}", type_name(other)))),
        },
    }
}

/// The address of a host. Programs reach each other and nothing else, so no name is looked up.
pub(crate) fn resolve(name: &str) -> Result<Ipv4Addr, Fail> {
    match name {
        "" => return Ok(Ipv4Addr::UNSPECIFIED),
        "localhost" | HOST_NAME => return Ok(Ipv4Addr::LOCALHOST),
        "<broadcast>" => return Ok(Ipv4Addr::BROADCAST),
        _ => {}
    }
    if let Ok(ip) = name.parse() {
        return Ok(ip);
    }
    if name.contains(':') {
        return Err(refuse("IPv6 addresses are outside of the subset; use '127.0.0.1'"));
    }
    let is_short = !name.is_empty() && name.split('.').all(|part| part.parse::<u32>().is_ok());
    if is_short && name.split('.').count() < 4 {
        return Err(refuse("write an IPv4 address with four numbers"));
    }
    let args = vec![Value::Int(-2), Value::str("Name or service not known")];
    Err(Box::new(Raised::With(Exc::GaiError, args)))
}

/// The tuple of an address.
pub(crate) fn tuple(address: Address) -> Value {
    Value::tuple(vec![Value::str(address.ip.to_string()), Value::Int(address.port.into())])
}

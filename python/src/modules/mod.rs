//! The modules that a program can import.
//!
//! What comes in: the name of a module. What goes out: the module, or its text if it is written in Python.
//!
//! May use: `budget`, `builtins`, `calendar`, `code`, `failure`, `native`, `numbers`,
//! `operators`, `os_error`, `packing`, `random`, `repr`, `table`, `types`, `value`.
#![allow(clippy::wildcard_enum_match_arm, reason = "few types are told apart here")]

mod attributes;
mod calls;
mod datetime;
mod errno;
mod json;
mod json_dumps;
mod json_loads;
mod json_text;
pub(crate) mod library;
pub(crate) mod names;
mod os;
mod random;
mod select;
mod signature;
mod socket;
mod structs;
mod sys;
mod threads;
mod time;

use crate::types::Type;
use crate::value::{Cx, Native, Value};

/// A module that is written in Rust.
pub(crate) fn load(cx: &mut Cx, name: &str) -> Option<Value> {
    Some(match name {
        "_thread" => threads::module(cx),
        "select" => select::module(cx),
        "socket" => socket::module(cx),
        "datetime" => datetime::module(cx),
        "errno" => errno::module(cx),
        "json" => json::module(cx),
        "os" => os::module(cx),
        "random" => random::module(cx),
        "struct" => structs::module(cx),
        "sys" => sys::module(cx),
        "time" => time::module(cx),
        _ => return None,
    })
}

/// The constructor of a type that belongs to a module.
pub(crate) fn constructor(of: Type) -> Option<&'static Native> {
    (of == Type::Socket).then_some(&socket::SOCKET)
}

/// A method of a type that belongs to a module.
pub(crate) fn method(of: Type, name: &str) -> Option<&'static Native> {
    let methods: &[Native] = match of {
        Type::Socket => socket::METHODS,
        Type::Lock => threads::LOCK,
        _ => return None,
    };
    methods.iter().find(|native| native.name == name)
}

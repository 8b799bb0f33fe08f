//! The methods of the built-in types.
#![allow(clippy::wildcard_enum_match_arm, reason = "few types are told apart here")]

use super::bytearray_methods::BYTE_ARRAY;
use super::bytes_methods::{BYTES, BYTES_CLASS};
use super::float_methods::FLOAT;
use super::str_methods::STR;
use super::{containers, dates, stream};
use crate::types::Type;
use crate::value::Native;

/// A method of a built-in type. Its first argument is the object.
pub(crate) fn find(of: Type, name: &str) -> Option<&'static Native> {
    let methods: &[Native] = match of {
        Type::List => containers::LIST,
        Type::Tuple | Type::Range => containers::TUPLE,
        Type::Dict => containers::DICT,
        Type::Set => containers::SET,
        Type::Int | Type::Bool => containers::INT,
        Type::Float => FLOAT,
        Type::Str => STR,
        Type::Bytes => BYTES,
        Type::ByteArray => {
            let own = BYTE_ARRAY.iter().find(|native| native.name == name);
            return own.or_else(|| BYTES.iter().find(|native| native.name == name));
        }
        Type::DateTime => dates::DATE,
        Type::TimeDelta => dates::DURATION,
        Type::Stream => stream::METHODS,
        _ => &[],
    };
    methods.iter().find(|native| native.name == name)
}

/// A method of the class itself. Its first argument is the class.
pub(crate) fn find_class_method(of: Type, name: &str) -> Option<&'static Native> {
    let methods: &[Native] = match of {
        Type::Int | Type::Bool => containers::INT_CLASS,
        Type::Dict => containers::DICT_CLASS,
        Type::Bytes | Type::ByteArray => BYTES_CLASS,
        Type::DateTime => dates::DATE_CLASS,
        _ => &[],
    };
    methods.iter().find(|native| native.name == name)
}

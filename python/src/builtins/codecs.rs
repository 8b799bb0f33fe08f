//! `encode` and `decode` with their arguments.
#![allow(clippy::wildcard_enum_match_arm, reason = "few types are told apart here")]

use super::texts::limit;
use crate::codec::decoding;
use crate::codec::encoding;
use crate::codec::error::CodecError;
use crate::codec::names::Named;
use crate::native::{Raised, type_error, value_error};
use crate::operators::kind::argument_type;
use crate::types::Exc;
use crate::value::{Fail, Value};

/// The arguments `encoding` and `errors` of a call, which CPython reads in this order and before all else.
#[derive(Clone, Copy)]
pub(crate) struct Codec<'a> {
    encoding: &'a str,
    errors: &'a str,
}

impl<'a> Codec<'a> {
    pub(crate) const UTF_8: Self = Self { encoding: "utf-8", errors: "strict" };
    pub(crate) const ASCII: Self = Self { encoding: "ascii", errors: "strict" };

    pub(crate) fn of(encoding: &'a Value, errors: &'a Value, function: &str) -> Result<Self, Fail> {
        Ok(Self {
            encoding: option(encoding, Self::UTF_8.encoding, function, "encoding")?,
            errors: option(errors, Self::UTF_8.errors, function, "errors")?,
        })
    }

    /// `bytes.decode(encoding, errors)`.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Value, Fail> {
        // CPython does not look the encoding up then.
        if bytes.is_empty() {
            return Ok(Value::str(""));
        }
        let named = Named::find(self.encoding)?;
        match decoding::decode(bytes, named, self.errors, limit()) {
            Ok(text) => Ok(Value::str(text)),
            Err(error) => Err(fail(error, &Value::bytes(bytes))),
        }
    }

    /// `str.encode(encoding, errors)`.
    pub(crate) fn encode(self, text: &str) -> Result<Vec<u8>, Fail> {
        let named = Named::find(self.encoding)?;
        encoding::encode(text, named, self.errors, limit())
            .map_err(|error| fail(error, &Value::str(text)))
    }
}

fn option<'a>(
    value: &'a Value,
    default: &'a str,
    function: &str,
    name: &str,
) -> Result<&'a str, Fail> {
    match value {
        Value::Unbound => Ok(default),
        Value::Str(text) if text.text.contains('\0') => Err(value_error("embedded null character")),
        Value::Str(text) => Ok(&text.text),
        other => {
            let kind = argument_type(other);
            Err(type_error(format!("{function}() argument '{name}' must be str, not {kind}")))
        }
    }
}

fn fail(error: CodecError, object: &Value) -> Fail {
    let (exc, encoding, start, end, reason) = match error {
        CodecError::Decode(error) => {
            (Exc::UnicodeDecodeError, error.encoding, error.start, error.end, error.reason)
        }
        CodecError::Encode(error) => {
            (Exc::UnicodeEncodeError, error.encoding, error.start, error.end, error.reason)
        }
        CodecError::Other(failure) => return failure.into(),
    };
    let args = vec![
        Value::str(encoding),
        object.clone(),
        Value::size(start),
        Value::size(end),
        Value::str(reason),
    ];
    Box::new(Raised::With(exc, args))
}

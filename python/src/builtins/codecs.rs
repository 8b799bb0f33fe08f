//! `encode` and `decode` with their arguments.
#![allow(clippy::wildcard_enum_match_arm, reason = "few types are told apart here")]

use super::texts::limit;
use crate::codec::decoding;
use crate::codec::encoding;
use crate::codec::error::CodecError;
use crate::codec::names::Named;
use crate::native::{Raised, type_error};
use crate::operators::kind::argument_type;
use crate::types::Exc;
use crate::value::{Fail, Value};

fn option<'a>(
    value: &'a Value,
    default: &'a str,
    function: &str,
    name: &str,
) -> Result<&'a str, Fail> {
    match value {
        Value::Unbound => Ok(default),
        Value::Str(text) => Ok(&text.text),
        other => {
            let kind = argument_type(other);
            Err(type_error(format!("{function}() argument '{name}' must be str, not {kind}")))
        }
    }
}

/// `bytes.decode(encoding, errors)`.
pub(crate) fn decode(
    bytes: &[u8],
    encoding: &Value,
    errors: &Value,
    function: &str,
) -> Result<Value, Fail> {
    let name = option(encoding, "utf-8", function, "encoding")?;
    let errors = option(errors, "strict", function, "errors")?;
    // CPython does not look the encoding up then.
    if bytes.is_empty() {
        return Ok(Value::str(""));
    }
    let named = Named::find(name)?;
    match decoding::decode(bytes, named, errors, limit()) {
        Ok(text) => Ok(Value::str(text)),
        Err(error) => Err(fail(error, &Value::bytes(bytes))),
    }
}

/// `str.encode(encoding, errors)`.
pub(crate) fn encode(
    text: &str,
    encoding: &Value,
    errors: &Value,
    function: &str,
) -> Result<Vec<u8>, Fail> {
    let name = option(encoding, "utf-8", function, "encoding")?;
    let errors = option(errors, "strict", function, "errors")?;
    let named = Named::find(name)?;
    encoding::encode(text, named, errors, limit()).map_err(|error| fail(error, &Value::str(text)))
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

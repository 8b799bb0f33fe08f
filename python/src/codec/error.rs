//! The exceptions of encoding and decoding.

use std::fmt;

use crate::failure::{Class, Failure};
use crate::repr::text::push_escape;

/// `UnicodeDecodeError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError {
    pub(crate) encoding: &'static str,
    /// The first wrong byte.
    pub(crate) start: usize,
    /// After the last wrong byte.
    pub(crate) end: usize,
    pub(crate) reason: &'static str,
    /// The byte at `start`.
    pub(crate) byte: u8,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encoding, start, end, reason, byte } = self;
        if end - start == 1 {
            write!(
                f,
                "'{encoding}' codec can't decode byte 0x{byte:02x} in position {start}: {reason}"
            )
        } else {
            let last = end.saturating_sub(1);
            write!(f, "'{encoding}' codec can't decode bytes in position {start}-{last}: {reason}")
        }
    }
}

/// `UnicodeEncodeError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EncodeError {
    pub(crate) encoding: &'static str,
    /// The index of the first character that cannot be encoded.
    pub(crate) start: usize,
    /// After the last one.
    pub(crate) end: usize,
    pub(crate) reason: &'static str,
    /// The character at `start`.
    pub(crate) character: char,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encoding, start, end, reason, character } = self;
        if end - start == 1 {
            let mut shown = String::new();
            push_escape(&mut shown, *character);
            write!(
                f,
                "'{encoding}' codec can't encode character '{shown}' in position {start}: {reason}"
            )
        } else {
            let last = end.saturating_sub(1);
            write!(
                f,
                "'{encoding}' codec can't encode characters in position {start}-{last}: {reason}"
            )
        }
    }
}

/// Why text was not encoded, or bytes not decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CodecError {
    Decode(DecodeError),
    Encode(EncodeError),
    Other(Failure),
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Encode(error) => error.fmt(f),
            Self::Other(failure) => failure.fmt(f),
        }
    }
}

impl From<Failure> for CodecError {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

/// There is no error handler of this name. CPython looks for it only when there is an error.
pub(super) fn unknown_handler(name: &str, built_in: bool) -> CodecError {
    handler_failure(
        Failure::Raise(Class::Lookup, format!("unknown error handler name '{name}'")),
        built_in,
    )
}

/// An error of an error handler. Outside of the built-in codecs, CPython wraps it.
pub(super) fn handler_failure(failure: Failure, built_in: bool) -> CodecError {
    if built_in {
        CodecError::Other(failure)
    } else {
        CodecError::Other(Failure::Refused(failure.to_string()))
    }
}

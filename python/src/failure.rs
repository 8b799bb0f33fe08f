//! How a pure operation on numbers, text or bytes fails.

use std::fmt;

/// The exception that CPython raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Type,
    Value,
    Index,
    #[cfg(test)]
    Key,
    Lookup,
    Overflow,
    ZeroDivision,
    /// `struct.error`.
    Struct,
    System,
}

#[cfg(test)]
impl Class {
    /// The name, as the last line of a traceback has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Type => "TypeError",
            Self::Value => "ValueError",
            Self::Index => "IndexError",
            Self::Key => "KeyError",
            Self::Lookup => "LookupError",
            Self::Overflow => "OverflowError",
            Self::ZeroDivision => "ZeroDivisionError",
            Self::Struct => "struct.error",
            Self::System => "SystemError",
        }
    }
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// CPython raises this exception with this message.
    Raise(Class, String),
    /// The result would be larger than the limit of the caller.
    TooLarge,
    /// CPython gives a result that we cannot give. The text says what is not supported.
    Refused(String),
}

impl Failure {
    pub(crate) fn type_error(message: impl Into<String>) -> Self {
        Self::Raise(Class::Type, message.into())
    }

    pub(crate) fn value(message: impl Into<String>) -> Self {
        Self::Raise(Class::Value, message.into())
    }

    pub(crate) fn overflow(message: impl Into<String>) -> Self {
        Self::Raise(Class::Overflow, message.into())
    }

    pub(crate) fn zero_division(message: impl Into<String>) -> Self {
        Self::Raise(Class::ZeroDivision, message.into())
    }

    pub(crate) fn index(message: impl Into<String>) -> Self {
        Self::Raise(Class::Index, message.into())
    }

    pub(crate) fn structure(message: impl Into<String>) -> Self {
        Self::Raise(Class::Struct, message.into())
    }
}

/// The message alone: the caller adds the class.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raise(_, message) | Self::Refused(message) => f.write_str(message),
            Self::TooLarge => f.write_str("the result is too large"),
        }
    }
}

/// Fails if `len` bytes are more than `limit`.
pub(crate) fn check_len(len: usize, limit: usize) -> Result<(), Failure> {
    if len > limit { Err(Failure::TooLarge) } else { Ok(()) }
}

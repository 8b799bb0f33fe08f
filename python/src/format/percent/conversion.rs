//! What a conversion character asks for, and the errors if the argument is something else.

use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use crate::failure::Failure;

/// What is formatted, for the messages and what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    Text,
    Bytes,
}

/// How one argument becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    /// `s`, and `b` in bytes.
    Str,
    Repr,
    Ascii,
    Character,
    /// `d`, `i` or `u`: any real number.
    Decimal(char),
    /// `o`, `x` or `X`: an int.
    Radix(char),
    /// `e`, `E`, `f`, `F`, `g` or `G`.
    Float(char),
}

impl Conversion {
    pub(crate) fn parse(c: char, index: usize, flavor: Flavor) -> Result<Self, Failure> {
        match c {
            's' => Ok(Self::Str),
            'b' if flavor == Flavor::Bytes => Ok(Self::Str),
            // In bytes, `%r` is `%a`.
            'r' if flavor == Flavor::Text => Ok(Self::Repr),
            'a' | 'r' => Ok(Self::Ascii),
            'c' => Ok(Self::Character),
            'i' if flavor == Flavor::Bytes => Ok(Self::Decimal('d')),
            'd' | 'i' | 'u' => Ok(Self::Decimal(c)),
            'o' | 'x' | 'X' => Ok(Self::Radix(c)),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => Ok(Self::Float(c)),
            _ if flavor == Flavor::Bytes && !c.is_ascii() => {
                // CPython raises two different errors here, by how it came to the character.
                Err(Failure::Refused("a byte outside of ASCII cannot end a format".to_owned()))
            }
            _ => {
                let shown =
                    if matches!(c, '\x1f'..='~') || flavor == Flavor::Bytes { c } else { '?' };
                let code = u32::from(c);
                Err(Failure::value(format!(
                    "unsupported format character '{shown}' (0x{code:x}) at index {index}"
                )))
            }
        }
    }
}

/// The character of `%c` for an int.
pub(crate) fn character_of(value: &BigInt, flavor: Flavor) -> Result<char, Failure> {
    match flavor {
        Flavor::Text => {
            let code = value.to_u32().filter(|&code| code <= 0x0010_ffff);
            let code = code.ok_or_else(|| Failure::overflow("%c arg not in range(0x110000)"))?;
            char::from_u32(code).ok_or_else(|| {
                Failure::Refused("a surrogate cannot be a character here".to_owned())
            })
        }
        Flavor::Bytes => {
            let byte =
                value.to_u8().ok_or_else(|| Failure::overflow("%c arg not in range(256)"))?;
            Ok(char::from(byte))
        }
    }
}

/// `%c` with something else than an int or one character.
pub(crate) fn not_a_character(flavor: Flavor) -> Failure {
    Failure::type_error(match flavor {
        Flavor::Text => "%c requires int or char",
        Flavor::Bytes => "%c requires an integer in range(256) or a single byte",
    })
}

/// `%d`, `%x` or `%f` with a value that is no number.
pub(crate) fn not_a_number(conversion: Conversion, type_name: &str, flavor: Flavor) -> Failure {
    Failure::type_error(match conversion {
        Conversion::Radix(c) => {
            format!("%{c} format: an integer is required, not {type_name:.200}")
        }
        Conversion::Float(_) if flavor == Flavor::Text => {
            format!("must be real number, not {type_name:.50}")
        }
        Conversion::Float(_) => format!("float argument required, not {type_name:.200}"),
        Conversion::Decimal(c) => {
            format!("%{c} format: a real number is required, not {type_name:.200}")
        }
        Conversion::Str | Conversion::Repr | Conversion::Ascii | Conversion::Character => {
            not_a_character(flavor).to_string()
        }
    })
}

/// `%s` in bytes with a value that is not bytes.
pub(crate) fn not_bytes(type_name: &str) -> Failure {
    Failure::type_error(format!(
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{type_name:.100}'"
    ))
}

pub(crate) fn not_enough_arguments() -> Failure {
    Failure::type_error("not enough arguments for format string")
}

pub(crate) fn not_all_converted(flavor: Flavor) -> Failure {
    Failure::type_error(match flavor {
        Flavor::Text => "not all arguments converted during string formatting",
        Flavor::Bytes => "not all arguments converted during bytes formatting",
    })
}

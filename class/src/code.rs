//! The code with which students join.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The letters of a code. None looks like another one, or like a digit.
const LETTERS: &[u8; 22] = b"ABCDEFGHJKMNPQRTUVWXYZ";

/// The number of letters of a code.
pub const CODE_LETTERS: usize = 6;

/// A code of [`CODE_LETTERS`] letters. There are 22^6, about 113 million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Code([u8; CODE_LETTERS]);

impl Code {
    /// The code of a random number.
    #[must_use]
    pub fn from_random(mut number: u64) -> Self {
        let base = LETTERS.len() as u64;
        Self(std::array::from_fn(|_| {
            let index = usize::try_from(number % base).unwrap_or(0);
            number /= base;
            LETTERS[index]
        }))
    }

    /// The letters without a space, as a link has them.
    #[must_use]
    pub fn letters(self) -> String {
        self.0.map(char::from).iter().collect()
    }
}

/// In two groups of three letters: `QKF TDN`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, letter) in self.0.iter().enumerate() {
            if index == CODE_LETTERS / 2 {
                f.write_str(" ")?;
            }
            write!(f, "{}", char::from(*letter))?;
        }
        Ok(())
    }
}

/// The text is not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseCodeError;

impl fmt::Display for ParseCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a code has {CODE_LETTERS} letters, such as QKF TDN")
    }
}

impl std::error::Error for ParseCodeError {}

/// As a student types it: in small letters too, and with spaces and hyphens anywhere.
impl FromStr for Code {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, ParseCodeError> {
        let mut letters = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-'));
        let mut code = [0; CODE_LETTERS];
        for letter in &mut code {
            *letter = letters.next().ok_or(ParseCodeError)?.to_ascii_uppercase();
            if !LETTERS.contains(letter) {
                return Err(ParseCodeError);
            }
        }
        if letters.next().is_some() { Err(ParseCodeError) } else { Ok(Self(code)) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_a_student_types_it() {
        let code: Code = "QKF TDN".parse().expect("it is a code");
        for text in ["qkftdn", " Q-K-F-T-D-N", "qkf\u{20}tdn"] {
            assert_eq!(text.parse(), Ok(code), "{text:?}");
        }
        for text in ["", "QKFTD", "QKFTDNA", "QKF TDO", "QKF TD1", "QKF\tTDN", "QKFTDÜ"] {
            assert_eq!(text.parse::<Code>(), Err(ParseCodeError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_code_of_any_number_is_read_as_it_is_shown(number: u64) {
            let code = Code::from_random(number);
            prop_assert_eq!(code.to_string().parse(), Ok(code));
            prop_assert_eq!(code.letters().parse(), Ok(code));
            prop_assert_eq!(code.letters().len(), CODE_LETTERS);
        }
    }
}

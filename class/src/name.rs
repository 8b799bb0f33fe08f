//! The nickname of a participant.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthChar as _;

/// The most characters of a nickname.
pub const MAX_NAME: usize = 24;

/// The most marks on one letter. Vietnamese and Hindi have two.
const MAX_MARKS: usize = 2;

/// A nickname: text on one line, of 1 to [`MAX_NAME`] characters that all can be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// A nickname without the spaces around it.
    ///
    /// # Errors
    ///
    /// [`NameError`] says what it must not have.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        let count = text.chars().count();
        if !(1..=MAX_NAME).contains(&count) {
            return Err(NameError::Length(count));
        }
        let (mut marks, mut before) = (0, ' ');
        for character in text.chars() {
            // An emoji may have its coloured form, or be joined with another (Unicode Technical Standard 51).
            let is_in_emoji = match character {
                '\u{fe0f}' => is_symbol(before),
                '\u{200d}' => is_symbol(before) || before == '\u{fe0f}',
                _ => false,
            };
            before = character;
            if is_in_emoji {
                continue;
            }
            marks = if character.width() == Some(0) { marks + 1 } else { 0 };
            if is_invisible(character) || marks > MAX_MARKS {
                return Err(NameError::Character(character));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character is in the blocks of arrows, symbols and emoji.
const fn is_symbol(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{27ff}' | '\u{2900}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Whether a character cannot be seen, or changes the order or the line of what stands beside it. Of those that Unicode
/// calls Format and Separator, these are what fonts and keyboards produce.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Why a text is no nickname.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// It has none or too many characters. How many, without the spaces around it.
    Length(usize),
    /// It has a character that cannot be seen, or too many marks on one letter.
    Character(char),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(count) => {
                write!(f, "a name has 1 to {MAX_NAME} characters, and this one {count}")
            }
            Self::Character(character) => {
                write!(f, "a name cannot have U+{:04X} here", u32::from(*character))
            }
        }
    }
}

impl std::error::Error for NameError {}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_scripts_are_kept_as_they_are() {
        for text in [
            "Mia ❤\u{fe0f}",
            "👨\u{200d}👩\u{200d}👧",
            "Mia",
            "小明",
            "José",
            "Ngu\u{79}\u{302}\u{303}n",
            "हिन्दी",
            "O'Neill <3",
            "🙂",
        ] {
            assert_eq!(Name::new(&format!("  {text} ")).map(String::from), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_cannot_be_seen_or_turns_the_line_round_is_refused() {
        for character in
            ['\n', '\0', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{3164}', '\u{2800}']
        {
            let name = format!("a{character}b");
            assert_eq!(Name::new(&name), Err(NameError::Character(character)), "{name:?}");
        }
        let tower = format!("a{}", "\u{301}".repeat(3));
        assert_eq!(Name::new(&tower), Err(NameError::Character('\u{301}')));
        assert_eq!(Name::new("   "), Err(NameError::Length(0)));
        assert_eq!(Name::new(&"é".repeat(25)), Err(NameError::Length(25)));
        assert!(Name::new(&"é".repeat(24)).is_ok());
    }
}

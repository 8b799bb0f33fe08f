//! The bearer token that a relay may ask its clients for.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use subtle::ConstantTimeEq as _;

/// The shortest token, in characters.
const MIN: usize = 8;
/// The longest token, in characters: it travels in a request's head.
const MAX: usize = 256;

/// A secret that clients send as `Authorization: Bearer` (RFC 6750), or in a URL's query.
#[derive(Clone)]
pub struct Token(Arc<str>);

impl Token {
    /// The secret itself, for those who may send it.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// Is this the token? Takes the same time for every text of the same length.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

/// Does not show the secret.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl FromStr for Token {
    type Err = ParseTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // RFC 6750, section 2.1: b64token.
        let is_token_char = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
        if (MIN..=MAX).contains(&text.len()) && text.chars().all(is_token_char) {
            Ok(Self(text.into()))
        } else {
            Err(ParseTokenError(()))
        }
    }
}

/// The text cannot be a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token has {MIN} to {MAX} of the characters A-Z a-z 0-9 - . _ ~ + / =")]
pub struct ParseTokenError(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token: Token = "c2VjcmV0LXRva2Vu".parse().unwrap();
        assert!(token.is("c2VjcmV0LXRva2Vu"));
        for other in ["", "c2VjcmV0LXRva2V", "c2VjcmV0LXRva2Vuu", "C2VjcmV0LXRva2Vu"] {
            assert!(!token.is(other), "{other:?}");
        }
        assert_eq!(format!("{token:?}"), "Token");
    }

    #[test]
    fn what_a_header_cannot_carry_is_no_token() {
        for text in ["", "short", "with a space", "Zeichenkette-ü", &"x".repeat(257)] {
            assert!(text.parse::<Token>().is_err(), "{text:?}");
        }
    }
}

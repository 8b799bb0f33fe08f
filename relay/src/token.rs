//! The bearer tokens that a relay may ask its clients for.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use subtle::ConstantTimeEq as _;

use crate::named_file::read_named_file;

/// The shortest token, in characters.
const MIN: usize = 8;
/// The longest token, in characters: it travels in a request's head.
const MAX: usize = 256;

/// The longest file of tokens, in bytes.
const MAX_FILE: u64 = 64 * 1024;

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

/// Takes the same time for every token of the same length.
impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Token {}

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

/// Where the tokens are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The one token.
    Text(Token),
    /// A file with one token in each line, so that an old one may count beside its successor for a while.
    File(PathBuf),
}

impl FromStr for TokenSource {
    type Err = ParseTokenError;

    /// The one token.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Text)
    }
}

impl TokenSource {
    /// Reads the file.
    pub(crate) fn tokens(&self) -> Result<Tokens, TokenFileError> {
        match self {
            Self::Text(token) => Ok(Tokens([token.clone()].into())),
            Self::File(path) => {
                read(path).map_err(|cause| TokenFileError { path: path.clone(), cause })
            }
        }
    }
}

fn read(path: &Path) -> Result<Tokens, TokenFileCause> {
    let text = String::from_utf8(read_named_file(path, MAX_FILE)?);
    let text = text.map_err(|error| io::Error::other(error.utf8_error()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let tokens = lines.map(str::parse).collect::<Result<Vec<Token>, _>>()?;
    if tokens.is_empty() { Err(TokenFileCause::Empty) } else { Ok(Tokens(tokens.into())) }
}

/// The tokens that count, one at least.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(Arc<[Token]>);

impl Tokens {
    /// Is this one of them?
    pub(crate) fn take(&self, text: &str) -> bool {
        // All are compared, so that the time does not tell which it is.
        self.0.iter().fold(false, |taken, token| token.is(text) | taken)
    }

    /// The first one, for those who may send it.
    pub(crate) fn secret(&self) -> &str {
        self.0[0].secret()
    }
}

/// Why a file has no tokens.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be used as a file of tokens: {cause}", path.display())]
pub struct TokenFileError {
    path: PathBuf,
    cause: TokenFileCause,
}

#[derive(Debug, thiserror::Error)]
enum TokenFileCause {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("it is empty")]
    Empty,
    #[error(transparent)]
    Line(#[from] ParseTokenError),
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
    fn a_file_has_a_token_in_each_line() {
        let path = std::env::temp_dir().join(format!("framescope-tokens-{}", std::process::id()));
        let source = TokenSource::File(path.clone());
        let mut said = Vec::new();
        for text in ["old-token-1\n\n  new-token-2\r\n", "", "\n", "short\n", "\u{7c98}"] {
            std::fs::write(&path, text).unwrap();
            said.push(source.tokens().map_err(|error| error.to_string()));
        }
        std::fs::write(&path, "x".repeat(70_000)).unwrap();
        said.push(source.tokens().map_err(|error| error.to_string()));
        std::fs::remove_file(&path).unwrap();
        said.push(source.tokens().map_err(|error| error.to_string()));
        let tokens = said.remove(0).unwrap();
        assert!(tokens.take("old-token-1") && tokens.take("new-token-2"));
        assert!(!tokens.take("") && !tokens.take("old-token-1\n\n  new-token-2"));
        for (said, why) in said.into_iter().zip([
            "it is empty",
            "it is empty",
            "a token has 8 to 256",
            "a token has 8 to 256",
            "longer than 65536 bytes",
            "No such file",
        ]) {
            let said = said.unwrap_err();
            assert!(said.contains(why) && said.contains("framescope-tokens"), "{said}");
        }
    }

    #[test]
    fn what_a_header_cannot_carry_is_no_token() {
        for text in ["", "short", "with a space", "Zeichenkette-ü", &"x".repeat(257)] {
            assert!(text.parse::<Token>().is_err(), "{text:?}");
        }
    }
}

//! The two passes of CPython's parser.

use super::raised::Raised;
use super::recognizer::{CheckStrings, Recognizer};
use super::tokens::Tokens;

/// Fails if a text is not what the rule describes. A second pass looks for the mistake.
pub(super) fn parse(tokens: &mut Tokens, rule: &str, check: CheckStrings) -> Result<(), Raised> {
    match Recognizer::new(tokens, check, false).recognizes(rule) {
        Ok(true) => return Ok(()),
        Ok(false) => {}
        Err(raised) => return Err(tokens.or_of_tokenizer(raised)),
    }
    let last = tokens.read.len();
    match Recognizer::new(tokens, check, true).recognizes(rule) {
        Ok(_) => Err(tokens.unrecognized(last)),
        Err(raised) => Err(tokens.or_of_tokenizer(raised)),
    }
}

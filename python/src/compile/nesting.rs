//! Bounds how deep a program nests, on its tokens. The parser recurses, and so does everything that walks
//! its tree.
#![allow(clippy::wildcard_enum_match_arm, reason = "few of the parser's tokens nest")]

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;

use super::error::{Problem, refused};
use crate::code::Span;

/// The most tokens between two commas or lines, those of the brackets around included. The commas between the
/// parameters of a lambda do not count. A chain of operators, calls or attributes is as deep as it is long.
const MAX_CHAIN: usize = 400;
/// The most blocks in each other. CPython's bound is 100.
const MAX_INDENTATION: usize = 60;

/// Refuses a text that nests too deep.
pub(crate) fn check(text: &str) -> Result<(), Problem> {
    let Some((tokens, what)) = too_deep(text) else { return Ok(()) };
    // The lexer does not tell where it is: the shortest text with as many tokens ends there.
    let (mut short, mut long) = (0, text.len());
    while short < long {
        let middle = text.floor_char_boundary(usize::midpoint(short, long));
        if middle <= short {
            break;
        }
        if has_tokens(&text[..middle], tokens) {
            long = middle;
        } else {
            short = middle;
        }
    }
    let at = u32::try_from(short).unwrap_or(u32::MAX);
    let at = Span { start: at, end: at };
    Err(match what {
        TooDeep::Chain => refused(at, "an expression is too long; use variables for its parts"),
        TooDeep::Indentation => refused(at, "blocks are too deep in each other; use functions"),
    })
}

enum TooDeep {
    Chain,
    Indentation,
}

fn has_tokens(text: &str, count: usize) -> bool {
    let mut lexer = lex(text, Mode::Module);
    let mut missing = count;
    while missing > 0 {
        let kind = lexer.next_token();
        if kind == TokenKind::EndOfFile {
            return false;
        }
        missing -= usize::from(is_counted(kind));
    }
    true
}

/// Whether a token is in the text, and does not come of its end.
fn is_counted(kind: TokenKind) -> bool {
    !matches!(kind, TokenKind::Dedent | TokenKind::Newline)
}

/// The number of the token at which it is too deep.
fn too_deep(text: &str) -> Option<(usize, TooDeep)> {
    let mut lexer = lex(text, Mode::Module);
    // The number of tokens since the last comma, for each open bracket.
    let mut chains = vec![0usize];
    // The number of lambdas whose colon has not come, for each open bracket: their commas end nothing.
    let mut lambdas = vec![0usize];
    let mut total = 0usize;
    let mut indentation = 0usize;
    let mut count = 0usize;
    loop {
        let kind = lexer.next_token();
        count += usize::from(is_counted(kind));
        if kind == TokenKind::EndOfFile {
            break;
        } else if OPENING.contains(&kind) {
            chains.push(1);
            lambdas.push(0);
            total += 1;
        } else if matches!(kind, TokenKind::Comma | TokenKind::Semi) && lambdas.last() == Some(&0) {
            // The bracket around stays open.
            let bracket = usize::from(chains.len() > 1);
            if let Some(chain) = chains.last_mut() {
                total -= std::mem::replace(chain, bracket) - bracket;
            }
        } else if kind == TokenKind::Newline {
            chains = vec![0];
            lambdas = vec![0];
            total = 0;
        } else if kind == TokenKind::Indent {
            indentation += 1;
        } else if kind == TokenKind::Dedent {
            indentation = indentation.saturating_sub(1);
        } else if !FLAT.contains(&kind) {
            if CLOSING.contains(&kind) && chains.len() > 1 {
                total -= chains.pop().unwrap_or(0);
                lambdas.pop();
            }
            if let Some(open) = lambdas.last_mut() {
                match kind {
                    TokenKind::Lambda => *open += 1,
                    TokenKind::Colon => *open = open.saturating_sub(1),
                    _ => {}
                }
            }
            total += 1;
            if let Some(chain) = chains.last_mut() {
                *chain += 1;
            }
        }
        if total > MAX_CHAIN {
            return Some((count, TooDeep::Chain));
        }
        if indentation > MAX_INDENTATION {
            return Some((count, TooDeep::Indentation));
        }
    }
    None
}

const OPENING: [TokenKind; 5] = [
    TokenKind::Lpar,
    TokenKind::Lsqb,
    TokenKind::Lbrace,
    TokenKind::FStringStart,
    TokenKind::TStringStart,
];

const CLOSING: [TokenKind; 5] = [
    TokenKind::Rpar,
    TokenKind::Rsqb,
    TokenKind::Rbrace,
    TokenKind::FStringEnd,
    TokenKind::TStringEnd,
];

/// Tokens that add no depth. Strings in a row are one string.
const FLAT: [TokenKind; 3] = [TokenKind::NonLogicalNewline, TokenKind::Comment, TokenKind::String];

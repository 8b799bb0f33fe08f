//! Finds the syntax errors that CPython 3.11 finds: its tokenizer, its grammar, and how it chooses the error.
//!
//! What comes in: the text of a program. What goes out: nothing, or CPython's error.
//!
//! May use: `unicode`.

mod cursor;
mod escapes;
mod grammar;
mod kind;
mod mistakes;
mod nodes;
mod notation;
mod number;
mod parse;
mod raised;
mod recognizer;
mod strings;
mod tokenizer;
mod tokens;

pub(crate) use raised::{INDENTATION_ERROR, Mark, Raised};

use self::parse::parse;
use self::strings::check_strings;
use self::tokens::{Columns, Tokens};

/// Fails with the error that CPython's parser raises for a file with this text.
pub(crate) fn check(text: &str) -> Result<(), Raised> {
    let (text, has_mark) = match text.strip_prefix('\u{feff}') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut lines = text.replace("\r\n", "\n").replace('\r', "\n");
    if !lines.ends_with('\n') && !lines.is_empty() {
        lines.push('\n');
    }
    let columns = match declared_encoding(&lines) {
        _ if has_mark => Columns::CharactersAfterMark,
        Some(_) => Columns::Characters,
        None => Columns::Bytes,
    };
    parse(&mut Tokens::new(&lines, None, columns), "file", check_strings)
}

/// The encoding in a comment in one of the first two lines, and where it is.
pub(crate) fn declared_encoding(text: &str) -> Option<(usize, &str)> {
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']).take(2) {
        let code = line.trim_start_matches([' ', '\t', '\x0c']).trim_end_matches(['\n', '\r']);
        if let Some(comment) = code.strip_prefix('#') {
            let found =
                encoding(comment).map(|(at, name)| (line.find('#').unwrap_or(0) + 1 + at, name));
            if let Some((at, name)) = found {
                return Some((start + at, name));
            }
        } else if !code.is_empty() {
            return None;
        }
        start += line.len();
    }
    None
}

fn encoding(comment: &str) -> Option<(usize, &str)> {
    let mut from = 0;
    while let Some(at) = comment[from..].find("coding") {
        from += at + "coding".len();
        let Some(name) = comment[from..].strip_prefix([':', '=']) else { continue };
        let name = name.trim_start_matches([' ', '\t']);
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let length = name.find(|c| !is_part(c)).unwrap_or(name.len());
        if length > 0 {
            return Some((comment.len() - name.len(), &name[..length]));
        }
    }
    None
}

//! The configuration file: TOML, whose keys are the names of options. It is turned into arguments, so that one
//! set of rules checks both.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Id};
use framescope::read_named_file;
use toml::{Spanned, Value};

use crate::cli::{command, one_sentence};

/// The longest configuration file, in bytes: 16 MiB. The most targets that a relay takes need less.
const MAX_FILE: u64 = 16 << 20;

/// What the file says of one option.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileOption {
    /// What clap calls the option.
    pub(crate) id: Id,
    /// The same as arguments.
    pub(crate) arguments: Vec<OsString>,
}

/// Reads the file and checks all of it, also the keys that a flag will replace.
pub(crate) fn read(path: &Path) -> Result<Vec<FileOption>, FileError> {
    let failed = |Located { at, cause }| FileError { path: path.to_owned(), at, cause };
    let unreadable = |error: io::Error| failed(Located { at: None, cause: error.into() });
    let text = String::from_utf8(read_named_file(path, MAX_FILE).map_err(unreadable)?)
        .map_err(|error| unreadable(io::Error::other(error.utf8_error())))?;
    parse(&text).map_err(failed)
}

fn parse(text: &str) -> Result<Vec<FileOption>, Located> {
    let table: HashMap<Spanned<String>, Spanned<Value>> =
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let at = error.span().map(|span| Place::of(text, span.start));
            let message = error.message().lines().collect::<Vec<_>>().join(" ");
            Located { at, cause: Cause::NotToml(message) }
        })?;
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let mut options = Vec::new();
    for (key, value) in &entries {
        let key_is_at = key.span().start;
        let (key, value) = (key.get_ref(), value.get_ref());
        // What one option says is refused at its own place.
        let refused = option(key, value).and_then(|option| {
            check(&option.arguments)?;
            Ok(option)
        });
        let at = Some(Place::of(text, key_is_at));
        options.push(refused.map_err(|cause| Located { at, cause })?);
    }
    let all: Vec<OsString> = options.iter().flat_map(|option| &option.arguments).cloned().collect();
    check(&all).map_err(|cause| Located { at: None, cause })?;
    Ok(options)
}

fn check(arguments: &[OsString]) -> Result<(), Cause> {
    let program = OsString::from("framescope");
    match command().try_get_matches_from(std::iter::once(&program).chain(arguments)) {
        // Of two options that belong together, the other may be on the command line.
        Err(error) if error.kind() != ErrorKind::MissingRequiredArgument => {
            Err(Cause::Refused(one_sentence(error)))
        }
        _ => Ok(()),
    }
}

fn option(key: &str, value: &Value) -> Result<FileOption, Cause> {
    let command = command();
    let arg = command
        .get_arguments()
        .find(|arg| arg.get_long() == Some(key) && arg.get_id() != "config")
        .ok_or_else(|| Cause::UnknownKey { key: key.to_owned(), like: like(key) })?;
    let arguments = arguments(arg, key, value).ok_or_else(|| Cause::BadValue(key.to_owned()))?;
    Ok(FileOption { id: arg.get_id().clone(), arguments })
}

/// The option that is called almost so.
fn like(key: &str) -> Option<String> {
    let asked = [OsString::from("framescope"), format!("--{}", key.replace('_', "-")).into()];
    let Err(error) = command().try_get_matches_from(asked) else {
        // Only the underscores are wrong.
        return Some(key.replace('_', "-"));
    };
    let suggested = match error.get(ContextKind::SuggestedArg) {
        Some(ContextValue::String(suggested)) => suggested.clone(),
        _ if error.kind() == ErrorKind::InvalidValue => key.replace('_', "-"),
        _ => return None,
    };
    Some(suggested.trim_start_matches("--").to_owned()).filter(|like| like != "config")
}

/// A place in a file, from 1. Columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

/// `None`: the option takes no value of this kind.
fn arguments(arg: &Arg, key: &str, value: &Value) -> Option<Vec<OsString>> {
    match (value, arg.get_action().takes_values()) {
        (Value::Boolean(false), false) => Some(Vec::new()),
        (Value::Boolean(true), false) => Some(vec![format!("--{key}").into()]),
        (Value::Array(values), true) => {
            let each = values.iter().map(|value| text(key, value));
            each.collect()
        }
        (value, true) => Some(vec![text(key, value)?]),
        (_, false) => None,
    }
}

fn text(key: &str, value: &Value) -> Option<OsString> {
    match value {
        Value::String(text) => Some(format!("--{key}={text}").into()),
        Value::Integer(number) => Some(format!("--{key}={number}").into()),
        Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)
        | Value::Table(_) => None,
    }
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}{}: {cause}",
    path.display(),
    at.map_or_else(String::new, |Place { line, column }| format!(":{line}:{column}"))
)]
pub(crate) struct FileError {
    path: PathBuf,
    at: Option<Place>,
    cause: Cause,
}

/// Why, and where.
#[derive(Debug)]
struct Located {
    at: Option<Place>,
    cause: Cause,
}

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("this is not TOML: {0}")]
    NotToml(String),
    #[error(
        "there is no option {key:?}{}",
        like.as_ref().map_or_else(String::new, |like| format!("; there is {like:?}"))
    )]
    UnknownKey { key: String, like: Option<String> },
    #[error("the value of {0:?} is neither text nor a whole number, nor a list of them")]
    BadValue(String),
    #[error("{0}")]
    Refused(String),
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_is_an_option_and_a_list_is_one_that_is_repeated() {
        let text = "listen = \"[::1]:0\"\nmax-sessions = 7\ntarget = [\"a=b:1\", \"c=unix:/d\"]\nopen = true";
        let options = parse(text).unwrap();
        let arguments: Vec<_> = options.iter().flat_map(|option| &option.arguments).collect();
        for argument in [
            "--listen=[::1]:0",
            "--max-sessions=7",
            "--target=a=b:1",
            "--target=c=unix:/d",
            "--open",
        ] {
            assert!(arguments.iter().any(|own| *own == argument), "{argument}: {arguments:?}");
        }
        assert_eq!(arguments.len(), 5);
    }

    #[test]
    fn what_cannot_be_followed_is_refused_by_name() {
        for (text, said) in [
            ("lissten = \"127.0.0.1:0\"", "there is no option \"lissten\"; there is \"listen\""),
            ("config = \"other.toml\"", "there is no option \"config\""),
            ("help = true", "there is no option \"help\""),
            ("max_sessions = 1", "there is no option \"max_sessions\"; there is \"max-sessions\""),
            ("[listen]\nport = 1", "the value of \"listen\" is neither"),
            ("open = \"yes\"", "the value of \"open\" is neither"),
            ("max-sessions = 1.5", "the value of \"max-sessions\" is neither"),
            ("max-sessions = 0", "a number of sessions from 1 to"),
            ("tcp-listen = [\"127.0.0.1:1\", \"127.0.0.1:2\"]", "cannot be used multiple times"),
            ("listen = \"a\\n\\nb\"", "invalid value 'a\\n\\nb' for '--listen"),
            ("listen = ", "this is not TOML: "),
            ("listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:1\"", "this is not TOML: "),
        ] {
            let error = parse(text).unwrap_err().cause.to_string();
            assert!(error.contains(said) && !error.contains('\n'), "{text:?}: {error:?}");
        }
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        for (text, place) in [
            ("\nmax-sessions = 1\n  lissten = 'x'\n", (3, 3)),
            ("token = '粘'\nmax-sessions = 0", (2, 1)),
            ("open = true\nlisten = ", (2, 10)),
            ("tcp-listen = 'x'\nheader = '?'", (1, 1)),
        ] {
            let at = parse(text).unwrap_err().at.unwrap();
            assert_eq!((at.line, at.column), place, "{text:?}");
        }
    }

    /// A JSON string is a TOML string, except for one character.
    pub(crate) fn quoted(text: &str) -> String {
        serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f")
    }

    pub(crate) fn key() -> impl Strategy<Value = String> {
        let options: Vec<String> =
            command().get_arguments().filter_map(Arg::get_long).map(str::to_owned).collect();
        prop_oneof![4 => prop::sample::select(options), 1 => any_text()]
    }

    /// Any text, also with characters that begin a new line.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof!["[\\n\\r\\x1b a-z0-9:./=,\\[\\]-]{0,12}", "(?s).{0,12}"]
    }

    /// A value as TOML writes it.
    pub(crate) fn value() -> impl Strategy<Value = String> {
        let one = prop_oneof![
            4 => any_text().prop_map(|text| quoted(&text)),
            2 => any::<i64>().prop_map(|number| number.to_string()),
            1 => prop::sample::select(vec!["true", "false", "1.5", "1979-05-27", "{ a = 1 }"])
                .prop_map(str::to_owned),
        ];
        let list = prop::collection::vec(one.clone(), 0..4)
            .prop_map(|values| format!("[{}]", values.join(", ")));
        prop_oneof![3 => one, 1 => list]
    }

    proptest! {
        #[test]
        fn any_text_is_followed_or_refused_in_one_line(text in "\\PC{0,64}|([a-z-]{1,12} ?= ?[\"a-z0-9:.\\[\\], ]{0,20}\n){0,4}") {
            if let Err(Located { cause, .. }) = parse(&text) {
                prop_assert!(!cause.to_string().contains('\n'), "{cause}");
            }
        }

        #[test]
        fn a_value_is_followed_or_refused_in_one_line_that_names_its_key(
            key in key(),
            value in value(),
        ) {
            if let Err(error) = parse(&format!("{} = {value}", quoted(&key))) {
                let error = error.cause.to_string();
                prop_assert!(!error.chars().any(char::is_control), "{error:?}");
                let (named, option) = (format!("{key:?}"), format!("--{key}"));
                prop_assert!(error.contains(&named) || error.contains(&option), "{error:?}");
            }
        }

        #[test]
        fn what_a_text_says_is_what_the_option_gets(text in "\\PC{0,40}") {
            let options = parse(&format!("token = {}", quoted(&text))).unwrap();
            let expected = OsString::from(format!("--token={text}"));
            prop_assert_eq!(&options[0].arguments, &[expected]);
        }
    }
}

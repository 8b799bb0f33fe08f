//! The content of `/relay.json`.

use framescope_framing::HeaderFormat;
use serde::{Deserialize, Serialize};

/// What a page must know about its relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayInfo {
    /// The relay's version.
    pub version: String,
    /// The address of the built-in TCP server, for programs that connect to it themselves. `None`: there is none.
    pub tcp_address: Option<String>,
    /// The built-in TCP server's header, in `struct` notation.
    pub header: HeaderFormat,
    /// The longest payload that the built-in TCP server accepts, in bytes.
    pub max_message: usize,
    /// The names of the targets for `/bridge/{name}`, `demo` and `demo-plain` first.
    pub targets: Vec<String>,
    /// Whether `/lab` can run experiments.
    pub lab: bool,
    /// Whether `/lab` runs the programs of [`WATCHED`](crate::paths::WATCHED) as they are, and no others.
    pub watched: bool,
}

/// A JSON object. In the browser it is a JavaScript object, so that the page needs no JSON parser.
///
/// Each method returns `None` if the field does not exist or has another type.
pub trait JsonObject {
    /// The string in the field `name`.
    fn text(&self, name: &str) -> Option<String>;
    /// The number in the field `name`.
    fn number(&self, name: &str) -> Option<f64>;
    /// The boolean in the field `name`.
    fn flag(&self, name: &str) -> Option<bool>;
    /// The strings of the list in the field `name`. Elements that are not strings are left out.
    fn texts(&self, name: &str) -> Option<Vec<String>>;
}

impl RelayInfo {
    /// Reads the JSON of a relay of any version. `None` if a field is missing that every version sends.
    /// Unknown fields, which a newer relay may send, are ignored.
    #[must_use]
    pub fn read(object: &impl JsonObject) -> Option<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a limit is a whole number from 0, far below 2^32"
        )]
        let max_message = object.number("max_message")? as usize;
        Some(Self {
            version: object.text("version").unwrap_or_default(),
            tcp_address: object.text("tcp_address"),
            header: object.text("header")?.parse().unwrap_or_default(),
            max_message,
            targets: object.texts("targets")?,
            lab: object.flag("lab").unwrap_or(false),
            watched: object.flag("watched").unwrap_or(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    impl JsonObject for Value {
        fn text(&self, name: &str) -> Option<String> {
            self.get(name)?.as_str().map(str::to_owned)
        }

        fn number(&self, name: &str) -> Option<f64> {
            self.get(name)?.as_f64()
        }

        fn flag(&self, name: &str) -> Option<bool> {
            self.get(name)?.as_bool()
        }

        fn texts(&self, name: &str) -> Option<Vec<String>> {
            let texts = self.get(name)?.as_array()?.iter().filter_map(Value::as_str);
            Some(texts.map(str::to_owned).collect())
        }
    }

    fn info() -> RelayInfo {
        RelayInfo {
            version: "1.2.3".to_owned(),
            tcp_address: Some("127.0.0.1:9529".to_owned()),
            header: HeaderFormat::NETWORK_UNSIGNED,
            max_message: 4321,
            targets: vec!["demo".to_owned(), "db".to_owned()],
            lab: true,
            watched: false,
        }
    }

    #[test]
    fn the_page_reads_what_the_relay_writes() {
        let json = serde_json::to_value(info()).expect("it can be written as JSON");
        assert_eq!(RelayInfo::read(&json), Some(info()));
    }

    #[test]
    fn unknown_fields_are_ignored_and_only_newer_fields_may_be_missing() {
        let mut json = serde_json::to_value(info()).expect("it can be written as JSON");
        json["class"] = json!({ "code": 1234 });
        json.as_object_mut().expect("it is an object").remove("lab");
        assert_eq!(RelayInfo::read(&json), Some(RelayInfo { lab: false, ..info() }));
        json.as_object_mut().expect("it is an object").remove("targets");
        assert_eq!(RelayInfo::read(&json), None);
    }
}

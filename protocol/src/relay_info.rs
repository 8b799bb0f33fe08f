//! What a relay says of itself in `/relay.json`.

use framescope_framing::HeaderFormat;
use serde::{Deserialize, Serialize};

/// What a page must know of a relay to be of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayInfo {
    /// The relay's version.
    pub version: String,
    /// Where the built-in TCP server listens, for programs that talk to it themselves.
    pub tcp_address: String,
    /// The built-in TCP server's header, in `struct` notation.
    pub header: HeaderFormat,
    /// The longest payload that the built-in TCP server accepts, in bytes.
    pub max_message: usize,
    /// The names that `/bridge/{name}` knows, `demo` first.
    pub targets: Vec<String>,
    /// Can `/lab` run experiments here?
    pub lab: bool,
}

/// A JSON object, as a browser has it: reading it there takes no parser of our own.
pub trait JsonObject {
    /// The text of that name; `None` where there is no such text.
    fn text(&self, name: &str) -> Option<String>;
    /// The number of that name.
    fn number(&self, name: &str) -> Option<f64>;
    /// The truth value of that name.
    fn flag(&self, name: &str) -> Option<bool>;
    /// The list of that name; what is no text in it is left out.
    fn texts(&self, name: &str) -> Option<Vec<String>>;
}

impl RelayInfo {
    /// Reads what a relay said. `None` where a field is missing that every relay has sent from the
    /// beginning. Fields that are not known are passed over: a newer relay may say more.
    #[must_use]
    pub fn read(object: &impl JsonObject) -> Option<Self> {
        // A limit is a whole number, far below 2^32.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "as said above"
        )]
        let max_message = object.number("max_message")? as usize;
        Some(Self {
            version: object.text("version").unwrap_or_default(),
            tcp_address: object.text("tcp_address")?,
            header: object.text("header")?.parse().unwrap_or_default(),
            max_message,
            targets: object.texts("targets")?,
            lab: object.flag("lab").unwrap_or(false),
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
            tcp_address: "127.0.0.1:9527".to_owned(),
            header: HeaderFormat::NETWORK_UNSIGNED,
            max_message: 4321,
            targets: vec!["demo".to_owned(), "db".to_owned()],
            lab: true,
        }
    }

    #[test]
    fn what_a_relay_writes_is_what_a_page_reads() {
        let json = serde_json::to_value(info()).expect("it has no part that JSON cannot hold");
        assert_eq!(RelayInfo::read(&json), Some(info()));
    }

    #[test]
    fn a_newer_relay_may_say_more_and_an_older_one_less() {
        let mut json = serde_json::to_value(info()).expect("it has no part that JSON cannot hold");
        json["class"] = json!({ "code": 1234 });
        json.as_object_mut().expect("it is an object").remove("lab");
        assert_eq!(RelayInfo::read(&json), Some(RelayInfo { lab: false, ..info() }));
        json.as_object_mut().expect("it is an object").remove("targets");
        assert_eq!(RelayInfo::read(&json), None);
    }
}

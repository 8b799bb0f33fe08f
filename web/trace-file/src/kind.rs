//! The kind of a saved file.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

/// The kind of a saved file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Trace,
    Recording,
}

impl Kind {
    /// The kind of a JSON text. Each kind has a key before its events that the other kind does not have:
    /// `experiment` or `bridge`. The text after that key is not checked here. The reader of that kind
    /// has better error messages.
    pub(crate) fn of(json: &str) -> Option<Self> {
        let mut kind = None;
        // Ignore the error: reading stops inside the object, which is an error too.
        let _ = serde_json::Deserializer::from_str(json).deserialize_map(Keys(&mut kind));
        kind
    }
}

struct Keys<'a>(&'a mut Option<Kind>);

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            *self.0 = match &*key {
                "experiment" => Some(Kind::Trace),
                "bridge" => Some(Kind::Recording),
                _ => None,
            };
            if self.0.is_some() {
                break;
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_that_only_one_kind_has_decides_the_kind() {
        for (json, kind) in [
            (r#"{"version":1,"experiment":"#, Some(Kind::Trace)),
            (r#"{"events":[{"experiment":1}],"bridge":{},"experiment":{}}"#, Some(Kind::Recording)),
            (r#"{"bridge":1 and no JSON at all"#, Some(Kind::Recording)),
            (r#"{"version":1}"#, None),
            (r#"["bridge"]"#, None),
            (r#""bridge""#, None),
            ("\u{feff}", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(json), kind, "{json}");
        }
    }
}

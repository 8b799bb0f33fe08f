//! What the page's address says: who comes in, and with what.

use data_encoding::HEXLOWER_PERMISSIVE;
use framescope_class::{Code, ConsoleId, ConsoleKey};

/// Who comes in. The fragment of the address says it: `#QKFTDN`, `#key=HEX`, `#console` or `#projector`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// A student, perhaps with the code of the class.
    Student(Option<Code>),
    /// The teacher, with the key, or with the one that the tab has kept.
    Console(Option<ConsoleKey>),
    /// The projector. It has the key from the console's tab.
    Projector,
}

impl Entrance {
    /// Reads a fragment, with or without its `#`.
    #[must_use]
    pub fn parse(fragment: &str) -> Self {
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        if fragment == "projector" {
            return Self::Projector;
        }
        if fragment == CONSOLE {
            return Self::Console(None);
        }
        match fragment.strip_prefix("key=").and_then(key) {
            Some(key) => Self::Console(Some(key)),
            None => Self::Student(fragment.parse().ok()),
        }
    }
}

/// The fragment of a console whose key the tab has kept: whoever sees the address does not see the key.
pub(crate) const CONSOLE: &str = "console";

/// The key and the number that a console has kept: `HEX`, or `HEX NUMBER`.
pub(crate) fn kept_console(kept: &str) -> (Option<ConsoleKey>, Option<ConsoleId>) {
    let (key_text, id) = kept.split_once(' ').unwrap_or((kept, ""));
    (key(key_text), id.parse().ok().map(ConsoleId))
}

/// A key of 32 hexadecimal digits.
pub(crate) fn key(text: &str) -> Option<ConsoleKey> {
    hex(text).map(ConsoleKey)
}

/// Sixteen bytes of 32 hexadecimal digits.
pub(crate) fn hex(text: &str) -> Option<[u8; 16]> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Sixteen bytes as 32 hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8; 16]) -> String {
    HEXLOWER_PERMISSIVE.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_who_comes_in() {
        let code = "QKF TDN".parse().ok();
        assert_eq!(Entrance::parse("#QKFTDN"), Entrance::Student(code));
        assert_eq!(Entrance::parse("#qkf-tdn"), Entrance::Student(code));
        assert_eq!(Entrance::parse(""), Entrance::Student(None));
        assert_eq!(Entrance::parse("#projector"), Entrance::Projector);
        let key = format!("#key={}", "0a".repeat(16));
        assert_eq!(Entrance::parse(&key), Entrance::Console(Some(ConsoleKey([10; 16]))));
        assert_eq!(Entrance::parse("#console"), Entrance::Console(None));
        for wrong in ["#key=", "#key=0a", "#key=zz", &format!("#key={}", "0\u{e9}".repeat(16))] {
            assert_eq!(Entrance::parse(wrong), Entrance::Student(None), "{wrong}");
        }
        let kept = format!("{} 7", "0a".repeat(16));
        assert_eq!(kept_console(&kept), (Some(ConsoleKey([10; 16])), Some(ConsoleId(7))));
        assert_eq!(kept_console("x 7").0, None);
        assert_eq!(hex(&to_hex(&[171; 16])), Some([171; 16]));
    }
}

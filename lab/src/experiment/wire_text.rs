//! A wire in words, for links and command lines.
//!
//! ```text
//! latency 20ms, drop data > 2, reorder data 10%, delay 50ms ack < 3-
//! ```
//!
//! Parts are separated by commas. `mtu BYTES`, `latency TIME` and `seed NUMBER` set the wire. All others are rules: what
//! happens, and then in any order to which segments. `syn`, `rst`, `data`, `fin` and `ack` name a class; `>` is to the
//! server, `<` to the client; `2` is the second of these segments, `2-5` the second to the fifth, and `2-` all from the
//! second on; `10%` is the probability. A time has a unit: `us`, `ms` or `s`.

use std::fmt;
use std::str::FromStr;

use super::wire::{
    ETHERNET_MTU, MAX_DELAY_US, MAX_MTU, MIN_MTU, SegmentClass, WireAction, WireDirection,
    WireRule, WireSetup,
};

/// Why a text is not a wire: the part that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseWireError(String);

impl ParseWireError {
    /// The part that says nothing.
    #[must_use]
    pub fn part(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ParseWireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is none of 'mtu 576', 'latency 20ms', 'seed 7', or 'hold', 'drop', 'delay 5ms', 'duplicate' and \
             'reorder' with a class such as 'data', a direction '>' or '<', numbers such as '2-5', and a probability \
             such as '10%'. Each comes once. An MTU is {MIN_MTU} to {MAX_MTU}, a time at most {} s, and numbers begin \
             with 1",
            self.0,
            MAX_DELAY_US / 1_000_000,
        )
    }
}

impl std::error::Error for ParseWireError {}

impl FromStr for WireSetup {
    type Err = ParseWireError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mut setup, mut said) = (Self::default(), Vec::new());
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let added = add(&mut setup, &mut said, part).filter(|()| setup.is_in_bounds());
            added.ok_or_else(|| ParseWireError(part.to_owned()))?;
        }
        Ok(setup)
    }
}

/// Adds what a part of the text says. `None` if it says nothing. `said` has what can be said once.
fn add<'a>(setup: &mut WireSetup, said: &mut Vec<&'a str>, part: &'a str) -> Option<()> {
    let mut words = part.split_whitespace();
    let first = words.next()?;
    if said.contains(&first) {
        return None;
    }
    if ["mtu", "latency", "seed"].contains(&first) {
        said.push(first);
    }
    match first {
        "mtu" => setup.mtu = words.next()?.parse().ok()?,
        "latency" => setup.latency_us = time(words.next()?)?,
        "seed" => setup.seed = words.next()?.parse().ok()?,
        action => {
            let action = match action {
                "hold" => WireAction::Hold,
                "drop" => WireAction::Drop,
                "delay" => WireAction::Delay(time(words.next()?)?),
                "duplicate" => WireAction::Duplicate,
                "reorder" => WireAction::Reorder,
                _ => return None,
            };
            let mut rule = WireRule::for_all(action);
            let mut narrowed = Vec::new();
            for word in words.by_ref() {
                let kind = narrow(&mut rule, word)?;
                if narrowed.contains(&kind) {
                    return None;
                }
                narrowed.push(kind);
            }
            setup.rules.push(rule);
        }
    }
    words.next().is_none().then_some(())
}

/// What a word of a rule is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Narrows {
    Class,
    Direction,
    Numbers,
    Probability,
}

/// The rule is for fewer segments: those that a word says. Returns what the word is about.
fn narrow(rule: &mut WireRule, word: &str) -> Option<Narrows> {
    if let Some((class, _)) = CLASSES.iter().find(|(_, name)| *name == word) {
        rule.class = *class;
        return Some(Narrows::Class);
    }
    if let ">" | "<" = word {
        let to_server = word == ">";
        let direction = if to_server { WireDirection::ToServer } else { WireDirection::ToClient };
        rule.direction = Some(direction);
        return Some(Narrows::Direction);
    }
    if let Some(percent) = word.strip_suffix('%') {
        rule.permille = permille(percent)?;
        return Some(Narrows::Probability);
    }
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let first: u32 = first.parse().ok()?;
    rule.skip = first.checked_sub(1)?;
    rule.count = match last {
        "" => None,
        last => {
            let last: u32 = last.parse().ok()?;
            Some(last.checked_sub(rule.skip).filter(|count| *count > 0)?)
        }
    };
    Some(Narrows::Numbers)
}

const CLASSES: [(SegmentClass, &str); 5] = [
    (SegmentClass::Syn, "syn"),
    (SegmentClass::Rst, "rst"),
    (SegmentClass::Data, "data"),
    (SegmentClass::Fin, "fin"),
    (SegmentClass::Ack, "ack"),
];

/// Thousandths, of a percentage with at most one decimal.
fn permille(percent: &str) -> Option<u16> {
    let (whole, tenths) = percent.split_once('.').unwrap_or((percent, "0"));
    let tenths = Some(tenths).filter(|tenths| tenths.len() == 1)?.parse::<u16>().ok()?;
    whole.parse::<u16>().ok()?.checked_mul(10)?.checked_add(tenths).filter(|most| *most <= 1000)
}

/// A time with its unit, in microseconds.
fn time(text: &str) -> Option<u64> {
    let unit = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let unit = match unit {
        "us" => 1,
        "ms" => 1000,
        "s" => 1_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// A time with the largest unit that it is a multiple of.
fn time_text(us: u64) -> String {
    match us {
        us if us.is_multiple_of(1_000_000) => format!("{}s", us / 1_000_000),
        us if us.is_multiple_of(1000) => format!("{}ms", us / 1000),
        us => format!("{us}us"),
    }
}

impl fmt::Display for WireSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.mtu != ETHERNET_MTU {
            parts.push(format!("mtu {}", self.mtu));
        }
        if self.latency_us > 0 {
            parts.push(format!("latency {}", time_text(self.latency_us)));
        }
        if self.seed > 0 {
            parts.push(format!("seed {}", self.seed));
        }
        parts.extend(self.rules.iter().map(ToString::to_string));
        f.write_str(&parts.join(", "))
    }
}

impl fmt::Display for WireRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            WireAction::Hold => f.write_str("hold")?,
            WireAction::Drop => f.write_str("drop")?,
            WireAction::Delay(us) => write!(f, "delay {}", time_text(us))?,
            WireAction::Duplicate => f.write_str("duplicate")?,
            WireAction::Reorder => f.write_str("reorder")?,
        }
        if let Some((_, name)) = CLASSES.iter().find(|(class, _)| *class == self.class) {
            write!(f, " {name}")?;
        }
        match self.direction {
            None => {}
            Some(WireDirection::ToServer) => f.write_str(" >")?,
            Some(WireDirection::ToClient) => f.write_str(" <")?,
        }
        let first = self.skip.saturating_add(1);
        match self.count {
            Some(1) => write!(f, " {first}")?,
            Some(count) => write!(f, " {first}-{}", self.skip.saturating_add(count))?,
            None if self.skip > 0 => write!(f, " {first}-")?,
            None => {}
        }
        match self.permille {
            1000 => Ok(()),
            permille if permille.is_multiple_of(10) => write!(f, " {}%", permille / 10),
            permille => write!(f, " {}.{}%", permille / 10, permille % 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wire_is_written_as_it_is_read() {
        for text in [
            "",
            "mtu 576",
            "latency 20ms, seed 7",
            "drop data > 2",
            "hold syn",
            "delay 5ms ack < 3-",
            "duplicate 1-4 12.5%",
            "latency 1500us, reorder data 10%, drop 5%",
            "delay 2s rst, drop fin > 1",
        ] {
            let setup: WireSetup = text.parse().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(setup.to_string(), text);
        }
        let loose: WireSetup = " drop  2   data,".parse().unwrap();
        assert_eq!(loose.to_string(), "drop data 2");
        let rule = WireRule::for_all(WireAction::Drop);
        let rule = WireRule { skip: 1, count: Some(1), class: SegmentClass::Data, ..rule };
        assert_eq!(loose.rules, [rule]);
    }

    #[test]
    fn what_is_no_wire_is_refused_with_the_part_that_is_wrong() {
        for (text, part) in [
            ("lose data", "lose data"),
            ("drop data, drop milk", "drop milk"),
            ("drop 0", "drop 0"),
            ("drop 5-4", "drop 5-4"),
            ("drop 5-3", "drop 5-3"),
            ("drop 101%", "drop 101%"),
            ("drop 1.25%", "drop 1.25%"),
            ("delay data", "delay data"),
            ("latency 20", "latency 20"),
            ("latency 20ms 30ms", "latency 20ms 30ms"),
            ("mtu 99999999", "mtu 99999999"),
            ("mtu 100", "mtu 100"),
            ("latency 99999999999999999999s", "latency 99999999999999999999s"),
            ("latency 11s", "latency 11s"),
            ("drop data 2, latency 99s", "latency 99s"),
            ("drop > <", "drop > <"),
            ("drop data syn", "drop data syn"),
            ("drop 1 2", "drop 1 2"),
            ("latency 1ms, drop, latency 2ms", "latency 2ms"),
        ] {
            let error = text.parse::<WireSetup>().unwrap_err();
            assert_eq!(error, ParseWireError(part.to_owned()));
        }
        let many = "drop,".repeat(100);
        assert!(many.parse::<WireSetup>().is_err());
    }
}

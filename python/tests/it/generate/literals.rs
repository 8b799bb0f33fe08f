//! Literals of values.

use fastrand::Rng;

/// One of some texts.
pub(super) fn pick<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

pub(super) fn int(rng: &mut Rng) -> String {
    match rng.u8(..10) {
        0..5 => rng.i64(-12..13).to_string(),
        5 => {
            pick(rng, &["0", "1", "-1", "255", "256", "65535", "2147483647", "-2147483648"]).into()
        }
        6 => pick(rng, &["9223372036854775807", "-9223372036854775808", "18446744073709551616"])
            .into(),
        7 => rng.i64(..).to_string(),
        8 => pick(rng, &["True", "False"]).into(),
        _ => format!("{}{:018}", rng.i64(-999..999), rng.u64(..1_000_000_000_000_000_000)),
    }
}

pub(super) fn float(rng: &mut Rng) -> String {
    match rng.u8(..8) {
        0..3 => format!("{:?}", f64::from(rng.i32(-1000..1000)) / 8.0),
        3 => pick(rng, &["0.0", "-0.0", "0.1", "2.5", "1e16", "1e-5", "1e300", "5e-324"]).into(),
        4 => pick(rng, &["float('nan')", "float('inf')", "float('-inf')"]).into(),
        5 => format!("{:?}", rng.f64() * 1e3),
        _ => {
            let float = f64::from_bits(rng.u64(..));
            if float.is_finite() { format!("{float:?}") } else { "1.5".into() }
        }
    }
}

pub(super) fn number(rng: &mut Rng) -> String {
    if rng.u8(..3) == 0 { float(rng) } else { int(rng) }
}

const CHARACTERS: &[&str] = &[
    "a", "b", "c", "A", "Z", "0", "1", "9", " ", " ", ",", ".", "-", "_", "é", "ß", "你", "好",
    "😀", "\\n", "\\t", "\\r", "\\x00", "\\u2028", "İ", "ǆ", "'", "\\\\", "{", "}", "%",
];

/// A str of a few characters.
pub(super) fn text(rng: &mut Rng) -> String {
    let count = if rng.u8(..6) == 0 { 0 } else { rng.usize(..9) };
    let text: String = (0..count).map(|_| pick(rng, CHARACTERS)).collect();
    format!("\"{text}\"")
}

/// A str that is often found in another.
pub(super) fn short_text(rng: &mut Rng) -> String {
    match rng.u8(..4) {
        0 => format!("\"{}\"", pick(rng, &["", "a", "ab", " ", ",", "é", "你", "\\n"])),
        1 => text(rng),
        _ => format!("\"{}\"", pick(rng, CHARACTERS)),
    }
}

/// bytes of a few characters.
pub(super) fn bytes(rng: &mut Rng) -> String {
    const BYTES: &[&str] = &[
        "a", "b", "A", "Z", "0", "9", " ", ",", "-", "\\n", "\\r", "\\t", "\\x00", "\\xff",
        "\\xe4", "\\xbd", "\\xa0",
    ];
    let count = rng.usize(..9);
    let text: String = (0..count).map(|_| pick(rng, BYTES)).collect();
    if rng.u8(..4) == 0 { format!("bytearray(b\"{text}\")") } else { format!("b\"{text}\"") }
}

/// A value of any type, at most `depth` deep. Sets have one item, because their order is not CPython's.
pub(super) fn value(rng: &mut Rng, depth: usize) -> String {
    let kinds = if depth == 0 { 6 } else { 10 };
    match rng.u8(..kinds) {
        0 | 1 => int(rng),
        2 => float(rng),
        3 => text(rng),
        4 => bytes(rng),
        5 => "None".into(),
        6 => format!("[{}]", values(rng, depth - 1)),
        7 => {
            let items = values(rng, depth - 1);
            if items.is_empty() { "()".into() } else { format!("({items},)") }
        }
        8 => {
            let count = rng.usize(..4);
            let items: Vec<String> =
                (0..count).map(|_| format!("{}: {}", key(rng), value(rng, depth - 1))).collect();
            format!("{{{}}}", items.join(", "))
        }
        _ => format!("{{{}}}", key(rng)),
    }
}

/// A value that can be a key.
pub(super) fn key(rng: &mut Rng) -> String {
    match rng.u8(..6) {
        0..2 => int(rng),
        2 => short_text(rng),
        3 => format!("({}, {})", int(rng), short_text(rng)),
        4 => pick(rng, &["None", "1.0", "2.5", "b'a'", "-1.0", "0.0"]).into(),
        _ => pick(rng, &["1", "2", "'a'", "'b'", "True"]).into(),
    }
}

/// A few values with commas between them.
pub(super) fn values(rng: &mut Rng, depth: usize) -> String {
    let count = rng.usize(..5);
    let items: Vec<String> = (0..count).map(|_| value(rng, depth)).collect();
    items.join(", ")
}

//! `struct`.

use fastrand::Rng;

use super::literals::{bytes, float, int, number, pick, value};
use super::{compare, shows};

fn format(rng: &mut Rng) -> (String, Vec<String>) {
    let mut format = pick(rng, &["", "<", ">", "!", "=", "@"]).to_owned();
    let mut values = Vec::new();
    for _ in 0..rng.usize(..5) {
        let count = if rng.u8(..4) == 0 { Some(rng.usize(..4)) } else { None };
        if let Some(count) = count {
            format.push_str(&count.to_string());
        }
        let kind = pick(
            rng,
            &[
                "x", "c", "b", "B", "?", "h", "H", "i", "I", "l", "L", "q", "Q", "n", "e", "f",
                "d", "s", "p", "i", "I", "H", "y", " ",
            ],
        );
        format.push_str(kind);
        match kind {
            "x" | " " | "y" => {}
            "s" | "p" => values.push(bytes(rng)),
            _ => {
                for _ in 0..count.unwrap_or(1) {
                    values.push(match kind {
                        "c" => pick(rng, &["b'a'", "b'\\xff'", "b''", "1"]).into(),
                        "e" | "f" | "d" => float(rng),
                        _ if rng.u8(..10) == 0 => value(rng, 0),
                        _ if rng.bool() => rng.u8(..).to_string(),
                        _ => int(rng),
                    });
                }
            }
        }
    }
    if rng.u8(..15) == 0 {
        values.push(number(rng));
    }
    (format, values)
}

#[test]
fn any_packing_is_cpythons() {
    compare(|rng| {
        let (format, values) = format(rng);
        let arguments: String = values.iter().map(|value| format!(", {value}")).collect();
        let program = shows(&match rng.u8(..5) {
            0 => format!("struct.calcsize('{format}')"),
            1 => format!("struct.unpack('{format}', struct.pack('{format}'{arguments}))"),
            2 => format!("struct.unpack('{format}', {})", bytes(rng)),
            3 => {
                format!("struct.unpack_from('{format}', {}, {})", bytes(rng), rng.i64(-9..9))
            }
            _ => format!("struct.pack('{format}'{arguments})"),
        });
        format!("import struct\n{program}")
    });
}

#[test]
fn any_packing_into_a_buffer_is_cpythons() {
    compare(|rng| {
        let (format, values) = format(rng);
        let arguments: String = values.iter().map(|value| format!(", {value}")).collect();
        let (length, offset) = (rng.u8(..20), rng.i64(-12..12));
        let program = shows(&format!("struct.pack_into('{format}', b, {offset}{arguments})"));
        format!("import struct\nb = bytearray({length})\n{program}print(b)\n")
    });
}

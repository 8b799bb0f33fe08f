//! `%`, `format`, `str.format` and f-strings, and JSON.

use fastrand::Rng;

use super::literals::{float, int, number, pick, short_text, text, value};
use super::{compare, shows};

fn spec(rng: &mut Rng) -> String {
    let mut spec = String::new();
    if rng.u8(..3) == 0 {
        spec.push_str(pick(rng, &["<", ">", "^", "=", "*<", "0>", "é^", "_="]));
    }
    for (part, chance) in [("+", 6), (" ", 8), ("-", 9), ("#", 7), ("0", 6)] {
        if rng.u8(..chance) == 0 {
            spec.push_str(part);
        }
    }
    if rng.bool() {
        spec.push_str(&rng.u8(..20).to_string());
    }
    if rng.u8(..5) == 0 {
        spec.push_str(pick(rng, &[",", "_"]));
    }
    if rng.u8(..3) == 0 {
        spec.push_str(&format!(".{}", rng.u8(..12)));
    }
    if rng.u8(..3) > 0 {
        spec.push_str(pick(
            rng,
            &["d", "x", "X", "o", "b", "c", "e", "E", "f", "F", "g", "G", "%", "s", "n", "y"],
        ));
    }
    spec
}

fn shown(rng: &mut Rng) -> String {
    match rng.u8(..5) {
        0 | 1 => int(rng),
        2 => float(rng),
        3 => text(rng),
        _ => value(rng, 1),
    }
}

#[test]
fn any_format_specification_is_cpythons() {
    compare(|rng| {
        let (value, spec) = (shown(rng), spec(rng));
        shows(&match rng.u8(..4) {
            0 => format!("format({value}, '{spec}')"),
            1 => format!("'{{:{spec}}}'.format({value})"),
            2 => {
                format!("f'{{x!{}:{spec}}}' if (x := {value}) else 0", pick(rng, &["r", "s", "a"]))
            }
            _ => format!("f'<{{x:{spec}}}>' if (x := {value}) else 0"),
        })
    });
}

#[test]
fn any_percent_format_is_cpythons() {
    compare(|rng| {
        let mut format = String::new();
        let mut arguments = Vec::new();
        for _ in 0..rng.usize(1..4) {
            format.push_str(pick(rng, &["", "a", "é", "%%", " "]));
            format.push('%');
            for (part, chance) in [("-", 6), ("+", 6), (" ", 8), ("#", 8), ("0", 5)] {
                if rng.u8(..chance) == 0 {
                    format.push_str(part);
                }
            }
            if rng.u8(..3) == 0 {
                format.push_str(&rng.u8(..15).to_string());
            }
            if rng.u8(..4) == 0 {
                format.push_str(&format!(".{}", rng.u8(..9)));
            }
            let kind =
                pick(rng, &["d", "i", "s", "r", "x", "X", "o", "f", "e", "g", "c", "a", "u", "y"]);
            format.push_str(kind);
            arguments.push(match kind {
                "s" | "r" | "a" => shown(rng),
                "c" => pick(rng, &["65", "'a'", "'ab'", "0x4f60", "-1"]).into(),
                _ if rng.u8(..10) == 0 => shown(rng),
                _ => number(rng),
            });
        }
        if rng.u8(..12) == 0 {
            arguments.push(int(rng));
        }
        let prefix = if format.is_ascii() && rng.u8(..4) == 0 { "b" } else { "" };
        let arguments = arguments.join(", ");
        shows(&format!("{prefix}'{format}' % ({arguments},)"))
    });
}

#[test]
fn any_template_is_cpythons() {
    compare(|rng| {
        let mut template = String::new();
        for _ in 0..rng.usize(1..4) {
            template.push_str(pick(
                rng,
                &[
                    "{}", "{0}", "{1}", "{a}", "{0[0]}", "{a[k]}", "{!r}", "{0!s:>5}", "{:{}}",
                    "{{", "}}", "{:>{a}}", "x", "{0.real}", "{2}", "{a[x]}", "{", "}", "{0:5}",
                    "{:}", "{a!x}", "{ }", "{0.x}", "{1:{0}}",
                ],
            ));
        }
        let (one, other, named) = (shown(rng), shown(rng), value(rng, 1));
        // As a width, these would be texts of 2 GB in CPython: '-' is a sign before the width.
        let narrow = |text: &str| text.replace("2147483647", "99").replace("2147483648", "98");
        let (one, other) = (narrow(&one), narrow(&other));
        let named = if rng.bool() { "{'k': 3}".to_owned() } else { narrow(&named) };
        shows(&format!("'{template}'.format({one}, {other}, a={named})"))
    });
}

#[test]
fn any_json_is_cpythons() {
    compare(|rng| {
        let program = match rng.u8(..3) {
            0 => {
                let options = pick(
                    rng,
                    &[
                        "",
                        ", indent=2",
                        ", ensure_ascii=False",
                        ", sort_keys=True",
                        ", separators=(',', ':')",
                        ", indent='-', sort_keys=True",
                        ", allow_nan=False",
                    ],
                );
                shows(&format!("json.dumps({}{options})", value(rng, 3)))
            }
            1 => shows(&format!("json.loads(json.dumps({}))", value(rng, 3))),
            _ => {
                let pieces = [
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"a\"",
                    "1",
                    "-",
                    "2.5",
                    "1e3",
                    "true",
                    "null",
                    " ",
                    "\\n",
                    "\"",
                    "\\\\u00e9",
                    "\\\\n",
                    "nul",
                    "NaN",
                    "-Infinity",
                    "01",
                    "\\\\ud83d\\\\ude00",
                    "x",
                ];
                let text: String = (0..rng.usize(..9)).map(|_| pick(rng, &pieces)).collect();
                let text = if rng.bool() { format!("[{text}]") } else { text };
                shows(&format!("json.loads('{text}')"))
            }
        };
        format!("import json\n{program}")
    });
}

#[test]
fn any_text_of_a_value_is_cpythons() {
    compare(|rng| {
        let one = value(rng, 3);
        shows(&match rng.u8(..4) {
            0 => format!("repr({one})"),
            1 => format!("str({one}) + {}", short_text(rng)),
            2 => format!("f'{{x}} {{x!r}} {{x=}}' if (x := {one}) else 0"),
            _ => one,
        })
    });
}

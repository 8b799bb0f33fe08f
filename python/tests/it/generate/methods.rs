//! The methods of str and bytes, and slices.

use fastrand::Rng;

use super::literals::{bytes, int, pick, short_text, text, value};
use super::{compare, compare_programs, shows};

fn bound(rng: &mut Rng) -> String {
    match rng.u8(..6) {
        0 => "None".into(),
        1 if rng.u8(..4) == 0 => int(rng),
        _ => rng.i64(-10..11).to_string(),
    }
}

/// Arguments for a method: what it takes as a rule, with `part` for text.
fn arguments(rng: &mut Rng, method: &str, part: fn(&mut Rng) -> String) -> String {
    if rng.u8(..15) == 0 {
        let (one, other) = (value(rng, 1), value(rng, 0));
        return pick(rng, &["{}", "{}, {1}", "x={}"])
            .replace("{}", &one)
            .replace("{1}", &other)
            .replace("2147483647", "99");
    }
    match method {
        "find" | "rfind" | "index" | "rindex" | "count" | "startswith" | "endswith" => {
            let one = match rng.u8(..8) {
                0 if method.ends_with("with") => format!("({}, {})", part(rng), part(rng)),
                _ => part(rng),
            };
            match rng.u8(..3) {
                0 => one,
                1 => format!("{one}, {}", bound(rng)),
                _ => format!("{one}, {}, {}", bound(rng), bound(rng)),
            }
        }
        "split" | "rsplit" => match rng.u8(..5) {
            0 => String::new(),
            1 => part(rng),
            2 => format!("None, {}", rng.i64(-2..4)),
            3 => format!("maxsplit={}", rng.i64(-2..4)),
            _ => format!("sep={}, maxsplit={}", part(rng), rng.i64(-2..4)),
        },
        "strip" | "lstrip" | "rstrip" if rng.bool() => String::new(),
        "strip" | "lstrip" | "rstrip" | "partition" | "rpartition" | "removeprefix"
        | "removesuffix" => part(rng),
        "replace" => {
            let (old, new) = (part(rng), part(rng));
            if rng.bool() {
                format!("{old}, {new}")
            } else {
                format!("{old}, {new}, {}", bound(rng))
            }
        }
        "ljust" | "rjust" | "center" => {
            let width = rng.i64(-2..20);
            if rng.bool() { width.to_string() } else { format!("{width}, {}", part(rng)) }
        }
        "zfill" => rng.i64(-2..20).to_string(),
        "expandtabs" => {
            if rng.bool() {
                String::new()
            } else {
                rng.i64(-1..9).to_string()
            }
        }
        "splitlines" => pick(rng, &["", "True", "keepends=True", "False", "1"]).into(),
        "join" => {
            let items: Vec<String> = (0..rng.usize(..4)).map(|_| part(rng)).collect();
            let open = pick(rng, &["[]", "()", "iter"]);
            match open {
                "()" => format!("({})", items.iter().map(|i| i.clone() + ", ").collect::<String>()),
                "iter" => format!("(x for x in [{}])", items.join(", ")),
                _ => format!("[{}]", items.join(", ")),
            }
        }
        "encode" | "decode" => {
            let encoding = pick(rng, &["utf-8", "ascii", "latin-1", "gbk", "UTF8", "gb2312", "x"]);
            let errors = pick(rng, &["strict", "ignore", "replace", "backslashreplace"]);
            match rng.u8(..4) {
                0 => String::new(),
                1 => format!("'{encoding}'"),
                2 => format!("errors='{errors}'"),
                _ => format!("'{encoding}', '{errors}'"),
            }
        }
        "hex" => pick(rng, &["", "':'", "'-', 2", "':', -3", "'ab'"]).into(),
        _ => String::new(),
    }
}

const BOTH: &[&str] = &[
    "upper",
    "lower",
    "swapcase",
    "capitalize",
    "title",
    "isupper",
    "islower",
    "istitle",
    "isalpha",
    "isdigit",
    "isalnum",
    "isspace",
    "isascii",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "startswith",
    "endswith",
    "split",
    "rsplit",
    "splitlines",
    "partition",
    "rpartition",
    "strip",
    "lstrip",
    "rstrip",
    "removeprefix",
    "removesuffix",
    "ljust",
    "rjust",
    "center",
    "zfill",
    "expandtabs",
    "replace",
    "join",
];

#[test]
fn any_method_of_str_is_cpythons() {
    compare(|rng| {
        let own = ["casefold", "isdecimal", "isnumeric", "isprintable", "isidentifier", "encode"];
        let method = if rng.u8(..6) == 0 { pick(rng, &own) } else { pick(rng, BOTH) };
        shows(&format!("{}.{method}({})", text(rng), arguments(rng, method, short_text)))
    });
}

#[test]
fn the_arguments_of_a_codec_are_read_in_order_and_before_the_object() {
    let calls = ["b'a'.decode", "b''.decode", "'a'.encode"].map(|call| format!("{call}("));
    let objects = ["'a'", "b'a'", "5", "None"].map(|object| format!("{object}, "));
    let made = ["str", "bytes", "bytearray"]
        .into_iter()
        .flat_map(|class| objects.iter().map(move |object| format!("{class}({object}")));
    let arguments = [
        r"'a\0', 5",
        r"'a\0', 'b\0'",
        r"'utf-8', 'b\0'",
        r"'ascii', 5",
        r"5, 'b\0'",
        "5, 5",
        "'nothing', 'nothing'",
        r"errors='b\0'",
        "encoding=None",
    ];
    let programs: Vec<String> = calls
        .into_iter()
        .chain(made)
        .chain(["str(", "bytes("].map(str::to_owned))
        .flat_map(|call| arguments.map(|arguments| shows(&format!("{call}{arguments})"))))
        .collect();
    compare_programs(&programs);
}

#[test]
fn any_method_of_bytes_is_cpythons() {
    compare(|rng| {
        let own = ["hex", "decode"];
        let method = if rng.u8(..6) == 0 { pick(rng, &own) } else { pick(rng, BOTH) };
        let part = |rng: &mut Rng| match rng.u8(..6) {
            0 => bytes(rng),
            1 => rng.i64(-1..257).to_string(),
            _ => format!("b\"{}\"", pick(rng, &["", "a", "b", " ", ",", "\\n", "\\xff", "ab"])),
        };
        shows(&format!("{}.{method}({})", bytes(rng), arguments(rng, method, part)))
    });
}

#[test]
fn any_slice_is_cpythons() {
    compare(|rng| {
        let sequence = match rng.u8(..6) {
            0 => text(rng),
            1 => bytes(rng),
            2 => format!("list(range({}))", rng.u8(..12)),
            3 => format!("tuple(range({}))", rng.u8(..12)),
            4 => format!("range({}, {}, {})", rng.i64(-5..5), rng.i64(-5..9), rng.i64(1..4)),
            _ => value(rng, 1),
        };
        let (start, stop, step) = (bound(rng), bound(rng), bound(rng));
        shows(&match rng.u8(..8) {
            0 => format!("({sequence})[{start}]"),
            1 => format!("({sequence})[{start}:]"),
            2 => format!("({sequence})[:{stop}]"),
            3 => format!("({sequence})[{start}:{stop}]"),
            4 => format!("({sequence})[::{step}]"),
            5 => format!("({sequence}) * {}", rng.i64(-1..4)),
            6 => format!(
                "({sequence}) + ({})",
                if rng.bool() { sequence.clone() } else { value(rng, 1) }
            ),
            _ => format!("({sequence})[{start}:{stop}:{step}]"),
        })
    });
}

#[test]
fn any_comparison_is_cpythons() {
    compare(|rng| {
        let (left, right) = if rng.bool() {
            (text(rng), text(rng))
        } else if rng.bool() {
            let left = value(rng, 2);
            (left.clone(), if rng.bool() { left } else { value(rng, 2) })
        } else {
            (value(rng, 1), value(rng, 2))
        };
        let operator = pick(rng, &["==", "!=", "<", "<=", ">", ">=", "in", "not in"]);
        shows(&format!("({left}) {operator} ({right})"))
    });
}

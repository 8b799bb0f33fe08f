//! Statements that change a list, a dict, a set or a bytearray.

use fastrand::Rng;

use super::literals::{int, key, pick, value, values};
use super::{SHOW_ERROR, compare, shows};

/// Each statement, with its exception, and then the container.
fn program(rng: &mut Rng, start: &str, shown: &str, statement: fn(&mut Rng) -> String) -> String {
    let mut program = format!("x = {start}\n");
    for _ in 0..rng.usize(1..7) {
        program.push_str(&format!("try:\n    {}\n{SHOW_ERROR}print({shown})\n", statement(rng)));
    }
    program
}

fn index(rng: &mut Rng) -> String {
    if rng.u8(..10) == 0 { value(rng, 0) } else { rng.i64(-6..7).to_string() }
}

fn slice(rng: &mut Rng) -> String {
    let mut part = || if rng.u8(..3) == 0 { String::new() } else { rng.i64(-6..7).to_string() };
    let (start, stop, step) = (part(), part(), part());
    if rng.u8(..3) == 0 { format!("{start}:{stop}:{step}") } else { format!("{start}:{stop}") }
}

#[test]
fn any_list_is_cpythons() {
    compare(|rng| {
        let start = format!("[{}]", values(rng, 1));
        program(rng, &start, "ascii(x)", |rng| match rng.u8(..16) {
            0 => format!("x.append({})", value(rng, 1)),
            1 => format!("x.extend({})", value(rng, 1)),
            2 => format!("x.insert({}, {})", index(rng), value(rng, 0)),
            3 => format!("x.remove({})", value(rng, 0)),
            4 => format!("print(x.pop({}))", index(rng)),
            5 => "print(ascii(x.pop()))".into(),
            6 => "x.reverse()".into(),
            7 => "x.sort()".into(),
            8 => format!("x[{}] = {}", index(rng), value(rng, 1)),
            9 => format!("x[{}] = {}", slice(rng), value(rng, 1)),
            10 => format!("del x[{}]", if rng.bool() { index(rng) } else { slice(rng) }),
            11 => format!("x += {}", value(rng, 1)),
            12 => format!("x = x * {}", rng.i64(-1..3)),
            13 => format!("print(x.index({}), x.count({}))", value(rng, 0), value(rng, 0)),
            14 => format!("print({} in x)", value(rng, 0)),
            _ => "x = x.copy(); print(len(x))".into(),
        })
    });
}

#[test]
fn any_dict_is_cpythons() {
    compare(|rng| {
        let start = format!("{{{}: {}, 'a': 1}}", key(rng), value(rng, 0));
        program(rng, &start, "ascii(x)", |rng| match rng.u8(..14) {
            0..3 => format!("x[{}] = {}", key(rng), value(rng, 0)),
            3 => format!("del x[{}]", key(rng)),
            4 => format!("print(ascii(x[{}]))", key(rng)),
            5 => format!("print(ascii(x.get({}, {})))", key(rng), int(rng)),
            6 => format!("print(ascii(x.pop({})))", key(rng)),
            7 => format!("print(ascii(x.pop({}, {})))", key(rng), int(rng)),
            8 => "print(ascii(x.popitem()))".into(),
            9 => format!("print(ascii(x.setdefault({}, {})))", key(rng), int(rng)),
            10 => format!("x.update({{{}: {}}})", key(rng), value(rng, 0)),
            11 => format!("print({} in x, len(x))", key(rng)),
            12 => "print(ascii(list(x.items())), ascii(list(x)), ascii(x.values()))".into(),
            _ => format!("x[{}] = x.get({}, 0)", value(rng, 1), key(rng)),
        })
    });
}

#[test]
fn any_set_is_cpythons() {
    compare(|rng| {
        let number = |rng: &mut Rng| rng.i64(-3..6).to_string();
        let start = format!("{{{}, {}}}", number(rng), number(rng));
        program(rng, &start, "sorted(x)", |rng| {
            let number = |rng: &mut Rng| rng.i64(-3..6).to_string();
            match rng.u8(..10) {
                0 => format!("x.add({})", number(rng)),
                1 => format!("x.remove({})", number(rng)),
                2 => format!("x.discard({})", number(rng)),
                3 => format!("x.update([{}, {}])", number(rng), number(rng)),
                4 => format!(
                    "x {}= {{{}, {}}}",
                    pick(rng, &["|", "&", "-", "^"]),
                    number(rng),
                    number(rng)
                ),
                5 => format!(
                    "x = x.{}([{}, {}])",
                    pick(rng, &["union", "intersection", "difference", "symmetric_difference"]),
                    number(rng),
                    number(rng)
                ),
                6 => format!("print({} in x, len(x))", number(rng)),
                7 => format!(
                    "print(x {} {{{}, 1}})",
                    pick(rng, &["<", "<=", "==", ">="]),
                    number(rng)
                ),
                8 => format!("x.add({})", value(rng, 1)).replace("x.add(N", "x.add(1 or N"),
                _ => "x = x.copy()".into(),
            }
        })
        .replace("sorted(x)", "sorted(x, key=repr)")
    });
}

#[test]
fn any_bytearray_is_cpythons() {
    compare(|rng| {
        let byte = |rng: &mut Rng| {
            if rng.u8(..8) == 0 { value(rng, 0) } else { rng.i64(-1..257).to_string() }
        };
        let start = format!("bytearray(b'{}')", pick(rng, &["", "abc", "hello world"]));
        let _ = byte(rng);
        program(rng, &start, "x", |rng| {
            let byte = |rng: &mut Rng| {
                if rng.u8(..8) == 0 { value(rng, 0) } else { rng.i64(-1..257).to_string() }
            };
            match rng.u8(..10) {
                0 => format!("x.append({})", byte(rng)),
                1 => format!("x.extend({})", value(rng, 1)),
                2 => format!("x.insert({}, {})", index(rng), byte(rng)),
                3 => format!("print(x.pop({}))", index(rng)),
                4 => format!("x.remove({})", byte(rng)),
                5 => "x.reverse()".into(),
                6 => format!("x[{}] = {}", index(rng), byte(rng)),
                7 => format!("x[{}] = b'xy'", slice(rng)),
                8 => format!("del x[{}]", slice(rng)),
                _ => "x += b'12'".into(),
            }
        })
    });
}

#[test]
fn any_built_in_of_an_iterable_is_cpythons() {
    compare(|rng| {
        let one = value(rng, 2);
        let other = value(rng, 1);
        shows(
            &match rng.u8(..14) {
                0 => format!("list({one})"),
                1 => format!("tuple({one})"),
                2 => format!("dict({one})"),
                3 => format!("sorted({one})"),
                4 => format!("list(reversed({one}))"),
                5 => format!("list(enumerate({one}, {}))", int(rng)),
                6 => format!("list(zip({one}, {other}))"),
                7 => format!("list(map(str, {one}))"),
                8 => format!("list(filter(None, {one}))"),
                9 => format!("any({one}), all({one})"),
                10 => format!("len({one})"),
                11 => format!("sum({one})"),
                12 => format!("[x for x in {one} if x]"),
                _ => format!("bytes([{}, {}])", rng.i64(-1..257), rng.i64(0..256)),
            }
            .replace("any(", "(any(")
            .replace("), all(", ")), all("),
        )
    });
}

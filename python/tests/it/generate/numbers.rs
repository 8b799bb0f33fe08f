//! Expressions of numbers.

use fastrand::Rng;

use super::literals::{float, int, number, pick, short_text, text, value};
use super::{compare, shows};

fn expression(rng: &mut Rng, depth: usize) -> String {
    if depth == 0 {
        return number(rng);
    }
    match rng.u8(..10) {
        0..6 => {
            let operator = pick(rng, &["+", "-", "*", "/", "//", "%", "&", "|", "^"]);
            let (left, right) = (expression(rng, depth - 1), expression(rng, depth - 1));
            format!("({left} {operator} {right})")
        }
        6 => {
            let operator = pick(rng, &["<<", ">>", "**"]);
            format!("({} {operator} {})", number(rng), rng.i64(-3..70))
        }
        7 => format!("({}{})", pick(rng, &["-", "+", "~", "not "]), expression(rng, depth - 1)),
        8 => {
            let first = pick(rng, &["<", "<=", "==", "!=", ">", ">="]);
            let second = pick(rng, &["<", "<=", "==", "!=", ">", ">=", "and", "or"]);
            format!("({} {first} {} {second} {})", number(rng), number(rng), number(rng))
        }
        _ => format!("({} if {} else {})", number(rng), number(rng), expression(rng, depth - 1)),
    }
}

#[test]
fn any_expression_of_numbers_is_cpythons() {
    compare(|rng| shows(&expression(rng, 3)));
}

#[test]
fn any_call_with_numbers_is_cpythons() {
    compare(|rng| {
        let one = if rng.u8(..8) == 0 { value(rng, 1) } else { number(rng) };
        let other = if rng.u8(..8) == 0 { value(rng, 1) } else { number(rng) };
        shows(&match rng.u8(..22) {
            0 => format!("round({one}, {})", rng.i64(-5..20)),
            1 => format!("round({one})"),
            2 => format!("divmod({one}, {other})"),
            3 => format!("pow({}, {}, {})", int(rng), rng.u8(..40), int(rng)),
            4 => format!("{}({one})", pick(rng, &["hex", "oct", "bin"])),
            5 => format!("abs({one})"),
            6 => format!("min({one}, {other}, {})", number(rng)),
            7 => format!("max([{one}, {other}])"),
            8 => format!("sum([{one}, {other}, {}])", number(rng)),
            9 => format!("sorted([{one}, {other}, {}, {}])", number(rng), number(rng)),
            10 => format!("int({one})"),
            11 => format!("float({one})"),
            12 => format!("int({}, {})", text(rng), rng.i64(-1..38)),
            13 => format!("int(\"{}{}\")", pick(rng, &["", " ", "-", "+", "0x", "_"]), int(rng)),
            14 => format!("float(\"{}{}\")", pick(rng, &["", " ", "-", "+", "1_"]), float(rng)),
            15 => format!("str({one})"),
            16 => format!("({}).bit_length()", int(rng)),
            17 => {
                let order = pick(rng, &["'big'", "'little'", "'x'"]);
                let signed = pick(rng, &["True", "False"]);
                format!("({}).to_bytes({}, {order}, signed={signed})", int(rng), rng.u8(..10))
            }
            18 => format!("chr({}) + str(ord({}))", rng.i64(-1..0x300), short_text(rng)),
            19 => format!("({}).as_integer_ratio()", float(rng)),
            20 => format!("({}).is_integer()", float(rng)),
            _ => format!("bool({one}) == bool({other})"),
        })
    });
}

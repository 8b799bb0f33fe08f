//! A small formatter that goes through the pieces as the machine does.

use num_bigint::BigInt;

use crate::cpython::{bytes_literal, cases, compare, float_literal, rng, text_literal};
use crate::failure::Failure;
use crate::format::percent::conversion::{
    Conversion, Flavor, character_of, not_a_character, not_a_number, not_all_converted, not_bytes,
    not_enough_arguments,
};
use crate::format::percent::layout::Layout;
use crate::format::percent::pieces::{
    Count, End, Piece, Pieces, bytes_of_text, incomplete, requires_mapping,
};
use crate::numbers::integer;
use crate::numbers::integer::tests::any_int;
use crate::repr::float::tests::any_float;
use crate::repr::{float, text};

#[derive(Clone, Debug)]
enum Value {
    Int(BigInt),
    Float(f64),
    Text(String),
}

impl Value {
    fn expression(&self, flavor: Flavor) -> String {
        match self {
            Self::Int(number) => number.to_string(),
            Self::Float(value) => float_literal(*value),
            Self::Text(text) if flavor == Flavor::Text => text_literal(text),
            Self::Text(text) => bytes_literal(text.as_bytes()),
        }
    }

    fn type_name(&self, flavor: Flavor) -> &'static str {
        match self {
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) if flavor == Flavor::Text => "str",
            Self::Text(_) => "bytes",
        }
    }

    fn int(&self) -> Option<&BigInt> {
        if let Self::Int(number) = self { Some(number) } else { None }
    }

    fn format(
        &self,
        conversion: Conversion,
        layout: Layout,
        flavor: Flavor,
    ) -> Result<String, Failure> {
        let limit = 10_000;
        match (conversion, self) {
            (Conversion::Str, Self::Text(value)) => layout.text(value, limit),
            (Conversion::Str, _) if flavor == Flavor::Bytes => {
                Err(not_bytes(self.type_name(flavor)))
            }
            (Conversion::Repr | Conversion::Ascii, Self::Text(value)) => layout.text(
                &match (flavor, conversion) {
                    (Flavor::Bytes, _) => text::repr_bytes(value.as_bytes()),
                    (Flavor::Text, Conversion::Ascii) => text::ascii(value),
                    (Flavor::Text, _) => text::repr(value),
                },
                limit,
            ),
            (Conversion::Str | Conversion::Repr | Conversion::Ascii, Self::Int(number)) => {
                layout.text(&number.to_string(), limit)
            }
            (Conversion::Str | Conversion::Repr | Conversion::Ascii, Self::Float(value)) => {
                layout.text(&float::repr(*value), limit)
            }
            (Conversion::Character, Self::Int(number)) => {
                layout.character(character_of(number, flavor)?, limit)
            }
            (Conversion::Character, Self::Text(text)) if text.chars().count() == 1 => {
                layout.character(text.chars().next().unwrap(), limit)
            }
            (Conversion::Character, _) => Err(not_a_character(flavor)),
            (Conversion::Decimal(c), Self::Float(value)) => {
                layout.int(c, &crate::numbers::float::to_int(*value)?, limit)
            }
            (Conversion::Decimal(c) | Conversion::Radix(c), Self::Int(number)) => {
                layout.int(c, number, limit)
            }
            (Conversion::Float(c), Self::Float(value)) => layout.float(c, *value, limit),
            (Conversion::Float(c), Self::Int(number)) => {
                let value = integer::to_float(number);
                // In bytes this error is hidden by another.
                let value = if flavor == Flavor::Bytes {
                    value.map_err(|_| not_a_number(conversion, "int", flavor))?
                } else {
                    value?
                };
                layout.float(c, value, limit)
            }
            (Conversion::Decimal(_) | Conversion::Radix(_) | Conversion::Float(_), _) => {
                Err(not_a_number(conversion, self.type_name(flavor), flavor))
            }
        }
    }
}

/// `format % tuple(arguments)`.
fn format(pieces: Pieces, flavor: Flavor, arguments: &[Value]) -> Result<String, Failure> {
    let mut arguments = arguments.iter();
    let mut output = String::new();
    for piece in pieces {
        let directive = match piece {
            Piece::Literal(literal) => {
                output.push_str(&literal);
                continue;
            }
            Piece::Directive(directive) => directive,
        };
        if directive.key.is_some() {
            return Err(requires_mapping());
        }
        let mut layout = Layout::new(directive.flags, flavor);
        let mut star = |count: Count| match count {
            Count::Argument => arguments.next().ok_or_else(not_enough_arguments).map(Value::int),
            Count::None | Count::Given(_) | Count::TooBig => Ok(None),
        };
        layout.set_width(directive.width, star(directive.width)?)?;
        layout.set_precision(directive.precision, star(directive.precision)?)?;
        let End::Character(c, index) = directive.end else { return Err(incomplete()) };
        let argument = arguments.next().ok_or_else(not_enough_arguments)?;
        let conversion = Conversion::parse(c, index, flavor)?;
        output.push_str(&argument.format(conversion, layout, flavor)?);
    }
    if arguments.next().is_some() {
        return Err(not_all_converted(flavor));
    }
    Ok(output)
}

fn any_format(rng: &mut fastrand::Rng) -> String {
    let mut format = String::new();
    for _ in 0..rng.usize(1..4) {
        match rng.u8(..12) {
            0 => format.push_str("lit"),
            1 => format.push_str("%%"),
            2 => format.push_str(rng.choice(&["é", "你", "%(a)s", "%(a", "\x01"]).unwrap()),
            _ => {
                format.push('%');
                for _ in 0..rng.usize(..3) {
                    format.push_str(rng.choice(&["-", "+", " ", "#", "0"]).unwrap());
                }
                if rng.bool() {
                    format.push_str(
                        rng.choice(&["5", "12", "*", "1", "99999999999999999999"]).unwrap(),
                    );
                }
                if rng.bool() {
                    format.push_str(
                        rng.choice(&[".0", ".3", ".*", ".", ".12", ".99999999999"]).unwrap(),
                    );
                }
                let ends = [
                    "d", "i", "u", "x", "X", "o", "s", "r", "a", "c", "e", "E", "f", "F", "g", "G",
                    "b", "y", "%", "ld", "", "\x1f", "é",
                ];
                let end = if rng.bool() { rng.usize(..17) } else { rng.usize(..ends.len()) };
                format.push_str(ends[end]);
            }
        }
    }
    format
}

#[test]
fn any_format_of_text_and_bytes_is_cpythons() {
    let mut rng = rng();
    let mut list = Vec::new();
    for _ in 0..cases(1500) {
        let text_format = any_format(&mut rng);
        let values: Vec<Value> = (0..rng.usize(..5))
            .map(|_| match rng.u8(..5) {
                0 => Value::Int(any_int(&mut rng)),
                1 | 2 => Value::Int(rng.i32(-20..300).into()),
                3 => Value::Float(any_float(&mut rng)),
                _ => Value::Text((*rng.choice(&["a", "", "hello's", "é"]).unwrap()).to_owned()),
            })
            .collect();
        let tuple = |flavor| -> String {
            values.iter().map(|value| value.expression(flavor) + ",").collect()
        };
        let ours = format(Pieces::of_text(&text_format), Flavor::Text, &values);
        let tuple_of = tuple(Flavor::Text);
        let expression = format!("{} % ({tuple_of})", text_literal(&text_format));
        list.push((fix_empty(expression), ours.map(|text| text_literal(&text))));
        if values.iter().any(|value| matches!(value, Value::Text(text) if !text.is_ascii())) {
            continue;
        }
        let ours = format(Pieces::of_bytes(text_format.as_bytes()), Flavor::Bytes, &values);
        let expression =
            format!("{} % ({})", bytes_literal(text_format.as_bytes()), tuple(Flavor::Bytes));
        list.push((fix_empty(expression), ours.map(|text| bytes_literal(&bytes_of_text(&text)))));
    }
    compare(list);
}

fn fix_empty(expression: String) -> String {
    if expression.ends_with("% ()") { expression } else { expression.replace("(,)", "()") }
}

#[test]
fn a_wide_result_is_too_large_before_it_is_made() {
    for text in ["%999999999999d", "%.999999999d", "%.999999999f"] {
        let Some(Piece::Directive(directive)) = Pieces::of_text(text).next() else { panic!() };
        let mut layout = Layout::new(directive.flags, Flavor::Text);
        layout.set_width(directive.width, None).unwrap();
        layout.set_precision(directive.precision, None).unwrap();
        assert_eq!(layout.int('d', &1.into(), 1000), Err(Failure::TooLarge));
        assert_eq!(layout.float('f', 1.0, 1000), Err(Failure::TooLarge));
    }
}

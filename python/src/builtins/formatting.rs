//! Formats values: f-strings, `format`, and `%`.
#![allow(clippy::wildcard_enum_match_arm, reason = "a few kinds of values are told apart")]

use num_bigint::BigInt;

use super::texts::{limit, with_texts};
use crate::budget::room_for;
use crate::code::Conversion;
use crate::format::percent::conversion::{self, Conversion as Directed, Flavor};
use crate::format::percent::layout::Layout;
use crate::format::percent::pieces::{self, Count, End, Key, Piece, Pieces, bytes_of_text};
use crate::format::spec;
use crate::native::{Flow, refuse, type_error};
use crate::operators::compare::as_bytes;
use crate::operators::items;
use crate::operators::kind::{int_of, type_name};
use crate::operators::show::{Written, repr_of, str_of};
use crate::repr::text::escape_non_ascii;
use crate::value::{Cx, Fail, Outcome, Value};

/// A value in an f-string, or in `format`.
pub(crate) fn format_value(
    cx: &mut Cx,
    value: Value,
    conversion: Conversion,
    spec: Value,
) -> Outcome {
    let as_repr = matches!(conversion, Conversion::Repr | Conversion::Ascii);
    let code = match conversion {
        Conversion::None => 0,
        Conversion::Str => 1,
        Conversion::Repr => 2,
        Conversion::Ascii => 3,
    };
    with_texts(
        cx,
        &[(value.clone(), as_repr)],
        vec![value, spec, Value::Int(code)],
        |_, written, kept| {
            let [value, spec, code] = kept.as_slice() else { return Ok(Flow::Value(Value::None)) };
            let spec = if let Value::Str(spec) = spec { &*spec.text } else { "" };
            let text = match code {
                Value::Int(1) => spec::text(&str_of(value, written)?, spec, "str", limit())?,
                Value::Int(2) => spec::text(&repr_of(value, written)?, spec, "str", limit())?,
                Value::Int(3) => {
                    spec::text(&escape_non_ascii(&repr_of(value, written)?), spec, "str", limit())?
                }
                _ => formatted(value, spec, written)?,
            };
            Ok(Flow::Value(Value::str(text)))
        },
    )
}

/// `format(value, spec)`.
pub(crate) fn formatted(value: &Value, spec: &str, written: &Written) -> Result<String, Fail> {
    let name = type_name(value);
    if spec.is_empty() {
        return str_of(value, written);
    }
    if spec.contains('\0') {
        return Err(refuse("a null character in a format is outside of the subset"));
    }
    Ok(match value {
        Value::Str(text) => spec::text(&text.text, spec, "str", limit())?,
        Value::Float(float) => spec::float(*float, spec, "float", limit())?,
        Value::Time(time) if time.kind == crate::types::Type::DateTime => {
            crate::operators::times::strftime(time, spec, limit())?
        }
        other => {
            if let Some(int) = int_of(other) {
                spec::int(&int, spec, &name, limit())?
            } else {
                let message = format!("unsupported format string passed to {name}.__format__");
                return Err(type_error(message));
            }
        }
    })
}

/// `left % right` for text and bytes.
pub(crate) fn percent(cx: &mut Cx, left: &Value, right: &Value) -> Outcome {
    let has_repr = match left {
        Value::Str(text) => text.text.contains(['r', 'a']),
        _ => false,
    };
    let arguments = match right {
        Value::Tuple(tuple) => tuple.items.clone(),
        Value::Dict(dict) => {
            let table = dict.table.borrow();
            table.values().map(|(_, value)| value.clone()).chain([right.clone()]).collect()
        }
        other => vec![other.clone()],
    };
    let mut shown: Vec<(Value, bool)> =
        arguments.iter().map(|value| (value.clone(), false)).collect();
    if has_repr {
        shown.extend(arguments.iter().map(|value| (value.clone(), true)));
    }
    with_texts(cx, &shown, vec![left.clone(), right.clone()], |_, written, kept| {
        let [left, right] = kept.as_slice() else { return Ok(Flow::Value(Value::None)) };
        let value = match left {
            Value::Str(format) => {
                let pieces = Pieces::of_text(&format.text);
                Value::str(percent_text(pieces, Flavor::Text, right, written)?)
            }
            other => {
                let bytes = as_bytes(other).map(|bytes| bytes.to_vec()).unwrap_or_default();
                let pieces = Pieces::of_bytes(&bytes);
                let text = percent_text(pieces, Flavor::Bytes, right, written)?;
                let bytes: Vec<u8> = bytes_of_text(&text);
                match other {
                    Value::ByteArray(_) => Value::byte_array(bytes),
                    _ => Value::bytes(bytes),
                }
            }
        };
        Ok(Flow::Value(value))
    })
}

/// Gives the arguments of a `%` format, one after the other.
struct Arguments<'a> {
    items: &'a [Value],
    next: usize,
}

impl Arguments<'_> {
    fn next(&mut self) -> Result<Value, Fail> {
        let value = self.items.get(self.next).cloned();
        self.next += 1;
        value.ok_or_else(|| conversion::not_enough_arguments().into())
    }
}

fn percent_text(
    pieces: Pieces,
    flavor: Flavor,
    right: &Value,
    written: &Written,
) -> Result<String, Fail> {
    let single = [right.clone()];
    let mut arguments = match right {
        Value::Tuple(tuple) => Arguments { items: &tuple.items, next: 0 },
        _ => Arguments { items: &single, next: 0 },
    };
    let is_mapping = matches!(right, Value::Dict(_));
    let mut out = String::new();
    for piece in pieces {
        let directive = match piece {
            Piece::Literal(text) => {
                out.push_str(&text);
                continue;
            }
            Piece::Directive(directive) => directive,
        };
        let mut keyed = None;
        if let Some(key) = &directive.key {
            if !is_mapping {
                return Err(pieces::requires_mapping().into());
            }
            let Key::Name(name) = key else {
                return Err(pieces::incomplete_key().into());
            };
            let key = match flavor {
                Flavor::Text => Value::str(name.as_str()),
                Flavor::Bytes => Value::bytes(bytes_of_text(name)),
            };
            keyed = Some(items::get(right, &key)?);
            arguments.next = arguments.items.len();
        }
        let mut layout = Layout::new(directive.flags, flavor);
        let width = counted(directive.width, &mut arguments)?;
        layout.set_width(directive.width, width.as_ref())?;
        let precision = counted(directive.precision, &mut arguments)?;
        layout.set_precision(directive.precision, precision.as_ref())?;
        let End::Character(character, index) = directive.end else {
            return Err(pieces::incomplete().into());
        };
        if character == '%' {
            out.push('%');
            continue;
        }
        let value = match keyed {
            Some(value) => value,
            None => arguments.next()?,
        };
        let conversion = Directed::parse(character, index, flavor)?;
        out.push_str(&converted(conversion, layout, flavor, &value, written)?);
        room_for(out.len())?;
    }
    if arguments.next < arguments.items.len() && !is_mapping && !is_sequence_mapping(right) {
        return Err(conversion::not_all_converted(flavor).into());
    }
    Ok(out)
}

/// What `%` takes for a mapping, so that arguments that are not used are no error.
fn is_sequence_mapping(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Bytes(_) | Value::ByteArray(_) | Value::Range(_))
}

fn counted(count: Count, arguments: &mut Arguments) -> Result<Option<BigInt>, Fail> {
    match count {
        Count::Argument => Ok(int_of(&arguments.next()?)),
        Count::None | Count::Given(_) | Count::TooBig => Ok(None),
    }
}

fn converted(
    conversion: Directed,
    layout: Layout,
    flavor: Flavor,
    value: &Value,
    written: &Written,
) -> Result<String, Fail> {
    use Directed as C;
    let name = type_name(value);
    Ok(match conversion {
        C::Str if flavor == Flavor::Bytes => match as_bytes(value) {
            Some(bytes) => {
                let text: String = bytes.iter().copied().map(char::from).collect();
                layout.text(&text, limit())?
            }
            None => return Err(conversion::not_bytes(&name).into()),
        },
        C::Str => layout.text(&str_of(value, written)?, limit())?,
        C::Repr => layout.text(&repr_of(value, written)?, limit())?,
        C::Ascii => layout.text(&escape_non_ascii(&repr_of(value, written)?), limit())?,
        C::Character => {
            let character = match (value, int_of(value)) {
                (Value::Str(text), _) if flavor == Flavor::Text && text.length == 1 => {
                    text.text.chars().next().unwrap_or('\0')
                }
                (_, Some(int)) => conversion::character_of(&int, flavor)?,
                _ => match as_bytes(value) {
                    Some(bytes) if flavor == Flavor::Bytes && bytes.len() == 1 => {
                        char::from(bytes[0])
                    }
                    Some(_) | None => return Err(conversion::not_a_character(flavor).into()),
                },
            };
            layout.character(character, limit())?
        }
        C::Decimal(character) => {
            let int = match value {
                Value::Float(float) => crate::numbers::float::to_int(*float)?,
                other => int_of(other).ok_or_else(|| {
                    Fail::from(conversion::not_a_number(conversion, &name, flavor))
                })?,
            };
            layout.int(character, &int, limit())?
        }
        C::Radix(character) => {
            let int = int_of(value)
                .ok_or_else(|| Fail::from(conversion::not_a_number(conversion, &name, flavor)))?;
            layout.int(character, &int, limit())?
        }
        C::Float(character) => {
            let float = match value {
                Value::Float(float) => *float,
                other => match int_of(other) {
                    Some(int) => crate::numbers::integer::to_float(&int)?,
                    None => return Err(conversion::not_a_number(conversion, &name, flavor).into()),
                },
            };
            layout.float(character, float, limit())?
        }
    })
}

//! `json.loads`.
#![allow(
    clippy::single_match_else,
    clippy::wildcard_enum_match_arm,
    reason = "an argument is of one type, or it is an error"
)]

use std::rc::Rc;

use super::json_text::{Builder, Constant, ReadError, read};
use super::signature::Signature;
use crate::budget::{room_for, spend};
use crate::builtins::codecs::Codec;
use crate::failure::Failure;
use crate::native::{Flow, Raised, refuse, type_error};
use crate::numbers::parse::{self, Source};
use crate::operators::compare::as_bytes;
use crate::operators::kind::type_name;
use crate::table::{Key, Table};
use crate::types::Exc;
use crate::value::{Args, Cx, Exception, Fail, Outcome, Value, charge_of, set};

const SIGNATURE: Signature = Signature {
    name: "loads",
    is_method: false,
    positional: &["s"],
    required: 1,
    keyword_only: &[
        "cls",
        "object_hook",
        "parse_float",
        "parse_int",
        "parse_constant",
        "object_pairs_hook",
    ],
};

pub(super) fn loads(cx: &mut Cx, args: Args) -> Outcome {
    let (values, unknown) = SIGNATURE.bind(args)?;
    if values.iter().skip(1).any(|value| !matches!(value, Value::Unbound | Value::None))
        || !unknown.is_empty()
    {
        return Err(refuse("'json.loads' takes only the text here"));
    }
    let text = match &values[0] {
        Value::Str(text) => Rc::clone(&text.text),
        other => {
            if let Some(bytes) = as_bytes(other) {
                decoded(&bytes)?
            } else {
                let name = type_name(other);
                return Err(type_error(format!(
                    "the JSON object must be str, bytes or bytearray, not {name}"
                )));
            }
        }
    };
    spend(text.len() / 4);
    // The characters of the text are copied, four bytes each.
    room_for(text.len().saturating_mul(6))?;
    if text.starts_with('\u{feff}') {
        let message = "Unexpected UTF-8 BOM (decode using utf-8-sig)";
        return Err(syntax(cx, message, &text, 0));
    }
    match read(&text, &mut Values) {
        Ok(value) => Ok(Flow::Value(value)),
        Err(ReadError::Syntax(message, at)) => Err(syntax(cx, message, &text, at)),
        Err(ReadError::Failure(failure)) => Err(failure.into()),
    }
}

/// The text of bytes. CPython tells UTF-16 and UTF-32 apart from UTF-8 by their zeros.
fn decoded(bytes: &[u8]) -> Result<Rc<str>, Fail> {
    let start = bytes.get(..4).unwrap_or(bytes);
    if start.contains(&0) || start.starts_with(b"\xfe\xff") || start.starts_with(b"\xff\xfe") {
        return Err(refuse("JSON in UTF-16 or UTF-32 is outside of the subset"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match Codec::UTF_8.decode(bytes)? {
        Value::Str(text) => Ok(Rc::clone(&text.text)),
        _ => Err(refuse("this text is outside of the subset")),
    }
}

fn syntax(cx: &mut Cx, message: &str, text: &str, at: usize) -> Fail {
    let before: Vec<char> = text.chars().take(at).collect();
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = match before.iter().rposition(|c| *c == '\n') {
        Some(newline) => at - newline,
        None => at + 1,
    };
    let shown = format!("{message}: line {line} column {column} (char {at})");
    let Value::Class(class) = cx.exception_class(Exc::JsonDecodeError) else {
        return crate::native::error(Exc::JsonDecodeError, shown);
    };
    let exception = Exception::new(class, vec![Value::str(shown)]);
    let attributes = [
        ("msg", Value::str(message)),
        ("doc", Value::str(text)),
        ("pos", Value::size(at)),
        ("lineno", Value::size(line)),
        ("colno", Value::size(column)),
    ];
    for (name, value) in attributes {
        set(&mut exception.attributes.borrow_mut(), cx.symbols.of(name), value);
    }
    Box::new(Raised::Object(Value::Exception(exception)))
}

struct Values;

impl Values {
    fn room(bytes: usize) -> Result<(), Failure> {
        room_for(bytes).map_err(|_| Failure::TooLarge)
    }
}

impl Builder for Values {
    type Value = Value;

    fn constant(&mut self, constant: Constant) -> Value {
        match constant {
            Constant::Null => Value::None,
            Constant::True => Value::Bool(true),
            Constant::False => Value::Bool(false),
            Constant::Nan => Value::Float(f64::NAN),
            Constant::Infinity => Value::Float(f64::INFINITY),
            Constant::NegativeInfinity => Value::Float(f64::NEG_INFINITY),
        }
    }

    fn number(&mut self, text: &str, is_float: bool) -> Result<Value, Failure> {
        if is_float {
            parse::float(Source::Text(text)).map(Value::Float)
        } else {
            parse::int(Source::Text(text), 10).map(Value::big)
        }
    }

    fn text(&mut self, text: String) -> Result<Value, Failure> {
        Self::room(text.len())?;
        Ok(Value::str(text))
    }

    fn array(&mut self, items: Vec<Value>) -> Result<Value, Failure> {
        Self::room(charge_of(items.len()))?;
        Ok(Value::list(items))
    }

    fn object(&mut self, entries: Vec<(String, Value)>) -> Result<Value, Failure> {
        Self::room(crate::value::table_charge(entries.len()))?;
        let mut table = Table::default();
        for (key, value) in entries {
            let key: Rc<str> = key.into();
            match table.get_mut(&Key::Str(Rc::clone(&key))) {
                Some((_, old)) => *old = value,
                None => {
                    table.insert(Key::Str(Rc::clone(&key)), (Value::str(key), value));
                }
            }
        }
        Ok(Value::dict(table))
    }
}

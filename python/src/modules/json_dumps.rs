//! `json.dumps`.
#![allow(
    clippy::single_match_else,
    clippy::wildcard_enum_match_arm,
    reason = "most values have no JSON"
)]

use std::fmt::Write as _;
use std::rc::Rc;

use super::json_text::MAX_DEPTH;
use super::signature::Signature;
use crate::budget::{room_for, spend};
use crate::builtins::functions::class_of;
use crate::builtins::sorting::sort;
use crate::native::{Flow, refuse, type_error, value_error};
use crate::numbers::integer;
use crate::operators::key::address;
use crate::operators::kind::int_of;
use crate::operators::truth;
use crate::repr::float;
use crate::value::{Args, Cx, Dict, Fail, Outcome, Value};

const SIGNATURE: Signature = Signature {
    name: "dumps",
    is_method: false,
    positional: &["obj"],
    required: 1,
    keyword_only: &[
        "skipkeys",
        "ensure_ascii",
        "check_circular",
        "allow_nan",
        "cls",
        "indent",
        "separators",
        "default",
        "sort_keys",
    ],
};

/// How the text is written.
struct Style {
    ascii: bool,
    allows_nan: bool,
    sorts: bool,
    indent: Option<String>,
    between_items: Rc<str>,
    after_key: Rc<str>,
}

pub(super) fn dumps(cx: &mut Cx, args: Args) -> Outcome {
    let (values, unknown) = SIGNATURE.bind(args)?;
    if let Some(name) = unknown.first() {
        return Err(type_error(format!(
            "JSONEncoder.__init__() got an unexpected keyword argument '{name}'"
        )));
    }
    let [object, skip, ascii, circular, nan, class, indent, separators, default, sorts] =
        values.as_slice()
    else {
        return Ok(Flow::Value(Value::None));
    };
    let flag = |value: &Value, default: bool| match value {
        Value::Unbound => default,
        other => truth::is_true(other),
    };
    let is_given = |value: &Value| !matches!(value, Value::Unbound | Value::None);
    if flag(skip, false) || !flag(circular, true) || is_given(class) || is_given(default) {
        return Err(refuse(
            "'json.dumps' takes 'indent', 'ensure_ascii', 'sort_keys' and 'separators' here",
        ));
    }
    let indent = indent_of(indent)?;
    let (between_items, after_key) = separators_of(separators, indent.is_some())?;
    let style = Style {
        ascii: flag(ascii, true),
        allows_nan: flag(nan, true),
        sorts: flag(sorts, false),
        indent,
        between_items,
        after_key,
    };
    let mut writer = Writer { cx, style, text: String::new(), open: Vec::new() };
    writer.value(object)?;
    spend(writer.text.len() / 16);
    Ok(Flow::Value(Value::str(writer.text)))
}

fn indent_of(value: &Value) -> Result<Option<String>, Fail> {
    Ok(match value {
        Value::Unbound | Value::None => None,
        Value::Str(text) => Some(text.text.to_string()),
        Value::Bool(indent) => Some(" ".repeat(usize::from(*indent))),
        Value::Int(count) => {
            let count = usize::try_from(*count).unwrap_or(0);
            room_for(count)?;
            Some(" ".repeat(count))
        }
        _ => return Err(refuse("'indent' is an int or a str here")),
    })
}

fn separators_of(value: &Value, is_indented: bool) -> Result<(Rc<str>, Rc<str>), Fail> {
    let items = match value {
        Value::Unbound | Value::None => {
            let between = if is_indented { "," } else { ", " };
            return Ok((between.into(), ": ".into()));
        }
        Value::Tuple(tuple) => tuple.items.clone(),
        Value::List(list) => list.items.borrow().clone(),
        _ => return Err(refuse("'separators' is a tuple of two str here")),
    };
    match items.as_slice() {
        [Value::Str(between), Value::Str(after)] => {
            Ok((Rc::clone(&between.text), Rc::clone(&after.text)))
        }
        [_, _] => Err(refuse("'separators' is a tuple of two str here")),
        [] | [_] => Err(value_error(format!(
            "not enough values to unpack (expected 2, got {})",
            items.len()
        ))),
        _ => Err(value_error("too many values to unpack (expected 2)")),
    }
}

struct Writer<'a> {
    cx: &'a Cx,
    style: Style,
    text: String,
    /// The containers that are being written.
    open: Vec<usize>,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Fail> {
        room_for(self.text.len())?;
        match value {
            Value::None => self.text.push_str("null"),
            Value::Bool(true) => self.text.push_str("true"),
            Value::Bool(false) => self.text.push_str("false"),
            Value::Str(text) => self.string(&text.text)?,
            Value::Float(number) => {
                let text = self.float(*number)?;
                self.text.push_str(&text);
            }
            Value::List(list) => {
                let items = list.items.borrow().clone();
                self.array(value, &items)?;
            }
            Value::Tuple(tuple) => self.array(value, &tuple.items)?,
            Value::Dict(dict) => self.object(value, dict)?,
            other => {
                if let Some(int) = int_of(other) {
                    self.text.push_str(&integer::to_text(&int)?);
                } else {
                    let class = class_of(self.cx, other);
                    let name =
                        if let Value::Class(class) = &class { class.name.as_str() } else { "" };
                    return Err(type_error(format!(
                        "Object of type {name} is not JSON serializable"
                    )));
                }
            }
        }
        Ok(())
    }

    fn float(&self, number: f64) -> Result<String, Fail> {
        let text = match number {
            number if number.is_finite() => return Ok(float::repr(number)),
            number if number.is_nan() => "NaN",
            number if number > 0.0 => "Infinity",
            _ => "-Infinity",
        };
        if self.style.allows_nan {
            return Ok(text.to_owned());
        }
        let message = "Out of range float values are not JSON compliant";
        // The encoder that indents is another one.
        Err(value_error(match self.style.indent {
            Some(_) => format!("{message}: {}", float::repr(number)),
            None => message.to_owned(),
        }))
    }

    fn string(&mut self, text: &str) -> Result<(), Fail> {
        room_for(self.text.len() + text.len().saturating_mul(6))?;
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                ' '..='~' => self.text.push(c),
                _ if self.style.ascii || c < ' ' => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        // Writing to a `String` cannot fail.
                        let _ = write!(self.text, "\\u{unit:04x}");
                    }
                }
                _ => self.text.push(c),
            }
        }
        self.text.push('"');
        Ok(())
    }

    fn enter(&mut self, value: &Value) -> Result<(), Fail> {
        if self.open.contains(&address(value)) {
            return Err(value_error("Circular reference detected"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(refuse("JSON this deep is outside of the subset"));
        }
        self.open.push(address(value));
        Ok(())
    }

    /// The line break before an item, or before the end.
    fn line(&mut self) {
        if let Some(indent) = &self.style.indent {
            self.text.push('\n');
            for _ in 0..self.open.len() {
                self.text.push_str(indent);
            }
        }
    }

    fn array(&mut self, value: &Value, items: &[Value]) -> Result<(), Fail> {
        if items.is_empty() {
            self.text.push_str("[]");
            return Ok(());
        }
        self.enter(value)?;
        self.text.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.text.push_str(&self.style.between_items);
            }
            self.line();
            self.value(item)?;
        }
        self.open.pop();
        self.line();
        self.text.push(']');
        Ok(())
    }

    fn object(&mut self, value: &Value, dict: &Dict) -> Result<(), Fail> {
        let mut entries: Vec<(Value, Value)> = dict.table.borrow().values().cloned().collect();
        if entries.is_empty() {
            self.text.push_str("{}");
            return Ok(());
        }
        self.enter(value)?;
        if self.style.sorts {
            let keys = entries.iter().map(|(key, _)| key.clone()).collect();
            let pairs =
                entries.into_iter().map(|(key, value)| Value::tuple(vec![key, value])).collect();
            entries = sort(keys, pairs, false)?
                .iter()
                .filter_map(|pair| match pair {
                    Value::Tuple(pair) => Some((pair.items[0].clone(), pair.items[1].clone())),
                    _ => None,
                })
                .collect();
        }
        self.text.push('{');
        for (at, (key, value)) in entries.iter().enumerate() {
            if at > 0 {
                self.text.push_str(&self.style.between_items);
            }
            self.line();
            self.key(key)?;
            self.text.push_str(&self.style.after_key);
            self.value(value)?;
        }
        self.open.pop();
        self.line();
        self.text.push('}');
        Ok(())
    }

    fn key(&mut self, key: &Value) -> Result<(), Fail> {
        let text = match key {
            Value::Str(text) => return self.string(&text.text),
            Value::None => "null".to_owned(),
            Value::Bool(bool) => bool.to_string(),
            Value::Float(number) => self.float(*number)?,
            other => {
                if let Some(int) = int_of(other) {
                    integer::to_text(&int)?
                } else {
                    let class = class_of(self.cx, other);
                    let name =
                        if let Value::Class(class) = &class { class.name.as_str() } else { "" };
                    return Err(type_error(format!(
                        "keys must be str, int, float, bool or None, not {name}"
                    )));
                }
            }
        };
        self.string(&text)
    }
}

//! `str.format`. Each field is evaluated when its turn comes, as in CPython.
#![allow(clippy::wildcard_enum_match_arm, reason = "other numbers are no conversion")]

use super::formatting::format_value;
use super::functions::GETATTR;
use crate::budget::room_for;
use crate::code;
use crate::format::fields::{
    Access, Argument, Conversion, Field, MAX_DEPTH, Name, Numbering, Piece, Pieces,
    index_out_of_range, too_deep,
};
use crate::native::{Doing, Flow, Input, Raised, Task};
use crate::operators::items;
use crate::types::Exc;
use crate::value::{Args, Cx, Fail, Native, Value};

/// A task that returns the text.
pub(crate) fn format(template: &str, args: Args) -> Flow<Value> {
    Flow::Task(Box::new(Format {
        args,
        numbering: Numbering::default(),
        levels: vec![Level { pieces: Pieces::new(template), text: String::new(), field: None }],
        value: Value::Unbound,
        path: Vec::new(),
    }))
}

/// Formats one value: a function, so that a task can call it.
static FORMAT_FIELD: Native = Native {
    name: "format",
    call: |cx, args| {
        let mut values = args.values.into_iter();
        let mut next = || values.next().unwrap_or_default();
        let (value, spec, conversion) = (next(), next(), next());
        let conversion = match conversion {
            Value::Int(1) => code::Conversion::Str,
            Value::Int(2) => code::Conversion::Repr,
            Value::Int(3) => code::Conversion::Ascii,
            _ => code::Conversion::None,
        };
        format_value(cx, value, conversion, spec)
    },
};

/// A template, or the format specification of a field of the level above.
#[derive(Debug)]
struct Level {
    pieces: Pieces,
    text: String,
    /// The field whose value is being found, or whose specification is the next level.
    field: Option<Open>,
}

#[derive(Debug)]
struct Open {
    field: Field,
    name: Name,
    value: Value,
    conversion: i64,
}

#[derive(Debug)]
struct Format {
    args: Args,
    numbering: Numbering,
    levels: Vec<Level>,
    /// The value of the field, as far as its path has been gone.
    value: Value,
    /// What is left of the path, the next one last.
    path: Vec<Access>,
}

impl Task<Value> for Format {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Value(value) if self.value.is_bound() => self.value = value,
            Input::Value(Value::Str(text)) => {
                if let Some(level) = self.levels.last_mut() {
                    room_for(level.text.len() + text.text.len())?;
                    level.text.push_str(&text.text);
                    level.field = None;
                }
            }
            Input::Value(_)
            | Input::Start
            | Input::Item(_)
            | Input::Returned(_)
            | Input::Line(_)
            | Input::Woken(_) => {}
        }
        loop {
            if self.value.is_bound() {
                if let Some(doing) = self.follow()? {
                    return Ok(doing);
                }
                if let Some(doing) = self.found()? {
                    return Ok(doing);
                }
                continue;
            }
            let Some(level) = self.levels.last_mut() else {
                return Ok(Doing::Return(Value::str("")));
            };
            match level.pieces.next().transpose()? {
                Some(Piece::Literal(text)) => {
                    room_for(level.text.len() + text.len())?;
                    level.text.push_str(&text);
                }
                Some(Piece::Field(field)) => {
                    let name = Name::parse(&field.name, &mut self.numbering)?;
                    self.value = argument(&self.args, &name.argument)?;
                    self.path.clone_from(&name.path);
                    self.path.reverse();
                    let open = Open { field, name, value: Value::Unbound, conversion: 0 };
                    level.field = Some(open);
                }
                None => {
                    let text = std::mem::take(&mut level.text);
                    if self.levels.len() == 1 {
                        return Ok(Doing::Return(Value::str(text)));
                    }
                    self.levels.pop();
                    if let Some(open) = self.levels.last().and_then(|level| level.field.as_ref()) {
                        return Ok(open.format(&text));
                    }
                }
            }
        }
    }
}

impl Format {
    /// Goes the path to the end, or to an attribute, which the machine looks up.
    fn follow(&mut self) -> Result<Option<Doing<Value>>, Fail> {
        while let Some(access) = self.path.pop() {
            self.value = match access {
                Access::Attribute(name) => {
                    let args = Args::of(vec![self.value.clone(), Value::str(name)]);
                    return Ok(Some(Doing::Call(Value::Native(&GETATTR), args)));
                }
                Access::Index(index) => items::get(&self.value, &Value::size(index))?,
                Access::Key(key) => items::get(&self.value, &Value::str(key))?,
            };
        }
        Ok(None)
    }

    /// The value of the field is found: formats it, or begins with its specification.
    fn found(&mut self) -> Result<Option<Doing<Value>>, Fail> {
        let value = std::mem::take(&mut self.value);
        let depth = self.levels.len();
        let Some(open) = self.levels.last_mut().and_then(|level| level.field.as_mut()) else {
            return Ok(None);
        };
        if let Some(error) = open.name.error.take() {
            return Err(error.into());
        }
        open.value = value;
        open.conversion = match open.field.conversion.map(Conversion::parse).transpose()? {
            None => 0,
            Some(Conversion::Str) => 1,
            Some(Conversion::Repr) => 2,
            Some(Conversion::Ascii) => 3,
        };
        if !open.field.nested {
            return Ok(Some(open.format(&open.field.spec)));
        }
        if depth >= MAX_DEPTH {
            return Err(too_deep().into());
        }
        let pieces = Pieces::new(&open.field.spec);
        self.levels.push(Level { pieces, text: String::new(), field: None });
        Ok(None)
    }
}

impl Open {
    fn format(&self, spec: &str) -> Doing<Value> {
        let values = vec![self.value.clone(), Value::str(spec), Value::Int(self.conversion)];
        Doing::Call(Value::Native(&FORMAT_FIELD), Args::of(values))
    }
}

fn argument(args: &Args, argument: &Argument) -> Result<Value, Fail> {
    match argument {
        Argument::Index(index) => {
            args.values.get(*index).cloned().ok_or_else(|| index_out_of_range(*index).into())
        }
        Argument::Keyword(name) => {
            let found = args.named.iter().find(|(known, _)| **known == **name);
            found.map(|(_, value)| value.clone()).ok_or_else(|| {
                Box::new(Raised::With(Exc::KeyError, vec![Value::str(name.as_str())]))
            })
        }
    }
}

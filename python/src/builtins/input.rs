//! `input`.

use super::arguments;
use super::texts::with_texts;
use crate::native::{Doing, Flow, Input, Task, error};
use crate::operators::show::str_of;
use crate::types::Exc;
use crate::value::{Args, Cx, Fail, Outcome, Value};

/// `input(prompt)`.
pub(crate) fn read_line(cx: &mut Cx, args: Args) -> Outcome {
    let mut values = arguments::positional(args, "input", 0, 1)?;
    let prompt = values.pop();
    let shown: Vec<(Value, bool)> = prompt.iter().map(|value| (value.clone(), false)).collect();
    with_texts(cx, &shown, prompt.into_iter().collect(), |cx, written, kept| {
        if let Some(prompt) = kept.first() {
            cx.print(str_of(prompt, written)?, false)?;
        }
        Ok(Flow::Task(Box::new(ReadLine { is_asked: false })))
    })
}

#[derive(Debug)]
struct ReadLine {
    is_asked: bool,
}

impl Task<Value> for ReadLine {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Line(Some(line)) => Ok(Doing::Return(Value::str(line))),
            Input::Line(None) => Err(error(Exc::EOFError, "EOF when reading a line")),
            Input::Start
            | Input::Value(_)
            | Input::Item(_)
            | Input::Returned(_)
            | Input::Woken(_) => {
                self.is_asked = true;
                Ok(Doing::ReadLine)
            }
        }
    }
}

//! Iterators that call functions or ask other iterators, so that the machine makes their items.
#![allow(clippy::wildcard_enum_match_arm, reason = "other iterators need no machine")]

use std::rc::Rc;

use super::stream;
use crate::native::{Doing, Flow, Input, Task, refuse};
use crate::operators::truth;
use crate::value::{Args, Cx, Fail, IteratorState, Value};

/// A task that makes the next item of an iterator which calls functions or asks other iterators. It returns
/// the item in a tuple, or an empty tuple at the end.
pub(crate) fn next_item(iterator: Value) -> Box<dyn Task<Value>> {
    Box::new(NextItem { iterator, got: Vec::new(), asked: 0, calls: false })
}

#[derive(Debug)]
struct NextItem {
    iterator: Value,
    got: Vec<Value>,
    asked: usize,
    /// Whether the function of a `map` or a `filter` has been called.
    calls: bool,
}

impl NextItem {
    fn item(value: Value) -> Doing<Value> {
        Doing::Return(Value::tuple(vec![value]))
    }
}

impl Task<Value> for NextItem {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        let Value::Iterator(iterator) = self.iterator.clone() else {
            return Ok(Doing::Return(Value::tuple(Vec::new())));
        };
        let ends = matches!(input, Input::Item(None));
        match input {
            Input::Item(Some(item)) => self.got.push(item),
            Input::Value(value) => match &*iterator.state.borrow() {
                IteratorState::Filter { .. } => {
                    if truth::is_true(&value) {
                        return Ok(Self::item(self.got.pop().unwrap_or_default()));
                    }
                    self.got.clear();
                    self.calls = false;
                }
                _ => return Ok(Self::item(value)),
            },
            Input::Item(None)
            | Input::Start
            | Input::Returned(_)
            | Input::Line(_)
            | Input::Woken(_) => {}
        }
        let mut state = iterator.state.borrow_mut();
        match &mut *state {
            IteratorState::Enumerate { inner, next } => {
                if ends {
                    return Ok(Doing::Return(Value::tuple(Vec::new())));
                }
                match self.got.pop() {
                    Some(item) => {
                        let number = Value::Int(*next);
                        *next = next.saturating_add(1);
                        Ok(Self::item(Value::tuple(vec![number, item])))
                    }
                    None => Ok(Doing::Next(inner.clone())),
                }
            }
            IteratorState::Zip { inner, strict } => {
                if ends || inner.is_empty() {
                    if *strict && !self.got.is_empty() {
                        return Err(refuse(
                            "zip(strict=True) of different lengths is outside of the subset",
                        ));
                    }
                    return Ok(Doing::Return(Value::tuple(Vec::new())));
                }
                match inner.get(self.got.len()) {
                    Some(next) => Ok(Doing::Next(next.clone())),
                    None => Ok(Self::item(Value::tuple(std::mem::take(&mut self.got)))),
                }
            }
            IteratorState::Map { function, inner } => {
                if ends {
                    return Ok(Doing::Return(Value::tuple(Vec::new())));
                }
                if let Some(next) = inner.get(self.got.len()) {
                    Ok(Doing::Next(next.clone()))
                } else {
                    let args = Args::of(std::mem::take(&mut self.got));
                    Ok(Doing::Call(function.clone(), args))
                }
            }
            IteratorState::Filter { function, inner } => {
                if ends {
                    return Ok(Doing::Return(Value::tuple(Vec::new())));
                }
                match self.got.first().cloned() {
                    None => Ok(Doing::Next(inner.clone())),
                    Some(item) if matches!(function, Value::None) => {
                        self.got.clear();
                        if truth::is_true(&item) {
                            Ok(Self::item(item))
                        } else {
                            Ok(Doing::Next(inner.clone()))
                        }
                    }
                    Some(item) => Ok(Doing::Call(function.clone(), Args::of(vec![item]))),
                }
            }
            IteratorState::Lines { stream } => {
                let stream = Rc::clone(stream);
                drop(state);
                match self.got.pop() {
                    None if self.asked == 0 => {
                        self.asked = 1;
                        Ok(Doing::Become(Flow::Task(stream::next_line(stream))))
                    }
                    Some(_) | None => Ok(Doing::Return(Value::tuple(Vec::new()))),
                }
            }
            _ => Ok(Doing::Return(Value::tuple(Vec::new()))),
        }
    }
}

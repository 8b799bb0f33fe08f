//! Goes through iterables, some of which need the machine: generators, and iterators that call functions.
#![allow(clippy::wildcard_enum_match_arm, reason = "a few kinds of values are told apart")]

use std::rc::Rc;

use crate::budget::{room_for, spend};
use crate::native::{Doing, Flow, Input, Raised, Task, refuse, type_error};
use crate::operators::compare::is_item;
use crate::operators::kind::type_name;
use crate::operators::{iterate, truth};
use crate::types::Exc;
use crate::value::{Args, Cx, Fail, List, Outcome, Value, charge_of};

/// Goes on with the items of an iterator, and with what was kept.
type ThenItems = fn(&mut Cx, Vec<Value>, Vec<Value>) -> Outcome;

/// Goes through an iterable, and goes on with its items.
pub(crate) fn with_items(
    cx: &mut Cx,
    iterable: &Value,
    kept: Vec<Value>,
    then: ThenItems,
) -> Outcome {
    if let Some(items) = iterate::items(iterable)? {
        then(cx, items, kept)
    } else {
        let iterator = iterate::iterator(iterable)?;
        Ok(Flow::Task(Box::new(Collect { iterator, items: Vec::new(), kept, then })))
    }
}

#[derive(Debug)]
struct Collect {
    iterator: Value,
    items: Vec<Value>,
    kept: Vec<Value>,
    then: ThenItems,
}

impl Task<Value> for Collect {
    fn resume(&mut self, cx: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Item(Some(item)) => {
                spend(1);
                self.items.push(item);
                if self.items.len().is_multiple_of(1024) {
                    room_for(charge_of(self.items.len()))?;
                }
            }
            Input::Item(None) => {
                let (items, kept) =
                    (std::mem::take(&mut self.items), std::mem::take(&mut self.kept));
                return (self.then)(cx, items, kept).map(Doing::Become);
            }
            Input::Start
            | Input::Value(_)
            | Input::Returned(_)
            | Input::Line(_)
            | Input::Woken(_) => {}
        }
        Ok(Doing::Next(self.iterator.clone()))
    }
}

/// A task that makes a list of an iterable's items.
pub(crate) fn collect_list(iterable: Value) -> Box<dyn Task<Value>> {
    let then: ThenItems = |_, items, _| Ok(Flow::Value(Value::list(items)));
    Box::new(Collect { iterator: iterable, items: Vec::new(), kept: Vec::new(), then })
}

/// `list += iterable`, for an iterable that needs the machine. Returns the list.
pub(crate) fn extend_list(cx: &mut Cx, list: &Rc<List>, iterable: &Value) -> Outcome {
    let kept = vec![Value::List(Rc::clone(list))];
    with_items(cx, iterable, kept, |_, new, mut kept| {
        let list = kept.pop().unwrap_or_default();
        if let Value::List(list) = &list {
            let mut items = list.items.borrow_mut();
            items.extend(new);
            list.charge.set(charge_of(items.len()));
        }
        Ok(Flow::Value(list))
    })
}

/// `item in iterable`, for an iterable that has to be gone through.
pub(crate) fn contains(cx: &mut Cx, item: &Value, iterable: &Value, expected: bool) -> Outcome {
    let iterator = iterate::iterator(iterable)?;
    let _ = cx;
    Ok(Flow::Task(Box::new(Contains { iterator, item: item.clone(), expected })))
}

#[derive(Debug)]
struct Contains {
    iterator: Value,
    item: Value,
    expected: bool,
}

impl Task<Value> for Contains {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Item(Some(item)) if is_item(&item, &self.item)? => {
                Ok(Doing::Return(Value::Bool(self.expected)))
            }
            Input::Item(None) => Ok(Doing::Return(Value::Bool(!self.expected))),
            Input::Item(Some(_))
            | Input::Start
            | Input::Value(_)
            | Input::Returned(_)
            | Input::Line(_)
            | Input::Woken(_) => Ok(Doing::Next(self.iterator.clone())),
        }
    }
}

/// Calls a function with each of some values, and goes on with the results and what was kept.
pub(crate) fn with_results(
    cx: &mut Cx,
    function: &Value,
    values: Vec<Value>,
    kept: Vec<Value>,
    then: ThenItems,
) -> Outcome {
    if matches!(function, Value::None | Value::Unbound) {
        return then(cx, values, kept);
    }
    let mut pending = values;
    pending.reverse();
    let function = function.clone();
    Ok(Flow::Task(Box::new(Results { function, pending, done: Vec::new(), kept, then })))
}

#[derive(Debug)]
struct Results {
    function: Value,
    pending: Vec<Value>,
    done: Vec<Value>,
    kept: Vec<Value>,
    then: ThenItems,
}

impl Task<Value> for Results {
    fn resume(&mut self, cx: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        if let Input::Value(result) = input {
            self.done.push(result);
        }
        if let Some(value) = self.pending.pop() {
            Ok(Doing::Call(self.function.clone(), Args::of(vec![value])))
        } else {
            let results = std::mem::take(&mut self.done);
            let kept = std::mem::take(&mut self.kept);
            (self.then)(cx, results, kept).map(Doing::Become)
        }
    }
}

/// `any` and `all`: goes through an iterable until an item is `until`.
pub(crate) fn find_truth(iterable: &Value, until: bool) -> Outcome {
    let iterator = iterate::iterator(iterable)?;
    Ok(Flow::Task(Box::new(FindTruth { iterator, until })))
}

#[derive(Debug)]
struct FindTruth {
    iterator: Value,
    until: bool,
}

impl Task<Value> for FindTruth {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Item(Some(item)) if truth::is_true(&item) == self.until => {
                Ok(Doing::Return(Value::Bool(self.until)))
            }
            Input::Item(None) => Ok(Doing::Return(Value::Bool(!self.until))),
            Input::Item(Some(_))
            | Input::Start
            | Input::Value(_)
            | Input::Returned(_)
            | Input::Line(_)
            | Input::Woken(_) => Ok(Doing::Next(self.iterator.clone())),
        }
    }
}

/// `next(iterator)`, or with a default.
pub(crate) fn next_or(iterator: Value, default: Option<Value>) -> Outcome {
    match &iterator {
        Value::Iterator(_) | Value::Generator(_) => {}
        Value::Stream(_) => return Err(refuse("'next' of a file is outside of the subset")),
        other => {
            let name = type_name(other);
            return Err(type_error(format!("'{name}' object is not an iterator")));
        }
    }
    Ok(Flow::Task(Box::new(NextOr { iterator, default })))
}

#[derive(Debug)]
struct NextOr {
    iterator: Value,
    default: Option<Value>,
}

impl Task<Value> for NextOr {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Item(Some(item)) => Ok(Doing::Return(item)),
            Input::Item(None) => match self.default.take() {
                Some(default) => Ok(Doing::Return(default)),
                None => Err(Box::new(Raised::With(Exc::StopIteration, Vec::new()))),
            },
            Input::Start
            | Input::Value(_)
            | Input::Returned(_)
            | Input::Line(_)
            | Input::Woken(_) => Ok(Doing::Next(self.iterator.clone())),
        }
    }
}

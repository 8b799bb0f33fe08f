//! Makes a module of its attributes.

use std::cell::RefCell;
use std::rc::Rc;

use crate::value::{Cx, Module, Native, Value};

/// A module with these functions and these other attributes.
pub(super) fn module(
    cx: &mut Cx,
    name: &'static str,
    functions: &'static [Native],
    others: Vec<(&str, Value)>,
) -> Value {
    let functions = functions.iter().map(|native| (native.name, Value::Native(native)));
    let attributes =
        functions.chain(others).map(|(name, value)| (cx.symbols.of(name), value)).collect();
    Value::Module(Rc::new(Module { name, attributes: RefCell::new(attributes) }))
}

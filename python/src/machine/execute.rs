//! Executes the operations of a function until it calls, returns, fails or stops.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most operations know a few types, and others fail"
)]

use std::rc::Rc;

use super::attribute::{self, Attribute};
use super::call::{self, Begun};
use super::raise::{self, Raise};
use super::vm::Vm;
use crate::budget;
use crate::builtins::{formatting, iterables, next_item};
use crate::code::{CodeKind, Comparison, Op, Operator, Unary};
use crate::known;
use crate::native::{Raised, Task, error, refuse, type_error, value_error};
use crate::operators::iterate::{self, Step as Item};
use crate::operators::key::{is_same, key_of};
use crate::operators::kind::{full_name, type_name};
use crate::operators::{arithmetic, compare, items, truth};
use crate::outside;
use crate::symbols::Symbol;
use crate::types::{Exc, Type};
use crate::value::{
    Args, Attributes, Class, ClassKind, Exception, Fail, Frame, Function, Slice, Try, Value,
    WhenDone,
};

/// What the thread does next.
pub(crate) enum Action {
    /// Runs this function first.
    Call(Box<Frame>),
    /// Carries out this task first; then the function goes on as said.
    Task(Box<dyn Task<Value>>, WhenDone),
    /// Goes on with this generator; then the function goes on with its item.
    Generate(Rc<crate::value::Generator>, WhenDone),
    Return(Value),
    Yield(Value),
    Fail(Fail),
    /// Raises this exception, which has been raised before.
    Reraise(Rc<Exception>),
    /// Imports this module of the library.
    Import(String),
    /// A statement begins.
    Statement,
    /// It goes on, unless it has made enough operations for now.
    GoOn,
    /// It has printed.
    Printed,
}

/// The operations that are executed before the budgets are checked.
const CHECK_EVERY: u64 = 4096;

/// Executes a function from where it is.
pub(crate) fn execute(vm: &mut Vm, frame: &mut Frame, handled: &mut Vec<Rc<Exception>>) -> Action {
    let loaded = Rc::clone(&frame.loaded);
    let ops = &loaded.code.ops;
    let mut count = 0;
    loop {
        count += 1;
        let op = ops[frame.at];
        frame.at += 1;
        let result = match op {
            Op::Statement => {
                if count >= CHECK_EVERY
                    && let Err(budget) = vm.spend(std::mem::take(&mut count))
                {
                    return Action::Fail(budget.into());
                }
                if frame.globals.is_library() {
                    continue;
                }
                let is_asked = vm.stops_at_statements || !vm.cx.printed.is_empty();
                if is_asked || !vm.cx.orphans.borrow().is_empty() {
                    return stop(vm, count, Action::Statement);
                }
                continue;
            }
            Op::Jump(target) => {
                let is_back = target as usize <= frame.at;
                if is_back
                    && count >= CHECK_EVERY
                    && let Err(budget) = vm.spend(std::mem::take(&mut count))
                {
                    return Action::Fail(budget.into());
                }
                frame.at = target as usize;
                if is_back && vm.is_pause_due() {
                    return stop(vm, count, Action::GoOn);
                }
                continue;
            }
            _ => operation(vm, frame, handled, op),
        };
        match result {
            Ok(None) if !budget::is_overspent() => {}
            Ok(None) => {
                if let Err(budget) = vm.spend(std::mem::take(&mut count)) {
                    return Action::Fail(budget.into());
                }
            }
            Ok(Some(action)) => return stop(vm, count, action),
            Err(fail) => return stop(vm, count, Action::Fail(fail)),
        }
    }
}

fn stop(vm: &mut Vm, count: u64, action: Action) -> Action {
    match vm.spend(count) {
        Ok(()) => action,
        Err(budget) => Action::Fail(budget.into()),
    }
}

fn pop(frame: &mut Frame) -> Value {
    frame.stack.pop().unwrap_or_default()
}

fn pop_many(frame: &mut Frame, count: u32) -> Vec<Value> {
    let from = frame.stack.len().saturating_sub(count as usize);
    frame.stack.split_off(from)
}

type Done = Result<Option<Action>, Fail>;

#[inline]
#[expect(clippy::too_many_lines, reason = "an arm for each operation")]
fn operation(vm: &mut Vm, frame: &mut Frame, handled: &mut Vec<Rc<Exception>>, op: Op) -> Done {
    match op {
        Op::Constant(index) => {
            let value = frame.loaded.constants[index as usize].clone();
            frame.stack.push(value);
        }
        Op::Pop => {
            frame.stack.pop();
        }
        Op::Duplicate => {
            let top = frame.stack.last().cloned().unwrap_or_default();
            frame.stack.push(top);
        }
        Op::DuplicateTwo => {
            let from = frame.stack.len() - 2;
            frame.stack.extend_from_within(from..);
        }
        Op::Swap => {
            let top = frame.stack.len() - 1;
            frame.stack.swap(top, top - 1);
        }
        Op::RotateThree => {
            let from = frame.stack.len() - 3;
            frame.stack[from..].rotate_right(1);
        }
        Op::LoadLocal(index) => {
            let value = frame.locals[index as usize].clone();
            if !value.is_bound() {
                return Err(unbound_local(frame, index));
            }
            frame.stack.push(value);
        }
        Op::StoreLocal(index) => {
            let value = pop(frame);
            let old = std::mem::replace(&mut frame.locals[index as usize], value);
            drop(old);
        }
        Op::DeleteLocal(index) => {
            let old = std::mem::take(&mut frame.locals[index as usize]);
            if !old.is_bound() {
                return Err(unbound_local(frame, index));
            }
        }
        Op::LoadGlobal(index) => {
            let index = index as usize;
            let value = frame.globals.values.borrow()[index].clone();
            let value =
                if value.is_bound() { value } else { frame.globals.builtins[index].clone() };
            if !value.is_bound() {
                return Err(unknown_name(vm, frame, index));
            }
            frame.stack.push(value);
        }
        Op::StoreGlobal(index) => {
            let value = pop(frame);
            let old =
                std::mem::replace(&mut frame.globals.values.borrow_mut()[index as usize], value);
            drop(old);
        }
        Op::DeleteGlobal(index) => {
            let old = std::mem::take(&mut frame.globals.values.borrow_mut()[index as usize]);
            if !old.is_bound() {
                let name = &frame.globals.names[index as usize];
                return Err(error(Exc::NameError, format!("name '{name}' is not defined")));
            }
        }
        Op::LoadCell(index) => {
            let value = frame.cells[index as usize].value.borrow().clone();
            if !value.is_bound() {
                return Err(unbound_cell(frame, index));
            }
            frame.stack.push(value);
        }
        Op::StoreCell(index) => {
            let value = pop(frame);
            let old = frame.cells[index as usize].value.replace(value);
            drop(old);
        }
        Op::DeleteCell(index) => {
            let old = frame.cells[index as usize].value.take();
            if !old.is_bound() {
                return Err(unbound_cell(frame, index));
            }
        }
        Op::LoadClassName(own, global) => {
            let symbol = frame.loaded.symbols[own as usize];
            match crate::value::find(&frame.class_names, symbol) {
                Some(value) => frame.stack.push(value),
                None => return operation(vm, frame, handled, Op::LoadGlobal(global)),
            }
        }
        Op::LoadClassCell(own, cell) => {
            let symbol = frame.loaded.symbols[own as usize];
            match crate::value::find(&frame.class_names, symbol) {
                Some(value) => frame.stack.push(value),
                None => return operation(vm, frame, handled, Op::LoadCell(cell)),
            }
        }
        Op::StoreClassName(own) => {
            let value = pop(frame);
            let symbol = frame.loaded.symbols[own as usize];
            crate::value::set(&mut frame.class_names, symbol, value);
        }
        Op::DeleteClassName(own) => {
            let symbol = frame.loaded.symbols[own as usize];
            if let Some(at) = frame.class_names.iter().position(|(name, _)| *name == symbol) {
                frame.class_names.remove(at);
            } else {
                let name = vm.cx.symbols.name(symbol);
                return Err(error(Exc::NameError, format!("name '{name}' is not defined")));
            }
        }
        Op::LoadAttribute(name) => {
            let object = pop(frame);
            let name = frame.loaded.symbols[name as usize];
            match attribute::load(vm, &object, name)? {
                Attribute::Value(value) => frame.stack.push(value),
                Attribute::Property(function) => {
                    return call_now(vm, frame, &function, vec![object]);
                }
                Attribute::Function(_) | Attribute::Native(_) => {}
            }
        }
        Op::StoreAttribute(name) => {
            let (object, value) = (pop(frame), pop(frame));
            attribute::store(vm, &object, frame.loaded.symbols[name as usize], value)?;
        }
        Op::DeleteAttribute(name) => {
            let object = pop(frame);
            attribute::delete(vm, &object, frame.loaded.symbols[name as usize])?;
        }
        Op::LoadMethod(name) => {
            let object = pop(frame);
            let name = frame.loaded.symbols[name as usize];
            match attribute::look_up(vm, &object, name)? {
                Attribute::Value(value) => {
                    frame.stack.push(value);
                    frame.stack.push(Value::Unbound);
                }
                Attribute::Function(function) => {
                    frame.stack.push(Value::Function(function));
                    frame.stack.push(attribute::receiver(&object));
                }
                Attribute::Native(native) => {
                    frame.stack.push(Value::Native(native));
                    frame.stack.push(attribute::receiver(&object));
                }
                Attribute::Property(_) => {
                    return Err(refuse("calling the value of a property is outside of the subset"));
                }
            }
        }
        Op::CallMethod(count) => {
            let mut values = pop_many(frame, count + 1);
            let callee = pop(frame);
            if !values[0].is_bound() {
                values.remove(0);
            }
            return call_now(vm, frame, &callee, values);
        }
        Op::LoadItem => {
            let (index, container) = (pop(frame), pop(frame));
            let value = items::get(&container, &index)?;
            frame.stack.push(value);
        }
        Op::StoreItem => {
            let (index, container, value) = (pop(frame), pop(frame), pop(frame));
            items::set(&container, &index, value)?;
        }
        Op::DeleteItem => {
            let (index, container) = (pop(frame), pop(frame));
            items::delete(&container, &index)?;
        }
        Op::BuildSlice => {
            let (step, stop, start) = (pop(frame), pop(frame), pop(frame));
            frame.stack.push(Value::Slice(Rc::new(Slice { start, stop, step })));
        }
        Op::Binary(operator) => {
            let (right, left) = (pop(frame), pop(frame));
            return binary(vm, frame, operator, &left, &right, false);
        }
        Op::InPlace(operator) => {
            let (right, left) = (pop(frame), pop(frame));
            if let (Operator::Add, Value::List(list)) = (operator, &left) {
                return extend(vm, frame, list, &right);
            }
            match arithmetic::in_place(operator, &left, &right)? {
                Some(value) => frame.stack.push(value),
                None => return binary(vm, frame, operator, &left, &right, true),
            }
        }
        Op::Unary(Unary::Not) => {
            let value = pop(frame);
            if let Some(begun) = truth_call(&value)? {
                frame.at -= 1;
                return proceed(frame, begun);
            }
            frame.stack.push(Value::Bool(!truth::is_true(&value)));
        }
        Op::Unary(operator) => {
            let value = pop(frame);
            frame.stack.push(arithmetic::unary(operator, &value)?);
        }
        Op::Compare(comparison) => {
            let (right, left) = (pop(frame), pop(frame));
            return comparison_of(vm, frame, comparison, &left, &right);
        }
        Op::Jump(target) => frame.at = target as usize,
        Op::JumpIfFalse(target) => {
            let value = pop(frame);
            if let Some(begun) = truth_call(&value)? {
                frame.at -= 1;
                return proceed(frame, begun);
            }
            if !truth::is_true(&value) {
                frame.at = target as usize;
            }
        }
        Op::JumpIfTrue(target) => {
            let value = pop(frame);
            if let Some(begun) = truth_call(&value)? {
                frame.at -= 1;
                return proceed(frame, begun);
            }
            if truth::is_true(&value) {
                frame.at = target as usize;
            }
        }
        Op::JumpIfFalseOrPop(_) | Op::JumpIfTrueOrPop(_) => return jump_or_pop(frame, op),
        Op::BuildTuple(count) => {
            let items = pop_many(frame, count);
            frame.stack.push(Value::tuple(items));
        }
        Op::BuildList(count) => {
            let items = pop_many(frame, count);
            frame.stack.push(Value::list(items));
        }
        Op::BuildSet(count) => {
            let mut keys = crate::table::KeySet::default();
            for item in pop_many(frame, count) {
                keys.entry(key_of(&item)?).or_insert(item);
            }
            frame.stack.push(Value::set(keys));
        }
        Op::BuildDict(count) => {
            let values = pop_many(frame, 2 * count);
            let dict = Value::dict(crate::table::Table::default());
            if let Value::Dict(dict) = &dict {
                let mut values = values.into_iter();
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    items::insert(dict, key, value)?;
                }
            }
            frame.stack.push(dict);
        }
        Op::BuildString(count) => {
            let parts = pop_many(frame, count);
            let mut text = String::new();
            for part in &parts {
                if let Value::Str(part) = part {
                    budget::room_for(text.len() + part.text.len())?;
                    text.push_str(&part.text);
                }
            }
            frame.stack.push(Value::str(text));
        }
        Op::ListAppend => {
            let value = pop(frame);
            append(frame.stack.last(), value);
        }
        Op::ListExtend => {
            let iterable = pop(frame);
            if let Some(Value::List(list)) = frame.stack.last().cloned() {
                frame.stack.pop();
                let done = extend(vm, frame, &list, &iterable);
                return done.map_err(|error| star(error, frame, &list, &iterable));
            }
        }
        Op::SetExtend => {
            let iterable = pop(frame);
            if let (Some(Value::Set(set)), Some(items)) =
                (frame.stack.last(), iterate::items(&iterable)?)
            {
                for item in items {
                    set.keys.borrow_mut().entry(key_of(&item)?).or_insert(item);
                }
                set.charge.set(crate::value::table_charge(set.keys.borrow().len()));
            }
        }
        Op::DictUpdate => {
            let mapping = pop(frame);
            merge(frame, &mapping, false)?;
        }
        Op::DictMerge => {
            let mapping = pop(frame);
            merge(frame, &mapping, true)?;
        }
        Op::ListToTuple => {
            if let Value::List(list) = pop(frame) {
                let items = list.items.borrow().clone();
                frame.stack.push(Value::tuple(items));
            }
        }
        Op::AppendTo(depth) => {
            let value = pop(frame);
            let at = frame.stack.len() - depth as usize;
            append(frame.stack.get(at), value);
        }
        Op::AddTo(depth) => {
            let value = pop(frame);
            let at = frame.stack.len() - depth as usize;
            if let Some(Value::Set(set)) = frame.stack.get(at) {
                let key = key_of(&value)?;
                set.keys.borrow_mut().entry(key).or_insert(value);
                set.charge.set(crate::value::table_charge(set.keys.borrow().len()));
            }
        }
        Op::InsertInto(depth) => {
            let (value, key) = (pop(frame), pop(frame));
            let at = frame.stack.len() - depth as usize;
            if let Some(Value::Dict(dict)) = frame.stack.get(at) {
                items::insert(dict, key, value)?;
            }
        }
        Op::Unpack(count) => {
            let value = pop(frame);
            if let Some(items) = unpacked(&value)? {
                unpack(frame, items, count as usize)?;
            } else {
                frame.at -= 1;
                return Ok(Some(collect_again(value)?));
            }
        }
        Op::UnpackRest(before, after) => {
            let value = pop(frame);
            if let Some(items) = unpacked(&value)? {
                unpack_rest(frame, items, before as usize, after as usize)?;
            } else {
                frame.at -= 1;
                return Ok(Some(collect_again(value)?));
            }
        }
        Op::Iterate => {
            let value = pop(frame);
            frame.stack.push(iterate::iterator(&value)?);
        }
        Op::Next(end) => return next(frame, end),
        Op::Call(count) => {
            let values = pop_many(frame, count);
            let callee = pop(frame);
            return call_now(vm, frame, &callee, values);
        }
        Op::CallNamed(count, names) => {
            let mut values = pop_many(frame, count);
            let callee = pop(frame);
            let Value::Tuple(names) = &frame.loaded.constants[names as usize] else {
                return Ok(None);
            };
            let named_values = values.split_off(values.len() - names.items.len());
            let named =
                names.items.iter().zip(named_values).filter_map(|(name, value)| match name {
                    Value::Str(name) => Some((Rc::clone(&name.text), value)),
                    _ => None,
                });
            let named = named.collect();
            return call_args(vm, frame, &callee, Args { values, named });
        }
        Op::CallUnpacked => {
            let (named, values, callee) = (pop(frame), pop(frame), pop(frame));
            let (Value::Dict(named), Value::Tuple(values)) = (named, values) else {
                return Ok(None);
            };
            let named = named.table.borrow().values().cloned().collect::<Vec<_>>();
            let named = named.into_iter().filter_map(|(name, value)| match name {
                Value::Str(name) => Some((Rc::clone(&name.text), value)),
                _ => None,
            });
            let args = Args { values: values.items.clone(), named: named.collect() };
            return call_args(vm, frame, &callee, args);
        }
        Op::MakeFunction(index) => make_function(frame, index),
        Op::MakeClass { name, bases } => {
            let body = pop(frame);
            let bases = pop_many(frame, bases);
            let name = frame.loaded.symbols[name as usize];
            return make_class(vm, &body, &bases, name);
        }
        Op::LoadClosure(index) => {
            let cell = Rc::clone(&frame.cells[index as usize]);
            frame.stack.push(Value::Cell(cell));
        }
        Op::Return => return Ok(Some(Action::Return(pop(frame)))),
        Op::Yield => return Ok(Some(Action::Yield(pop(frame)))),
        Op::Raise(count) => return raise(vm, frame, handled, count),
        Op::Reraise => {
            if let Value::Exception(exception) = pop(frame) {
                return Ok(Some(Action::Reraise(exception)));
            }
        }
        Op::PushTry(handler) => {
            let (depth, handled) = (frame.stack.len(), handled.len());
            frame.tries.push(Try { handler, depth, handled });
        }
        Op::PopTry => {
            frame.tries.pop();
        }
        Op::Matches => {
            let class = pop(frame);
            if let Some(Value::Exception(exception)) = frame.stack.last() {
                let matches = raise::matches(exception, &class)?;
                frame.stack.push(Value::Bool(matches));
            }
        }
        Op::LeaveHandler => {
            handled.pop();
        }
        Op::EnterWith(handler) => return enter(vm, frame, handled.len(), handler),
        Op::ExitWith => {
            let exit = pop(frame);
            let arguments = vec![Value::None, Value::None, Value::None];
            return call_and_drop(vm, &exit, arguments);
        }
        Op::ExitWithException => {
            let count = frame.stack.len();
            let (exit, exception) =
                (frame.stack[count - 2].clone(), frame.stack[count - 1].clone());
            let class = match &exception {
                Value::Exception(exception) => Value::Class(Rc::clone(&exception.class)),
                _ => Value::None,
            };
            let traceback = Value::Cell(crate::value::Variable::new(Value::None));
            return call_now(vm, frame, &exit, vec![class, exception, traceback]);
        }
        Op::LoadAssertionError => frame.stack.push(vm.cx.exception_class(Exc::AssertionError)),
        Op::Import(name) => {
            let name = frame.loaded.symbols[name as usize];
            return import(vm, frame, name);
        }
        Op::ImportName(name) => {
            let name = frame.loaded.symbols[name as usize];
            if let Some(Value::Module(module)) = frame.stack.last() {
                let found = crate::value::find(&module.attributes.borrow(), name);
                if let Some(value) = found {
                    frame.stack.push(value);
                } else {
                    let (name, module) = (vm.cx.symbols.name(name), module.name);
                    return Err(error(
                        Exc::ImportError,
                        format!("cannot import name '{name}' from '{module}' (unknown location)"),
                    ));
                }
            }
        }
        Op::Format(conversion, has_spec) => {
            let spec = if has_spec { pop(frame) } else { Value::None };
            let value = pop(frame);
            let flow = formatting::format_value(&mut vm.cx, value, conversion, spec)?;
            return proceed(frame, call::begun(flow));
        }
        Op::Statement => {}
    }
    Ok(None)
}

fn unbound_local(frame: &Frame, index: u32) -> Fail {
    let name = &frame.loaded.code.locals[index as usize];
    error(
        Exc::UnboundLocalError,
        format!("cannot access local variable '{name}' where it is not associated with a value"),
    )
}

fn unbound_cell(frame: &Frame, index: u32) -> Fail {
    let code = &frame.loaded.code;
    let name = &code.cells[index as usize];
    if (index as usize) < code.own_cells {
        let text = "where it is not associated with a value";
        return error(
            Exc::UnboundLocalError,
            format!("cannot access local variable '{name}' {text}"),
        );
    }
    error(
        Exc::NameError,
        format!(
            "cannot access free variable '{name}' where it is not associated with a value in \
             enclosing scope"
        ),
    )
}

fn unknown_name(vm: &Vm, frame: &Frame, index: usize) -> Fail {
    let name = &frame.globals.names[index];
    if known::BUILTIN_NAMES.contains(&name.as_str()) {
        return refuse(outside::builtin(name));
    }
    if name.len() > 4 && name.starts_with("__") && name.ends_with("__") {
        return refuse(format!("the name '{name}' is outside of the subset"));
    }
    // `from module import *` would have bound it.
    let is_of = |module: &&String| known::module_names(module).contains(&name.as_str());
    if let Some(module) = vm.modules.keys().find(is_of) {
        return refuse(outside::of_module(module, name));
    }
    error(Exc::NameError, format!("name '{name}' is not defined"))
}

fn binary(
    vm: &mut Vm,
    frame: &mut Frame,
    operator: Operator,
    left: &Value,
    right: &Value,
    assigned: bool,
) -> Done {
    if let (Operator::Modulo, Value::Str(_) | Value::Bytes(_) | Value::ByteArray(_)) =
        (operator, left)
    {
        let flow = formatting::percent(&mut vm.cx, left, right)?;
        return proceed(frame, call::begun(flow));
    }
    let value = arithmetic::binary(operator, left, right, assigned)?;
    frame.stack.push(value);
    Ok(None)
}

fn extend(vm: &mut Vm, frame: &mut Frame, list: &Rc<crate::value::List>, iterable: &Value) -> Done {
    if let Some(new) = iterate::items(iterable)? {
        budget::room_for(crate::value::charge_of(new.len()))?;
        let mut items = list.items.borrow_mut();
        items.extend(new);
        list.charge.set(crate::value::charge_of(items.len()));
        drop(items);
        frame.stack.push(Value::List(Rc::clone(list)));
        Ok(None)
    } else {
        let flow = iterables::extend_list(&mut vm.cx, list, iterable)?;
        proceed(frame, call::begun(flow))
    }
}

fn star(error: Fail, frame: &Frame, list: &crate::value::List, iterable: &Value) -> Fail {
    match &*error {
        Raised::New(Exc::TypeError, message) if message.ends_with("is not iterable") => {
            let name = type_name(iterable);
            // Alone in a call, CPython names the function.
            let is_alone = list.items.borrow().is_empty()
                && matches!(
                    frame.loaded.code.ops.get(frame.at..frame.at + 2),
                    Some([Op::ListToTuple, Op::BuildDict(0)])
                );
            type_error(match frame.stack.last().filter(|_| is_alone) {
                Some(callee) => {
                    let function = function_text(callee);
                    format!("{function} argument after * must be an iterable, not {name}")
                }
                None => format!("Value after * must be an iterable, not {name}"),
            })
        }
        _ => error,
    }
}

/// A function, in a message about its arguments.
fn function_text(callee: &Value) -> String {
    let written = |function: &Function| {
        let module = function.globals.library.unwrap_or("__main__");
        format!("{module}.{}()", function.loaded.code.qualified_name)
    };
    match callee {
        Value::Function(function) => written(function),
        Value::Method(method) => written(&method.function),
        Value::Class(class) => format!("{}()", full_name(class)),
        Value::Native(native) => format!("{}()", native.name),
        other => format!("{}()", type_name(other)),
    }
}

fn append(list: Option<&Value>, value: Value) {
    if let Some(Value::List(list)) = list {
        let mut items = list.items.borrow_mut();
        items.push(value);
        list.charge.set(crate::value::charge_of(items.len()));
    }
}

fn merge(frame: &Frame, mapping: &Value, in_call: bool) -> Result<(), Fail> {
    // The function, its positional arguments, and the named ones so far.
    let function = || {
        let callee = frame.stack.len().checked_sub(3).and_then(|at| frame.stack.get(at));
        callee.map(function_text).unwrap_or_default()
    };
    let (Some(Value::Dict(dict)), Value::Dict(from)) = (frame.stack.last(), mapping) else {
        return Err(if in_call {
            let function = function();
            type_error(format!(
                "{function} argument after ** must be a mapping, not {}",
                type_name(mapping)
            ))
        } else {
            type_error(format!("'{}' object is not a mapping", type_name(mapping)))
        });
    };
    let entries: Vec<(Value, Value)> = from.table.borrow().values().cloned().collect();
    for (key, value) in entries {
        if in_call {
            let Value::Str(name) = &key else { return Err(type_error("keywords must be strings")) };
            if dict.table.borrow().contains_key(&key_of(&key)?) {
                let function = function();
                return Err(type_error(format!(
                    "{function} got multiple values for keyword argument '{}'",
                    name.text
                )));
            }
        }
        items::insert(dict, key, value)?;
    }
    Ok(())
}

fn comparison_of(
    vm: &mut Vm,
    frame: &mut Frame,
    comparison: Comparison,
    left: &Value,
    right: &Value,
) -> Done {
    if let (Value::Int(left), Value::Int(right)) = (left, right) {
        let holds = match comparison {
            // CPython shares the ints from -5 to 256.
            Comparison::Is | Comparison::IsNot if left == right && !(-5..=256).contains(left) => {
                return Err(unknown_identity());
            }
            Comparison::Equal | Comparison::Is => left == right,
            Comparison::NotEqual | Comparison::IsNot => left != right,
            Comparison::Less => left < right,
            Comparison::LessEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterEqual => left >= right,
            Comparison::In | Comparison::NotIn => {
                return Err(type_error("argument of type 'int' is not iterable"));
            }
        };
        frame.stack.push(Value::Bool(holds));
        return Ok(None);
    }
    let holds = match comparison {
        Comparison::Equal => compare::equal(left, right)?,
        Comparison::NotEqual => !compare::equal(left, right)?,
        Comparison::Less
        | Comparison::LessEqual
        | Comparison::Greater
        | Comparison::GreaterEqual => compare::order(comparison, left, right)?,
        Comparison::Is | Comparison::IsNot => {
            if may_be_shared(left, right) {
                return Err(unknown_identity());
            }
            is_same(left, right) == (comparison == Comparison::Is)
        }
        Comparison::In | Comparison::NotIn => {
            if let Some(found) = compare::contains(right, left)? {
                found == (comparison == Comparison::In)
            } else {
                let flow =
                    iterables::contains(&mut vm.cx, left, right, comparison == Comparison::In)?;
                return proceed(frame, call::begun(flow));
            }
        }
    };
    frame.stack.push(Value::Bool(holds));
    Ok(None)
}

/// Whether two values are equal, and CPython may or may not have made one object of them.
fn may_be_shared(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        (Value::Big(_), Value::Big(_))
        | (Value::Str(_), Value::Str(_))
        | (Value::Bytes(_), Value::Bytes(_)) => {
            !is_same(left, right) && compare::equal(left, right).unwrap_or(false)
        }
        (Value::Tuple(one), Value::Tuple(other)) => {
            !is_same(left, right) && one.items.len() == other.items.len()
        }
        _ => false,
    }
}

fn unknown_identity() -> Fail {
    refuse("'is' between equal numbers, strings or tuples is outside of the subset; use '=='")
}

/// An instance whose class has `__len__` is false if that returns 0. The call's result is put in the place of
/// the value, and the operation is executed again.
fn truth_call(value: &Value) -> Result<Option<Begun>, Fail> {
    let Value::Instance(instance) = value else { return Ok(None) };
    let Some(Value::Function(function)) = instance.class.find(Symbol::LEN) else { return Ok(None) };
    call::function_call(&function, Args::of(vec![value.clone()]), WhenDone::Truth).map(Some)
}

fn jump_or_pop(frame: &mut Frame, op: Op) -> Done {
    let value = frame.stack.last().cloned().unwrap_or_default();
    if truth_call(&value)?.is_some() {
        return Err(refuse(
            "an instance with '__len__' in 'and' or 'or' is outside of the subset; use 'len(...) > 0'",
        ));
    }
    let (jumps, target) = match op {
        Op::JumpIfFalseOrPop(target) => (!truth::is_true(&value), target),
        Op::JumpIfTrueOrPop(target) => (truth::is_true(&value), target),
        _ => (false, 0),
    };
    if jumps {
        frame.at = target as usize;
    } else {
        frame.stack.pop();
    }
    Ok(None)
}

fn unpacked(value: &Value) -> Result<Option<Vec<Value>>, Fail> {
    iterate::items(value).map_err(|error| match &*error {
        Raised::New(Exc::TypeError, message) if message.ends_with("is not iterable") => {
            type_error(format!("cannot unpack non-iterable {} object", type_name(value)))
        }
        _ => error,
    })
}

/// Makes a list of a generator's items; the operation is then executed again.
fn collect_again(value: Value) -> Result<Action, Fail> {
    Ok(Action::Task(iterables::collect_list(value), WhenDone::Push))
}

fn unpack(frame: &mut Frame, items: Vec<Value>, count: usize) -> Result<(), Fail> {
    if items.len() < count {
        return Err(value_error(format!(
            "not enough values to unpack (expected {count}, got {})",
            items.len()
        )));
    }
    if items.len() > count {
        return Err(value_error(format!("too many values to unpack (expected {count})")));
    }
    frame.stack.extend(items.into_iter().rev());
    Ok(())
}

fn unpack_rest(
    frame: &mut Frame,
    mut items: Vec<Value>,
    before: usize,
    after: usize,
) -> Result<(), Fail> {
    if items.len() < before + after {
        return Err(value_error(format!(
            "not enough values to unpack (expected at least {}, got {})",
            before + after,
            items.len()
        )));
    }
    let last = items.split_off(items.len() - after);
    let rest = items.split_off(before);
    frame.stack.extend(last.into_iter().rev());
    frame.stack.push(Value::list(rest));
    frame.stack.extend(items.into_iter().rev());
    Ok(())
}

fn next(frame: &mut Frame, end: u32) -> Done {
    match frame.stack.last() {
        Some(Value::Iterator(iterator)) => match iterate::next(iterator)? {
            Item::Item(item) => frame.stack.push(item),
            Item::End => {
                frame.stack.pop();
                frame.at = end as usize;
            }
            Item::Machine => {
                let iterator = Value::Iterator(Rc::clone(iterator));
                let task = next_item::next_item(iterator);
                let when_done = WhenDone::NextOfTask { end };
                return Ok(Some(Action::Task(task, when_done)));
            }
        },
        Some(Value::Generator(generator)) => {
            let generator = Rc::clone(generator);
            let when_done = WhenDone::Next { end };
            return Ok(Some(Action::Generate(generator, when_done)));
        }
        _ => {}
    }
    Ok(None)
}

fn call_now(vm: &mut Vm, frame: &mut Frame, callee: &Value, values: Vec<Value>) -> Done {
    call_args(vm, frame, callee, Args::of(values))
}

fn call_args(vm: &mut Vm, frame: &mut Frame, callee: &Value, args: Args) -> Done {
    let begun = call::begin(vm, callee, args)?;
    let done = proceed(frame, begun)?;
    // What was printed is told at the line of the call.
    Ok(done.or_else(|| (!vm.cx.printed.is_empty()).then_some(Action::Printed)))
}

fn proceed(frame: &mut Frame, begun: Begun) -> Done {
    match begun {
        Begun::Value(value) => {
            frame.stack.push(value);
            Ok(None)
        }
        Begun::Frame(inner) => Ok(Some(Action::Call(inner))),
        Begun::Task(task) => Ok(Some(Action::Task(task, WhenDone::Push))),
    }
}

fn call_and_drop(vm: &mut Vm, callee: &Value, values: Vec<Value>) -> Done {
    match call::begin(vm, callee, Args::of(values))? {
        Begun::Value(_) => Ok(None),
        Begun::Frame(mut inner) => {
            inner.when_done = WhenDone::Drop;
            Ok(Some(Action::Call(inner)))
        }
        Begun::Task(task) => Ok(Some(Action::Task(task, WhenDone::Drop))),
    }
}

fn make_function(frame: &mut Frame, index: u32) {
    let (cells, named, defaults) = (pop(frame), pop(frame), pop(frame));
    let cells = match &cells {
        Value::Tuple(tuple) => tuple
            .items
            .iter()
            .filter_map(
                |cell| if let Value::Cell(cell) = cell { Some(Rc::clone(cell)) } else { None },
            )
            .collect(),
        _ => Vec::new(),
    };
    let defaults =
        if let Value::Tuple(tuple) = &defaults { tuple.items.clone() } else { Vec::new() };
    let named = match &named {
        Value::Dict(dict) => {
            let table = dict.table.borrow();
            let pairs = table.values().filter_map(|(name, value)| match name {
                Value::Str(name) => Some((name.text.to_string(), value.clone())),
                _ => None,
            });
            pairs.collect()
        }
        _ => Vec::new(),
    };
    let loaded = Rc::clone(&frame.loaded.functions[index as usize]);
    let function = Function::new(loaded, Rc::clone(&frame.globals), defaults, named, cells);
    frame.stack.push(Value::Function(Rc::new(function)));
}

fn make_class(vm: &mut Vm, body: &Value, bases: &[Value], name: Symbol) -> Done {
    let base = match bases.first() {
        None => match vm.cx.type_class(Type::Object) {
            Value::Class(class) => class,
            _ => return Ok(None),
        },
        Some(Value::Class(class)) => Rc::clone(class),
        Some(other) => {
            return Err(refuse(format!(
                "a class based on a '{}' is outside of the subset",
                type_name(other)
            )));
        }
    };
    if let ClassKind::BuiltIn(kind) = base.kind
        && kind != Type::Object
    {
        return Err(refuse(format!(
            "a class based on '{}' is outside of the subset; keep one in an attribute",
            base.name
        )));
    }
    let Value::Function(function) = body else { return Ok(None) };
    let text = vm.cx.symbols.name(name).to_owned();
    let qualified = function.loaded.code.qualified_name.clone();
    let kind = function.globals.library.map_or(ClassKind::Written, ClassKind::Library);
    let class = Class::new(text, qualified, kind, Some(base), Attributes::new());
    match call::function_call(function, Args::of(Vec::new()), WhenDone::Class(class))? {
        Begun::Frame(frame) => Ok(Some(Action::Call(frame))),
        Begun::Value(_) | Begun::Task(_) => Ok(None),
    }
}

fn raise(vm: &mut Vm, frame: &mut Frame, handled: &[Rc<Exception>], count: u32) -> Done {
    if count == 0 {
        return match handled.last() {
            Some(exception) => Ok(Some(Action::Reraise(Rc::clone(exception)))),
            None => Err(error(Exc::RuntimeError, "No active exception to reraise")),
        };
    }
    let cause = if count == 2 { Some(pop(frame)) } else { None };
    let value = pop(frame);
    let exception = match raise::of_value(&value)? {
        Raise::Exception(exception) => exception,
        Raise::Call(class) => {
            // `raise Class` is `raise Class()`: the operation is executed again with the instance.
            if class.find(Symbol::INIT).is_some() {
                frame.at -= 1;
                let begun = call::begin(vm, &value, Args::of(Vec::new()))?;
                if let Some(cause) = cause {
                    let _ = (begun, cause);
                    return Err(refuse("write '()' after the class in 'raise ... from'"));
                }
                return proceed(frame, begun);
            }
            call::new_exception(vm, &class, Vec::new())
        }
    };
    if let Some(cause) = cause {
        let cause = match &cause {
            Value::None => None,
            other => match raise::of_value(other) {
                Ok(Raise::Exception(exception)) => Some(exception),
                Ok(Raise::Call(class)) => Some(call::new_exception(vm, &class, Vec::new())),
                Err(_) => {
                    return Err(type_error("exception causes must derive from BaseException"));
                }
            },
        };
        exception.cause.replace(cause);
        exception.hides_context.set(true);
    }
    Err(Box::new(Raised::Object(Value::Exception(exception))))
}

fn enter(vm: &mut Vm, frame: &mut Frame, handled: usize, handler: u32) -> Done {
    let manager = pop(frame);
    let missing = |manager: &Value| {
        type_error(format!(
            "'{}' object does not support the context manager protocol",
            type_name(manager)
        ))
    };
    let method = |vm: &mut Vm, name| match &manager {
        Value::Instance(instance) if instance.class.find(name).is_none() => Err(missing(&manager)),
        Value::Class(_) | Value::Module(_) | Value::Exception(_) | Value::Function(_) => {
            Err(missing(&manager))
        }
        _ => match attribute::load(vm, &manager, name) {
            Ok(Attribute::Value(value)) => Ok(value),
            Ok(_) | Err(_) => Err(missing(&manager)),
        },
    };
    let enter = method(vm, Symbol::ENTER)?;
    let exit = method(vm, Symbol::EXIT).map_err(|_| {
        type_error(format!(
            "'{}' object does not support the context manager protocol (missed __exit__ method)",
            type_name(&manager)
        ))
    })?;
    frame.stack.push(exit);
    match call::begin(vm, &enter, Args::of(Vec::new()))? {
        Begun::Value(value) => {
            let depth = frame.stack.len();
            frame.tries.push(Try { handler, depth, handled });
            frame.stack.push(value);
            Ok(None)
        }
        Begun::Frame(mut inner) => {
            inner.when_done = WhenDone::Enter(handler);
            Ok(Some(Action::Call(inner)))
        }
        Begun::Task(task) => Ok(Some(Action::Task(task, WhenDone::Enter(handler)))),
    }
}

fn import(vm: &mut Vm, frame: &mut Frame, name: Symbol) -> Done {
    let name = vm.cx.symbols.name(name).to_owned();
    if let Some(module) = vm.modules.get(&name) {
        frame.stack.push(module.clone());
        return Ok(None);
    }
    if crate::modules::library::source(&name).is_some() {
        return Ok(Some(Action::Import(name)));
    }
    match crate::modules::load(&mut vm.cx, &name) {
        Some(module) => {
            vm.modules.insert(name, module.clone());
            frame.stack.push(module);
            Ok(None)
        }
        None => Err(refuse(outside::module(&name))),
    }
}

/// Whether the code is that of a generator.
pub(crate) fn is_generator(frame: &Frame) -> bool {
    frame.loaded.code.kind == CodeKind::Generator
}

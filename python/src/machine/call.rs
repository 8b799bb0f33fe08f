//! Calls: arguments become the local variables of a function, and classes make instances.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::rc::Rc;

use super::attribute::{self, Attribute};
use super::vm::Vm;
use crate::budget::spend;
use crate::builtins::{constructors, functions};
use crate::code::{CodeKind, Parameters};
use crate::modules;
use crate::native::{Flow, Task, type_error};
use crate::operators::kind::{root_type, type_name};
use crate::symbols::Symbol;
use crate::types::{Exc, Type};
use crate::value::{
    Args, Class, ClassKind, Exception, Fail, Frame, Function, Generator, Instance, Value, Variable,
    WhenDone,
};

/// What a call has begun.
pub(crate) enum Begun {
    Value(Value),
    Frame(Box<Frame>),
    Task(Box<dyn Task<Value>>),
}

/// Begins a call.
pub(crate) fn begin(vm: &mut Vm, callee: &Value, mut args: Args) -> Result<Begun, Fail> {
    let mut callee = callee.clone();
    loop {
        match callee {
            Value::Function(function) => return function_call(&function, args, WhenDone::Push),
            Value::Method(method) => {
                args.values.insert(0, method.object.clone());
                return function_call(&method.function, args, WhenDone::Push);
            }
            Value::NativeMethod(method) => {
                args.values.insert(0, method.object.clone());
                return flow(vm, method.native, args);
            }
            Value::Native(native) if std::ptr::eq(native, &raw const functions::GETATTR) => {
                match attribute::getattr(vm, args)? {
                    Attribute::Value(value) => return Ok(Begun::Value(value)),
                    Attribute::Property(function) => {
                        (callee, args) = (function, Args::of(Vec::new()));
                    }
                    Attribute::Function(_) | Attribute::Native(_) => {
                        return Ok(Begun::Value(Value::None));
                    }
                }
            }
            Value::Native(native) if std::ptr::eq(native, &raw const functions::HASATTR) => {
                return attribute::hasattr(vm, args).map(Begun::Value);
            }
            Value::Native(native) => return flow(vm, native, args),
            Value::Class(class) => return construct(vm, &class, args),
            Value::Wrapped(wrapped) if wrapped.kind == Type::StaticMethod => {
                callee = wrapped.function.clone();
            }
            other => {
                return Err(type_error(format!("'{}' object is not callable", type_name(&other))));
            }
        }
    }
}

/// Calls a native function.
fn flow(vm: &mut Vm, native: &'static crate::value::Native, args: Args) -> Result<Begun, Fail> {
    Ok(begun((native.call)(&mut vm.cx, args)?))
}

/// What a native function has returned.
pub(crate) fn begun(flow: Flow<Value>) -> Begun {
    match flow {
        Flow::Value(value) => Begun::Value(value),
        Flow::Task(task) => Begun::Task(task),
    }
}

fn construct(vm: &mut Vm, class: &Rc<Class>, args: Args) -> Result<Begun, Fail> {
    if let ClassKind::BuiltIn(kind) = class.kind {
        let Some(native) = constructors::find(kind).or_else(|| modules::constructor(kind)) else {
            return Err(type_error(format!("cannot create '{}' instances", class.name)));
        };
        return flow(vm, native, args);
    }
    let init = class.find(Symbol::INIT);
    let object = if class.exception().is_some() {
        if init.is_none() && !args.named.is_empty() {
            return Err(type_error(format!("{}() takes no keyword arguments", class.name)));
        }
        let is_os_error = class.exception().is_some_and(|kind| kind.is_a(Exc::OsError));
        if is_os_error && (3..=5).contains(&args.values.len()) {
            return Err(crate::native::refuse(
                "an 'OSError' with the name of a file is outside of the subset; give it an errno and a text",
            ));
        }
        Value::Exception(new_exception(vm, class, args.values.clone()))
    } else {
        let root = root_type(class).unwrap_or(Type::Object);
        if root != Type::Object {
            return Err(crate::native::refuse(format!(
                "a class based on '{}' is outside of the subset",
                root.name()
            )));
        }
        if init.is_none() && (!args.values.is_empty() || !args.named.is_empty()) {
            return Err(type_error(format!("{}() takes no arguments", class.name)));
        }
        Value::Instance(Instance::new(Rc::clone(class)))
    };
    match init {
        Some(Value::Function(function)) => {
            let mut args = args;
            args.values.insert(0, object.clone());
            function_call(&function, args, WhenDone::Construct(object))
        }
        Some(_) => Err(crate::native::refuse("'__init__' is a function here")),
        None => Ok(Begun::Value(object)),
    }
}

/// A new exception. An `OSError` with an errno becomes the class of that errno.
pub(crate) fn new_exception(vm: &Vm, class: &Rc<Class>, args: Vec<Value>) -> Rc<Exception> {
    if let (ClassKind::Exception(Exc::OsError), [Value::Int(errno), _, ..]) =
        (class.kind, args.as_slice())
    {
        let kind = u32::try_from(*errno).map_or(Exc::OsError, Exc::of_errno);
        if let Value::Class(class) = vm.cx.exception_class(kind) {
            return Exception::new(class, args);
        }
    }
    Exception::new(Rc::clone(class), args)
}

/// Begins the call of a function that is written in Python.
pub(crate) fn function_call(
    function: &Rc<Function>,
    args: Args,
    when_done: WhenDone,
) -> Result<Begun, Fail> {
    let code = &function.loaded.code;
    let mut locals = bind(function, args)?;
    locals.resize(code.locals.len(), Value::Unbound);
    let mut cells = Vec::with_capacity(code.cells.len());
    for _ in 0..code.own_cells {
        cells.push(Variable::new(Value::Unbound));
    }
    for (local, cell) in &code.cell_parameters {
        let value = std::mem::take(&mut locals[*local as usize]);
        cells[*cell as usize].value.replace(value);
    }
    cells.extend(function.cells.iter().cloned());
    let frame = Box::new(Frame {
        loaded: Rc::clone(&function.loaded),
        globals: Rc::clone(&function.globals),
        at: 0,
        locals,
        cells,
        stack: Vec::with_capacity(8),
        tries: Vec::new(),
        class_names: Vec::new(),
        handled: 0,
        when_done,
    });
    if code.kind == CodeKind::Generator {
        return Ok(Begun::Value(Value::Generator(Generator::new(frame))));
    }
    Ok(Begun::Frame(frame))
}

/// The local variables of a call, in the order of the parameters.
fn bind(function: &Function, args: Args) -> Result<Vec<Value>, Fail> {
    let code = &function.loaded.code;
    let parameters = code.parameters;
    let positional = parameters.positional as usize;
    let given = args.values.len();
    if given == positional && args.named.is_empty() && parameters.count() == positional {
        let mut locals = args.values;
        locals.reserve_exact(code.locals.len() - positional);
        return Ok(locals);
    }
    spend(given);
    let named_from = positional + parameters.keyword_only as usize;
    let mut locals = args.values;
    let rest = if given > positional { locals.split_off(positional) } else { Vec::new() };
    if !rest.is_empty() && !parameters.has_rest {
        return Err(too_many(function, given, &args.named));
    }
    locals.resize(parameters.count(), Value::Unbound);
    if parameters.has_rest {
        locals[named_from] = Value::tuple(rest);
    }
    let mut others = crate::table::Table::default();
    let mut positional_only = Vec::new();
    for (name, value) in args.named {
        let found = code.locals[..named_from].iter().position(|local| **local == *name);
        match found {
            Some(at) if at >= parameters.positional_only as usize => {
                if locals[at].is_bound() {
                    return Err(type_error(format!(
                        "{}() got multiple values for argument '{name}'",
                        code.qualified_name
                    )));
                }
                locals[at] = value;
            }
            Some(_) if !parameters.has_keywords => positional_only.push(name.to_string()),
            Some(_) | None if parameters.has_keywords => {
                let key = crate::table::Key::Str(Rc::clone(&name));
                others.insert(key, (Value::str(name), value));
            }
            Some(_) | None => {
                return Err(type_error(format!(
                    "{}() got an unexpected keyword argument '{name}'",
                    code.qualified_name
                )));
            }
        }
    }
    if !positional_only.is_empty() {
        return Err(type_error(format!(
            "{}() got some positional-only arguments passed as keyword arguments: '{}'",
            code.qualified_name,
            positional_only.join(", ")
        )));
    }
    if parameters.has_keywords {
        locals[parameters.count() - 1] = Value::dict(others);
    }
    fill_defaults(function, &mut locals, parameters)?;
    Ok(locals)
}

fn fill_defaults(
    function: &Function,
    locals: &mut [Value],
    parameters: Parameters,
) -> Result<(), Fail> {
    let code = &function.loaded.code;
    let positional = parameters.positional as usize;
    let first_default = positional - function.defaults.len().min(positional);
    let mut missing = Vec::new();
    let (given, named) = locals.split_at_mut(positional);
    for (at, local) in given.iter_mut().enumerate().filter(|(_, local)| !local.is_bound()) {
        match at.checked_sub(first_default).and_then(|index| function.defaults.get(index)) {
            Some(default) => *local = default.clone(),
            None => missing.push(code.locals[at].as_str()),
        }
    }
    report_missing(code, &missing, "positional")?;
    let names = code.locals[positional..].iter();
    let named = named.iter_mut().zip(names).take(parameters.keyword_only as usize);
    for (local, name) in named.filter(|(local, _)| !local.is_bound()) {
        match function.named_defaults.iter().find(|(named, _)| named == name) {
            Some((_, default)) => *local = default.clone(),
            None => missing.push(name),
        }
    }
    report_missing(code, &missing, "keyword-only")
}

fn report_missing(code: &crate::code::Code, missing: &[&str], kind: &str) -> Result<(), Fail> {
    let quoted: Vec<String> = missing.iter().map(|name| format!("'{name}'")).collect();
    let list = match quoted.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    };
    let (count, plural) = (missing.len(), if missing.len() == 1 { "" } else { "s" });
    Err(type_error(format!(
        "{}() missing {count} required {kind} argument{plural}: {list}",
        code.qualified_name
    )))
}

fn too_many(function: &Function, given: usize, named: &[(Rc<str>, Value)]) -> Fail {
    let code = &function.loaded.code;
    let parameters = code.parameters;
    let most = parameters.positional as usize;
    let least = most - function.defaults.len().min(most);
    let takes = if least < most { format!("from {least} to {most}") } else { most.to_string() };
    let plural = if most == 1 && least == most { "" } else { "s" };
    let keyword_only = &code.locals[most..most + parameters.keyword_only as usize];
    let passed =
        named.iter().filter(|(name, _)| keyword_only.iter().any(|one| **one == **name)).count();
    let (given_text, were) = if passed > 0 {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let text = format!(
            "{given} positional argument{} (and {passed} keyword-only argument{})",
            plural(given),
            plural(passed)
        );
        (text, "were")
    } else {
        (given.to_string(), if given == 1 { "was" } else { "were" })
    };
    type_error(format!(
        "{}() takes {takes} positional argument{plural} but {given_text} {were} given",
        code.qualified_name
    ))
}

//! The modules of the library that are written in Python, and the global variables of every module.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::cell::RefCell;
use std::rc::Rc;

use super::raise::Stop;
use super::vm::Vm;
use crate::builtins::functions;
use crate::code::{Code, Constant};
use crate::compile::{self, compile};
use crate::modules::library;
use crate::outside;
use crate::source::Source;
use crate::types::{Exc, Type};
use crate::value::{Frame, Globals, Loaded, Module, Value, Variable, WhenDone};

/// The function of a module's code, with its global variables.
pub(crate) fn load(
    vm: &mut Vm,
    module: compile::Module,
    source: Rc<Source>,
    library: Option<&'static str>,
) -> Frame {
    let compile::Module { code, globals } = module;
    let builtins = globals.iter().map(|name| built_in(vm, name)).collect();
    let mut values = vec![Value::Unbound; globals.len()];
    if let Some(at) = globals.iter().position(|name| name == "__name__") {
        values[at] = Value::str("__main__");
    }
    let values = RefCell::new(values);
    let globals = Rc::new(Globals { names: globals, values, builtins, source, library });
    vm.globals.push(Rc::clone(&globals));
    let loaded = loaded(vm, Rc::new(code));
    let cells = loaded.code.cells.iter().map(|_| Variable::new(Value::Unbound)).collect();
    Frame {
        loaded,
        globals,
        at: 0,
        locals: Vec::new(),
        cells,
        stack: Vec::new(),
        tries: Vec::new(),
        class_names: Vec::new(),
        handled: 0,
        when_done: WhenDone::Drop,
    }
}

fn loaded(vm: &mut Vm, code: Rc<Code>) -> Rc<Loaded> {
    let constants = code.constants.iter().map(constant).collect();
    let symbols = code.names.iter().map(|name| vm.cx.symbols.of(name)).collect();
    let functions = code.functions.iter().map(|inner| loaded(vm, Rc::clone(inner))).collect();
    Rc::new(Loaded { code, constants, symbols, functions })
}

fn constant(constant: &Constant) -> Value {
    match constant {
        Constant::None => Value::None,
        Constant::Bool(bool) => Value::Bool(*bool),
        Constant::Int(int) => Value::Int(*int),
        Constant::Big(big) => Value::big(big.clone()),
        Constant::Float(float) => Value::Float(*float),
        Constant::Str(text) => Value::str(text.as_str()),
        Constant::Bytes(bytes) => Value::bytes(bytes.as_slice()),
        Constant::Tuple(items) => Value::tuple(items.iter().map(self::constant).collect()),
        Constant::Ellipsis => Value::Ellipsis,
    }
}

/// A name of `builtins`. Unbound if there is none.
fn built_in(vm: &Vm, name: &str) -> Value {
    if let Some(native) = functions::find(name) {
        return Value::Native(native);
    }
    if let Some(kind) = Type::ALL.iter().find(|kind| kind.name() == name && is_named(**kind)) {
        return vm.cx.type_class(*kind);
    }
    let exception = match name {
        "IOError" | "EnvironmentError" => Some(Exc::OsError),
        _ => Exc::ALL.iter().copied().find(|exc| exc.name() == name && exc.module().is_empty()),
    };
    match (exception, name) {
        (Some(exception), _) => vm.cx.exception_class(exception),
        (None, "Ellipsis") => Value::Ellipsis,
        (None, _) => Value::Unbound,
    }
}

/// Whether a type is a name of `builtins`.
const fn is_named(kind: Type) -> bool {
    matches!(
        kind,
        Type::Object
            | Type::Type
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::Str
            | Type::Bytes
            | Type::ByteArray
            | Type::Tuple
            | Type::List
            | Type::Dict
            | Type::Set
            | Type::Range
            | Type::Slice
            | Type::Super
            | Type::StaticMethod
            | Type::Property
            | Type::Enumerate
            | Type::Zip
            | Type::Map
            | Type::Filter
            | Type::Reversed
    )
}

/// Begins the import of a module of the library.
pub(crate) fn frame(vm: &mut Vm, name: &str) -> Result<Box<Frame>, Stop> {
    let missing = || Stop::Refused(outside::module(name));
    let (name, text) = library::source(name).ok_or_else(missing)?;
    let source = Rc::new(Source::new(text));
    let module = compile(&source, true).map_err(|error| Stop::Refused(error.to_string()))?;
    let mut frame = load(vm, module, source, Some(name));
    frame.when_done = WhenDone::Import(name.to_owned());
    let module = Module { name, attributes: RefCell::default() };
    vm.modules.insert(name.to_owned(), Value::Module(Rc::new(module)));
    Ok(Box::new(frame))
}

/// The module has run: its global variables are its attributes.
pub(crate) fn fill(vm: &mut Vm, name: &str, globals: &Globals) {
    let Some(Value::Module(module)) = vm.modules.get(name) else { return };
    let values = globals.values.borrow();
    let named = globals.names.iter().zip(&*values).filter(|(_, value)| value.is_bound());
    let attributes = named.map(|(name, value)| (vm.cx.symbols.of(name), value.clone())).collect();
    module.attributes.replace(attributes);
}

//! What a machine begins with: the built-in classes, and the context of its native functions.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::rc::Rc;

use super::program::Program;
use super::vm::Vm;
use crate::context::Context;
use crate::symbols::Symbols;
use crate::types::{Exc, Type};
use crate::value::{Attributes, Class, ClassKind, Value, find};

/// A machine's shared part, for this program.
pub(crate) fn vm(program: &Program) -> Vm {
    let object = class(Type::Object, None);
    let mut types: Vec<Value> = Vec::new();
    for kind in Type::ALL {
        let base = match kind {
            // The base of bool is int, which is set below.
            Type::Object | Type::Bool => None,
            _ => Some(Rc::clone(&object)),
        };
        types.push(Value::Class(match kind {
            Type::Object => Rc::clone(&object),
            _ => class(*kind, base),
        }));
    }
    if let (Value::Class(bool), Value::Class(int)) =
        (&types[Type::Bool as usize], &types[Type::Int as usize])
    {
        bool.base.replace(Some(Rc::clone(int)));
    }
    let mut exceptions: Vec<Value> = Vec::new();
    for exc in Exc::ALL {
        let base = match exceptions.get(exc.parent() as usize) {
            Some(Value::Class(base)) => Rc::clone(base),
            Some(_) | None => Rc::clone(&object),
        };
        let name = exc.name().to_owned();
        let kind = ClassKind::Exception(*exc);
        let class = Class::new(name.clone(), name, kind, Some(base), Attributes::new());
        exceptions.push(Value::Class(class));
    }
    let argv = std::iter::once(program.file.clone()).chain(program.argv.iter().cloned()).collect();
    Vm::new(Context {
        symbols: Symbols::default(),
        types,
        exceptions,
        printed: Vec::new(),
        printed_bytes: 0,
        argv,
        orphans: Rc::default(),
        thread: 0,
        process: program.process,
        utc_offset: 0,
        random: None,
        random_seed: 0,
    })
}

fn class(kind: Type, base: Option<Rc<Class>>) -> Rc<Class> {
    let name = kind.name().to_owned();
    Class::new(name.clone(), name, ClassKind::BuiltIn(kind), base, Attributes::new())
}

/// The name of a new thread, and whether it is a daemon, from the `Thread` whose method it calls.
pub(crate) fn thread_options(vm: &Vm, callee: &Value, number: usize) -> (String, bool) {
    let default = format!("Thread-{number}");
    let Value::Method(method) = callee else { return (default, false) };
    let Value::Instance(instance) = &method.object else { return (default, false) };
    let attribute = |name: &str| {
        let symbol = vm.cx.symbols.find(name)?;
        find(&instance.attributes.borrow(), symbol)
    };
    let name = match attribute("name") {
        Some(Value::Str(name)) => name.text.to_string(),
        Some(_) | None => default,
    };
    (name, matches!(attribute("daemon"), Some(Value::Bool(true))))
}

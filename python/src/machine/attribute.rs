//! `object.name`: read, set and deleted.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::rc::Rc;

use super::vm::Vm;
use crate::builtins::arguments::positional;
use crate::builtins::{data, methods};
use crate::known;
use crate::native::{Raised, error, refuse, type_error};
use crate::operators::kind::{root_type, type_name, type_of};
use crate::outside;
use crate::symbols::Symbol;
use crate::types::{Exc, Type};
use crate::value::{
    Args, Class, ClassKind, Exception, Fail, Function, Instance, Method, NativeMethod, Value, find,
    set,
};

/// What an attribute is.
pub(crate) enum Attribute {
    Value(Value),
    /// A method of this class, to be called with the object.
    Function(Rc<Function>),
    Native(&'static crate::value::Native),
    /// The function of a property, to be called with the object.
    Property(Value),
}

/// Looks an attribute up. A method is not bound yet.
pub(crate) fn look_up(vm: &mut Vm, object: &Value, name: Symbol) -> Result<Attribute, Fail> {
    match object {
        Value::Instance(instance) => of_instance(vm, instance, name),
        Value::Exception(exception) => of_exception(vm, exception, name),
        Value::Class(class) => of_class(vm, class, name),
        Value::Super(one) => of_super(vm, one, name),
        Value::Module(module) => {
            if let Some(value) = find(&module.attributes.borrow(), name) {
                Ok(Attribute::Value(value))
            } else {
                let text = vm.cx.symbols.name(name);
                if known::module_names(module.name).contains(&text) {
                    return Err(refuse(outside::of_module(module.name, text)));
                }
                if name == Symbol::NAME && !module.is_stream() {
                    return Ok(Attribute::Value(Value::str(module.name)));
                }
                if text.starts_with('_') || module.is_stream() {
                    return Err(missing(vm, object, name));
                }
                let message = format!("module '{}' has no attribute '{text}'", module.name);
                Err(no_attribute(vm, object, name, message))
            }
        }
        Value::Function(function) => match name {
            Symbol::NAME => Ok(Attribute::Value(Value::str(function.loaded.code.name.as_str()))),
            Symbol::QUALNAME => {
                Ok(Attribute::Value(Value::str(function.loaded.code.qualified_name.as_str())))
            }
            _ => Err(missing(vm, object, name)),
        },
        Value::Native(native) if name == Symbol::NAME => {
            Ok(Attribute::Value(Value::str(native.name)))
        }
        Value::NativeMethod(method) if name == Symbol::NAME => {
            Ok(Attribute::Value(Value::str(method.native.name)))
        }
        Value::Method(method) if name == Symbol::NAME => {
            Ok(Attribute::Value(Value::str(method.function.loaded.code.name.as_str())))
        }
        other => {
            let of = type_of(other);
            if let Some(native) = vm.method(of, name) {
                return Ok(Attribute::Native(native));
            }
            if let Some(native) = methods::find_class_method(of, vm.cx.symbols.name(name)) {
                let object = vm.cx.type_class(of);
                return Ok(Attribute::Value(Value::NativeMethod(Rc::new(NativeMethod {
                    object,
                    native,
                }))));
            }
            if name == Symbol::CLASS {
                return Ok(Attribute::Value(vm.cx.type_class(of)));
            }
            match data::find(other, vm.cx.symbols.name(name)) {
                Some(value) => Ok(Attribute::Value(value)),
                None => Err(missing(vm, object, name)),
            }
        }
    }
}

/// `object.name`, with methods bound. A property is for the caller.
pub(crate) fn load(vm: &mut Vm, object: &Value, name: Symbol) -> Result<Attribute, Fail> {
    Ok(match look_up(vm, object, name)? {
        Attribute::Function(function) => {
            let object = receiver(object);
            Attribute::Value(Value::Method(Rc::new(Method { object, function })))
        }
        Attribute::Native(native) => {
            let object = receiver(object);
            Attribute::Value(Value::NativeMethod(Rc::new(NativeMethod { object, native })))
        }
        other @ (Attribute::Value(_) | Attribute::Property(_)) => other,
    })
}

/// The object that a method of `object` gets: behind `super()`, the object itself.
pub(crate) fn receiver(object: &Value) -> Value {
    match object {
        Value::Super(one) => one.object.clone(),
        other => other.clone(),
    }
}

fn of_instance(vm: &mut Vm, instance: &Rc<Instance>, name: Symbol) -> Result<Attribute, Fail> {
    if let Some(value) = find(&instance.attributes.borrow(), name) {
        return Ok(Attribute::Value(value));
    }
    match instance.class.find(name) {
        Some(value) => Ok(in_class(value)),
        None if name == Symbol::CLASS => {
            Ok(Attribute::Value(Value::Class(Rc::clone(&instance.class))))
        }
        None => Err(missing(vm, &Value::Instance(Rc::clone(instance)), name)),
    }
}

/// What a value in a class is for its instances.
fn in_class(value: Value) -> Attribute {
    match value {
        Value::Function(function) => Attribute::Function(function),
        Value::Wrapped(wrapped) if wrapped.kind == Type::Property => {
            Attribute::Property(wrapped.function.clone())
        }
        Value::Wrapped(wrapped) => Attribute::Value(wrapped.function.clone()),
        other => Attribute::Value(other),
    }
}

fn of_exception(vm: &mut Vm, exception: &Rc<Exception>, name: Symbol) -> Result<Attribute, Fail> {
    if let Some(value) = find(&exception.attributes.borrow(), name) {
        return Ok(Attribute::Value(value));
    }
    if let Some(value) = exception.class.find(name) {
        return Ok(in_class(value));
    }
    let object = Value::Exception(Rc::clone(exception));
    let linked = |one: &Option<Rc<Exception>>| one.clone().map_or(Value::None, Value::Exception);
    let value = match name {
        Symbol::ARGS => Value::tuple(exception.args.borrow().clone()),
        Symbol::CLASS => Value::Class(Rc::clone(&exception.class)),
        Symbol::CAUSE => linked(&exception.cause.borrow()),
        Symbol::CONTEXT => linked(&exception.context.borrow()),
        _ => match data::of_exception(exception, vm.cx.symbols.name(name)) {
            Some(value) => value,
            None => match vm.cx.symbols.name(name) {
                known @ ("with_traceback" | "add_note") => {
                    return Err(refuse(format!("'{known}' is outside of the subset")));
                }
                _ => return Err(missing(vm, &object, name)),
            },
        },
    };
    Ok(Attribute::Value(value))
}

fn of_class(vm: &mut Vm, class: &Rc<Class>, name: Symbol) -> Result<Attribute, Fail> {
    if let Some(value) = class.find(name) {
        return Ok(Attribute::Value(match value {
            Value::Wrapped(wrapped) if wrapped.kind == Type::StaticMethod => {
                wrapped.function.clone()
            }
            other => other,
        }));
    }
    match name {
        Symbol::NAME => return Ok(Attribute::Value(Value::str(class.name.as_str()))),
        Symbol::QUALNAME => return Ok(Attribute::Value(Value::str(class.qualified_name.as_str()))),
        Symbol::CLASS => return Ok(Attribute::Value(vm.cx.type_class(Type::Type))),
        _ => {}
    }
    if let Some(of) = root_type(class) {
        if let Some(native) = vm.method(of, name) {
            return Ok(Attribute::Value(Value::Native(native)));
        }
        let text = vm.cx.symbols.name(name);
        if let Some(native) = methods::find_class_method(of, text) {
            let object = Value::Class(Rc::clone(class));
            return Ok(Attribute::Value(Value::NativeMethod(Rc::new(NativeMethod {
                object,
                native,
            }))));
        }
    }
    if name == Symbol::INIT {
        return Err(refuse(
            "'__init__' of a built-in class is outside of the subset; use 'super()'",
        ));
    }
    Err(missing(vm, &Value::Class(Rc::clone(class)), name))
}

fn of_super(vm: &mut Vm, one: &crate::value::Super, name: Symbol) -> Result<Attribute, Fail> {
    let base = one.class.base.borrow().clone();
    if let Some(value) = base.as_ref().and_then(|base| base.find(name)) {
        return Ok(in_class(value));
    }
    if name == Symbol::INIT {
        return Ok(Attribute::Native(&data::BASE_INIT));
    }
    if matches!(name, Symbol::STR | Symbol::REPR) {
        return Err(refuse("'super().__str__' is outside of the subset"));
    }
    let message = format!("'super' object has no attribute '{}'", vm.cx.symbols.name(name));
    Err(error(Exc::AttributeError, message))
}

/// There is no such attribute; or CPython has it, and it is outside of the subset.
fn missing(vm: &Vm, object: &Value, name: Symbol) -> Fail {
    let text = vm.cx.symbols.name(name);
    let of = match object {
        Value::Class(class) => root_type(class).unwrap_or(Type::Object),
        other => type_of(other),
    };
    let is_special = text.len() > 4 && text.starts_with("__") && text.ends_with("__");
    let has_no_name = matches!(
        of,
        Type::Object
            | Type::None
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
            | Type::Socket
    );
    let is_special = is_special && !(name == Symbol::NAME && has_no_name);
    let is_known = known::attributes(of).contains(&text);
    let is_private = matches!(object, Value::Module(_)) && text.starts_with('_');
    if is_special || is_known || is_private {
        let name = type_name(object);
        return refuse(outside::attribute(&name, text));
    }
    let message = match object {
        Value::Class(class) => format!("type object '{}' has no attribute '{text}'", class.name),
        other => format!("'{}' object has no attribute '{text}'", type_name(other)),
    };
    no_attribute(vm, object, name, message)
}

fn no_attribute(vm: &Vm, object: &Value, name: Symbol, message: String) -> Fail {
    let name = vm.cx.symbols.name(name).into();
    Box::new(Raised::Missing { message, object: object.clone(), name })
}

/// `object.name = value`.
pub(crate) fn store(vm: &Vm, object: &Value, name: Symbol, value: Value) -> Result<(), Fail> {
    let text = vm.cx.symbols.name(name);
    if text.len() > 4 && text.starts_with("__") && text.ends_with("__") {
        return Err(refuse(format!("setting '{text}' is outside of the subset")));
    }
    match object {
        Value::Instance(instance) => {
            if let Some(Value::Wrapped(wrapped)) = instance.class.find(name)
                && wrapped.kind == Type::Property
            {
                let message =
                    format!("property '{text}' of '{}' object has no setter", instance.class.name);
                return Err(error(Exc::AttributeError, message));
            }
            if set(&mut instance.attributes.borrow_mut(), name, value) {
                let count = instance.attributes.borrow().len();
                instance.charge.set(crate::value::charge_of(2 * count));
            }
            Ok(())
        }
        Value::Exception(exception) => {
            if name == Symbol::ARGS {
                return Err(refuse("setting 'args' is outside of the subset"));
            }
            set(&mut exception.attributes.borrow_mut(), name, value);
            Ok(())
        }
        Value::Class(class) if is_written(class) => {
            set(&mut class.attributes.borrow_mut(), name, value);
            Ok(())
        }
        Value::Class(class) => Err(crate::native::type_error(format!(
            "cannot set '{text}' attribute of immutable type '{}'",
            class.name
        ))),
        Value::Function(_) | Value::Module(_) | Value::Socket(_) => {
            let name = type_name(object);
            Err(refuse(format!("setting an attribute of a '{name}' is outside of the subset")))
        }
        other => {
            let kind = type_name(other);
            if vm.cx.symbols.find(text).is_some_and(|name| {
                methods::find(type_of(other), vm.cx.symbols.name(name)).is_some()
            }) {
                let message = format!("'{kind}' object attribute '{text}' is read-only");
                return Err(error(Exc::AttributeError, message));
            }
            Err(error(Exc::AttributeError, format!("'{kind}' object has no attribute '{text}'")))
        }
    }
}

/// Whether the class is written in Python.
const fn is_written(class: &Class) -> bool {
    matches!(class.kind, ClassKind::Written | ClassKind::Library(_))
}

/// `del object.name`.
pub(crate) fn delete(vm: &Vm, object: &Value, name: Symbol) -> Result<(), Fail> {
    let attributes = match object {
        Value::Instance(instance) => &instance.attributes,
        Value::Exception(exception) => &exception.attributes,
        Value::Class(class) if is_written(class) => &class.attributes,
        _ => {
            return Err(refuse("deleting this attribute is outside of the subset"));
        }
    };
    let mut attributes = attributes.borrow_mut();
    if let Some(at) = attributes.iter().position(|(symbol, _)| *symbol == name) {
        let (_, old) = attributes.remove(at);
        drop(attributes);
        drop(old);
        Ok(())
    } else {
        let text = vm.cx.symbols.name(name);
        Err(error(
            Exc::AttributeError,
            match object {
                Value::Class(class) => {
                    format!("type object '{}' has no attribute '{text}'", class.name)
                }
                other => format!("'{}' object has no attribute '{text}'", type_name(other)),
            },
        ))
    }
}

/// `getattr(object, name)`, or with a default.
pub(crate) fn getattr(vm: &mut Vm, args: Args) -> Result<Attribute, Fail> {
    let values = positional(args, "getattr", 2, 3)?;
    let Value::Str(name) = &values[1] else {
        return Err(type_error("attribute name must be string"));
    };
    match named_attribute(vm, &values[0], &name.text) {
        Ok(Attribute::Property(_)) => {
            Err(refuse("'getattr' of a property is outside of the subset"))
        }
        Err(fail) if is_missing(&fail) && values.len() == 3 => {
            Ok(Attribute::Value(values[2].clone()))
        }
        other => other,
    }
}

/// `hasattr(object, name)`.
pub(crate) fn hasattr(vm: &mut Vm, args: Args) -> Result<Value, Fail> {
    let values = positional(args, "hasattr", 2, 2)?;
    let Value::Str(name) = &values[1] else {
        return Err(type_error("attribute name must be string"));
    };
    match named_attribute(vm, &values[0], &name.text) {
        Ok(_) => Ok(Value::Bool(true)),
        Err(fail) if is_missing(&fail) => Ok(Value::Bool(false)),
        Err(fail) => Err(fail),
    }
}

fn is_missing(fail: &Fail) -> bool {
    matches!(&**fail, Raised::New(Exc::AttributeError, _) | Raised::Missing { .. })
}

/// The names of attributes that a program computes are bounded, because each gets a symbol.
const MAX_COMPUTED_NAMES: u32 = 10_000;

fn named_attribute(vm: &mut Vm, object: &Value, name: &str) -> Result<Attribute, Fail> {
    let symbol = vm.cx.symbols.of(name);
    if symbol.0 > MAX_COMPUTED_NAMES {
        return Err(refuse("so many names of attributes are outside of the subset"));
    }
    load(vm, object, symbol)
}

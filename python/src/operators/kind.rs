//! The type of a value, and its name.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use num_bigint::BigInt;

use crate::types::Type;
use crate::value::{Class, ClassKind, IteratorState, Value};

/// The built-in type of a value. For an instance or an exception it is `object`: it has its own class.
pub(crate) fn type_of(value: &Value) -> Type {
    match value {
        Value::Unbound | Value::None => Type::None,
        Value::Ellipsis => Type::Ellipsis,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) | Value::Big(_) => Type::Int,
        Value::Float(_) => Type::Float,
        Value::Str(_) => Type::Str,
        Value::Bytes(_) => Type::Bytes,
        Value::ByteArray(_) => Type::ByteArray,
        Value::Tuple(_) => Type::Tuple,
        Value::List(_) => Type::List,
        Value::Dict(_) => Type::Dict,
        Value::Set(_) => Type::Set,
        Value::Range(_) => Type::Range,
        Value::Slice(_) => Type::Slice,
        Value::View(view) => view.kind,
        Value::Iterator(iterator) => iterator_type(&iterator.state.borrow()),
        Value::Generator(_) => Type::Generator,
        Value::Function(_) => Type::Function,
        Value::Method(_) => Type::Method,
        Value::Native(_) | Value::NativeMethod(_) => Type::Native,
        Value::Class(_) => Type::Type,
        Value::Instance(_) | Value::Exception(_) => Type::Object,
        Value::Super(_) => Type::Super,
        Value::Wrapped(wrapped) => wrapped.kind,
        Value::Module(module) if module.is_stream() => Type::Stream,
        Value::Module(_) => Type::Module,
        Value::Cell(_) => Type::Cell,
        Value::Socket(_) => Type::Socket,
        Value::Stream(_) => Type::Stream,
        Value::Lock(_) => Type::Lock,
        Value::Time(time) => time.kind,
    }
}

fn iterator_type(state: &IteratorState) -> Type {
    match state {
        IteratorState::Dict { kind: Type::DictValues, .. } => Type::DictValueIterator,
        IteratorState::Dict { kind: Type::DictItems, .. } => Type::DictItemIterator,
        IteratorState::Dict { .. } => Type::DictIterator,
        IteratorState::Ended(kind)
        | IteratorState::Range { kind, .. }
        | IteratorState::Items { kind, .. } => *kind,
        IteratorState::List { .. } => Type::ListIterator,
        IteratorState::ReversedList { .. } => Type::ListReverseIterator,
        IteratorState::Tuple { .. } => Type::TupleIterator,
        IteratorState::Str { text, .. } if text.text.is_ascii() => Type::StrAsciiIterator,
        IteratorState::Str { .. } => Type::StrIterator,
        IteratorState::Bytes { .. } => Type::BytesIterator,
        IteratorState::Set { .. } => Type::SetIterator,
        IteratorState::Enumerate { .. } => Type::Enumerate,
        IteratorState::Zip { .. } => Type::Zip,
        IteratorState::Map { .. } => Type::Map,
        IteratorState::Filter { .. } => Type::Filter,
        IteratorState::Lines { .. } => Type::Stream,
    }
}

/// The name of a value's type, as in a message.
pub(crate) fn type_name(value: &Value) -> String {
    match value {
        Value::Instance(instance) => instance.class.name.clone(),
        Value::Exception(exception) => exception.class.name.clone(),
        Value::Stream(stream) => stream.class_name().to_owned(),
        Value::Module(module) if module.is_stream() => "_io.TextIOWrapper".to_owned(),
        Value::Time(time) => format!("{}.{}", time.kind.module(), time.kind.name()),
        other => type_of(other).name().to_owned(),
    }
}

/// The type of a wrong argument, as in the messages of Argument Clinic.
pub(crate) fn argument_type(value: &Value) -> String {
    if matches!(value, Value::None) { "None".to_owned() } else { type_name(value) }
}

/// The name of a class with its module, as in a traceback and in `<class '...'>`.
pub(crate) fn full_name(class: &Class) -> String {
    let module = match class.kind {
        ClassKind::BuiltIn(kind) => kind.module(),
        ClassKind::Exception(exc) => exc.module(),
        ClassKind::Library(module) => module,
        ClassKind::Written => "__main__",
    };
    let name = &class.qualified_name;
    if module.is_empty() { name.clone() } else { format!("{module}.{name}") }
}

/// The built-in type that a class is or is based on.
pub(crate) fn root_type(class: &std::rc::Rc<Class>) -> Option<Type> {
    class.ancestry().find_map(|class| match class.kind {
        ClassKind::BuiltIn(kind) => Some(kind),
        ClassKind::Exception(_) | ClassKind::Library(_) | ClassKind::Written => None,
    })
}

/// The value of an int or a bool.
pub(crate) fn int_of(value: &Value) -> Option<BigInt> {
    match value {
        Value::Bool(bool) => Some(BigInt::from(i64::from(*bool))),
        Value::Int(int) => Some(BigInt::from(*int)),
        Value::Big(big) => Some(big.number.clone()),
        _ => None,
    }
}

//! The text of values: `str` and `repr`.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use std::fmt::Write as _;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::key::address;
use super::kind::{full_name, type_name};
use super::times;
use crate::budget::{room_for, spend};
use crate::known;
use crate::native::{error, refuse};
use crate::numbers::integer;
use crate::os_error::winerror;
use crate::repr::{float, text};
use crate::symbols::Symbol;
use crate::types::{Exc, Type};
use crate::value::{Exception, Fail, Instance, IteratorState, Socket, Value};

/// The deepest values that are shown. CPython's bound is that of its recursion.
const MAX_DEPTH: usize = 300;

/// The texts that methods of the program gave, by the address of their instance.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Of `__repr__`.
    pub(crate) reprs: FxHashMap<usize, Rc<str>>,
    /// Of `__str__`, or of `__repr__` if there is no `__str__`.
    pub(crate) strs: FxHashMap<usize, Rc<str>>,
    /// Whether only the start of a long text is wanted.
    is_short: bool,
}

/// The bytes of a short text, about.
const SHORT: usize = 120;

/// The start of `repr(value)`, for people who look on. An instance is shown without its own methods.
pub(crate) fn short_repr(value: &Value) -> String {
    let written = Written { is_short: true, ..Written::default() };
    repr_of(value, &written).unwrap_or_default()
}

impl Written {
    fn is_enough(&self, out: &str) -> bool {
        self.is_short && out.len() > SHORT
    }
}

/// `str(value)`.
pub(crate) fn str_of(value: &Value, written: &Written) -> Result<String, Fail> {
    match value {
        Value::Str(text) => Ok(text.text.to_string()),
        Value::Exception(exception) => {
            if let Some(text) = written.strs.get(&address(value)) {
                return Ok(text.to_string());
            }
            exception_text(exception, written)
        }
        Value::Instance(_) => match written.strs.get(&address(value)) {
            Some(text) => Ok(text.to_string()),
            None => repr_of(value, written),
        },
        Value::Time(time) => Ok(times::str_of(time)),
        other => repr_of(other, written),
    }
}

/// `repr(value)`.
pub(crate) fn repr_of(value: &Value, written: &Written) -> Result<String, Fail> {
    let mut out = String::new();
    let mut open = Vec::new();
    show(value, written, &mut out, &mut open)?;
    spend(out.len() / 16);
    Ok(out)
}

/// The instances in a value whose text a method of the program gives, and the open sockets, whose text
/// shows the addresses that the kernel tells. `deep` if the text is `repr`.
pub(crate) fn written_in(value: &Value, deep: bool) -> Vec<(Value, bool)> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    find_written(value, deep, &mut found, &mut seen);
    found
}

fn find_written(
    value: &Value,
    as_repr: bool,
    found: &mut Vec<(Value, bool)>,
    seen: &mut Vec<usize>,
) {
    let mut inside = |values: &[Value], seen: &mut Vec<usize>| {
        if seen.len() > MAX_DEPTH || seen.contains(&address(value)) {
            return;
        }
        seen.push(address(value));
        for one in values {
            find_written(one, true, found, seen);
        }
        seen.pop();
    };
    match value {
        Value::Socket(socket) if socket.fd.get().is_some() => found.push((value.clone(), as_repr)),
        Value::Instance(instance) => {
            let has = |name| instance.class.find(name).is_some();
            if has(Symbol::REPR) || (!as_repr && has(Symbol::STR)) {
                found.push((value.clone(), as_repr));
            }
        }
        Value::Exception(exception) => {
            let has = |name| exception.class.find(name).is_some();
            if has(Symbol::REPR) && as_repr || !as_repr && has(Symbol::STR) {
                found.push((value.clone(), as_repr));
            } else {
                let args = exception.args.borrow().clone();
                if !as_repr && args.len() == 1 {
                    find_written(&args[0], false, found, seen);
                } else {
                    inside(&args, seen);
                }
            }
        }
        Value::Tuple(tuple) => inside(&tuple.items, seen),
        Value::List(list) => {
            let items = list.items.borrow().clone();
            inside(&items, seen);
        }
        Value::Dict(dict) => {
            let table = dict.table.borrow();
            let items: Vec<Value> =
                table.values().flat_map(|(key, value)| [key.clone(), value.clone()]).collect();
            drop(table);
            inside(&items, seen);
        }
        Value::Set(set) => {
            let items: Vec<Value> = set.keys.borrow().values().cloned().collect();
            inside(&items, seen);
        }
        Value::View(view) => {
            find_written(&Value::Dict(Rc::clone(&view.dict)), true, found, seen);
        }
        _ => {}
    }
}

#[expect(clippy::too_many_lines, reason = "an arm for each kind of value")]
fn show(
    value: &Value,
    written: &Written,
    out: &mut String,
    open: &mut Vec<usize>,
) -> Result<(), Fail> {
    if open.len() > MAX_DEPTH {
        return Err(error(
            Exc::RecursionError,
            "maximum recursion depth exceeded while getting the repr of an object",
        ));
    }
    if out.len() > 4096 {
        room_for(out.len())?;
    }
    match value {
        Value::Unbound => out.push_str("<unbound>"),
        Value::None => out.push_str("None"),
        Value::Ellipsis => out.push_str("Ellipsis"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Int(int) => out.push_str(&int.to_string()),
        Value::Big(big) => out.push_str(&integer::to_text(&big.number)?),
        Value::Float(number) => out.push_str(&float::repr(*number)),
        Value::Str(string) if written.is_short && string.length > SHORT => {
            let start: String = string.text.chars().take(SHORT).collect();
            out.push_str(&text::repr(&start));
            out.push_str("...");
        }
        Value::Bytes(bytes) if written.is_short && bytes.bytes.len() > SHORT => {
            out.push_str(&text::repr_bytes(&bytes.bytes[..SHORT]));
            out.push_str("...");
        }
        Value::Str(string) => {
            room_for(string.text.len())?;
            out.push_str(&text::repr(&string.text));
        }
        Value::Bytes(bytes) => {
            room_for(bytes.bytes.len().saturating_mul(4))?;
            out.push_str(&text::repr_bytes(&bytes.bytes));
        }
        Value::ByteArray(array) => {
            let bytes = array.bytes.borrow();
            room_for(bytes.len().saturating_mul(4))?;
            out.push_str("bytearray(");
            let shown = text::repr_bytes(&bytes);
            // CPython escapes an apostrophe here even between double quotes.
            if shown.starts_with("b\"") {
                out.push_str(&shown.replace('\'', "\\'"));
            } else {
                out.push_str(&shown);
            }
            out.push(')');
        }
        Value::Tuple(tuple) => {
            let end = if tuple.items.len() == 1 { ",)" } else { ")" };
            list(value, &tuple.items, ["(", end, "(...)"], written, out, open)?;
        }
        Value::List(items) => {
            let items = items.items.borrow();
            let count = if written.is_short { items.len().min(SHORT) } else { items.len() };
            let items = items[..count].to_vec();
            list(value, &items, ["[", "]", "[...]"], written, out, open)?;
        }
        Value::Set(set) => {
            let items: Vec<Value> = set.keys.borrow().values().cloned().collect();
            if items.is_empty() {
                out.push_str("set()");
            } else {
                list(value, &items, ["{", "}", "{...}"], written, out, open)?;
            }
        }
        Value::Dict(dict) => entries(value, dict, written, out, open)?,
        Value::View(view) => view_text(value, view, written, out, open)?,
        Value::Range(range) => {
            let (start, stop) = (range.start, range.stop);
            let _ = match range.step {
                1 => write!(out, "range({start}, {stop})"),
                step => write!(out, "range({start}, {stop}, {step})"),
            };
        }
        Value::Slice(slice) => {
            let parts = [slice.start.clone(), slice.stop.clone(), slice.step.clone()];
            list(value, &parts, ["slice(", ")", "slice(...)"], written, out, open)?;
        }
        Value::Class(class) => {
            let _ = write!(out, "<class '{}'>", full_name(class));
        }
        Value::Instance(instance) => match written.reprs.get(&address(value)) {
            Some(text) => out.push_str(text),
            None => out.push_str(&default_text(value, instance)),
        },
        Value::Exception(exception) => {
            if let Some(text) = written.reprs.get(&address(value)) {
                out.push_str(text);
                return Ok(());
            }
            out.push_str(&exception.class.name);
            let args = exception.args.borrow().clone();
            // A tuple of one has no comma here.
            list(value, &args, ["(", ")", "(...)"], written, out, open)?;
        }
        // Its addresses are the kernel's to tell, which is a system call.
        Value::Socket(socket) if written.is_short => {
            let fd = socket.fd.get().map_or(-1, |fd| i64::from(fd.0));
            let _ = write!(out, "<socket.socket fd={fd}>");
        }
        Value::Socket(socket) => out.push_str(&socket_text(socket)),
        Value::Module(module) => match module.name {
            "errno" | "sys" | "time" => {
                let _ = write!(out, "<module '{}' (built-in)>", module.name);
            }
            "sys.stdout" | "sys.stderr" => {
                let name = module.name.strip_prefix("sys.").unwrap_or_default();
                let _ =
                    write!(out, "<_io.TextIOWrapper name='<{name}>' mode='w' encoding='utf-8'>");
            }
            name => {
                return Err(refuse(format!(
                    "showing the module '{name}' is outside of the subset: its text has the place of a file"
                )));
            }
        },
        Value::Time(time) => out.push_str(&times::repr_of(time)),
        Value::Native(native) if is_method(native.name) => {
            return Err(refuse(format!(
                "showing the method '{}' of a type is outside of the subset",
                native.name
            )));
        }
        Value::Native(native) => {
            let _ = write!(out, "<built-in function {}>", native.name);
        }
        Value::Function(function) => {
            let name = &function.loaded.code.qualified_name;
            let _ = write!(out, "<function {name} at 0x{:x}>", address(value));
        }
        Value::Method(method) => {
            let name = &method.function.loaded.code.qualified_name;
            let _ = write!(out, "<bound method {name} of ");
            show(&method.object, written, out, open)?;
            out.push('>');
        }
        Value::NativeMethod(method) => {
            let (name, of) = (method.native.name, type_name(&method.object));
            let _ = write!(
                out,
                "<built-in method {name} of {of} object at 0x{:x}>",
                address(&method.object)
            );
        }
        Value::Generator(generator) => {
            let name = &generator.name;
            let _ = write!(out, "<generator object {name} at 0x{:x}>", address(value));
        }
        Value::Lock(lock) => {
            let state = if lock.is_locked.get() { "locked" } else { "unlocked" };
            let _ = write!(out, "<{state} _thread.lock object at 0x{:x}>", address(value));
        }
        Value::Iterator(iterator) => {
            let name = match &*iterator.state.borrow() {
                IteratorState::Lines { .. } => "_io.TextIOWrapper".to_owned(),
                _ => type_name(value),
            };
            let _ = write!(out, "<{name} object at 0x{:x}>", address(value));
        }
        Value::Super(_) | Value::Wrapped(_) | Value::Cell(_) | Value::Stream(_) => {
            let _ = write!(out, "<{} object at 0x{:x}>", type_name(value), address(value));
        }
    }
    Ok(())
}

/// Whether a native function with this name is a method, which a program has as `str.upper`.
fn is_method(name: &str) -> bool {
    let types =
        [Type::Str, Type::ByteArray, Type::Int, Type::Float, Type::List, Type::Dict, Type::Set];
    !known::BUILTIN_NAMES.contains(&name)
        && types.iter().any(|of| known::attributes(*of).contains(&name))
}

fn default_text(value: &Value, instance: &Instance) -> String {
    format!("<{} object at 0x{:x}>", full_name(&instance.class), address(value))
}

fn list(
    value: &Value,
    items: &[Value],
    [start, end, again]: [&str; 3],
    written: &Written,
    out: &mut String,
    open: &mut Vec<usize>,
) -> Result<(), Fail> {
    let here = address(value);
    if open.contains(&here) {
        out.push_str(again);
        return Ok(());
    }
    open.push(here);
    spend(items.len());
    out.push_str(start);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if written.is_enough(out) {
            out.push_str("...");
            break;
        }
        show(item, written, out, open)?;
    }
    out.push_str(end);
    open.pop();
    Ok(())
}

fn entries(
    value: &Value,
    dict: &crate::value::Dict,
    written: &Written,
    out: &mut String,
    open: &mut Vec<usize>,
) -> Result<(), Fail> {
    let here = address(value);
    if open.contains(&here) {
        out.push_str("{...}");
        return Ok(());
    }
    open.push(here);
    let entries: Vec<(Value, Value)> = dict.table.borrow().values().cloned().collect();
    spend(entries.len());
    out.push('{');
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if written.is_enough(out) {
            out.push_str("...");
            break;
        }
        show(key, written, out, open)?;
        out.push_str(": ");
        show(value, written, out, open)?;
    }
    out.push('}');
    open.pop();
    Ok(())
}

fn view_text(
    value: &Value,
    view: &crate::value::View,
    written: &Written,
    out: &mut String,
    open: &mut Vec<usize>,
) -> Result<(), Fail> {
    let entries: Vec<(Value, Value)> = view.dict.table.borrow().values().cloned().collect();
    let items: Vec<Value> = entries
        .into_iter()
        .map(|(key, value)| match view.kind {
            Type::DictValues => value,
            Type::DictItems => Value::tuple(vec![key, value]),
            _ => key,
        })
        .collect();
    out.push_str(view.kind.name());
    list(value, &items, ["([", "])", "(...)"], written, out, open)
}

/// `str(exception)`.
pub(crate) fn exception_text(exception: &Rc<Exception>, written: &Written) -> Result<String, Fail> {
    let args = exception.args.borrow().clone();
    let kind = exception.class.exception();
    if kind.is_some_and(|kind| kind.is_a(Exc::OsError)) && (args.len() == 2 || args.len() == 3) {
        let part = |index: usize| str_of(&args[index], written);
        return Ok(format!("[Errno {}] {}", part(0)?, part(1)?));
    }
    if let Some(number) = kind.and_then(|kind| winerror(kind, &args)) {
        return Ok(format!("[WinError {number}] {}", str_of(&args[1], written)?));
    }
    if kind.is_some_and(|kind| kind.is_a(Exc::UnicodeError)) && args.len() == 5 {
        return unicode_text(&args, written);
    }
    match args.as_slice() {
        [] => Ok(String::new()),
        [one] if kind.is_some_and(|kind| kind.is_a(Exc::KeyError)) => repr_of(one, written),
        [one] => str_of(one, written),
        _ => repr_of(&Value::tuple(args), written),
    }
}

/// The text of a `UnicodeDecodeError` or a `UnicodeEncodeError`, of its encoding, object, start, end and reason.
fn unicode_text(args: &[Value], written: &Written) -> Result<String, Fail> {
    let encoding = str_of(&args[0], written)?;
    let reason = str_of(&args[4], written)?;
    let (Value::Int(start), Value::Int(end)) = (&args[2], &args[3]) else { return Ok(reason) };
    let at = usize::try_from(*start).unwrap_or(0);
    let (verb, what) = match &args[1] {
        Value::Bytes(bytes) => {
            let byte = bytes.bytes.get(at).copied().unwrap_or(0);
            ("decode", (end - start == 1).then(|| format!("byte 0x{byte:02x}")))
        }
        Value::Str(string) => {
            let character = string.text.chars().nth(at).unwrap_or('\0');
            let code = u32::from(character);
            let escaped = match code {
                0..0x100 => format!("\\x{code:02x}"),
                0x100..0x1_0000 => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            };
            ("encode", (end - start == 1).then(|| format!("character '{escaped}'")))
        }
        _ => ("decode", None),
    };
    Ok(match (what, verb) {
        (Some(what), _) => {
            format!("'{encoding}' codec can't {verb} {what} in position {start}: {reason}")
        }
        (None, "encode") => format!(
            "'{encoding}' codec can't encode characters in position {start}-{}: {reason}",
            end - 1
        ),
        (None, _) => format!(
            "'{encoding}' codec can't decode bytes in position {start}-{}: {reason}",
            end - 1
        ),
    })
}

/// The text of a socket, as CPython 3.11 shows it.
fn socket_text(socket: &Socket) -> String {
    let closed = if socket.is_closed.get() { "[closed] " } else { "" };
    let fd = socket.fd.get().map_or(-1, |fd| i64::from(fd.0));
    let protocol = socket.protocol.get();
    let mut text = format!("<socket.socket {closed}fd={fd}, family=2, type=1, proto={protocol}");
    if socket.fd.get().is_some() && !socket.is_closed.get() {
        for (name, address) in [("laddr", socket.local.get()), ("raddr", socket.peer.get())] {
            if let Some(address) = address {
                let _ = write!(text, ", {name}=('{}', {})", address.ip, address.port);
            }
        }
    }
    text.push('>');
    text
}

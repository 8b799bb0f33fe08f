//! The module `struct`.
#![allow(clippy::wildcard_enum_match_arm, reason = "an argument is of one type, or it is an error")]

use super::attributes;
use crate::budget::{room_for, spend};
use crate::builtins::arguments::{bytes, int, int_or, named, one, positional};
use crate::builtins::codecs::Codec;
use crate::builtins::texts::limit;
use crate::failure::Failure;
use crate::native::{Flow, error, refuse, type_error};
use crate::operators::compare::as_bytes;
use crate::operators::kind::int_of;
use crate::operators::kind::type_name;
use crate::operators::truth;
use crate::packing::buffer::Access;
use crate::packing::format::Format;
use crate::packing::pack::{PackItem, pack, pack_to};
use crate::packing::unpack::unpack;
use crate::types::Exc;
use crate::value::{Args, Cx, Fail, Native, Outcome, Value, charge_of};

/// The module.
pub(super) fn module(cx: &mut Cx) -> Value {
    let error = cx.exception_class(Exc::StructError);
    attributes::module(cx, "struct", FUNCTIONS, vec![("error", error)])
}

static FUNCTIONS: &[Native] = &[
    Native { name: "pack", call: pack_call },
    Native { name: "pack_into", call: pack_into_call },
    Native { name: "unpack", call: unpack_call },
    Native { name: "unpack_from", call: unpack_from_call },
    Native {
        name: "calcsize",
        call: |_, args| {
            let format = format(&one(args, "_struct.calcsize")?)?;
            Ok(Flow::Value(Value::size(format.size())))
        },
    },
];

fn format(value: &Value) -> Result<Format, Fail> {
    let bytes = match value {
        Value::Str(text) => Codec::ASCII.encode(&text.text)?,
        Value::Bytes(bytes) => bytes.bytes.to_vec(),
        other => {
            let name = type_name(other);
            return Err(type_error(format!(
                "Struct() argument 1 must be a str or bytes object, not {name}"
            )));
        }
    };
    spend(bytes.len());
    Ok(Format::parse(&bytes)?)
}

fn item(value: &Value) -> PackItem {
    match value {
        Value::Bool(bool) => PackItem::Bool(*bool),
        Value::Float(float) => PackItem::Float(*float),
        other => match (int_of(other), as_bytes(other)) {
            (Some(int), _) => PackItem::Int(int),
            (None, Some(bytes)) => PackItem::Bytes(bytes.to_vec()),
            (None, None) => PackItem::Other(truth::is_true(other)),
        },
    }
}

/// The format, and the other arguments.
fn packed(args: Args, name: &str) -> Result<(Format, Vec<Value>), Fail> {
    if !args.named.is_empty() {
        return Err(type_error(format!("_struct.{name}() takes no keyword arguments")));
    }
    let mut values = args.values;
    if values.is_empty() {
        return Err(type_error("missing format argument"));
    }
    let rest = values.split_off(1);
    Ok((format(&values[0])?, rest))
}

fn pack_call(_: &mut Cx, args: Args) -> Outcome {
    let (format, values) = packed(args, "pack")?;
    let items: Vec<PackItem> = values.iter().map(item).collect();
    spend(items.len() + format.size() / 64);
    Ok(Flow::Value(Value::bytes(pack(&format, &items, "pack", limit())?)))
}

fn pack_into_call(_: &mut Cx, args: Args) -> Outcome {
    let (format, mut values) = packed(args, "pack_into")?;
    let missing =
        |what: &str| error(Exc::StructError, format!("pack_into expected {what} argument"));
    if values.is_empty() {
        return Err(missing("buffer"));
    }
    if values.len() == 1 {
        return Err(missing("offset"));
    }
    let rest = values.split_off(2);
    let items: Vec<PackItem> = rest.iter().map(item).collect();
    if items.len() != format.values() {
        pack(&format, &items, "pack_into", limit())?;
    }
    let Value::ByteArray(array) = &values[0] else {
        let name = type_name(&values[0]);
        return Err(type_error(format!(
            "argument must be read-write bytes-like object, not {name}"
        )));
    };
    let offset = int(&values[1])?;
    let length = array.bytes.borrow().len();
    let range = Access::PackInto.range(format.size(), offset, length)?;
    let mut packed = Vec::new();
    let done = pack_to(&mut packed, &format, &items);
    if let Err(Failure::Raise(_, message)) = &done
        && message == "int too large to convert"
    {
        // CPython has written a part of the int by then.
        return Err(refuse("packing an int this large into a buffer is outside of the subset"));
    }
    // After an error, the items before it are in the buffer, as in CPython.
    packed.resize(format.size(), 0);
    if let Some(part) = array.bytes.borrow_mut().get_mut(range) {
        part.copy_from_slice(&packed);
    }
    done?;
    Ok(Flow::Value(Value::None))
}

fn unpacked(format: &Format, bytes: &[u8]) -> Result<Value, Fail> {
    room_for(charge_of(format.values()))?;
    spend(format.values() + bytes.len() / 64);
    let items = unpack(format, bytes)?;
    let values = items.into_iter().map(|item| match item {
        PackItem::Int(int) => Value::big(int),
        PackItem::Float(float) => Value::Float(float),
        PackItem::Bytes(bytes) => Value::bytes(bytes),
        PackItem::Bool(bool) | PackItem::Other(bool) => Value::Bool(bool),
    });
    Ok(Value::tuple(values.collect()))
}

fn unpack_call(_: &mut Cx, args: Args) -> Outcome {
    if !args.named.is_empty() {
        return Err(type_error("_struct.unpack() takes no keyword arguments"));
    }
    let values = positional(args, "unpack", 2, 2)?;
    let format = format(&values[0])?;
    unpacked(&format, &bytes(&values[1])?).map(Flow::Value)
}

fn unpack_from_call(_: &mut Cx, args: Args) -> Outcome {
    if args.values.is_empty() {
        return Err(type_error("unpack_from() takes at least 1 positional argument (0 given)"));
    }
    let [text, buffer, offset] = named(args, "unpack_from", ["", "buffer", "offset"], 2)?;
    let format = format(&text)?;
    let bytes = bytes(&buffer)?;
    let offset = int_or(&offset, 0)?;
    let range = Access::UnpackFrom.range(format.size(), offset, bytes.len())?;
    unpacked(&format, bytes.get(range).unwrap_or_default()).map(Flow::Value)
}

//! `struct.unpack`.

use byteorder::{BigEndian, ByteOrder as _, LittleEndian};
use num_bigint::BigInt;

use crate::failure::Failure;
use crate::packing::format::{Format, Item, Kind, Order};
use crate::packing::pack::PackItem;

/// `unpack(format, bytes)`. The caller bounds the number of values: [`Format::values`].
pub(crate) fn unpack(format: &Format, bytes: &[u8]) -> Result<Vec<PackItem>, Failure> {
    if bytes.len() != format.size() {
        let size = format.size();
        return Err(Failure::structure(format!("unpack requires a buffer of {size} bytes")));
    }
    let mut values = Vec::with_capacity(format.values());
    let mut rest = bytes;
    for item in &format.items {
        take(&mut rest, item.pad);
        match item.kind {
            Kind::Pad => {
                take(&mut rest, item.size);
            }
            Kind::Bytes => values.push(PackItem::Bytes(take(&mut rest, item.size).to_vec())),
            Kind::Pascal => values.push(PackItem::Bytes(pascal(take(&mut rest, item.size))?)),
            Kind::Char | Kind::Bool | Kind::Int(_) | Kind::Float(_) => {
                for _ in 0..item.count {
                    values.push(value(format.order, *item, take(&mut rest, item.size)));
                }
            }
        }
    }
    Ok(values)
}

/// Takes `len` bytes, which [`unpack`] knows to be there.
fn take<'a>(rest: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at_checked(len).unwrap_or_default();
    *rest = after;
    taken
}

fn pascal(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let Some((&len, text)) = bytes.split_first() else {
        return Err(Failure::Raise(
            crate::failure::Class::System,
            "Negative size passed to PyBytes_FromStringAndSize".to_owned(),
        ));
    };
    Ok(text.get(..usize::from(len)).unwrap_or(text).to_vec())
}

/// One value. `raw` has the bytes of it: 1, 2, 4 or 8.
fn value(order: Order, item: Item, raw: &[u8]) -> PackItem {
    let bits = || match order {
        _ if raw.is_empty() => 0,
        Order::Little => LittleEndian::read_uint(raw, raw.len()),
        Order::Big => BigEndian::read_uint(raw, raw.len()),
    };
    match item.kind {
        Kind::Bool => PackItem::Bool(bits() != 0),
        Kind::Int(c) if c.is_ascii_uppercase() => PackItem::Int(bits().into()),
        Kind::Int(_) => PackItem::Int(signed(bits(), raw.len())),
        Kind::Float(c) => PackItem::Float(float(c, bits())),
        Kind::Char | Kind::Pad | Kind::Bytes | Kind::Pascal => PackItem::Bytes(raw.to_vec()),
    }
}

fn signed(bits: u64, len: usize) -> BigInt {
    let spare = u32::try_from(64 - 8 * len.clamp(1, 8)).unwrap_or_default();
    ((bits << spare).cast_signed() >> spare).into()
}

fn float(c: char, bits: u64) -> f64 {
    match c {
        'e' => half(u16::try_from(bits).unwrap_or_default()),
        'f' => single(u32::try_from(bits).unwrap_or_default()),
        _ => f64::from_bits(bits),
    }
}

/// IEEE 754 binary32. A NaN becomes quiet and keeps its sign and payload, which `from` does not promise.
fn single(bits: u32) -> f64 {
    let value = f32::from_bits(bits);
    if value.is_nan() {
        let sign = u64::from(bits >> 31) << 63;
        return f64::from_bits(
            sign | 0x7ff8_0000_0000_0000 | (u64::from(bits & 0x003f_ffff) << 29),
        );
    }
    f64::from(value)
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match i32::from((bits >> 10) & 0x1f) {
        0 => fraction * 2.0_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => return f64::NAN.copysign(sign),
        exponent => (1024.0 + fraction) * 2.0_f64.powi(exponent - 25),
    };
    sign * magnitude
}

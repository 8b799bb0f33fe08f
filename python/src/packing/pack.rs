//! `struct.pack`.

use byteorder::{BigEndian, ByteOrder as _, LittleEndian};
use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use crate::failure::{Failure, check_len};
use crate::packing::format::{Format, Item, Kind, Order};

/// A value to pack. What has no variant is [`PackItem::Other`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PackItem {
    /// Also what `__index__` makes of a value.
    Int(BigInt),
    Float(f64),
    /// `bytes` or `bytearray`.
    Bytes(Vec<u8>),
    Bool(bool),
    /// Another value, and whether it is true. Only `?` takes it.
    Other(bool),
}

impl PackItem {
    fn truth(&self) -> bool {
        match self {
            Self::Int(number) => *number != BigInt::ZERO,
            Self::Float(value) => *value != 0.0,
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::Bool(truth) | Self::Other(truth) => *truth,
        }
    }

    fn is_int(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Bool(_))
    }

    fn int(&self) -> Result<BigInt, Failure> {
        match self {
            Self::Int(number) => Ok(number.clone()),
            Self::Bool(truth) => Ok(u8::from(*truth).into()),
            Self::Float(_) | Self::Bytes(_) | Self::Other(_) => {
                Err(Failure::structure("required argument is not an integer"))
            }
        }
    }

    fn float(&self) -> Result<f64, Failure> {
        let wrong = || Failure::structure("required argument is not a float");
        match self {
            Self::Float(value) => Ok(*value),
            Self::Int(number) => crate::numbers::integer::to_float(number).map_err(|_| wrong()),
            Self::Bool(truth) => Ok(f64::from(u8::from(*truth))),
            Self::Bytes(_) | Self::Other(_) => Err(wrong()),
        }
    }
}

/// `pack(format, *items)`. There are at most `limit` bytes. `caller` is `pack` or `pack_into`, for the
/// message.
pub(crate) fn pack(
    format: &Format,
    items: &[PackItem],
    caller: &str,
    limit: usize,
) -> Result<Vec<u8>, Failure> {
    if items.len() != format.values() {
        return Err(Failure::structure(format!(
            "{caller} expected {} items for packing (got {})",
            format.values(),
            items.len()
        )));
    }
    check_len(format.size(), limit)?;
    let mut bytes = Vec::with_capacity(format.size());
    pack_to(&mut bytes, format, items)?;
    Ok(bytes)
}

/// Packs as many items as the format takes. After an error, the bytes are those of the items before it.
pub(crate) fn pack_to(
    bytes: &mut Vec<u8>,
    format: &Format,
    items: &[PackItem],
) -> Result<(), Failure> {
    let mut items = items.iter();
    for item in &format.items {
        bytes.resize(bytes.len() + item.pad, 0);
        match item.kind {
            Kind::Pad => bytes.resize(bytes.len() + item.size, 0),
            Kind::Bytes | Kind::Pascal => {
                if let Some(value) = items.next() {
                    push_bytes(bytes, *item, value)?;
                }
            }
            Kind::Char | Kind::Bool | Kind::Int(_) | Kind::Float(_) => {
                for value in items.by_ref().take(item.count) {
                    push_value(bytes, format, *item, value)?;
                }
            }
        }
    }
    Ok(())
}

/// `s` and `p`: cut or filled with zeros to the size.
fn push_bytes(bytes: &mut Vec<u8>, item: Item, value: &PackItem) -> Result<(), Failure> {
    let pascal = item.kind == Kind::Pascal;
    if pascal && item.size == 0 {
        // CPython writes its length byte over the byte after it.
        return Err(Failure::Refused("0p is not supported".to_owned()));
    }
    let PackItem::Bytes(value) = value else {
        let kind = if pascal { 'p' } else { 's' };
        return Err(Failure::structure(format!("argument for '{kind}' must be a bytes object")));
    };
    let end = bytes.len() + item.size;
    let mut kept = value.len().min(item.size);
    if pascal {
        kept = value.len().min(item.size - 1);
        bytes.push(u8::try_from(kept).unwrap_or(u8::MAX));
    }
    bytes.extend_from_slice(value.get(..kept).unwrap_or_default());
    bytes.resize(end, 0);
    Ok(())
}

fn push_value(
    bytes: &mut Vec<u8>,
    format: &Format,
    item: Item,
    value: &PackItem,
) -> Result<(), Failure> {
    let mut buffer = [0; 8];
    let raw = buffer.get_mut(..item.size).unwrap_or_default();
    match item.kind {
        Kind::Pad | Kind::Bytes | Kind::Pascal => {}
        Kind::Bool => raw.fill(u8::from(value.truth())),
        Kind::Char => match value {
            PackItem::Bytes(value) if value.len() == 1 => raw.copy_from_slice(value),
            PackItem::Bytes(_)
            | PackItem::Int(_)
            | PackItem::Float(_)
            | PackItem::Bool(_)
            | PackItem::Other(_) => {
                let message = "char format requires a bytes object of length 1";
                return Err(Failure::structure(message));
            }
        },
        Kind::Int(c) => {
            let number = int_in_range(c, item.size, format.order, &value.int()?)?;
            match format.order {
                Order::Little => LittleEndian::write_int128(raw, number, item.size),
                Order::Big => BigEndian::write_int128(raw, number, item.size),
            }
        }
        Kind::Float(c) => {
            let bits = float_bits(c, format.native, value.float()?, value.is_int())?;
            match format.order {
                Order::Little => LittleEndian::write_uint(raw, bits, item.size),
                Order::Big => BigEndian::write_uint(raw, bits, item.size),
            }
        }
    }
    bytes.extend_from_slice(raw);
    Ok(())
}

/// The number, if the format character takes it, as a signed number of `size` bytes.
fn int_in_range(c: char, size: usize, order: Order, number: &BigInt) -> Result<i128, Failure> {
    let out_of_range = || Failure::structure("argument out of range");
    let bits = u32::try_from(size * 8).unwrap_or(64);
    let unsigned_max = (1_i128 << bits) - 1;
    let signed_max = (1_i128 << (bits - 1)) - 1;
    if c == 'P' {
        let address = number.to_i128().filter(|n| (-signed_max - 1..=unsigned_max).contains(n));
        let address = address.ok_or_else(|| Failure::structure("int too large to convert"))?;
        return Ok(signed(address, bits));
    }
    let unsigned = c.is_ascii_uppercase();
    let swapped = order == Order::Big;
    // CPython reads the number into a C long first, or an unsigned long.
    let long = if matches!(c, 'I' | 'L' | 'Q' | 'N') || (c == 'H' && swapped) {
        number.to_u64().map(i128::from)
    } else {
        number.to_i64().map(i128::from)
    };
    // In swapped order, it converts 8-byte numbers without a C long, and the error is another.
    let too_large = || Failure::structure("int too large to convert");
    let direct = matches!(c, 'q' | 'Q') && swapped;
    let number = long.ok_or_else(if direct { too_large } else { out_of_range })?;
    let (least, most) = if unsigned { (0, unsigned_max) } else { (-signed_max - 1, signed_max) };
    if (least..=most).contains(&number) {
        return Ok(signed(number, bits));
    }
    let name = match (c, order) {
        ('b', _) => "byte",
        ('B', _) => "ubyte",
        ('h', Order::Little) => "short",
        ('H', Order::Little) => "ushort",
        _ => {
            return Err(Failure::structure(format!(
                "'{c}' format requires {least} <= number <= {most}"
            )));
        }
    };
    Err(Failure::structure(format!("{name} format requires {least} <= number <= {most}")))
}

/// The signed number with the same low bits.
fn signed(number: i128, bits: u32) -> i128 {
    (number << (128 - bits)) >> (128 - bits)
}

/// The bits of a float in the size of the format character.
fn float_bits(c: char, native: bool, value: f64, from_int: bool) -> Result<u64, Failure> {
    let too_large = || {
        if from_int {
            Failure::structure("int too large to convert")
        } else {
            Failure::overflow(format!("float too large to pack with {c} format"))
        }
    };
    match c {
        'e' => half_bits(value).map(u64::from).ok_or_else(too_large),
        'f' if value.is_nan() => {
            // Quiet, with the sign and the first bits of the payload: `as` promises nothing about them.
            let bits = value.to_bits();
            let sign = (bits >> 63) << 31;
            Ok(sign | 0x7fc0_0000 | ((bits >> 29) & 0x003f_ffff))
        }
        'f' => {
            #[expect(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
            let single = value as f32;
            // With the machine's own format, the C compiler converts.
            if single.is_infinite() && value.is_finite() && !native {
                return Err(too_large());
            }
            Ok(u64::from(single.to_bits()))
        }
        _ => Ok(value.to_bits()),
    }
}

/// IEEE 754 binary16, half to even. `None`: too large.
fn half_bits(value: f64) -> Option<u16> {
    let sign: u16 = if value.is_sign_negative() { 0x8000 } else { 0 };
    if value.is_nan() {
        return Some(sign | 0x7e00);
    }
    if value.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let magnitude = value.abs();
    // The distance of neighbours: 2 to -24 below 2 to -14, and above that the exponent less 10.
    let exponent = i32::try_from((magnitude.to_bits() >> 52) & 0x7ff).unwrap_or_default() - 1023;
    let step = (exponent - 10).max(-24);
    // Exact: scaling by a power of two, in range.
    let units = (magnitude * 2.0_f64.powi(-step)).round_ties_even();
    // The exponent field is 1 for `step` -24 and a normal number, whose units are 1024 to 2047, so that
    // the carry of rounding goes into the exponent by itself.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2048")]
    let bits = (units as u32) + (u32::try_from(step + 24).unwrap_or_default() << 10);
    u16::try_from(bits).ok().filter(|&bits| bits < 0x7c00).map(|bits| sign | bits)
}

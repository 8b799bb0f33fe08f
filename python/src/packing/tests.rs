//! Values that fit and values that do not, in formats of all kinds.

use num_bigint::BigInt;

use crate::cpython::{bytes_literal, cases, compare, float_literal, rng};
use crate::failure::Failure;
use crate::numbers::integer::tests::any_int;
use crate::packing::buffer::Access;
use crate::packing::format::Format;
use crate::packing::pack::{PackItem, pack};
use crate::packing::unpack::unpack;
use crate::repr::float::repr;
use crate::repr::float::tests::any_float;

fn any_item(rng: &mut fastrand::Rng) -> PackItem {
    match rng.u8(..8) {
        0 => PackItem::Int(any_int(rng)),
        1..=3 => PackItem::Int(BigInt::from(rng.i64(..) >> rng.u32(..63))),
        4 | 5 => PackItem::Float(any_float(rng)),
        6 => PackItem::Bool(rng.bool()),
        _ => PackItem::Bytes(vec![b'a'; rng.usize(..4)]),
    }
}

fn expression(item: &PackItem) -> String {
    match item {
        PackItem::Int(number) => number.to_string(),
        PackItem::Float(value) => float_literal(*value),
        PackItem::Bytes(bytes) => bytes_literal(bytes),
        PackItem::Bool(true) | PackItem::Other(true) => "True".to_owned(),
        PackItem::Bool(false) | PackItem::Other(false) => "False".to_owned(),
    }
}

fn shown(item: &PackItem) -> String {
    if let PackItem::Float(value) = item { repr(*value) } else { expression(item) }
}

fn tuple(items: &[PackItem], of: fn(&PackItem) -> String) -> String {
    let items: Vec<String> = items.iter().map(of).collect();
    match items.as_slice() {
        [one] => format!("({one},)"),
        _ => format!("({})", items.join(", ")),
    }
}

fn any_format(rng: &mut fastrand::Rng) -> String {
    let mut format = (*rng.choice(&["", "", "@", "=", "<", ">", "!"]).unwrap()).to_owned();
    for _ in 0..rng.usize(..4) {
        format.push_str(
            rng.choice(&["", "", "", "0", "2", "3", " ", "300", "99999999999999999999"]).unwrap(),
        );
        let kinds = [
            "x", "c", "b", "B", "?", "h", "H", "i", "I", "l", "L", "q", "Q", "n", "N", "e", "f",
            "d", "s", "p", "P", "y", "", ">",
        ];
        let kind = if rng.u8(..5) == 0 { rng.usize(..kinds.len()) } else { rng.usize(..21) };
        format.push_str(kinds[kind]);
    }
    format
}

#[test]
fn any_values_pack_and_any_bytes_unpack_as_in_cpython() {
    let mut rng = rng();
    let mut list = Vec::new();
    for _ in 0..cases(1500) {
        let text = any_format(&mut rng);
        let format = Format::parse(text.as_bytes());
        list.push((
            format!("struct.calcsize('{text}')"),
            format.clone().map(|format| format.size().to_string()),
        ));
        let Ok(format) = format else { continue };
        let Ok(count) = usize::try_from(rng.i8(-20..2)) else {
            // Values that fit, for the most part.
            let items: Vec<PackItem> = (0..format.values().min(700))
                .map(|_| match rng.u8(..4) {
                    0 => PackItem::Float(any_float(&mut rng)),
                    1 => any_item(&mut rng),
                    2 => PackItem::Bytes(b"x".to_vec()),
                    _ => PackItem::Int(rng.u8(..).into()),
                })
                .collect();
            let ours = pack(&format, &items, "pack", 100_000);
            list.push((
                format!("struct.pack('{text}', *{})", tuple(&items, expression)),
                ours.map(|b| bytes_literal(&b)),
            ));
            if format.size() < 2000 {
                let bytes: Vec<u8> = (0..format.size())
                    .map(|_| *rng.choice(&[0, 1, 0x7f, 0x80, 0xff]).unwrap())
                    .collect();
                let ours = unpack(&format, &bytes).map(|items| tuple(&items, shown));
                list.push((format!("struct.unpack('{text}', {})", bytes_literal(&bytes)), ours));
            }
            continue;
        };
        let items: Vec<PackItem> = (0..count).map(|_| any_item(&mut rng)).collect();
        let ours = pack(&format, &items, "pack", 100_000).map(|bytes| bytes_literal(&bytes));
        list.push((format!("struct.pack('{text}', *{})", tuple(&items, expression)), ours));
    }
    compare(list);
}

#[test]
fn any_int_packs_into_any_size_as_in_cpython() {
    let mut rng = rng();
    let mut list = Vec::new();
    for order in ["@", "<", ">"] {
        for kind in "bBhHiIlLqQnNPefdc?sp".chars() {
            for _ in 0..cases(300) / 30 {
                let text = format!("{order}{kind}");
                let Ok(format) = Format::parse(text.as_bytes()) else { continue };
                let near = (BigInt::from(1)
                    << *rng.choice(&[7, 8, 15, 16, 31, 32, 63, 64, 70]).unwrap())
                    + rng.i8(-2..2);
                let item = match rng.u8(..4) {
                    0 => any_item(&mut rng),
                    1 => PackItem::Int(near),
                    2 => PackItem::Int(-near),
                    _ => PackItem::Float(
                        f64::from(rng.i32(-70000..70000)) / 2_f64.powi(rng.i32(0..40)),
                    ),
                };
                let packed = pack(&format, std::slice::from_ref(&item), "pack", 100);
                if let Ok(bytes) = &packed {
                    let ours = unpack(&format, bytes).map(|items| tuple(&items, shown));
                    list.push((format!("struct.unpack('{text}', {})", bytes_literal(bytes)), ours));
                }
                let ours = packed.map(|bytes| bytes_literal(&bytes));
                list.push((format!("struct.pack('{text}', {})", expression(&item)), ours));
            }
        }
    }
    for bits in 0..cases(300).min(65536) {
        let bytes = u16::try_from(bits * 7919 % 65536).unwrap().to_le_bytes();
        let format = Format::parse(b"<e").unwrap();
        let items = unpack(&format, &bytes).unwrap();
        list.push((
            format!("struct.unpack('<e', {})", bytes_literal(&bytes)),
            Ok(tuple(&items, shown)),
        ));
    }
    for bits in [0x7f80_0001_u32, 0xff80_0001, 0x7fc0_1234, 0xffff_ffff] {
        let python = format!("struct.pack('d', *struct.unpack('f', struct.pack('I', {bits})))");
        let (f, d) = (Format::parse(b"f").unwrap(), Format::parse(b"d").unwrap());
        let value = unpack(&f, &bits.to_le_bytes()).unwrap();
        list.push((python, pack(&d, &value, "pack", 8).map(|bytes| bytes_literal(&bytes))));
        let python = format!("struct.pack('f', *struct.unpack('f', struct.pack('I', {bits})))");
        list.push((python, pack(&f, &value, "pack", 8).map(|bytes| bytes_literal(&bytes))));
    }
    compare(list);
}

#[test]
fn any_part_of_a_buffer_is_cpythons() {
    let mut rng = rng();
    let mut list = Vec::new();
    for _ in 0..cases(300) {
        let (len, offset) = (rng.usize(..8), rng.i64(-10..10));
        let format = Format::parse(b"<H").unwrap();
        let ours = Access::UnpackFrom.range(format.size(), offset, len).map(|_| "(0,)".to_owned());
        list.push((format!("struct.unpack_from('<H', bytes({len}), {offset})"), ours));
        let ours = Access::PackInto.range(format.size(), offset, len).map(|_| "None".to_owned());
        list.push((format!("struct.pack_into('<H', bytearray({len}), {offset}, 1)"), ours));
    }
    compare(list);
}

#[test]
fn a_huge_format_is_too_large_before_it_is_packed() {
    let format = Format::parse(b"999999999999x").unwrap();
    assert_eq!(pack(&format, &[], "pack", 1000), Err(Failure::TooLarge));
    let format = Format::parse(b"9223372036854775807x").unwrap();
    assert_eq!(format.size(), 9_223_372_036_854_775_807);
}

#[test]
fn any_offset_is_in_the_buffer_or_an_error() {
    for offset in [i64::MIN, i64::MAX, -1, 0] {
        for size in [0, 1, usize::MAX] {
            for len in [0, 1, 8] {
                let range = Access::UnpackFrom.range(size, offset, len);
                assert!(range.is_err() || range.is_ok_and(|range| range.end <= len));
            }
        }
    }
}

//! The methods of float.

use num_bigint::BigInt;

use super::arguments::{method, none, wrong_object};
use crate::native::{Flow, error, value_error};
use crate::numbers::float;
use crate::types::Exc;
use crate::value::{Args, Fail, Native, Value};

fn alone(args: Args, name: &str) -> Result<f64, Fail> {
    let (object, mut args) = method(args);
    let Value::Float(float) = object else { return Err(wrong_object(name, &object)) };
    args.values.insert(0, Value::None);
    none(args, name)?;
    Ok(float)
}

pub(crate) static FLOAT: &[Native] = &[
    Native {
        name: "is_integer",
        call: |_, args| {
            let number = alone(args, "float.is_integer")?;
            Ok(Flow::Value(Value::Bool(float::is_integer(number))))
        },
    },
    Native {
        name: "as_integer_ratio",
        call: |_, args| {
            let number = alone(args, "float.as_integer_ratio")?;
            if number.is_nan() {
                return Err(value_error("cannot convert NaN to integer ratio"));
            }
            if number.is_infinite() {
                let message = "cannot convert Infinity to integer ratio";
                return Err(error(Exc::OverflowError, message));
            }
            let (top, bottom) = ratio(number);
            Ok(Flow::Value(Value::tuple(vec![Value::big(top), Value::big(bottom)])))
        },
    },
    Native {
        name: "conjugate",
        call: |_, args| Ok(Flow::Value(Value::Float(alone(args, "float.conjugate")?))),
    },
];

/// The number as a fraction in its lowest terms.
fn ratio(number: f64) -> (BigInt, BigInt) {
    const FRACTION_BITS: u32 = 52;
    let bits = number.abs().to_bits();
    let exponent = i32::try_from(bits >> FRACTION_BITS).unwrap_or(0);
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    // A number without the hidden bit has the exponent of the smallest that has it.
    let (mantissa, exponent) = match exponent {
        0 => (fraction, -1074),
        _ => (fraction | 1 << FRACTION_BITS, exponent - 1075),
    };
    if mantissa == 0 {
        return (BigInt::ZERO, BigInt::from(1));
    }
    let zeros = mantissa.trailing_zeros();
    let exponent = exponent + i32::try_from(zeros).unwrap_or(0);
    let mut top = BigInt::from(mantissa >> zeros);
    let mut bottom = BigInt::from(1);
    let places = exponent.unsigned_abs();
    if exponent < 0 {
        bottom <<= places;
    } else {
        top <<= places;
    }
    (if number.is_sign_negative() { -top } else { top }, bottom)
}

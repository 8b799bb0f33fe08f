//! `datetime.datetime` and `datetime.timedelta`: how they are made, and their methods.
#![allow(
    clippy::single_match_else,
    clippy::wildcard_enum_match_arm,
    reason = "an argument is of one type, or it is an error"
)]

use std::rc::Rc;

use num_traits::ToPrimitive as _;

use super::arguments::{method, named, named_as, none, wrong_object};
use super::texts::limit;
use crate::calendar::{days_from_civil, days_in_month};
use crate::native::{Doing, Flow, Input, Task, error, refuse, type_error, value_error};
use crate::numbers::float;
use crate::operators::durations::{date, duration};
use crate::operators::kind::int_of;
use crate::operators::kind::{argument_type, type_name};
use crate::operators::times;
use crate::types::{Exc, Type};
use crate::value::{self, Args, Cx, Fail, Native, Outcome, Value};
use framescope_syscall::{Clock, Returned, Syscall};

const US: i64 = 1_000_000;

const MOST_DAYS: i128 = 999_999_999;

fn receive(args: Args, kind: Type, name: &str) -> Result<(Rc<value::Time>, Args), Fail> {
    let (object, args) = method(args);
    match object {
        Value::Time(time) if time.kind == kind => Ok((time, args)),
        other => Err(wrong_object(name, &other)),
    }
}

fn alone(args: Args, kind: Type, name: &str) -> Result<Rc<value::Time>, Fail> {
    let (time, mut args) = receive(args, kind, name)?;
    args.values.insert(0, Value::None);
    none(args, name)?;
    Ok(time)
}

/// An argument that is a C `int`.
fn c_int(value: &Value) -> Result<i64, Fail> {
    match int_of(value) {
        Some(int) => int.to_i32().map(i64::from).ok_or_else(|| {
            let way = if int.sign() == num_bigint::Sign::Minus { "less" } else { "greater" };
            let bound = if way == "less" { "minimum" } else { "maximum" };
            match int.to_i64() {
                Some(_) => {
                    error(Exc::OverflowError, format!("signed integer is {way} than {bound}"))
                }
                None => error(Exc::OverflowError, "Python int too large to convert to C long"),
            }
        }),
        None => Err(type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            type_name(value)
        ))),
    }
}

pub(super) fn new_date(_: &mut Cx, args: Args) -> Outcome {
    let parameters =
        ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"];
    let values = named_as(args, "function", "this function", parameters, 3)?;
    let mut parts = [0; 7];
    for (part, value) in parts.iter_mut().zip(&values) {
        if value.is_bound() {
            *part = c_int(value)?;
        }
    }
    match &values[7] {
        Value::Unbound | Value::None => {}
        _ => return Err(refuse("time zones are outside of the subset")),
    }
    if values[8].is_bound() {
        return Err(refuse("'fold' is outside of the subset"));
    }
    let [year, month, day, hour, minute, second, us] = parts;
    if !(1..=9999).contains(&year) {
        return Err(value_error(format!("year {year} is out of range")));
    }
    let month = u8::try_from(month)
        .ok()
        .filter(|month| (1..=12).contains(month))
        .ok_or_else(|| value_error("month must be in 1..12"))?;
    let day = u8::try_from(day)
        .ok()
        .filter(|day| (1..=days_in_month(year, month)).contains(day))
        .ok_or_else(|| value_error("day is out of range for month"))?;
    let bounds = [
        (hour, 23, "hour must be in 0..23"),
        (minute, 59, "minute must be in 0..59"),
        (second, 59, "second must be in 0..59"),
        (us, 999_999, "microsecond must be in 0..999999"),
    ];
    for (number, most, message) in bounds {
        if !(0..=most).contains(&number) {
            return Err(value_error(message));
        }
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    date(Some(seconds * US + us)).map(Flow::Value)
}

pub(super) fn new_duration(_: &mut Cx, args: Args) -> Outcome {
    let parameters =
        ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
    let values = named(args, "__new__", parameters, 0)?;
    let units = [86_400 * US, US, 1, 1000, 60 * US, 3600 * US, 7 * 86_400 * US];
    // In CPython's order, because floats are added.
    let order = [2, 3, 1, 4, 5, 0, 6];
    let (mut total, mut rest) = (0_i128, 0.0);
    for at in order {
        add_part(&values[at], parameters[at], units[at], &mut total, &mut rest)?;
    }
    if rest != 0.0 {
        let mut whole: f64 = f64::round(rest);
        #[expect(clippy::float_cmp, reason = "as in CPython")]
        let is_half = (whole - rest).abs() == 0.5;
        if is_half {
            let odd = if total.rem_euclid(2) == 1 { 1.0 } else { 0.0 };
            whole = 2.0 * ((rest + odd) * 0.5_f64).round() - odd;
        }
        total += whole.to_i128().unwrap_or(0);
    }
    let days = total.div_euclid(i128::from(86_400 * US));
    if i32::try_from(days).is_err() {
        return Err(error(Exc::OverflowError, "Python int too large to convert to C int"));
    }
    if days.abs() > MOST_DAYS {
        let message = format!("days={days}; must have magnitude <= {MOST_DAYS}");
        return Err(error(Exc::OverflowError, message));
    }
    duration(i64::try_from(total).ok()).map(Flow::Value)
}

/// Adds so many units to the microseconds. What is less than one is added to `rest`.
fn add_part(
    value: &Value,
    name: &str,
    unit: i64,
    total: &mut i128,
    rest: &mut f64,
) -> Result<(), Fail> {
    let too_long = || refuse("a duration this long is outside of the subset");
    let int = match value {
        Value::Unbound => return Ok(()),
        Value::Float(number) => {
            let whole = float::to_int(*number)?;
            #[expect(clippy::cast_precision_loss, reason = "units are exact")]
            let fraction = number.fract() * unit as f64;
            *total += fraction.trunc().to_i128().unwrap_or(0);
            *rest += fraction.fract();
            whole
        }
        other => int_of(other).ok_or_else(|| {
            let kind = type_name(other);
            type_error(format!("unsupported type for timedelta {name} component: {kind}"))
        })?,
    };
    let int = int.to_i64().ok_or_else(too_long)?;
    *total += i128::from(int) * i128::from(unit);
    Ok(())
}

/// Reads the clock, and returns the date.
#[derive(Debug)]
struct Now {
    offset: i32,
}

impl Task<Value> for Now {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Returned(Returned::Time(ns)) => {
                let us = i64::try_from(ns / 1000).unwrap_or(i64::MAX);
                date(us.checked_add(i64::from(self.offset) * US)).map(Doing::Return)
            }
            _ => Ok(Doing::Syscall(Syscall::Time(Clock::Real))),
        }
    }
}

fn now(cx: &mut Cx, args: Args) -> Outcome {
    let (_, args) = method(args);
    let [zone] = named(args, "now", ["tz"], 0)?;
    match zone {
        Value::Unbound | Value::None => Ok(Flow::Task(Box::new(Now { offset: cx.utc_offset }))),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) => {
            let name = type_name(&zone);
            Err(type_error(format!(
                "tzinfo argument must be None or of a tzinfo subclass, not type '{name}'"
            )))
        }
        _ => Err(refuse("time zones are outside of the subset")),
    }
}

pub(crate) static DATE_CLASS: &[Native] = &[
    Native { name: "now", call: now },
    Native { name: "fromtimestamp", call: from_timestamp },
    Native {
        name: "today",
        call: |cx, args| {
            none(args, "datetime.today")?;
            Ok(Flow::Task(Box::new(Now { offset: cx.utc_offset })))
        },
    },
    Native {
        name: "utcnow",
        call: |_, args| {
            none(args, "datetime.utcnow")?;
            Ok(Flow::Task(Box::new(Now { offset: 0 })))
        },
    },
];

fn from_timestamp(cx: &mut Cx, args: Args) -> Outcome {
    let (_, args) = method(args);
    let [stamp, zone] = named(args, "fromtimestamp", ["timestamp", "tz"], 1)?;
    if !matches!(zone, Value::Unbound | Value::None) {
        return Err(refuse("time zones are outside of the subset"));
    }
    let us = match &stamp {
        Value::Float(number) if number.is_nan() => {
            return Err(value_error("Invalid value NaN (not a number)"));
        }
        Value::Float(number) => {
            let us = (number.fract() * 1e6).round_ties_even().to_i64();
            number.trunc().to_i64().and_then(|int| int.checked_mul(US)?.checked_add(us?))
        }
        other => {
            if let Some(int) = int_of(other) {
                int.to_i64().and_then(|int| int.checked_mul(US))
            } else {
                let name = type_name(other);
                return Err(type_error(format!(
                    "'{name}' object cannot be interpreted as an integer"
                )));
            }
        }
    };
    let us = us.and_then(|us| us.checked_add(i64::from(cx.utc_offset) * US));
    match us.map(|us| date(Some(us))) {
        Some(Ok(date)) => Ok(Flow::Value(date)),
        Some(Err(_)) | None => Err(refuse("a time this far away is outside of the subset")),
    }
}

pub(crate) static DATE: &[Native] = &[
    Native {
        name: "isoformat",
        call: |_, args| {
            let (time, args) = receive(args, Type::DateTime, "datetime.isoformat")?;
            let [separator, precision] = named(args, "isoformat", ["sep", "timespec"], 0)?;
            if precision.is_bound() {
                return Err(refuse("'timespec' is outside of the subset"));
            }
            let separator = match &separator {
                Value::Unbound => 'T',
                Value::Str(text) if text.length == 1 => text.text.chars().next().unwrap_or('T'),
                other => {
                    let name = argument_type(other);
                    return Err(type_error(format!(
                        "isoformat() argument 1 must be a unicode character, not {name}"
                    )));
                }
            };
            Ok(Flow::Value(Value::str(times::isoformat(&time, separator))))
        },
    },
    Native {
        name: "strftime",
        call: |_, args| {
            let (time, args) = receive(args, Type::DateTime, "datetime.strftime")?;
            let [format] = named(args, "strftime", ["format"], 1)?;
            let format = super::arguments::text(&format, "strftime", "1")?;
            Ok(Flow::Value(Value::str(times::strftime(&time, &format, limit())?)))
        },
    },
    Native {
        name: "ctime",
        call: |_, args| {
            let time = alone(args, Type::DateTime, "datetime.ctime")?;
            Ok(Flow::Value(Value::str(times::civil(&time).ctime())))
        },
    },
    Native { name: "weekday", call: |_, args| weekday(args, "datetime.weekday", 0) },
    Native { name: "isoweekday", call: |_, args| weekday(args, "datetime.isoweekday", 1) },
    Native {
        name: "timestamp",
        call: |cx, args| {
            let time = alone(args, Type::DateTime, "datetime.timestamp")?;
            let seconds = time.us.div_euclid(US) - i64::from(cx.utc_offset);
            #[expect(clippy::cast_precision_loss, reason = "as in Python")]
            let seconds = seconds as f64 + time.us.rem_euclid(US) as f64 / 1e6;
            Ok(Flow::Value(Value::Float(seconds)))
        },
    },
];

fn weekday(args: Args, name: &str, first: i64) -> Outcome {
    let (time, mut args) = receive(args, Type::DateTime, name)?;
    args.values.insert(0, Value::None);
    // The method is that of a date.
    none(args, &name.replace("datetime.", "date."))?;
    let day = i64::from(times::civil(&time).weekday);
    Ok(Flow::Value(Value::Int((day + 6) % 7 + first)))
}

pub(crate) static DURATION: &[Native] = &[Native {
    name: "total_seconds",
    call: |_, args| {
        let time = alone(args, Type::TimeDelta, "timedelta.total_seconds")?;
        let seconds = crate::numbers::integer::true_div(&time.us.into(), &US.into())?;
        Ok(Flow::Value(Value::Float(seconds)))
    },
}];

//! The module `time`.
#![allow(clippy::wildcard_enum_match_arm, reason = "an argument is of one type, or it is an error")]

use std::rc::Rc;

use num_traits::ToPrimitive as _;

use super::attributes;
use crate::builtins::arguments::{int, none, one, parsed, positional, text};
use crate::builtins::texts::limit;
use crate::calendar::{CivilTime, Flavor, Zone};
use crate::native::{Doing, Flow, Input, Task, error, refuse, type_error, value_error};
use crate::operators::kind::int_of;
use crate::operators::kind::type_name;
use crate::operators::times;
use crate::types::{Exc, Type};
use crate::value::{self, Args, Cx, Fail, Native, Outcome, Value};
use framescope_syscall::{Clock, Returned, Syscall};

/// The module.
pub(super) fn module(cx: &mut Cx) -> Value {
    let struct_time = cx.type_class(Type::StructTime);
    attributes::module(cx, "time", FUNCTIONS, vec![("struct_time", struct_time)])
}

static FUNCTIONS: &[Native] = &[
    Native { name: "time", call: |_, args| clock(args, "time.time", Clock::Real, seconds) },
    Native { name: "time_ns", call: |_, args| clock(args, "time.time_ns", Clock::Real, ns) },
    Native {
        name: "monotonic",
        call: |_, args| clock(args, "time.monotonic", Clock::Monotonic, seconds),
    },
    Native {
        name: "monotonic_ns",
        call: |_, args| clock(args, "time.monotonic_ns", Clock::Monotonic, ns),
    },
    Native {
        name: "perf_counter",
        call: |_, args| clock(args, "time.perf_counter", Clock::Monotonic, seconds),
    },
    Native {
        name: "perf_counter_ns",
        call: |_, args| clock(args, "time.perf_counter_ns", Clock::Monotonic, ns),
    },
    Native { name: "sleep", call: sleep },
    Native {
        name: "ctime",
        call: |cx, args| at_time(cx, args, "ctime", true, |time| Ok(ctime(&time))),
    },
    Native {
        name: "localtime",
        call: |cx, args| at_time(cx, args, "localtime", true, |time| Ok(Value::Time(time))),
    },
    Native {
        name: "gmtime",
        call: |cx, args| at_time(cx, args, "gmtime", false, |time| Ok(Value::Time(time))),
    },
    Native { name: "asctime", call: asctime },
    Native { name: "strftime", call: strftime },
];

/// What becomes of a time in nanoseconds.
type Made = fn(u64) -> Value;

fn seconds(ns: u64) -> Value {
    const NS: u64 = 1_000_000_000;
    #[expect(clippy::cast_precision_loss, reason = "as in Python")]
    Value::Float(if ns.is_multiple_of(NS) { (ns / NS) as f64 } else { ns as f64 / 1e9 })
}

fn ns(ns: u64) -> Value {
    Value::big(ns.into())
}

fn clock(mut args: Args, name: &str, clock: Clock, made: Made) -> Outcome {
    args.values.insert(0, Value::None);
    none(args, name)?;
    Ok(Flow::Task(Box::new(Read { clock, made })))
}

#[derive(Debug)]
struct Read {
    clock: Clock,
    made: Made,
}

impl Task<Value> for Read {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Returned(Returned::Time(ns)) => Ok(Doing::Return((self.made)(ns))),
            _ => Ok(Doing::Syscall(Syscall::Time(self.clock))),
        }
    }
}

#[derive(Debug)]
struct Sleep {
    us: u64,
}

impl Task<Value> for Sleep {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Returned(_) => Ok(Doing::Return(Value::None)),
            _ => Ok(Doing::Syscall(Syscall::Sleep { us: self.us })),
        }
    }
}

fn sleep(_: &mut Cx, args: Args) -> Outcome {
    let value = one(args, "time.sleep")?;
    let too_large = || error(Exc::OverflowError, "timestamp out of range for platform time_t");
    let is_negative;
    let ns = match &value {
        Value::Float(number) => {
            if number.is_nan() {
                return Err(value_error("Invalid value NaN (not a number)"));
            }
            let ns = (number * 1e9).ceil();
            is_negative = ns < 0.0;
            ns.to_i64().filter(|_| ns < 9.2e18).ok_or_else(too_large)?
        }
        other => match int_of(other) {
            Some(int) => {
                is_negative = int.sign() == num_bigint::Sign::Minus;
                int.to_i64().and_then(|int| int.checked_mul(1_000_000_000)).ok_or_else(|| {
                    error(Exc::OverflowError, "timestamp too large to convert to C _PyTime_t")
                })?
            }
            None => return Err(not_a_number(other)),
        },
    };
    if is_negative {
        return Err(value_error("sleep length must be non-negative"));
    }
    let us = u64::try_from(ns).unwrap_or(0).div_ceil(1000);
    Ok(Flow::Task(Box::new(Sleep { us })))
}

fn not_a_number(value: &Value) -> Fail {
    let name = type_name(value);
    type_error(format!("'{name}' object cannot be interpreted as an integer"))
}

/// The seconds that an argument is, rounded down.
fn whole_seconds(value: &Value) -> Result<i64, Fail> {
    let too_large = || error(Exc::OverflowError, "timestamp out of range for platform time_t");
    let seconds = match value {
        Value::Float(number) => {
            if number.is_nan() {
                return Err(value_error("Invalid value NaN (not a number)"));
            }
            number.floor().to_i64().ok_or_else(too_large)?
        }
        other => match int_of(other) {
            Some(int) => int.to_i64().ok_or_else(too_large)?,
            None => return Err(not_a_number(other)),
        },
    };
    // The years -9999 to 9999, so that microseconds fit.
    if seconds.unsigned_abs() > 253_000_000_000 {
        return Err(refuse("a time this far away is outside of the subset"));
    }
    Ok(seconds)
}

type Shown = fn(Rc<value::Time>) -> Result<Value, Fail>;

fn struct_time(seconds: i64) -> Rc<value::Time> {
    Rc::new(value::Time { kind: Type::StructTime, us: seconds * 1_000_000 })
}

/// A function of a time in seconds. Without one, it is now.
fn at_time(cx: &mut Cx, args: Args, name: &str, is_local: bool, shown: Shown) -> Outcome {
    if !args.named.is_empty() {
        let name = if name == "ctime" { "time.ctime" } else { name };
        return Err(type_error(format!("{name}() takes no keyword arguments")));
    }
    let value = parsed(args, name, 0, 1)?.pop();
    let offset = if is_local { i64::from(cx.utc_offset) } else { 0 };
    match value {
        None | Some(Value::None) => Ok(Flow::Task(Box::new(AtNow { offset, shown }))),
        Some(value) => shown(struct_time(whole_seconds(&value)? + offset)).map(Flow::Value),
    }
}

#[derive(Debug)]
struct AtNow {
    offset: i64,
    shown: Shown,
}

impl Task<Value> for AtNow {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Returned(Returned::Time(ns)) => {
                let seconds = i64::try_from(ns / 1_000_000_000).unwrap_or(0);
                (self.shown)(struct_time(seconds + self.offset)).map(Doing::Return)
            }
            _ => Ok(Doing::Syscall(Syscall::Time(Clock::Real))),
        }
    }
}

fn ctime(time: &value::Time) -> Value {
    Value::str(times::civil(time).ctime())
}

/// The date of a `struct_time`, or of a tuple like one.
fn civil(value: &Value, function: &str) -> Result<CivilTime, Fail> {
    match value {
        Value::Time(time) if time.kind == Type::StructTime => Ok(times::civil(time)),
        Value::Tuple(tuple) => {
            if tuple.items.len() != 9 {
                return Err(type_error(format!("{function}(): illegal time tuple argument")));
            }
            let mut parts = [0; 9];
            for (part, item) in parts.iter_mut().zip(&tuple.items) {
                *part = int(item)?;
            }
            of_parts(parts)
        }
        _ => Err(type_error("Tuple or struct_time argument required")),
    }
}

fn of_parts(
    [year, month, day, hour, minute, second, weekday, yearday, _]: [i64; 9],
) -> Result<CivilTime, Fail> {
    if !(1..=9999).contains(&year) {
        return Err(refuse("a time this far away is outside of the subset"));
    }
    // 0 stands for the first one.
    let first = |number: i64| if number == 0 { 1 } else { number };
    let (month, day, yearday) = (first(month), first(day), first(yearday));
    if weekday < -1 {
        return Err(value_error("day of week out of range"));
    }
    let part = |number: i64, least: i64, most: i64, what: &str| {
        u8::try_from(number)
            .ok()
            .filter(|_| (least..=most).contains(&number))
            .ok_or_else(|| value_error(format!("{what} out of range")))
    };
    Ok(CivilTime {
        year,
        month: part(month, 1, 12, "month")?,
        day: part(day, 1, 31, "day of month")?,
        hour: part(hour, 0, 23, "hour")?,
        minute: part(minute, 0, 59, "minute")?,
        second: part(second, 0, 61, "seconds")?,
        microsecond: 0,
        weekday: u8::try_from((weekday + 1) % 7).unwrap_or(0),
        day_of_year: u16::try_from(yearday)
            .ok()
            .filter(|day| (1..=366).contains(day))
            .ok_or_else(|| value_error("day of year out of range"))?,
    })
}

fn asctime(cx: &mut Cx, args: Args) -> Outcome {
    if !args.named.is_empty() {
        return Err(type_error("time.asctime() takes no keyword arguments"));
    }
    let values = positional(args, "asctime", 0, 1)?;
    match values.first() {
        None => {
            let offset = i64::from(cx.utc_offset);
            Ok(Flow::Task(Box::new(AtNow { offset, shown: |time| Ok(ctime(&time)) })))
        }
        Some(value) => Ok(Flow::Value(Value::str(civil(value, "asctime")?.ctime()))),
    }
}

fn strftime(cx: &mut Cx, args: Args) -> Outcome {
    if !args.named.is_empty() {
        return Err(type_error("time.strftime() takes no keyword arguments"));
    }
    let values = parsed(args, "strftime", 1, 2)?;
    let format = text(&values[0], "strftime", "1")?;
    let offset = cx.utc_offset;
    if offset != 0 && (format.contains("%Z") || format.contains("%z")) {
        return Err(refuse("the name of a time zone is outside of the subset"));
    }
    match values.get(1) {
        None => Ok(Flow::Task(Box::new(FormatNow { offset, format }))),
        Some(value) => {
            if format.contains("%Z") && matches!(value, Value::Time(_)) {
                return Err(refuse("the name of a time zone is outside of the subset"));
            }
            let civil = civil(value, "strftime")?;
            formatted(&civil, &format).map(Flow::Value)
        }
    }
}

fn formatted(civil: &CivilTime, format: &str) -> Result<Value, Fail> {
    Ok(Value::str(civil.strftime(format, Flavor::Time, Zone::Named("UTC", 0), limit())?))
}

#[derive(Debug)]
struct FormatNow {
    offset: i32,
    format: Rc<str>,
}

impl Task<Value> for FormatNow {
    fn resume(&mut self, _: &mut Cx, input: Input<Value>) -> Result<Doing<Value>, Fail> {
        match input {
            Input::Returned(Returned::Time(ns)) => {
                let seconds = i64::try_from(ns / 1_000_000_000).unwrap_or(0);
                let civil = CivilTime::from_unix(seconds, 0, self.offset);
                formatted(&civil, &self.format).map(Doing::Return)
            }
            _ => Ok(Doing::Syscall(Syscall::Time(Clock::Real))),
        }
    }
}

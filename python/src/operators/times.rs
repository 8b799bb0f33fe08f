//! Dates and durations as text.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an operator knows a few types, and others fail"
)]

use crate::calendar::{CivilTime, Flavor, Zone, timedelta_text};
use crate::failure::Failure;
use crate::types::Type;
use crate::value::{Time, Value};

const US_PER_DAY: i64 = 86_400_000_000;

const STRUCT_TIME: [&str; 9] = [
    "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst",
];

/// The items of a `struct_time`.
pub(crate) fn struct_parts(time: &Time) -> [i64; 9] {
    let civil = civil(time);
    [
        civil.year,
        civil.month.into(),
        civil.day.into(),
        civil.hour.into(),
        civil.minute.into(),
        civil.second.into(),
        (i64::from(civil.weekday) + 6) % 7,
        civil.day_of_year.into(),
        0,
    ]
}

/// The tuple that a `struct_time` is. `None` for other times.
pub(crate) fn as_tuple(time: &Time) -> Option<Value> {
    (time.kind == Type::StructTime)
        .then(|| Value::tuple(struct_parts(time).into_iter().map(Value::Int).collect()))
}

pub(crate) fn civil(time: &Time) -> CivilTime {
    let microsecond = u32::try_from(time.us.rem_euclid(1_000_000)).unwrap_or(0);
    CivilTime::from_unix(time.us.div_euclid(1_000_000), microsecond, 0)
}

fn days_and_rest(time: &Time) -> (i64, u32, u32) {
    let (days, rest) = (time.us.div_euclid(US_PER_DAY), time.us.rem_euclid(US_PER_DAY));
    let part = |number: i64| u32::try_from(number).unwrap_or(0);
    (days, part(rest / 1_000_000), part(rest % 1_000_000))
}

/// `str(time)`.
pub(crate) fn str_of(time: &Time) -> String {
    match time.kind {
        Type::DateTime => return civil(time).isoformat(' '),
        Type::StructTime => return repr_of(time),
        _ => {}
    }
    let (days, seconds, us) = days_and_rest(time);
    timedelta_text(days, seconds, us)
}

/// `repr(time)`.
pub(crate) fn repr_of(time: &Time) -> String {
    if time.kind == Type::DateTime {
        return civil(time).repr();
    }
    if time.kind == Type::StructTime {
        let parts: Vec<String> = STRUCT_TIME
            .iter()
            .zip(struct_parts(time))
            .map(|(name, number)| format!("{name}={number}"))
            .collect();
        return format!("time.struct_time({})", parts.join(", "));
    }
    let (days, seconds, us) = days_and_rest(time);
    let parts = [("days", days), ("seconds", seconds.into()), ("microseconds", us.into())];
    let shown: Vec<String> = parts
        .iter()
        .filter(|(_, number)| *number != 0)
        .map(|(name, number)| format!("{name}={number}"))
        .collect();
    let shown = if shown.is_empty() { "0".to_owned() } else { shown.join(", ") };
    format!("datetime.timedelta({shown})")
}

/// `datetime.isoformat(separator)`.
pub(crate) fn isoformat(time: &Time, separator: char) -> String {
    civil(time).isoformat(separator)
}

/// `datetime.strftime(format)`.
pub(crate) fn strftime(time: &Time, format: &str, limit: usize) -> Result<String, Failure> {
    civil(time).strftime(format, Flavor::Datetime, Zone::Naive, limit)
}

/// An attribute of a date or of a duration.
pub(crate) fn part(time: &Time, name: &str) -> Option<i64> {
    if time.kind == Type::TimeDelta {
        let (days, seconds, us) = days_and_rest(time);
        return match name {
            "days" => Some(days),
            "seconds" => Some(seconds.into()),
            "microseconds" => Some(us.into()),
            _ => None,
        };
    }
    if time.kind == Type::StructTime {
        let at = STRUCT_TIME.iter().position(|known| *known == name)?;
        return struct_parts(time).get(at).copied();
    }
    let civil = civil(time);
    Some(match name {
        "year" => civil.year,
        "month" => civil.month.into(),
        "day" => civil.day.into(),
        "hour" => civil.hour.into(),
        "minute" => civil.minute.into(),
        "second" => civil.second.into(),
        "microsecond" => civil.microsecond.into(),
        _ => return None,
    })
}

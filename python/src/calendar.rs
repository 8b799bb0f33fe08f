//! Dates and times as text: `strftime`, `ctime`, and the texts of `datetime`.
//!
//! What comes in: seconds since 1970, and the offset of the time zone. What goes out: the date, or its
//! text in the C locale.
//!
//! May use: `failure`.

use std::fmt::Write as _;

use crate::failure::{Failure, check_len};

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CivilTime {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31.
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) microsecond: u32,
    /// 0 is Sunday.
    pub(crate) weekday: u8,
    /// 1 to 366.
    pub(crate) day_of_year: u16,
}

/// The time zone, for `%Z` and `%z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone<'a> {
    /// Of a `datetime` without a zone: both are empty.
    Naive,
    /// Its name, and the offset from UTC in seconds.
    Named(&'a str, i32),
}

/// Whose `strftime` it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    /// `time.strftime`, which leaves `%f` as it is.
    Time,
    /// `datetime.strftime`.
    Datetime,
}

fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

/// The days from the start of 1970 to a date.
pub(crate) fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    // "Days from civil" by Howard Hinnant: years that start in March, in eras of 400 years.
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * i64::from(from_march) + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The days of a month.
pub(crate) fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 => 28 + u8::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

impl CivilTime {
    /// The time `seconds` after the start of 1970 in UTC, where clocks are `offset` seconds ahead of UTC.
    pub(crate) fn from_unix(seconds: i64, microsecond: u32, offset: i32) -> Self {
        let local = seconds.saturating_add(i64::from(offset));
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        // "Days from civil" by Howard Hinnant: years that start in March, in eras of 400 years.
        let from_march = days + 719_468;
        let (era, day_of_era) = (from_march.div_euclid(146_097), from_march.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        // March 1 is the 60th day, and 306 days end the year that started in March.
        let before_march = 59 + i64::from(is_leap(year));
        let in_year = if month <= 2 { day_of_year - 306 } else { day_of_year + before_march };
        Self {
            year,
            month: small(month),
            day: small(day),
            hour: small(second / 3600),
            minute: small(second / 60 % 60),
            second: small(second % 60),
            microsecond,
            weekday: small((days + 4).rem_euclid(7)),
            day_of_year: u16::try_from(in_year + 1).unwrap_or_default(),
        }
    }

    fn day_name(&self) -> &'static str {
        DAYS.get(usize::from(self.weekday)).copied().unwrap_or_default()
    }

    fn month_name(&self) -> &'static str {
        MONTHS.get(usize::from(self.month).wrapping_sub(1)).copied().unwrap_or_default()
    }

    fn short(name: &str) -> &str {
        name.get(..3).unwrap_or(name)
    }

    fn hour_of_twelve(&self) -> u8 {
        if self.hour.is_multiple_of(12) { 12 } else { self.hour % 12 }
    }

    /// `time.ctime()`: `Thu Jan  1 00:00:00 1970`.
    pub(crate) fn ctime(&self) -> String {
        let (day_name, month) = (Self::short(self.day_name()), Self::short(self.month_name()));
        format!("{day_name} {month} {:2} {} {}", self.day, self.clock(), self.year)
    }

    /// `00:00:00`.
    fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// `str(date)`: `1970-01-01`.
    pub(crate) fn date_text(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `str(time)`: `00:00:00`, and the microseconds if there are any.
    pub(crate) fn time_text(&self) -> String {
        let clock = self.clock();
        if self.microsecond == 0 { clock } else { format!("{clock}.{:06}", self.microsecond) }
    }

    /// `datetime.isoformat(separator)`. With a space it is `str(datetime)`.
    pub(crate) fn isoformat(&self, separator: char) -> String {
        format!("{}{separator}{}", self.date_text(), self.time_text())
    }

    /// `repr(datetime)`.
    pub(crate) fn repr(&self) -> String {
        let Self { year, month, day, hour, minute, second, microsecond, .. } = self;
        let mut text = format!("datetime.datetime({year}, {month}, {day}, {hour}, {minute}");
        // Writing to a `String` cannot fail.
        let _ = match (second, microsecond) {
            (0, 0) => Ok(()),
            (second, 0) => write!(text, ", {second}"),
            (second, microsecond) => write!(text, ", {second}, {microsecond}"),
        };
        text.push(')');
        text
    }

    /// `strftime(format)`. The text has at most `limit` bytes.
    pub(crate) fn strftime(
        &self,
        format: &str,
        flavor: Flavor,
        zone: Zone<'_>,
        limit: usize,
    ) -> Result<String, Failure> {
        if format.contains('\0') {
            return Err(Failure::value("embedded null character"));
        }
        let mut text = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                text.push(c);
            } else if let Some(directive) = chars.next() {
                self.push_directive(&mut text, directive, flavor, zone)?;
            } else {
                text.push('%');
            }
            check_len(text.len(), limit)?;
        }
        Ok(text)
    }

    fn push_directive(
        &self,
        text: &mut String,
        directive: char,
        flavor: Flavor,
        zone: Zone<'_>,
    ) -> Result<(), Failure> {
        let year_of_century = self.year.rem_euclid(100);
        // Writing to a `String` cannot fail.
        let _ = match directive {
            'Y' => write!(text, "{}", self.year),
            'y' => write!(text, "{year_of_century:02}"),
            'm' => write!(text, "{:02}", self.month),
            'd' => write!(text, "{:02}", self.day),
            'e' => write!(text, "{:2}", self.day),
            'H' => write!(text, "{:02}", self.hour),
            'I' => write!(text, "{:02}", self.hour_of_twelve()),
            'M' => write!(text, "{:02}", self.minute),
            'S' => write!(text, "{:02}", self.second),
            'j' => write!(text, "{:03}", self.day_of_year),
            'w' => write!(text, "{}", self.weekday),
            'a' => text.write_str(Self::short(self.day_name())),
            'A' => text.write_str(self.day_name()),
            'b' | 'h' => text.write_str(Self::short(self.month_name())),
            'B' => text.write_str(self.month_name()),
            'p' => text.write_str(if self.hour < 12 { "AM" } else { "PM" }),
            'c' => text.write_str(&self.ctime()),
            'x' | 'D' => write!(text, "{:02}/{:02}/{year_of_century:02}", self.month, self.day),
            'X' | 'T' => text.write_str(&self.clock()),
            'R' => write!(text, "{:02}:{:02}", self.hour, self.minute),
            'F' => write!(text, "{}-{:02}-{:02}", self.year, self.month, self.day),
            'f' if flavor == Flavor::Datetime => write!(text, "{:06}", self.microsecond),
            'f' => text.write_str("%f"),
            'Z' => match zone {
                Zone::Naive => Ok(()),
                Zone::Named(name, _) => text.write_str(name),
            },
            'z' => match zone {
                Zone::Naive => Ok(()),
                Zone::Named(_, offset) => {
                    let sign = if offset < 0 { '-' } else { '+' };
                    let minutes = offset.unsigned_abs() / 60;
                    write!(text, "{sign}{:02}{:02}", minutes / 60, minutes % 60)
                }
            },
            '%' => text.write_str("%"),
            _ => {
                return Err(Failure::Refused(format!("strftime does not support %{directive}")));
            }
        };
        Ok(())
    }
}

/// `str(timedelta)`. `seconds` is 0 to 86399, and only `days` may be negative.
pub(crate) fn timedelta_text(days: i64, seconds: u32, microseconds: u32) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = match days {
        0 => Ok(()),
        1 | -1 => write!(text, "{days} day, "),
        _ => write!(text, "{days} days, "),
    };
    let _ = write!(text, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if microseconds != 0 {
        let _ = write!(text, ".{microseconds:06}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{cases, compare, rng, text_literal};

    #[test]
    fn any_time_is_cpythons() {
        let mut rng = rng();
        let mut list = Vec::new();
        let pieces = [
            "%Y", "%m", "%d", "%H", "%M", "%S", "%y", "%a", "%A", "%b", "%B", "%p", "%I", "%j",
            "%c", "%x", "%X", "%w", "%%", "%e", "%D", "%F", "%T", "%R", "%h", "-", "年", " ", ":",
            "%",
        ];
        let literal = |text: String| text_literal(&text);
        for _ in 0..cases(500) {
            let seconds = match rng.u8(..3) {
                0 => rng.i64(..100_000_000),
                1 => rng.i64(1_500_000_000..2_000_000_000),
                _ => rng.i64(-30_000_000_000..200_000_000_000),
            }
            .clamp(-30_000_000_000, 200_000_000_000);
            let offset = rng.i32(-47..=56) * 900;
            let microsecond = if rng.bool() { 0 } else { rng.u32(..1_000_000) };
            let format: String =
                (0..rng.usize(..6)).map(|_| *rng.choice(&pieces).unwrap()).collect();
            // A `%` before another piece would be another directive.
            let format = format
                .replace("%-", "-")
                .replace("% ", " ")
                .replace("%:", ":")
                .replace("%年", "年");
            let time = CivilTime::from_unix(seconds, microsecond, offset);
            let epoch = "datetime.datetime(1970, 1, 1)";
            let python = format!(
                "({epoch} + datetime.timedelta(seconds={seconds} + {offset}, microseconds={microsecond}))"
            );
            let zone = Zone::Named("UTC", 0);
            let ours = time.strftime(&format, Flavor::Time, zone, 1000).map(literal);
            let format_text = text_literal(&format);
            list.push((format!("time.strftime({format_text}, {python}.timetuple())"), ours));
            let zoned = format + "%f %z|%Z";
            let ours = time.strftime(&zoned, Flavor::Datetime, Zone::Naive, 1000).map(literal);
            list.push((format!("{python}.strftime({})", text_literal(&zoned)), ours));
            let ours = time.strftime(&zoned, Flavor::Datetime, Zone::Named("UTC+1", offset), 1000);
            let aware = format!(
                "{python}.replace(tzinfo=datetime.timezone(datetime.timedelta(seconds={offset}), 'UTC+1'))"
            );
            list.push((format!("{aware}.strftime({})", text_literal(&zoned)), ours.map(literal)));
            list.push((format!("{python}.ctime()"), Ok(literal(time.ctime()))));
            list.push((format!("str({python})"), Ok(literal(time.isoformat(' ')))));
            list.push((format!("{python}.isoformat()"), Ok(literal(time.isoformat('T')))));
            list.push((format!("repr({python})"), Ok(literal(time.repr()))));
            let (days, left) = (rng.i64(-3..3), rng.u32(..86_400));
            let delta = format!("datetime.timedelta({days}, {left}, {microsecond})");
            list.push((
                format!("str({delta})"),
                Ok(literal(timedelta_text(days, left, microsecond))),
            ));
        }
        list.push((
            "time.asctime(time.gmtime(0))".to_owned(),
            Ok(literal(CivilTime::from_unix(0, 0, 0).ctime())),
        ));
        list.push((
            "time.strftime('%f%Z%z', time.gmtime(0))".to_owned(),
            CivilTime::from_unix(0, 0, 0)
                .strftime("%f%Z%z", Flavor::Time, Zone::Named("UTC", 0), 100)
                .map(|text| text_literal(&text.replace("UTC", "GMT"))),
        ));
        compare(list);
    }
    #[test]
    fn every_second_is_some_time() {
        for seconds in [i64::MIN, i64::MAX, -1, 0, 951_782_400] {
            for offset in [i32::MIN, 0, i32::MAX] {
                let time = CivilTime::from_unix(seconds, 0, offset);
                assert!(
                    (1..=12).contains(&time.month) && (1..=366).contains(&time.day_of_year),
                    "{time:?}"
                );
                assert!(!time.isoformat('T').is_empty());
            }
        }
    }
}

//! The module `errno`, as on Linux.

use framescope_syscall::errno::{ALIASES, ALL, EDEADLK, EOPNOTSUPP, find};

use super::attributes;
use crate::table::{Key, Table};
use crate::value::{Cx, Value};

/// The module.
pub(super) fn module(cx: &mut Cx) -> Value {
    let mut table = Table::default();
    for &number in ORDER {
        let number_value = Value::Int(number.into());
        table.insert(Key::Int(number.into()), (number_value, Value::str(name(number))));
    }
    let mut others = vec![("errorcode", Value::dict(table))];
    let numbers = ALL.iter().map(|errno| (errno.name, errno.number));
    let aliases = numbers.clone().filter_map(|(name, number)| Some((alias(name)?, number)));
    others.extend(numbers.chain(aliases).map(|(name, number)| (name, Value::Int(number.into()))));
    attributes::module(cx, "errno", &[], others)
}

/// The names of the errors.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|errno| errno.name).chain(ALIASES.iter().map(|(alias, _)| *alias))
}

/// The other name of an error.
fn alias(name: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(_, known)| *known == name).map(|(alias, _)| *alias)
}

/// The name in `errno.errorcode`: of two, the one that CPython adds last.
fn name(number: u32) -> &'static str {
    let name = find(number).map_or("", |errno| errno.name);
    if matches!(number, EDEADLK | EOPNOTSUPP) { alias(name).unwrap_or(name) } else { name }
}

/// The numbers, in the order of `errno.errorcode`.
const ORDER: &[u32] = &[
    19, 50, 113, 42, 117, 45, 51, 61, 15, 38, 32, 22, 75, 68, 4, 87, 39, 105, 71, 66, 119, 10, 40,
    18, 7, 3, 90, 97, 53, 112, 96, 92, 16, 11, 77, 73, 106, 55, 108, 44, 80, 64, 52, 9, 72, 5, 49,
    91, 28, 8, 114, 100, 118, 13, 48, 84, 20, 76, 1, 33, 54, 111, 21, 93, 30, 99, 43, 70, 69, 121,
    47, 74, 23, 82, 29, 67, 102, 110, 2, 17, 122, 60, 57, 56, 79, 14, 27, 35, 107, 89, 81, 37, 120,
    103, 101, 116, 63, 12, 88, 86, 31, 34, 83, 46, 104, 98, 95, 78, 36, 25, 85, 94, 62, 59, 109,
    24, 26, 115, 6, 65, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132,
];

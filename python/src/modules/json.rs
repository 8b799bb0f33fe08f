//! The module `json`.

use super::attributes;
use super::json_dumps::dumps;
use super::json_loads::loads;
use crate::types::Exc;
use crate::value::{Cx, Native, Value};

/// The module.
pub(super) fn module(cx: &mut Cx) -> Value {
    let error = cx.exception_class(Exc::JsonDecodeError);
    attributes::module(cx, "json", FUNCTIONS, vec![("JSONDecodeError", error)])
}

static FUNCTIONS: &[Native] =
    &[Native { name: "dumps", call: dumps }, Native { name: "loads", call: loads }];

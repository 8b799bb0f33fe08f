//! The module `datetime`. Its types are in `builtins`.

use super::attributes;
use crate::types::Type;
use crate::value::{Cx, Value};

/// The module.
pub(super) fn module(cx: &mut Cx) -> Value {
    let types = vec![
        ("datetime", cx.type_class(Type::DateTime)),
        ("timedelta", cx.type_class(Type::TimeDelta)),
    ];
    attributes::module(cx, "datetime", &[], types)
}

//! Which special methods and base classes a class may have.
#![allow(clippy::wildcard_enum_match_arm, reason = "a rule knows a few kinds of nodes")]

use ruff_python_ast::Expr;
use ruff_text_size::Ranged as _;

use super::error::{Problem, refused};
use super::scope::span;
use crate::code::Span;

/// The special methods that the machine calls as Python does.
const SPECIAL_METHODS: [&str; 6] =
    ["__init__", "__str__", "__repr__", "__enter__", "__exit__", "__len__"];

/// Refuses a special method that would not be called.
pub(crate) fn check_method_name(name: &str, at: Span) -> Result<(), Problem> {
    let is_special = name.len() > 4 && name.starts_with("__") && name.ends_with("__");
    if is_special && !SPECIAL_METHODS.contains(&name) {
        let message = format!("the method '{name}' is outside of the subset; give it a plain name");
        return Err(refused(at, message));
    }
    Ok(())
}

/// Refuses a base that is not a name, as `Thread` or `threading.Thread`.
pub(crate) fn check_base_name(base: &Expr) -> Result<(), Problem> {
    match base {
        Expr::Name(_) => Ok(()),
        Expr::Attribute(attribute) if attribute.value.is_name_expr() => Ok(()),
        other => Err(refused(span(other.range()), "a base class is a name here")),
    }
}

//! `from __future__ import`.
#![allow(clippy::wildcard_enum_match_arm, reason = "a rule knows a few kinds of nodes")]

use ruff_python_ast::{Stmt, StmtImportFrom};
use ruff_text_size::TextRange;

use super::super::error::{Problem, syntax};
use super::super::scope::span;

const FEATURES: [&str; 10] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

/// Checks the imports at the start of a module. The compiler finds those that come later.
pub(super) fn check(body: &[Stmt]) -> Result<(), Problem> {
    for import in leading(body) {
        for alias in &import.names {
            let message = match alias.name.as_str() {
                name if FEATURES.contains(&name) => continue,
                "braces" => "not a chance".to_owned(),
                name => format!("future feature {name} is not defined"),
            };
            return Err(syntax(span(TextRange::empty(import.range.start())), message));
        }
    }
    Ok(())
}

/// The imports of `__future__` with nothing but a docstring before them.
pub(super) fn leading(body: &[Stmt]) -> impl Iterator<Item = &StmtImportFrom> {
    let is_docstring = |statement: &Stmt| matches!(statement, Stmt::Expr(expression) if expression.value.is_string_literal_expr());
    let docstrings = usize::from(body.first().is_some_and(is_docstring));
    body.iter().skip(docstrings).map_while(|statement| match statement {
        Stmt::ImportFrom(import) if is_future(import) => Some(import),
        _ => None,
    })
}

pub(super) fn is_future(import: &StmtImportFrom) -> bool {
    import.module.as_deref() == Some("__future__") && import.level == 0
}

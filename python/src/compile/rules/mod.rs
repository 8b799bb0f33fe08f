//! The syntax errors that CPython raises after parsing: by its symbol table, and then by its compiler.
//!
//! What comes in: the tree of a program. What goes out: nothing, or CPython's error.
//!
//! May use: `compile::error`, `compile::scope`.

mod future;
mod placement;
mod symbols;

use ruff_python_ast::Stmt;

use super::error::Problem;

/// Fails with the first error that CPython raises for a module.
pub(crate) fn check(text: &str, body: &[Stmt]) -> Result<(), Problem> {
    future::check(body)?;
    symbols::check(body)?;
    placement::check(text, body)
}

//! Syntax errors, held against CPython 3.11.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod depth;
mod mutations;
mod oracle;
mod table;

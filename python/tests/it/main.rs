//! Holds the interpreter against `python3`, which must be CPython 3.11: programs of a folder, and generated
//! ones. What it prints, how it ends, and the class, message and line of its exception are the same.

#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    clippy::if_same_then_else,
    clippy::same_functions_in_if_condition,
    clippy::similar_names,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that panics has failed, and generated text need not be fast"
)]

mod budgets;
mod calls;
mod cpython;
mod docs;
mod generate;
mod loopback;
mod machine;
mod programs;
mod winsock;

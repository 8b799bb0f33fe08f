//! Tests of `/lab` with programs in Python. Each session has a process of its own for its programs.

#[cfg(target_os = "linux")]
mod abandoned;
mod client;
mod isolation;
mod protocol_errors;
mod stepping;

//! Tests of `/lab` with programs in Python. Each experiment runs in a separate process.

#[cfg(target_os = "linux")]
mod abandoned;
mod client;
mod isolation;
mod protocol_errors;
mod stepping;

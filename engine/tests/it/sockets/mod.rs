//! The kernel with many programs: its rules one by one, and beside Linux.
#![allow(clippy::unwrap_used, reason = "what a test does not expect fails it")]

mod addresses;
mod any_calls;
mod connections;
#[cfg(target_os = "linux")]
mod differential;
#[cfg(target_os = "linux")]
mod linux;
mod listeners;
mod machine;

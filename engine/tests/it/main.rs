//! Tests of the engine, and of what the lab derives from the engine's traces.
#![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]

mod course;
mod programs;
mod protocol;
mod python_traces;
mod saved_file;
mod simulated_kernel;
mod sockets;
mod stepping;
mod timeline;
mod version1;

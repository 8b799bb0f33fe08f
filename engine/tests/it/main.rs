//! Tests of the engine, and of what the lab derives from the engine's traces.
#![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]

mod bridge;
mod capture_file;
mod demo;
mod lessons;
mod programs;
mod saved_file;
mod segments;
mod sockets;
mod stepping;
mod timeline;
mod traces;
mod version1;
mod what_if;
mod wire;

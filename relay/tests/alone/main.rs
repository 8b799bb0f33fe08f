//! Tests that must run alone, one after another. One opens almost as many descriptors as a process may have.
//! The others measure how long the kernel takes.
#![cfg(target_os = "linux")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]

#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "these tests use a part of it")]
mod support;

mod many_sessions;
mod workers;

use tokio::sync::Mutex;

/// Held by whoever uses the machine.
static MACHINE: Mutex<()> = Mutex::const_new(());

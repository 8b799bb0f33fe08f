//! The real page from the real relay in a real browser, and noVNC in one. `cargo xtask test` builds
//! the page, finds Chromium and its driver, and runs these. `cargo xtask test --peers` runs them in Firefox too.
#![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]

#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "these tests use a part of it")]
mod support;

mod accessible;
mod alone;
mod axe;
mod axe_class;
mod browser;
mod class;
mod commands;
mod connection;
mod driver;
mod engine;
mod file_server;
mod keyboard;
mod lab;
mod leaving;
mod links;
mod novnc;
mod opening;
mod page;
mod presenting;
mod printing;
mod recording;
mod rfb;
mod ribbons;
mod site;
mod streams;
mod times;
mod touch;

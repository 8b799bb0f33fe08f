//! The real page from the real relay in a real browser. `cargo xtask test` builds the page, finds
//! Chromium and its driver, and runs these.

#[path = "../support/mod.rs"]
mod support;

mod browser;
mod commands;
mod connection;
mod lab;
mod page;
mod presenting;
mod streams;

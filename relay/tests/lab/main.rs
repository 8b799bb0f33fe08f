//! The lab, `/lab`: experiments on real sockets, from a WebSocket client.
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/told.rs"]
mod told;

#[cfg(target_os = "linux")]
mod abandoned;
mod client;
mod endings;
mod liveness;
mod playing;
mod protocol_errors;
mod refusals;
mod series;
mod stepping;

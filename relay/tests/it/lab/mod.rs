//! The lab, `/lab`: experiments on real sockets, from a WebSocket client.

#[cfg(target_os = "linux")]
mod abandoned;
pub(crate) mod client;
mod endings;
mod liveness;
mod playing;
mod protocol_errors;
mod refusals;
mod series;
mod stepping;

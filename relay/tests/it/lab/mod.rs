//! Tests of the lab, `/lab`. A WebSocket client sends commands. The relay runs experiments on real sockets,
//! and the tests check its reports.

#[cfg(target_os = "linux")]
mod abandoned;
pub(crate) mod client;
mod isolation;
mod liveness;
mod protocol_errors;
mod refusals;
#[cfg(target_os = "linux")]
mod simulated;
mod stepping;
#[cfg(target_os = "linux")]
mod wire;

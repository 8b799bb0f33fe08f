//! Tests of the lab, `/lab`. A WebSocket client sends commands. The relay runs experiments on real sockets,
//! and the tests check its reports.

#[cfg(target_os = "linux")]
mod abandoned;
pub(crate) mod client;
mod endings;
mod liveness;
mod playing;
mod protocol_errors;
mod python;
mod refusals;
mod series;
mod stepping;

//! Tests of the bridge, `/bridge/{target}`. A WebSocket client sends bytes and frames; the tests check what
//! reaches the TCP target, and what the client gets back.

mod bytes;
mod conformance;
mod endings;
mod flow;
mod liveness;
mod protocol_errors;
mod refusals;
mod simulated;
mod subprotocol;
mod timed_reads;

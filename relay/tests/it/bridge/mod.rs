//! The bridge, `/bridge/{target}`: over real sockets, from a WebSocket client to a TCP target.

mod bytes;
mod conformance;
mod endings;
mod flow;
mod liveness;
mod protocol_errors;
mod refusals;
mod subprotocol;

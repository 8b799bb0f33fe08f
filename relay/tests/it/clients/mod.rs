//! Tests of the bridge with third-party clients. Each is a program that sends its stdin to a WebSocket and
//! prints what it receives. A test whose client is not installed is skipped.

mod client;
mod websocat;
mod websockets;

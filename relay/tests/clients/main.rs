//! Clients that others wrote, each through the bridge. They are programs that join their stdin and
//! stdout to a WebSocket, and are tested where they are installed.
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

mod client;
mod websocat;
mod websockets;

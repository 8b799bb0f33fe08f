//! Clients that others wrote, each through the bridge. They are programs that join their stdin and
//! stdout to a WebSocket, and are tested where they are installed.

mod client;
mod websocat;
mod websockets;

//! What the page talks to, each over a WebSocket to a relay or with a Web Worker of its own.

use wasm_bindgen::JsValue;

use crate::browser::{Engine, SimulatedBridge, Socket};

/// The way to the bridge of the connection that may be open.
pub(crate) enum LiveChannel {
    Relay(Socket),
    Simulated(SimulatedBridge),
}

impl LiveChannel {
    pub(crate) fn send(&self, bytes: &[u8]) -> Result<(), JsValue> {
        match self {
            Self::Relay(socket) => socket.send(bytes),
            Self::Simulated(bridge) => bridge.send(bytes),
        }
    }
}

/// The way to what runs the programs.
pub(crate) enum LabChannel {
    Relay(Socket),
    Engine(Engine),
}

impl LabChannel {
    pub(crate) fn send(&self, command: &[u8]) -> Result<(), JsValue> {
        match self {
            Self::Relay(socket) => socket.send(command),
            Self::Engine(engine) => engine.send(command),
        }
    }
}

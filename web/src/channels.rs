//! What the page talks to, each over a WebSocket to a relay or with a Web Worker of its own.

use wasm_bindgen::JsValue;

use crate::browser::{Engine, SimulatedBridge, Socket};

/// The way to the bridge of the connection that may be open.
pub(crate) enum LiveChannel {
    Relay(Socket),
    Simulated(SimulatedBridge),
}

impl LiveChannel {
    /// Sends a message `times` times.
    pub(crate) fn send(&self, message: &[u8], times: u32) -> Result<(), JsValue> {
        match self {
            Self::Relay(socket) => (0..times).try_for_each(|_| socket.send(message)),
            Self::Simulated(bridge) => bridge.send(message, times),
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

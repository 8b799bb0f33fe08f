//! The WebSocket to the relay.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::{Listener, window};

/// The most bytes that may wait in the browser to be sent: 16 MiB.
const MAX_BUFFERED: u32 = 16 * 1024 * 1024;

/// What a socket tells its owner.
pub(crate) enum SocketEvent {
    Opened,
    Received(Vec<u8>),
    Closed { code: u16, reason: String },
}

/// A WebSocket; closed when dropped, and silent from then on.
pub(crate) struct Socket {
    socket: WebSocket,
    listeners: Vec<Listener>,
}

impl Socket {
    /// Opens a WebSocket to `path` on the page's own origin.
    pub(crate) fn open(
        path: &str,
        subprotocol: &str,
        tell: impl Fn(SocketEvent) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let location = window().location();
        let scheme = if location.protocol()? == "https:" { "wss" } else { "ws" };
        let url = format!("{scheme}://{}{path}", location.host()?);
        let socket = WebSocket::new_with_str(&url, subprotocol)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listen = |kind, on: fn(Event) -> Option<SocketEvent>| {
            let tell = tell.clone();
            Listener::new(&socket, kind, move |event| {
                if let Some(happened) = on(event) {
                    tell(happened);
                }
            })
        };
        // Every failure ends in a close event, so that `error`, which says nothing, is not needed.
        let listeners = vec![
            listen("open", |_| Some(SocketEvent::Opened)),
            listen("message", on_message),
            listen("close", on_close),
        ];
        Ok(Self { socket, listeners })
    }

    /// Sends one binary message. An error where the browser holds too much that the relay has not
    /// taken.
    pub(crate) fn send(&self, bytes: &[u8]) -> Result<(), JsValue> {
        if self.socket.buffered_amount() > MAX_BUFFERED {
            return Err(JsValue::NULL);
        }
        self.socket.send_with_u8_array(bytes)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.listeners.clear();
        // Closing a socket that is closed is no error (WebSockets, close()).
        let _ = self.socket.close();
    }
}

fn on_message(event: Event) -> Option<SocketEvent> {
    let event: MessageEvent = event.dyn_into().ok()?;
    let buffer: ArrayBuffer = event.data().dyn_into().ok()?;
    Some(SocketEvent::Received(Uint8Array::new(&buffer).to_vec()))
}

fn on_close(event: Event) -> Option<SocketEvent> {
    let event: CloseEvent = event.dyn_into().ok()?;
    Some(SocketEvent::Closed { code: event.code(), reason: event.reason() })
}

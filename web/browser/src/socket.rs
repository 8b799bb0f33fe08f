//! WebSockets to the relay.

use std::rc::Rc;

use framescope_page::state::UNREADABLE;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use crate::fetch::url;
use crate::listener::Listener;

/// The most bytes that may wait in the browser to be sent: 16 MiB.
pub const MAX_BUFFERED: u32 = 16 * 1024 * 1024;

/// An event of a [`Socket`].
pub enum SocketEvent {
    /// It is open.
    Opened {
        /// The subprotocol that was chosen. Empty if none was.
        subprotocol: String,
    },
    /// A binary message has come.
    Received(Vec<u8>),
    /// It is closed, or could not be opened.
    Closed {
        /// The close code: RFC 6455, section 7.4.1.
        code: u16,
        /// Why, in a sentence. Empty if it is not known.
        reason: String,
    },
}

/// A WebSocket. When it is dropped, it is closed and sends no more events.
pub struct Socket {
    socket: WebSocket,
    listeners: Vec<Listener>,
}

impl Socket {
    /// Opens a WebSocket to this path of the relay, and offers these subprotocols.
    ///
    /// # Errors
    ///
    /// The browser opens none: the address or a subprotocol is not valid.
    pub fn open(
        path: &str,
        subprotocols: &[&str],
        on_event: &Rc<dyn Fn(SocketEvent)>,
    ) -> Result<Self, JsValue> {
        // The address begins with http or https.
        let url = url(path)?;
        let url = ["ws", url.strip_prefix("http").unwrap_or(&url)].concat();
        let offered: Array = subprotocols.iter().copied().map(JsValue::from_str).collect();
        let socket = WebSocket::new_with_str_sequence(&url, &offered)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listen = |kind, on: fn(Event) -> Option<SocketEvent>| {
            let on_event = Rc::clone(on_event);
            Listener::new(&socket, kind, move |event| {
                if let Some(event) = on(event) {
                    on_event(event);
                }
            })
        };
        // There is no listener for `error`: the event has no reason, and a close event follows it.
        let listeners =
            vec![listen("open", on_open), listen("message", on_message), listen("close", on_close)];
        Ok(Self { socket, listeners })
    }

    /// Sends one binary message.
    ///
    /// # Errors
    ///
    /// More than [`MAX_BUFFERED`] bytes wait in the browser, or the WebSocket is not open yet.
    pub fn send(&self, bytes: &[u8]) -> Result<(), JsValue> {
        if self.socket.buffered_amount() > MAX_BUFFERED {
            return Err(JsValue::NULL);
        }
        self.socket.send_with_u8_array(bytes)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.listeners.clear();
        // It is not an error to close a closed socket (WebSockets, close()).
        let _ = self.socket.close();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "all listeners have one type")]
fn on_open(event: Event) -> Option<SocketEvent> {
    let socket: WebSocket = event.target()?.dyn_into().ok()?;
    Some(SocketEvent::Opened { subprotocol: socket.protocol() })
}

fn on_message(event: Event) -> Option<SocketEvent> {
    let event: MessageEvent = event.dyn_into().ok()?;
    let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() else {
        // Every subprotocol of the relay has binary messages only.
        let socket: WebSocket = event.target()?.dyn_into().ok()?;
        let _ = socket.close();
        return Some(SocketEvent::Closed { code: UNREADABLE, reason: "a text message".to_owned() });
    };
    Some(SocketEvent::Received(Uint8Array::new(&buffer).to_vec()))
}

fn on_close(event: Event) -> Option<SocketEvent> {
    let event: CloseEvent = event.dyn_into().ok()?;
    Some(SocketEvent::Closed { code: event.code(), reason: event.reason() })
}

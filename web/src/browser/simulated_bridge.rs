//! The bridge of this page, on the simulated kernel: `web/engine/` in a Web Worker.

use std::cell::Cell;
use std::rc::Rc;

use framescope_protocol::READS_SUBPROTOCOL;
use framescope_protocol::close_code::NO_CLOSE_FRAME;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{ErrorEvent, Event, MessageEvent, Worker};

use super::Listener;
use super::engine::start_worker;
use super::{MAX_BUFFERED, SocketEvent};

/// The worker's script.
const SCRIPT: &str = "bridge_worker.js";

/// A session of the bridge, as a [`Socket`](super::Socket) is one of a relay's. When it is dropped, its worker is
/// terminated and sends no more events.
pub(crate) struct SimulatedBridge {
    worker: Worker,
    /// Bytes that were sent and that the simulated kernel has not taken.
    buffered: Rc<Cell<u32>>,
    listeners: Vec<Listener>,
}

impl SimulatedBridge {
    /// Opens a session as a relay does for this path and query.
    pub(crate) fn open(path: &str, on_event: &Rc<dyn Fn(SocketEvent)>) -> Result<Self, JsValue> {
        let worker = start_worker(SCRIPT)?;
        let buffered = Rc::new(Cell::new(0));
        let on_message = {
            let (worker, buffered, on_event) =
                (worker.clone(), Rc::clone(&buffered), Rc::clone(on_event));
            Listener::new(&worker.clone(), "message", move |event| {
                if let Some(event) = take(&event, &worker, &buffered) {
                    on_event(event);
                }
            })
        };
        let on_event = Rc::clone(on_event);
        let on_error = Listener::new(&worker, "error", move |event| {
            // If the script cannot be fetched, the event has no message.
            let reason = event
                .dyn_into()
                .map_or_else(|_| String::new(), |event: ErrorEvent| event.message());
            on_event(SocketEvent::Closed { code: NO_CLOSE_FRAME, reason });
        });
        worker.post_message(&path.into())?;
        Ok(Self { worker, buffered, listeners: vec![on_message, on_error] })
    }

    /// Sends a message `times` times. The worker gets them together: on a busy machine it would read between them. An
    /// error if more than [`MAX_BUFFERED`] bytes wait.
    pub(crate) fn send(&self, message: &[u8], times: u32) -> Result<(), JsValue> {
        if self.buffered.get() > MAX_BUFFERED {
            return Err(JsValue::NULL);
        }
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).saturating_mul(times);
        self.buffered.set(self.buffered.get().saturating_add(length));
        let message = Uint8Array::from(message);
        self.worker.post_message(&Array::of2(&message.into(), &times.into()))
    }
}

impl Drop for SimulatedBridge {
    fn drop(&mut self) {
        self.listeners.clear();
        self.worker.terminate();
    }
}

/// Takes what the worker says. Returns the event of it.
fn take(event: &Event, worker: &Worker, buffered: &Cell<u32>) -> Option<SocketEvent> {
    let data = event.dyn_ref::<MessageEvent>()?.data();
    if let Some(reads) = data.dyn_ref::<Uint8Array>() {
        // A worker that is not told stops to read.
        worker.post_message(&reads.length().into()).ok()?;
        return Some(SocketEvent::Received(reads.to_vec()));
    }
    if let Some(taken) = data.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it takes no more than was sent"
        )]
        buffered.set(buffered.get().saturating_sub(taken as u32));
        return None;
    }
    if let Some(closed) = data.dyn_ref::<Array>() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a close code has 16 bits"
        )]
        let code = closed.get(0).as_f64()? as u16;
        return Some(SocketEvent::Closed { code, reason: closed.get(1).as_string()? });
    }
    Some(SocketEvent::Opened { subprotocol: READS_SUBPROTOCOL.to_owned() })
}

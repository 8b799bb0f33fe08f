//! The Web Worker that runs Python programs: `web/engine/`, which is fetched when it is started.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{ErrorEvent, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::Listener;

/// The worker's script.
const SCRIPT: &str = "engine_worker.js";

/// An event of an [`Engine`].
pub(crate) enum EngineEvent {
    /// An encoded report.
    Reported(Vec<u8>),
    /// The worker cannot go on. Why, in a sentence, if the browser says it.
    Failed(String),
}

/// A Web Worker. When it is dropped, it is terminated and sends no more events.
pub(crate) struct Engine {
    worker: Worker,
    listeners: Vec<Listener>,
}

impl Engine {
    /// Starts a worker, which fetches the interpreter.
    pub(crate) fn start(on_event: impl Fn(EngineEvent) + Clone + 'static) -> Result<Self, JsValue> {
        let worker = start_worker(SCRIPT)?;
        let listen = |kind, on: fn(Event) -> Option<EngineEvent>| {
            let on_event = on_event.clone();
            Listener::new(&worker, kind, move |event| {
                if let Some(event) = on(event) {
                    on_event(event);
                }
            })
        };
        let listeners = vec![listen("message", on_message), listen("error", on_error)];
        Ok(Self { worker, listeners })
    }

    /// Sends an encoded command. Commands that are sent before the interpreter has come wait for it.
    pub(crate) fn send(&self, command: &[u8]) -> Result<(), JsValue> {
        self.worker.post_message(&Uint8Array::from(command))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.listeners.clear();
        self.worker.terminate();
    }
}

/// Starts a worker with this script, which lies beside the page. The page may be in any folder of a site.
pub(super) fn start_worker(script: &str) -> Result<Worker, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(script, &options)
}

fn on_message(event: Event) -> Option<EngineEvent> {
    let event: MessageEvent = event.dyn_into().ok()?;
    let report: Uint8Array = event.data().dyn_into().ok()?;
    Some(EngineEvent::Reported(report.to_vec()))
}

/// If the script cannot be fetched, the event has no message.
#[expect(clippy::unnecessary_wraps, reason = "a listener may ignore an event")]
fn on_error(event: Event) -> Option<EngineEvent> {
    let why = event.dyn_into().map_or_else(|_| String::new(), |event: ErrorEvent| event.message());
    Some(EngineEvent::Failed(why))
}

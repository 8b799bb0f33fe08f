//! The Web Worker that reads a saved file: `web/trace-file/`, which is fetched when it is started.

use framescope_lab::FileReport;
use framescope_page::state::Problem;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{ErrorEvent, Event, HtmlInputElement, MessageEvent, Worker};

use super::Listener;
use super::engine::start_worker;
use super::file::take_chosen;

/// The worker's script.
const SCRIPT: &str = "file_worker.js";

/// A Web Worker that reads one file. When it is dropped, it is terminated and sends no more reports.
pub(crate) struct FileReader {
    worker: Worker,
    listeners: Vec<Listener>,
}

impl FileReader {
    /// Reads the file that was chosen in `input`.
    pub(crate) fn of_chosen(
        input: &HtmlInputElement,
        on_report: impl Fn(Result<FileReport, Problem>) + Clone + 'static,
    ) -> Result<Self, Problem> {
        let file = take_chosen(input).ok_or(Problem::Unreadable)?;
        Self::start(&file, on_report)
    }

    /// Reads a file, or the one at a path.
    pub(crate) fn start(
        source: &JsValue,
        on_report: impl Fn(Result<FileReport, Problem>) + Clone + 'static,
    ) -> Result<Self, Problem> {
        let no_worker = |_| Problem::NoModule(String::new());
        let worker = start_worker(SCRIPT).map_err(no_worker)?;
        let listen = |kind, read: fn(&Event) -> Result<FileReport, Problem>| {
            let on_report = on_report.clone();
            Listener::new(&worker, kind, move |event| on_report(read(&event)))
        };
        let listeners = vec![listen("message", report), listen("error", error)];
        worker.post_message(source).map_err(no_worker)?;
        Ok(Self { worker, listeners })
    }

    /// Asks for the next report.
    pub(crate) fn go_on(&self) {
        // A null can always be sent.
        let _ = self.worker.post_message(&JsValue::NULL);
    }
}

impl Drop for FileReader {
    fn drop(&mut self) {
        self.listeners.clear();
        self.worker.terminate();
    }
}

fn report(event: &Event) -> Result<FileReport, Problem> {
    let data = event.dyn_ref().map_or(JsValue::NULL, MessageEvent::data);
    let bytes: &Uint8Array = data.dyn_ref().ok_or(Problem::Unreadable)?;
    FileReport::decode(&bytes.to_vec()).ok_or_else(|| Problem::NoModule(String::new()))
}

/// If the script cannot be fetched, the event has no message.
fn error(event: &Event) -> Result<FileReport, Problem> {
    Err(Problem::NoModule(event.dyn_ref().map_or_else(String::new, ErrorEvent::message)))
}

//! The frame with the lab. `web/src/browser/class_frame.rs` is the other side.

use framescope_browser::{Listener, document, element, window};
use framescope_class_page::effect::ToFrame;
use framescope_class_page::msg::FromFrame;
use framescope_record::Source;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, HtmlElement, HtmlIFrameElement, MessageEvent};

/// What the kinds of messages are called.
const MEASURED_RUN: f64 = 0.0;
const SIMULATED_RUN: f64 = 1.0;
const RUN: f64 = 2.0;
const REPORT: f64 = 3.0;
const PLACE: f64 = 4.0;

/// The style that leaves out what a class does not need.
const STYLE: &str = "class/frame.css";

/// What the frame says.
pub(crate) enum Said {
    /// It is ready to be told.
    Ready,
    /// It shows something.
    Shows(FromFrame),
}

/// A frame with the lab. It is removed when this is dropped.
pub(crate) struct LabFrame {
    frame: HtmlIFrameElement,
    /// What it is to the class: the name of the frame.
    name: &'static str,
    fragment: String,
    _listeners: [Listener; 2],
}

impl LabFrame {
    /// Opens the lab at a place. `name` says what it is to the class.
    pub(crate) fn open(
        name: &'static str,
        fragment: &str,
        title: &str,
        on: impl Fn(Said) + 'static,
    ) -> Result<Self, JsValue> {
        let frame: HtmlIFrameElement = document().create_element("iframe")?.unchecked_into();
        frame.set_name(name);
        frame.set_title(title);
        let listeners = [
            Listener::new(&window(), "message", {
                let frame = frame.clone();
                move |event| {
                    if let Some(said) = read(&frame, event) {
                        on(said);
                    }
                }
            }),
            Listener::new(&frame, "load", {
                let frame = frame.clone();
                // Without the style, the lab shows more than it need.
                move |_| drop(dress(&frame, name))
            }),
        ];
        frame.set_src(&format!("index.html#{fragment}"));
        element::<HtmlElement>("frame").append_child(&frame)?;
        Ok(Self { frame, name, fragment: fragment.to_owned(), _listeners: listeners })
    }

    /// Whether this is what it is to the class.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// Goes to another place, unless it was the last that it was sent to.
    pub(crate) fn go(&mut self, fragment: String) {
        if self.fragment != fragment {
            if let Some(lab) = self.frame.content_window() {
                // It fails only in a page of another origin.
                let _ = lab.location().set_hash(&fragment);
            }
            self.fragment = fragment;
        }
    }

    /// Tells the lab what the teacher's page shows.
    pub(crate) fn tell(&self, what: &ToFrame) {
        let bytes = |bytes: &[u8]| Uint8Array::from(bytes).into();
        let (kind, data) = match what {
            ToFrame::Run(head) => (RUN, bytes(head)),
            ToFrame::Report(report) => (REPORT, bytes(report)),
            ToFrame::Place(place) => (PLACE, JsValue::from_str(place)),
        };
        let (Some(lab), Ok(origin)) = (self.frame.content_window(), window().location().origin())
        else {
            return;
        };
        // It fails only if the message cannot be copied, and this one can.
        let _ = lab.post_message(&Array::of2(&JsValue::from_f64(kind), &data), &origin);
    }
}

impl Drop for LabFrame {
    fn drop(&mut self) {
        self.frame.remove();
    }
}

/// The name of a frame that follows the teacher's page.
pub(crate) const FOLLOWING: &str = "class-following";
/// That of the teacher's own.
pub(crate) const SHOWN: &str = "class-shown";
/// That of a student's own, which runs nothing on the relay.
pub(crate) const OWN: &str = "class-own";
/// That of a student's own, which runs on the relay.
pub(crate) const ON_RELAY: &str = "class-on-relay";

/// Marks the document in the frame, and gives it the style.
fn dress(frame: &HtmlIFrameElement, name: &str) -> Result<(), JsValue> {
    let Some(document) = frame.content_document() else { return Ok(()) };
    let Some(root) = document.document_element() else { return Ok(()) };
    root.set_attribute("data-class", name.trim_start_matches("class-"))?;
    let style = document.create_element("link")?;
    style.set_attribute("rel", "stylesheet")?;
    style.set_attribute("href", STYLE)?;
    root.append_child(&style).map(|_| ())
}

/// What a message says. `None` if it is not of this frame.
fn read(frame: &HtmlIFrameElement, event: Event) -> Option<Said> {
    let event: MessageEvent = event.dyn_into().ok()?;
    let lab: JsValue = frame.content_window()?.into();
    event.source().filter(|source| *AsRef::<JsValue>::as_ref(source) == lab)?;
    let message: Array = event.data().dyn_into().ok()?;
    let (kind, data) = (message.get(0).as_f64()?, message.get(1));
    if let Some(place) = data.as_string() {
        let is_ready = place.is_empty();
        return Some(if is_ready { Said::Ready } else { Said::Shows(FromFrame::Place(place)) });
    }
    let bytes = data.dyn_ref().map(Uint8Array::to_vec)?;
    Some(Said::Shows(match kind.to_bits() {
        bits if bits == MEASURED_RUN.to_bits() => FromFrame::Run(Source::Measured, bytes),
        bits if bits == SIMULATED_RUN.to_bits() => FromFrame::Run(Source::Simulated, bytes),
        _ => FromFrame::Report(bytes),
    }))
}

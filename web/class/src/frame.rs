//! The frame with the lab. `web/src/browser/class_frame.rs` is the other side.

use framescope_browser::dom::set_attribute;
use framescope_browser::{FrameMessage, Listener, document, element, window};
use framescope_class_page::effect::ToFrame;
use framescope_class_page::msg::FromFrame;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, HtmlElement, HtmlIFrameElement};

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
    /// Opens the lab at a place, within an element. `name` says what it is to the class.
    pub(crate) fn open(
        name: &'static str,
        within: &str,
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
        element::<HtmlElement>(within).append_child(&frame)?;
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
    pub(crate) fn tell(&self, what: ToFrame) {
        if let Some(lab) = self.frame.content_window() {
            let message = match what {
                ToFrame::Run(head) => FrameMessage::Run(head),
                ToFrame::Report(report) => FrameMessage::Report(report),
                ToFrame::Place(place) => FrameMessage::Place(place),
            };
            message.post(&lab);
        }
    }
}

impl Drop for LabFrame {
    fn drop(&mut self) {
        self.frame.remove();
    }
}

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
    match FrameMessage::read(event, &frame.content_window()?)? {
        FrameMessage::Began(source, load) => Some(Said::Shows(FromFrame::Run(source, load))),
        FrameMessage::Report(report) => Some(Said::Shows(FromFrame::Report(report))),
        FrameMessage::Place(place) if place.is_empty() => {
            set_attribute(frame, "data-ready", Some(""));
            Some(Said::Ready)
        }
        FrameMessage::Place(place) => Some(Said::Shows(FromFrame::Place(place))),
        // Only a class's page tells a lab to show a run.
        FrameMessage::Run(_) => None,
    }
}

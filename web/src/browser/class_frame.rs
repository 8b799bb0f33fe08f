//! The page as a frame in the page of a class: `web/class/` has that page. Both are of one origin, and no other origin may
//! have either in a frame.
//!
//! Each message is a pair: its kind, and bytes or a text.

use framescope_page::msg::Mirrored;
use framescope_record::Source;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, MessageEvent};

use super::{Listener, window};

/// A run on real sockets begins: its experiment.
const MEASURED_RUN: &str = "measured-run";
/// A run on the simulated kernel begins: its experiment.
const SIMULATED_RUN: &str = "simulated-run";
/// The next report of the run.
const REPORT: &str = "report";
/// The place on screen, a text.
const PLACE: &str = "place";

/// What the page is to a class. The name of its frame says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The teacher's: others see what it shows.
    Shown,
    /// It shows what the teacher's page shows.
    Following,
    /// A student's own, which runs nothing on the relay.
    Own,
}

impl Part {
    /// `None` if the page is in no class.
    pub(crate) fn of_page() -> Option<Self> {
        match &*window().name().unwrap_or_default() {
            "class-shown" => Some(Self::Shown),
            "class-following" => Some(Self::Following),
            "class-own" => Some(Self::Own),
            _ => None,
        }
    }
}

/// Tells the class's page what this page shows.
pub(crate) fn tell_class(mirrored: &Mirrored) {
    let bytes = |bytes: &[u8]| Uint8Array::from(bytes).into();
    let (kind, data) = match mirrored {
        Mirrored::Run(Source::Measured, load) => (MEASURED_RUN, bytes(load)),
        Mirrored::Run(Source::Simulated, load) => (SIMULATED_RUN, bytes(load)),
        Mirrored::Report(report) => (REPORT, bytes(report)),
        Mirrored::Place(place) => (PLACE, JsValue::from_str(place)),
    };
    let (Ok(Some(parent)), Ok(origin)) = (window().parent(), window().location().origin()) else {
        return;
    };
    let message = Array::of2(&JsValue::from_str(kind), &data);
    // It fails only if the message cannot be copied, and this one can.
    let _ = parent.post_message(&message, &origin);
}

/// The page of the class that this page is in.
pub(crate) struct Parent {
    _listener: Listener,
}

impl Parent {
    /// Listens to what the teacher's page shows, and asks for it.
    pub(crate) fn follow(on: impl Fn(Mirrored) + 'static) -> Self {
        let listener = Listener::new(&window(), "message", move |event| {
            if let Some(mirrored) = read(event) {
                on(mirrored);
            }
        });
        tell_class(&Mirrored::Place(String::new()));
        Self { _listener: listener }
    }
}

/// What a message of the class's page says. `None` if it is somebody else's.
fn read(event: Event) -> Option<Mirrored> {
    let event: MessageEvent = event.dyn_into().ok()?;
    window().location().origin().ok().filter(|own| event.origin() == *own)?;
    let message: Array = event.data().dyn_into().ok()?;
    let data = message.get(1);
    let bytes = || data.dyn_ref().map(Uint8Array::to_vec);
    match &*message.get(0).as_string()? {
        MEASURED_RUN => Some(Mirrored::Run(Source::Measured, bytes()?)),
        SIMULATED_RUN => Some(Mirrored::Run(Source::Simulated, bytes()?)),
        REPORT => Some(Mirrored::Report(bytes()?)),
        PLACE => data.as_string().map(Mirrored::Place),
        _ => None,
    }
}

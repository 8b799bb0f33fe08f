//! The page as a frame in the page of a class: `web/class/` has that page. Both are of one origin, and no other origin may
//! have either in a frame.
//!
//! Each message is a pair: its kind, and bytes or a text.

use framescope_page::effect::Mirrored;
use framescope_page::msg::Followed;
use framescope_page::state::Part;
use framescope_record::Source;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, MessageEvent};

use super::{Listener, window};

/// A run on real sockets begins: its experiment.
const MEASURED_RUN: f64 = 0.0;
/// A run on the simulated kernel begins: its experiment.
const SIMULATED_RUN: f64 = 1.0;
/// A run begins, for a page that follows: its trace without events.
const RUN: f64 = 2.0;
/// The next report of the run.
const REPORT: f64 = 3.0;
/// The place on screen, a text.
const PLACE: f64 = 4.0;

/// What the page is to a class: the name of its frame says it. The second is whether the page runs nothing on the relay.
pub(crate) fn part_of_page() -> (Part, bool) {
    match &*window().name().unwrap_or_default() {
        "class-shown" => (Part::Shown(String::new()), false),
        "class-following" => (Part::Following, true),
        "class-own" => (Part::None, true),
        _ => (Part::None, false),
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
    let message = Array::of2(&JsValue::from_f64(kind), &data);
    // It fails only if the message cannot be copied, and this one can.
    let _ = parent.post_message(&message, &origin);
}

/// The page of the class that this page is in.
pub(crate) struct Parent {
    _listener: Listener,
}

impl Parent {
    /// Listens to what the teacher's page shows, and asks for it.
    pub(crate) fn follow(on: impl Fn(Followed) + 'static) -> Self {
        let listener = Listener::new(&window(), "message", move |event| {
            if let Some(followed) = read(event) {
                on(followed);
            }
        });
        tell_class(&Mirrored::Place(String::new()));
        Self { _listener: listener }
    }
}

/// What a message of the class's page says. `None` if it is somebody else's.
fn read(event: Event) -> Option<Followed> {
    let event: MessageEvent = event.dyn_into().ok()?;
    window().location().origin().ok().filter(|own| event.origin() == *own)?;
    let message: Array = event.data().dyn_into().ok()?;
    let data = message.get(1);
    if let Some(place) = data.as_string() {
        return Some(Followed::Place(place));
    }
    let bytes = data.dyn_ref().map(Uint8Array::to_vec)?;
    let is_run = message.get(0).as_f64()?.to_bits() == RUN.to_bits();
    Some(if is_run { Followed::Run(bytes) } else { Followed::Report(bytes) })
}

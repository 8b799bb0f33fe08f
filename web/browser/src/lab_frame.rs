//! What the page of a class and the lab in its frame say to each other. Both are of one origin, and no other origin may have
//! either in a frame.
//!
//! A message is a pair: its kind, and bytes or a text.

use framescope_record::Source;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, MessageEvent, Window};

use crate::window;

/// What a lab in a frame is to a class. The frame's name says it.
pub mod frame_name {
    /// The teacher's: others see what it shows.
    pub const SHOWN: &str = "class-shown";
    /// It shows what the teacher's shows, and runs nothing.
    pub const FOLLOWING: &str = "class-following";
    /// It shows recordings that it is told, and runs nothing.
    pub const RECORDED: &str = "class-recorded";
    /// A student's own, which runs nothing on the relay.
    pub const OWN: &str = "class-own";
    /// A student's own, which runs on the relay.
    pub const ON_RELAY: &str = "class-on-relay";
}

/// A message, in either direction.
pub enum FrameMessage {
    /// The teacher's lab begins a run, there: its experiment, encoded.
    Began(Source, Vec<u8>),
    /// A lab that follows shows another run: its trace without events, encoded. Or a whole recording.
    Run(Vec<u8>),
    /// The next report of the run, encoded.
    Report(Vec<u8>),
    /// The place on screen. A lab that follows says an empty one when it is ready to be told.
    Place(String),
}

/// The kinds of messages.
const MEASURED: f64 = 0.0;
const SIMULATED: f64 = 1.0;
const RUN: f64 = 2.0;
const REPORT: f64 = 3.0;
const PLACE: f64 = 4.0;

impl FrameMessage {
    /// Sends it to a window of this page's origin.
    pub fn post(&self, to: &Window) {
        let bytes = |bytes: &[u8]| Uint8Array::from(bytes).into();
        let (kind, data) = match self {
            Self::Began(Source::Measured, load) => (MEASURED, bytes(load)),
            Self::Began(Source::Simulated, load) => (SIMULATED, bytes(load)),
            Self::Run(head) => (RUN, bytes(head)),
            Self::Report(report) => (REPORT, bytes(report)),
            Self::Place(place) => (PLACE, JsValue::from_str(place)),
        };
        if let Ok(origin) = window().location().origin() {
            // It fails only if the message cannot be copied, and this one can.
            let _ = to.post_message(&Array::of2(&JsValue::from_f64(kind), &data), &origin);
        }
    }

    /// What an event says, if `from` has sent it.
    #[must_use]
    pub fn read(event: Event, from: &Window) -> Option<Self> {
        let event: MessageEvent = event.dyn_into().ok()?;
        let is_from = |source: &JsValue| source == AsRef::<JsValue>::as_ref(from);
        event.source().filter(|source| is_from(source.as_ref()))?;
        let message: Array = event.data().dyn_into().ok()?;
        let data = message.get(1);
        if let Some(place) = data.as_string() {
            return Some(Self::Place(place));
        }
        let bytes = data.dyn_ref().map(Uint8Array::to_vec)?;
        let kind = message.get(0).as_f64()?.to_bits();
        let is = |known: f64| kind == known.to_bits();
        if is(MEASURED) {
            Some(Self::Began(Source::Measured, bytes))
        } else if is(SIMULATED) {
            Some(Self::Began(Source::Simulated, bytes))
        } else if is(RUN) {
            Some(Self::Run(bytes))
        } else {
            is(REPORT).then_some(Self::Report(bytes))
        }
    }
}

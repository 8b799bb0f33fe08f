//! The cuts of the lanes, which a pointer or a finger can move.

use std::cell::Cell;
use std::rc::Rc;

use framescope_page::msg::{LabMsg, Msg};
use framescope_page::screen::cuts::Cut;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, PointerEvent};

use super::listen::{Listen, closest};
use crate::browser::element;

/// A cut is held from where its chunk begins. Wherever it goes, each `recv` asks for as many bytes as the chunk is long then.
pub(super) fn moves(listen: &mut Listen) {
    let root: HtmlElement = element("received-lanes");
    // Where the chunk begins whose end is held.
    let held: Rc<Cell<Option<u64>>> = Rc::default();
    let takes = Rc::clone(&held);
    let lanes = root.clone();
    listen.on(&root, "pointerdown", move |_, event| {
        let cut = closest(event, "[data-cut-from]")?;
        takes.set(cut.get_attribute("data-cut-from")?.parse().ok());
        let pointer: &PointerEvent = event.dyn_ref()?;
        // Without it, only a pointer that stays on the lanes moves the cut.
        let _ = lanes.set_pointer_capture(pointer.pointer_id());
        event.prevent_default();
        None
    });
    let moves = Rc::clone(&held);
    let lanes = root.clone();
    listen.on(&root, "pointermove", move |handle, event| {
        let (from, pointer) = (moves.get()?, event.dyn_ref::<PointerEvent>()?);
        let left = f64::from(pointer.client_x()) - lanes.get_bounding_client_rect().left();
        let reader = handle.read(|state| {
            let at = state.offset_at(left);
            let reader = Cut::moved(from, at);
            let is_new = state.lab.what_if.as_ref().map(|what_if| what_if.reader) != Some(reader);
            is_new.then_some(reader)
        })?;
        Some(Msg::Lab(LabMsg::ReaderChosen(Some(reader?))))
    });
    for kind in ["pointerup", "pointercancel"] {
        let held = Rc::clone(&held);
        listen.on(&root, kind, move |_, _| {
            held.set(None);
            None
        });
    }
}

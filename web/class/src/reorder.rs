//! Lines that are put in order by dragging: with a finger, a pen, or a mouse.

use std::cell::Cell;
use std::rc::Rc;

use framescope_browser::{Listener, element};
use framescope_class_page::msg::{Msg, StudentMsg};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, PointerEvent};

/// The listeners. They are removed when this is dropped.
pub(crate) struct Reorder {
    _listeners: Vec<Listener>,
}

impl Reorder {
    pub(crate) fn listen(send: &Rc<dyn Fn(Msg)>) -> Self {
        let order: HtmlElement = element("order");
        // The place of the line that is held.
        let held: Rc<Cell<Option<usize>>> = Rc::default();
        let down = {
            let (held, order) = (Rc::clone(&held), order.clone());
            Listener::new(&order.clone(), "pointerdown", move |event| {
                held.set(line_at(&order, &event));
                mark(&order, held.get());
            })
        };
        let moved = {
            let (held, order, send) = (Rc::clone(&held), order.clone(), Rc::clone(send));
            Listener::new(&order.clone(), "pointermove", move |event| {
                let Some(from) = held.get() else { return };
                let Some(to) = line_under(&order, &event).filter(|to| *to != from) else { return };
                held.set(Some(to));
                mark(&order, held.get());
                if let Some(by) = to.checked_signed_diff(from) {
                    send(Msg::Student(StudentMsg::LineMoved(from, by)));
                }
            })
        };
        let up = ["pointerup", "pointercancel"].map(|kind| {
            let (held, order) = (Rc::clone(&held), order.clone());
            Listener::new(&order.clone(), kind, move |_| {
                held.set(None);
                mark(&order, None);
            })
        });
        Self { _listeners: [down, moved].into_iter().chain(up).collect() }
    }
}

/// The place of the line that was pressed. `None` on a button.
fn line_at(order: &HtmlElement, event: &Event) -> Option<usize> {
    let pressed: Element = event.target()?.dyn_into().ok()?;
    if pressed.closest("button").ok()?.is_some() {
        return None;
    }
    line_under(order, event)
}

/// The place of the line at the pointer's height.
fn line_under(order: &HtmlElement, event: &Event) -> Option<usize> {
    let y = f64::from(event.dyn_ref::<PointerEvent>()?.client_y());
    let lines = order.children();
    (0..lines.length()).find_map(|at| {
        let line = lines.item(at)?.get_bounding_client_rect();
        let at = usize::try_from(at).ok()?;
        (line.top()..line.bottom()).contains(&y).then_some(at)
    })
}

fn mark(order: &HtmlElement, held: Option<usize>) {
    let lines = order.children();
    for at in 0..lines.length() {
        if let Some(line) = lines.item(at) {
            let is_held = usize::try_from(at).ok() == held;
            line.set_class_name(if is_held { "dragged" } else { "" });
        }
    }
}

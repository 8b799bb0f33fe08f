//! Listens to an element, and reads what its event carries.

use framescope_page::msg::Msg;
use framescope_page::screen::item_attribute::from_attribute;
use framescope_record::Item;
use wasm_bindgen::JsCast as _;
use web_sys::{
    Element, Event, EventTarget, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent,
};

use crate::browser::{Listener, element};
use crate::handle::Handle;

/// The id of a button, and the message that a click on it sends.
pub(super) type Button = (&'static str, fn() -> Msg);

/// Makes a message of an event.
type Read = dyn FnMut(&Handle, &Event) -> Option<Msg>;

/// Collects the listeners.
pub(super) struct Listen {
    handle: Handle,
    listeners: Vec<Listener>,
}

impl Listen {
    pub(super) fn new(handle: Handle) -> Self {
        Self { handle, listeners: Vec::new() }
    }

    pub(super) fn into_listeners(self) -> Vec<Listener> {
        self.listeners
    }

    /// Sends the message that `read` makes of each event of the kind, if it makes one.
    pub(super) fn on(
        &mut self,
        target: &EventTarget,
        kind: &'static str,
        read: impl FnMut(&Handle, &Event) -> Option<Msg> + 'static,
    ) {
        self.boxed(target, kind, Box::new(read));
    }

    /// Every `read` shares this code.
    fn boxed(&mut self, target: &EventTarget, kind: &'static str, mut read: Box<Read>) {
        let handle = self.handle.clone();
        self.listeners.push(Listener::new(target, kind, move |event| {
            if let Some(msg) = read(&handle, &event) {
                handle.send(msg);
            }
        }));
    }

    pub(super) fn click(&mut self, id: &str, msg: fn() -> Msg) {
        self.on(&element::<HtmlElement>(id), "click", move |_, _| Some(msg()));
    }
}

/// The key of a keyboard event. `None` with a modifier, because then the key belongs to the browser.
pub(super) fn key(event: &Event) -> Option<String> {
    let event: &KeyboardEvent = event.dyn_ref()?;
    (!event.ctrl_key() && !event.alt_key() && !event.meta_key()).then(|| event.key())
}

/// The element of the event's target that matches `selector`, or the nearest around it.
pub(super) fn closest(event: &Event, selector: &str) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok()?
}

pub(super) fn typed(event: &Event) -> Option<String> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    Some(input.value())
}

pub(super) fn chosen(event: &Event) -> Option<String> {
    let select: HtmlSelectElement = event.target()?.dyn_into().ok()?;
    Some(select.value())
}

/// Sends the item that the pointer is on, and the one that is clicked.
pub(super) fn points_and_selects(listen: &mut Listen, target: &Element) {
    listen.on(target, "pointerover", |handle, event| {
        let item = item(event);
        (handle.read(|state| state.pointed)? != item).then_some(Msg::Pointed(item))
    });
    listen.on(target, "pointerleave", |_, _| Some(Msg::Pointed(None)));
    listen.on(target, "click", |_, event| Some(Msg::Selected(item(event))));
}

fn item(event: &Event) -> Option<Item> {
    from_attribute(&closest(event, "[data-item]")?.get_attribute("data-item")?)
}

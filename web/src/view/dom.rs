//! Helpers that change an element only if it has another value.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlTemplateElement};

use crate::browser::element;

pub(super) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Sets an attribute, or removes it if `value` is `None`.
pub(super) fn set_attribute(element: &Element, name: &str, value: Option<&str>) {
    if element.get_attribute(name).as_deref() == value {
        return;
    }
    match value {
        // These fail only if the name is not valid, and the names here are.
        Some(value) => drop(element.set_attribute(name, value)),
        None => drop(element.remove_attribute(name)),
    }
}

/// Places an element on its lane. Both numbers are in CSS pixels.
pub(super) fn place(element: &HtmlElement, left: u64, width: u64) {
    let style = element.style();
    // A number and a unit are always a valid length.
    let _ = style.set_property("left", &format!("{left}px"));
    let _ = style.set_property("width", &format!("{width}px"));
}

/// A new element from the template with this id.
pub(super) fn from_template(id: &str) -> HtmlElement {
    let template: HtmlTemplateElement = element(id);
    let first = template.content().first_element_child();
    let copy = first.and_then(|first| first.clone_node_with_deep(true).ok());
    copy.and_then(|copy| copy.dyn_into().ok()).expect("a template holds one element")
}

/// The descendant that `selector` finds. Panics if there is none.
pub(super) fn child(parent: &Element, selector: &str) -> HtmlElement {
    let found = parent.query_selector(selector).ok().flatten();
    let found = found.unwrap_or_else(|| panic!("a template lacks {selector}"));
    found.dyn_into().expect("the page has HTML elements only")
}

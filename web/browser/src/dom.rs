//! Helpers that change an element only if it has another value: the browser lays out again what is set, even to the
//! value that it has.

use framescope_page::text::bidi::visible;
use wasm_bindgen::JsCast as _;
use web_sys::{
    Element, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTemplateElement, Node,
};

use crate::element;

/// Sets the text of an element that holds nothing else, with the marks of direction in it as escapes. Its node stays if it has one: for a new node the browser
/// lays the text out again.
pub fn set_text(element: &Element, text: &str) {
    let text = &*visible(text);
    let node = element.first_child();
    let known = node.as_ref().and_then(Node::node_value);
    if known.as_deref().unwrap_or_default() == text {
        return;
    }
    match node.filter(|_| known.is_some() && !text.is_empty()) {
        Some(node) => node.set_node_value(Some(text)),
        None => element.set_text_content(Some(text)),
    }
}

/// Sets an attribute, or removes it if `value` is `None`.
pub fn set_attribute(element: &Element, name: &str, value: Option<&str>) {
    let value = value.map(visible);
    let value = value.as_deref();
    if element.get_attribute(name).as_deref() == value {
        return;
    }
    write_attribute(element, name, value);
}

/// Sets an attribute that has another value, or removes it if `value` is `None`.
pub fn write_attribute(element: &Element, name: &str, value: Option<&str>) {
    match value {
        // These fail only if the name is not valid, and the names here are.
        Some(value) => drop(element.set_attribute(name, value)),
        None => drop(element.remove_attribute(name)),
    }
}

/// Hides an element, or shows it.
pub fn set_hidden(element: &HtmlElement, hidden: bool) {
    if element.hidden() != hidden {
        element.set_hidden(hidden);
    }
}

/// Disables a control, or enables it.
pub fn set_disabled(control: &Element, disabled: bool) {
    set_attribute(control, "disabled", disabled.then_some(""));
}

/// Sets what is typed in a field.
pub fn set_value(field: &HtmlInputElement, value: &str) {
    if field.value() != value {
        field.set_value(value);
    }
}

/// Chooses the option with this value.
pub fn choose(select: &HtmlSelectElement, value: &str) {
    if select.value() != value {
        select.set_value(value);
    }
}

/// Sets a length of an element's style.
pub fn set_length(element: &HtmlElement, name: &str, value: &str) {
    let style = element.style();
    if style.get_property_value(name).as_deref() != Ok(value) {
        // A number and a unit are always a valid length.
        let _ = style.set_property(name, value);
    }
}

/// Places an element on its lane. Both numbers are in CSS pixels.
pub fn place(element: &HtmlElement, left: u64, width: u64) {
    set_length(element, "left", &format!("{left}px"));
    set_length(element, "width", &format!("{width}px"));
}

/// A new element from the template with this id.
///
/// # Panics
///
/// If the document has no such template, or it holds no element.
#[must_use]
pub fn from_template(id: &str) -> HtmlElement {
    let template: HtmlTemplateElement = element(id);
    let first = template.content().first_element_child();
    let copy = first.and_then(|first| first.clone_node_with_deep(true).ok());
    copy.and_then(|copy| copy.dyn_into().ok()).expect("a template holds one element")
}

/// The descendant that `selector` finds.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn child(parent: &Element, selector: &str) -> HtmlElement {
    let found = parent.query_selector(selector).ok().flatten();
    let found = found.unwrap_or_else(|| panic!("a template lacks {selector}"));
    found.dyn_into().expect("the page has HTML elements only")
}

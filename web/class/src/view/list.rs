//! Lists of elements that are made of a template.

use framescope_browser::dom::from_template;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

/// Makes a list have one child of a template for each item, and fills each.
pub(super) fn fill<T>(
    list: &Element,
    template: &str,
    items: &[T],
    fill: impl Fn(&HtmlElement, &T, usize),
) {
    let known = usize::try_from(list.child_element_count()).unwrap_or(0);
    for _ in items.len()..known {
        if let Some(last) = list.last_element_child() {
            last.remove();
        }
    }
    for _ in known..items.len() {
        // A list takes any element.
        let _ = list.append_child(&from_template(template));
    }
    let children = list.children();
    for (at, item) in items.iter().enumerate() {
        let child = u32::try_from(at).ok().and_then(|at| children.item(at));
        if let Some(child) = child.and_then(|child| child.dyn_into().ok()) {
            fill(&child, item, at);
        }
    }
}

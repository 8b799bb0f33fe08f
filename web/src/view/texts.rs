//! Sets the texts of the elements with `data-text`, `data-label`, `data-title` and `data-placeholder`.

use framescope_page::text::Locale;
use wasm_bindgen::JsCast as _;
use web_sys::Element;

use super::dom::set_attribute;
use crate::browser::document;

pub(super) fn render(locale: &Locale) {
    if let Some(root) = document().document_element() {
        set_attribute(&root, "lang", Some(locale.language.tag()));
    }
    for_each("data-text", |element, key| element.set_text_content(Some(locale.text(key))));
    for_each("data-label", |element, key| {
        set_attribute(element, "aria-label", Some(locale.text(key)));
        if element.tag_name() == "BUTTON" {
            set_attribute(element, "title", Some(locale.text(key)));
        }
    });
    // Its name is the text that it shows, which is what somebody says who speaks to the browser.
    for_each("data-title", |element, key| set_attribute(element, "title", Some(locale.text(key))));
    for_each("data-placeholder", |element, key| {
        set_attribute(element, "placeholder", Some(locale.text(key)));
    });
}

fn for_each(attribute: &str, fill: impl Fn(&Element, &str)) {
    let Ok(found) = document().query_selector_all(&format!("[{attribute}]")) else { return };
    for index in 0..found.length() {
        let element = found.get(index).and_then(|node| node.dyn_into::<Element>().ok());
        if let Some(element) = element
            && let Some(key) = element.get_attribute(attribute)
        {
            fill(&element, &key);
        }
    }
}

//! Texts that leave the page as files, and files that come into it.

use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlInputElement, Url};

use super::document;

/// The largest file that is read, in bytes: 256 MiB, over what any trace or recording needs.
const MAX_FILE: f64 = 256.0 * 1024.0 * 1024.0;

/// Offers `text` to the viewer as a file of that name.
pub(crate) fn download(name: &str, text: &str) {
    // A browser that cannot make a file says so itself.
    let _ = try_download(name, text);
}

fn try_download(name: &str, text: &str) -> Result<(), JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}

/// The text of the file that was chosen in `input`; `None` where there is none that can be read.
pub(crate) async fn read_chosen(input: HtmlInputElement) -> Option<String> {
    let file = input.files()?.item(0)?;
    // Choosing the same file again is another choice.
    input.set_value("");
    if file.size() > MAX_FILE {
        return None;
    }
    JsFuture::from(file.text()).await.ok()?.as_string()
}

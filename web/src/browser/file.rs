//! Downloads of files, and reading of files that the user chose.

use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlInputElement, Url};

use super::document;

/// The largest file that is read, in bytes: 256 MiB. Every trace and every recording is smaller.
const MAX_FILE: f64 = 256.0 * 1024.0 * 1024.0;

/// Offers `text` to the user as a file with this name.
pub(crate) fn download(name: &str, text: &str) {
    // If the browser cannot save a file, it shows a message itself.
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

/// The text of the file that was chosen in `input`. `None` if there is none, or if it cannot be read.
pub(crate) async fn read_chosen(input: HtmlInputElement) -> Option<String> {
    let file = input.files()?.item(0)?;
    // Clear the input. Otherwise there is no event when the user chooses the same file again.
    input.set_value("");
    if file.size() > MAX_FILE {
        return None;
    }
    JsFuture::from(file.text()).await.ok()?.as_string()
}

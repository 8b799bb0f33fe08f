//! Downloads of files, and reading of files that the user chose.

use framescope_page::text::source::encoding_of;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, HtmlAnchorElement, HtmlInputElement, TextDecoder, TextDecoderOptions,
    Url,
};

use super::document;

/// The largest file that is read, in bytes: 256 MiB. Every trace and every recording is smaller.
const MAX_FILE: f64 = 256.0 * 1024.0 * 1024.0;

/// Offers a text or an array of bytes to the user as a file with this name.
pub(crate) fn download(name: &str, kind: &str, content: &JsValue) {
    // If the browser cannot save a file, it shows a message itself.
    let _ = try_download(name, kind, content);
}

fn try_download(name: &str, kind: &str, content: &JsValue) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(content), &options)?;
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

/// The name and the text of the program that was chosen in `input`, with ends of lines as on Linux. `None` if there is
/// none. The error is the name of the encoding in which it cannot be read.
pub(crate) async fn read_program(
    input: HtmlInputElement,
) -> Option<Result<(String, String), String>> {
    let file = input.files()?.item(0)?;
    input.set_value("");
    let bytes =
        if file.size() > MAX_FILE { None } else { JsFuture::from(file.array_buffer()).await.ok() };
    let bytes = Uint8Array::new(&bytes?).to_vec();
    let encoding = encoding_of(&bytes);
    let options = TextDecoderOptions::new();
    options.set_fatal(true);
    let decoder = TextDecoder::new_with_label_and_options(&encoding, &options);
    let text = decoder.and_then(|decoder| decoder.decode_with_u8_array(&bytes));
    Some(match text {
        Ok(text) => Ok((file.name(), text.replace("\r\n", "\n"))),
        Err(_) => Err(encoding),
    })
}

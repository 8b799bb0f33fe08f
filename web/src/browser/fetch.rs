//! Asking the relay a plain question.

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};

use super::window;

/// The status and the text that `GET path` answers; an error where nothing answers.
pub(crate) async fn fetch_text(path: &str) -> Result<(u16, String), JsValue> {
    let request = RequestInit::new();
    request.set_cache(RequestCache::NoStore);
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

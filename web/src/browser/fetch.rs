//! HTTP requests to the relay.

use framescope_protocol::{JsonObject, RelayInfo, paths};
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};

use super::window;

/// The status and the text of the answer to `GET path`. An error if no server answers.
pub(crate) async fn fetch_text(path: &str) -> Result<(u16, String), JsValue> {
    let request = RequestInit::new();
    request.set_cache(RequestCache::NoStore);
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

/// The content of the relay's `/relay.json`. `None` if no relay answers.
pub(crate) async fn fetch_relay_info() -> Option<RelayInfo> {
    let (status, text) = fetch_text(paths::RELAY_INFO).await.ok()?;
    let object = js_sys::JSON::parse(&text).ok().filter(|_| status == 200)?;
    RelayInfo::read(&Parsed(object))
}

/// A JSON object that the browser has parsed.
struct Parsed(JsValue);

impl Parsed {
    fn field(&self, name: &str) -> Option<JsValue> {
        Reflect::get(&self.0, &name.into()).ok()
    }
}

impl JsonObject for Parsed {
    fn text(&self, name: &str) -> Option<String> {
        self.field(name)?.as_string()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.field(name)?.as_f64()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.field(name)?.as_bool()
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list: Array = self.field(name)?.dyn_into().ok()?;
        Some(list.iter().filter_map(|text| text.as_string()).collect())
    }
}

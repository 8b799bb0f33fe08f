//! HTTP requests: to the relay, and for the files beside the page.

use framescope_page::text::{Language, Texts};
use framescope_protocol::{JsonObject, RelayInfo, paths};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response, Url};

use crate::{document, window};

/// The address of a path of the relay, or of a file. Both are beside the page, in whatever folder of a site it is.
pub(crate) fn url(path: &str) -> Result<String, JsValue> {
    let base = document().base_uri()?.unwrap_or_default();
    Ok(Url::new_with_base(path.trim_start_matches('/'), &base)?.href())
}

/// The status and the text of the relay's answer to `GET path`.
///
/// # Errors
///
/// No server answers.
pub async fn fetch_text(path: &str) -> Result<(u16, String), JsValue> {
    fetch(path, RequestCache::NoStore).await
}

async fn fetch(path: &str, cache: RequestCache) -> Result<(u16, String), JsValue> {
    let request = RequestInit::new();
    request.set_cache(cache);
    let url = url(path)?;
    let response = JsFuture::from(window().fetch_with_str_and_init(&url, &request)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

/// The page's texts in a language. `None` if they cannot be fetched.
pub async fn fetch_texts(language: Language) -> Option<Texts> {
    fetch_file_of_texts(&format!("locales/{}.json", language.tag())).await
}

/// The texts of a lesson's variant in a language. `None` if they cannot be fetched.
pub async fn fetch_lesson(variant: &str, language: Language) -> Option<Texts> {
    fetch_file_of_texts(&format!("lessons/{variant}.{}.json", language.tag())).await
}

/// The texts in a file beside the page: one JSON object. `None` if it cannot be fetched.
pub async fn fetch_file_of_texts(path: &str) -> Option<Texts> {
    let (status, json) = fetch(path, RequestCache::Default).await.ok()?;
    let object = js_sys::JSON::parse(&json).ok().filter(|_| status == 200)?;
    let entries = Object::entries(&object.dyn_into().ok()?);
    let pair = |entry: JsValue| {
        let pair: Array = entry.dyn_into().ok()?;
        pair.get(0).as_string().zip(pair.get(1).as_string())
    };
    Some(entries.iter().filter_map(pair).collect())
}

/// The content of the relay's `/relay.json`. `None` if no relay answers.
pub async fn fetch_relay_info() -> Option<RelayInfo> {
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

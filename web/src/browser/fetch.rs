//! Asking the relay a plain question.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};

use super::window;
use crate::facts::Facts;

/// The status and the text that `GET path` answers; an error where nothing answers.
pub(crate) async fn fetch_text(path: &str) -> Result<(u16, String), JsValue> {
    let request = RequestInit::new();
    request.set_cache(RequestCache::NoStore);
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

/// What the relay says of itself in `/relay.json`; `None` where no relay answers. A field that it
/// does not send leaves it unknown, one that this page does not know is passed over: a newer relay
/// may say more.
pub(crate) async fn fetch_facts() -> Option<Facts> {
    let (status, text) = fetch_text("/relay.json").await.ok()?;
    let facts = js_sys::JSON::parse(&text).ok().filter(|_| status == 200)?;
    let field = |name: &str| Reflect::get(&facts, &name.into()).ok();
    let targets: Array = field("targets")?.dyn_into().ok()?;
    // A limit is a whole number, far below 2^32.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as said above")]
    let max_message = field("max_message")?.as_f64()? as usize;
    Some(Facts {
        tcp_address: field("tcp_address")?.as_string()?,
        header: field("header")?.as_string()?,
        max_message,
        targets: targets.iter().filter_map(|target| target.as_string()).collect(),
        lab: field("lab").and_then(|lab| lab.as_bool()).unwrap_or(false),
    })
}

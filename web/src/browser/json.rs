//! JSON, as the browser reads and writes it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast as _, JsValue};

/// Reads a value; an error says what is wrong with the text.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let value = js_sys::JSON::parse(text).map_err(|error| message(error.into()))?;
    serde_wasm_bindgen::from_value(value).map_err(|error| message(error.into()))
}

/// Writes a value; `None` where it holds what JSON cannot.
pub(crate) fn stringify<T: Serialize>(value: &T) -> Option<String> {
    let value = value.serialize(&Serializer::json_compatible()).ok()?;
    js_sys::JSON::stringify(&value).ok()?.as_string()
}

fn message(error: JsValue) -> String {
    error.dyn_into::<js_sys::Error>().map(|error| error.message().into()).unwrap_or_default()
}

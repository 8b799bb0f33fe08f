//! Writes traces with the module `web/trace-file`, which is fetched when it is needed.

use framescope_lab::Trace;
use framescope_page::effect::TraceFormat;
use framescope_page::state::Problem;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/browser/trace_file.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = toJson)]
    async fn to_json(trace: Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = toCapture)]
    async fn to_capture(trace: Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = translateProgram)]
    async fn translate(variant: &str, text: String, is_server: bool) -> Result<JsValue, JsValue>;
}

/// What a file with a trace has in it: a text, or an array of bytes.
pub(crate) async fn write_trace(trace: &Trace, format: TraceFormat) -> Result<JsValue, Problem> {
    let bytes = Uint8Array::from(&trace.encode()[..]);
    let content = match format {
        TraceFormat::Json => to_json(bytes).await,
        TraceFormat::Capture => to_capture(bytes).await,
    };
    content.map_err(|error| Problem::NoModule(sentence(&error)))
}

/// The Python of a program of the first version, one call a line. Any other text stays as it is.
pub(crate) async fn translate_program(variant: &str, text: String, is_server: bool) -> String {
    let translated = translate(variant, text.clone(), is_server).await;
    translated.ok().and_then(|python| python.as_string()).unwrap_or(text)
}

/// The text of an error. The module throws strings. The browser throws objects.
fn sentence(error: &JsValue) -> String {
    error
        .as_string()
        .unwrap_or_else(|| String::from(js_sys::Object::from(error.clone()).to_string()))
}

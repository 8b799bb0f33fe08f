//! Reads and writes saved files with the module `web/trace-file`, which is fetched when it is needed.

use framescope_lab::{SavedFile, Trace};
use framescope_page::effect::TraceFormat;
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
    #[wasm_bindgen(catch, js_name = fromJson)]
    async fn from_json(json: String) -> Result<JsValue, JsValue>;
}

/// What a file with a trace has in it: a text, or an array of bytes. The error is a sentence.
pub(crate) async fn write_trace(trace: &Trace, format: TraceFormat) -> Result<JsValue, String> {
    let bytes = Uint8Array::from(&trace.encode()[..]);
    let content = match format {
        TraceFormat::Json => to_json(bytes).await,
        TraceFormat::Capture => to_capture(bytes).await,
    };
    content.map_err(|error| sentence(&error))
}

/// The trace or the recording in a JSON text. The error is a sentence that says what is wrong.
pub(crate) async fn read_saved_file(json: String) -> Result<SavedFile, String> {
    let bytes = from_json(json).await.map_err(|error| sentence(&error))?;
    let file = SavedFile::decode(&Uint8Array::new(&bytes).to_vec());
    file.ok_or_else(|| "the page and web/trace-file are not from the same build".to_owned())
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

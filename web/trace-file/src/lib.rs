//! Traces as JSON files, for the page.
//!
//! Reading and writing JSON takes a tenth of the page's code, and most visits need neither. So it is
//! a module of its own, fetched when the first trace is exported or imported. Between the two
//! modules a trace travels as the bytes of [`Trace::encode`].

use framescope_lab::Trace;
use wasm_bindgen::prelude::wasm_bindgen;

/// The JSON of an encoded trace.
///
/// # Errors
///
/// A sentence, where the bytes are no trace.
#[wasm_bindgen]
pub fn to_json(trace: &[u8]) -> Result<String, String> {
    let trace = Trace::decode(trace).map_err(|error| error.to_string())?;
    Ok(trace.to_json())
}

/// The encoded trace of a JSON text, all of it checked.
///
/// # Errors
///
/// A sentence that says what is wrong with the text.
#[wasm_bindgen]
pub fn from_json(json: &str) -> Result<Vec<u8>, String> {
    let trace = Trace::from_json(json).map_err(|error| error.to_string())?;
    Ok(trace.encode())
}

#[cfg(test)]
mod tests {
    use super::*;
    use framescope_lab::{Variant, simulate};

    #[test]
    fn a_trace_survives_its_file() {
        let variant = Variant::find("7a").expect("the lesson is there");
        let trace = simulate(&variant.experiment()).expect("lessons are within bounds");
        let json = to_json(&trace.encode()).expect("a trace can be written");
        let read = from_json(&json).expect("and read");
        assert_eq!(Trace::decode(&read), Ok(trace));
    }

    #[test]
    fn what_is_no_trace_is_refused_with_a_sentence() {
        for json in ["", "{}", "[1]", "null"] {
            let refused = from_json(json).expect_err("this is no trace");
            assert!(refused.starts_with("this is not a trace"), "{refused}");
        }
        assert!(to_json(b"\xff\xff").is_err());
    }
}

//! Reads and writes traces of the lab and recordings of bridge sessions as JSON files, and writes capture files.
//!
//! What comes in: an encoded [`Trace`], or the JSON text of a file. What goes out: the trace's JSON, or
//! an encoded [`SavedFile`].
//!
//! The code for JSON is a tenth of the page's code, and most visits do not need it. So it is a separate
//! module, which the page fetches when the first file is exported or opened.
//!
//! May use: `record`, `lab`.

mod kind;

use framescope_lab::{SavedFile, Trace, capture_file, version1};
use framescope_record::Recording;
use wasm_bindgen::prelude::wasm_bindgen;

use kind::Kind;

/// The JSON of a trace that [`Trace::encode`] encoded.
///
/// # Errors
///
/// A sentence, if the bytes are not a trace.
#[wasm_bindgen]
pub fn to_json(trace: &[u8]) -> Result<String, String> {
    let trace = Trace::decode(trace).map_err(|error| error.to_string())?;
    Ok(trace.to_json())
}

/// The segments of a trace that [`Trace::encode`] encoded, as a capture file.
///
/// # Errors
///
/// A sentence, if the bytes are not a trace.
#[wasm_bindgen]
pub fn to_capture(trace: &[u8]) -> Result<Vec<u8>, String> {
    let trace = Trace::decode(trace).map_err(|error| error.to_string())?;
    Ok(capture_file(&trace))
}

/// The trace or the recording in a JSON text, checked, and encoded with [`SavedFile::encode`].
///
/// # Errors
///
/// A sentence that says what is wrong with the text.
#[wasm_bindgen]
pub fn from_json(json: &str) -> Result<Vec<u8>, String> {
    let file = match Kind::of(json) {
        Some(Kind::Trace) => {
            version1::read_trace(json).map(SavedFile::Trace).map_err(|error| error.to_string())
        }
        Some(Kind::Recording) => {
            Recording::from_json(json).map(SavedFile::Recording).map_err(|error| error.to_string())
        }
        // The file of a recording may be empty until its session has ended.
        None if json.is_empty() => {
            Err("this file is empty; a recording is whole when its session has ended".to_owned())
        }
        None => {
            Err("this is neither a trace of the lab nor a recording of a bridge session".to_owned())
        }
    };
    Ok(file?.encode())
}

/// The Python of a program of the first version, one call a line. `None` for any other text.
#[must_use]
#[wasm_bindgen]
pub fn translate_program(variant: &str, text: &str, is_server: bool) -> Option<String> {
    version1::translate_program(variant, text, is_server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use framescope_record::{Bridge, Crossed, Crossing, json_tail};

    /// A trace of version 1, as its file was written.
    fn old() -> String {
        include_str!("../../../engine/tests/it/version_1/7a.json").to_owned()
    }

    fn trace() -> Trace {
        version1::read_trace(&old()).expect("it is a trace")
    }

    /// A recording of one read, as a relay writes it.
    fn recording() -> String {
        let bridge = Bridge {
            target: "db".to_owned(),
            recv: 5,
            delay_ms: 0,
            nodelay: true,
            header: "!I".parse().expect("it is a header"),
        };
        let received = Crossing { at: 7, what: Crossed::Received(b"hello".into()) };
        bridge.json_head() + &received.to_json() + &json_tail("the client closed")
    }

    /// Why a text is refused.
    fn refused(json: &str) -> String {
        from_json(json).expect_err("it is refused")
    }

    #[test]
    fn a_trace_reads_back_from_its_file() {
        let json = to_json(&trace().encode()).expect("a trace can be written");
        let read = from_json(&json).expect("it can be read");
        assert_eq!(SavedFile::decode(&read), Some(SavedFile::Trace(trace())));
    }

    #[test]
    fn a_trace_of_version_1_is_read_as_one_of_version_2() {
        let read = from_json(&old()).expect("it can be read");
        assert_eq!(SavedFile::decode(&read), Some(SavedFile::Trace(trace())));
    }

    #[test]
    fn a_program_of_a_link_of_version_1_is_translated() {
        let python = translate_program("4a", "client.connect(ADDRESS)\n", false);
        assert!(python.is_some_and(|text| text.starts_with("import socket\n")));
        assert_eq!(translate_program("4a", "print(1)\n", true), None);
    }

    #[test]
    fn a_recording_reads_back_from_its_file() {
        let read = from_json(&recording()).expect("it can be read");
        let recording = Recording::from_json(&recording()).expect("it is a recording");
        assert_eq!(SavedFile::decode(&read), Some(SavedFile::Recording(recording)));
    }

    #[test]
    fn a_text_that_is_neither_kind_is_refused_with_a_sentence() {
        for json in ["{}", "[1]", "null", " ", "\0", "hello", "{\"version\":1}"] {
            assert!(refused(json).starts_with("this is neither a trace"), "{json}");
        }
        assert!(refused("").starts_with("this file is empty"));
        assert!(to_json(b"\xff\xff").is_err());
    }

    #[test]
    fn the_error_of_a_file_comes_from_the_reader_of_its_kind() {
        let trace = trace().to_json();
        let trace_cut_off = &trace[..trace.len() / 2];
        assert!(refused(trace_cut_off).starts_with("this is not a trace: EOF"));
        let trace_of_tomorrow = trace.replace("\"version\":2", "\"version\":3");
        assert!(refused(&trace_of_tomorrow).starts_with("this is not a trace of version 2"));

        let recording = recording();
        let recording_cut_off = &recording[..recording.len() - 30];
        assert!(refused(recording_cut_off).starts_with("this recording breaks off"));
        let no_recording = recording.replace("\"recv\":5", "\"recv\":-5");
        assert!(refused(&no_recording).starts_with("this is not a recording: invalid value"));
        let impossible = recording.replace("\"recv\":5", "\"recv\":4");
        assert_eq!(refused(&impossible), "event 1 of this recording cannot have happened");
        assert!(refused("{\"bridge\":{}}").starts_with("this is not a recording: missing field"));
    }
}

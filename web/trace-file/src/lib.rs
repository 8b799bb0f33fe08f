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

use framescope_lab::{FileProblem, SavedFile, Trace, capture_file, version1};
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
/// What is wrong with the text, encoded with [`FileProblem::encode`].
#[wasm_bindgen]
pub fn from_json(json: &str) -> Result<Vec<u8>, Vec<u8>> {
    match read(json) {
        Ok(file) => Ok(file.encode()),
        Err(problem) => Err(problem.encode()),
    }
}

fn read(json: &str) -> Result<SavedFile, FileProblem> {
    match Kind::of(json) {
        Some(Kind::Trace) => {
            version1::read_trace(json).map(SavedFile::Trace).map_err(FileProblem::Trace)
        }
        Some(Kind::Recording) => {
            let recording = Recording::from_json(json);
            recording.map(SavedFile::Recording).map_err(FileProblem::Recording)
        }
        None if json.is_empty() => Err(FileProblem::Empty),
        None => Err(FileProblem::Neither),
    }
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
    use framescope_lab::TraceError;
    use framescope_record::{Bridge, Crossed, Crossing, RecordingError, json_tail};

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
    fn refused(json: &str) -> FileProblem {
        FileProblem::decode(&from_json(json).expect_err("it is refused")).expect("it says why")
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
    fn a_text_that_is_neither_kind_is_refused() {
        for json in ["{}", "[1]", "null", " ", "\0", "hello", "{\"version\":1}"] {
            assert_eq!(refused(json), FileProblem::Neither, "{json}");
        }
        assert_eq!(refused(""), FileProblem::Empty);
        assert!(to_json(b"\xff\xff").is_err());
    }

    #[test]
    fn the_error_of_a_file_comes_from_the_reader_of_its_kind() {
        use FileProblem::{Recording as OfRecording, Trace as OfTrace};

        let trace = trace().to_json();
        let trace_cut_off = refused(&trace[..trace.len() / 2]);
        assert!(matches!(&trace_cut_off, OfTrace(TraceError::Json(why)) if why.starts_with("EOF")));
        let trace_of_tomorrow = trace.replace("\"version\":2", "\"version\":3");
        assert_eq!(refused(&trace_of_tomorrow), OfTrace(TraceError::Version(3)));

        let recording = recording();
        let recording_cut_off = refused(&recording[..recording.len() - 30]);
        assert_eq!(recording_cut_off, OfRecording(RecordingError::CutOff));
        let no_recording = refused(&recording.replace("\"recv\":5", "\"recv\":-5"));
        assert!(matches!(no_recording, OfRecording(RecordingError::Json(_))));
        let impossible = refused(&recording.replace("\"recv\":5", "\"recv\":4"));
        assert_eq!(impossible, OfRecording(RecordingError::Event(1)));
    }
}

//! Reads and writes traces of the lab and recordings of bridge sessions as JSON files, and writes capture files.
//!
//! What comes in: an encoded [`Trace`], or the bytes of a file. What goes out: the trace's JSON, or
//! encoded [`FileReport`](framescope_lab::FileReport)s.
//!
//! The code for JSON is a tenth of the page's code, and most visits do not need it. So it is a separate
//! module, which the page fetches when the first file is exported. Files are opened in a Web Worker,
//! `www/file_worker.js`, because a long one would make the page stand still.
//!
//! May use: `record`, `lab`.

mod kind;

use framescope_lab::{FileProblem, FileReports, SavedFile, Trace, capture_file, version1};
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

/// Reads one saved file.
#[wasm_bindgen]
#[derive(Debug)]
pub struct SavedFileReader(FileReports);

#[wasm_bindgen]
impl SavedFileReader {
    /// Reads and checks a file of these bytes. What is not UTF-8 is replaced, as in a browser, and a byte order mark is
    /// left out.
    #[must_use]
    #[wasm_bindgen(constructor)]
    #[expect(clippy::needless_pass_by_value, reason = "the worker does not keep a second copy")]
    pub fn new(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8_lossy(&bytes);
        Self(FileReports::new(read(text.strip_prefix('\u{feff}').unwrap_or(&text))))
    }

    /// The next report about it, encoded. `None` after the last.
    #[expect(clippy::should_implement_trait, reason = "the worker calls it")]
    pub fn next(&mut self) -> Option<Vec<u8>> {
        self.0.next().map(|report| report.encode())
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
    use framescope_lab::{FileReport, SavedEvents, TraceError};
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

    fn reports(bytes: &[u8]) -> Vec<FileReport> {
        let mut reader = SavedFileReader::new(bytes.to_vec());
        let reports = std::iter::from_fn(|| reader.next());
        reports.map(|report| FileReport::decode(&report).expect("it is a report")).collect()
    }

    /// The content of a file, put together again.
    fn content(bytes: &[u8]) -> SavedFile {
        let mut reports = reports(bytes).into_iter();
        let Some(FileReport::Head(mut file, count)) = reports.next() else {
            panic!("it has no head")
        };
        let mut arrived = 0;
        for report in reports {
            match (&mut *file, report) {
                (SavedFile::Trace(trace), FileReport::Part(SavedEvents::Trace(events))) => {
                    arrived += events.len();
                    trace.events.extend(events);
                }
                (
                    SavedFile::Recording(recording),
                    FileReport::Part(SavedEvents::Recording(events)),
                ) => {
                    arrived += events.len();
                    recording.events.extend(events);
                }
                (_, other) => panic!("{other:?}"),
            }
        }
        assert_eq!(arrived, count);
        *file
    }

    /// Why a text is refused.
    fn refused(json: &str) -> FileProblem {
        let mut reports = reports(json.as_bytes());
        let Some(FileReport::Refused(problem)) = reports.pop() else { panic!("it is read") };
        assert_eq!(reports, []);
        problem
    }

    #[test]
    fn a_trace_reads_back_from_its_file() {
        let json = to_json(&trace().encode()).expect("a trace can be written");
        assert_eq!(content(json.as_bytes()), SavedFile::Trace(trace()));
    }

    #[test]
    fn a_byte_order_mark_is_left_out_and_what_is_no_text_is_no_file() {
        let marked = format!("\u{feff}{}", trace().to_json());
        assert_eq!(content(marked.as_bytes()), SavedFile::Trace(trace()));
        let problem = FileReport::Refused(FileProblem::Neither);
        assert_eq!(reports(&[0xff, 0xfe, 0, b'{']), [problem]);
    }

    #[test]
    fn a_trace_of_version_1_is_read_as_one_of_version_2() {
        assert_eq!(content(old().as_bytes()), SavedFile::Trace(trace()));
    }

    #[test]
    fn a_program_of_a_link_of_version_1_is_translated() {
        let python = translate_program("4a", "client.connect(ADDRESS)\n", false);
        assert!(python.is_some_and(|text| text.starts_with("import socket\n")));
        assert_eq!(translate_program("4a", "print(1)\n", true), None);
    }

    #[test]
    fn a_recording_reads_back_from_its_file() {
        let read = Recording::from_json(&recording()).expect("it is a recording");
        assert_eq!(content(recording().as_bytes()), SavedFile::Recording(read));
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

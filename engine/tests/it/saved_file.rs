//! Traces and recordings in the binary form that the page gets.

use framescope_framing::HeaderFormat;
use framescope_lab::version1::{self, read_trace};
use framescope_lab::{FileReport, FileReports, SavedFile, Trace};
use framescope_record::{Bridge, Crossed, Crossing, Recording, Source, json_tail};

fn trace() -> Trace {
    read_trace(include_str!("version_1/7a.json")).expect("it is a trace of version 1")
}

fn recording(recv: u32) -> Recording {
    let header = HeaderFormat::NETWORK_UNSIGNED;
    let target = "db".to_owned();
    let bridge = Bridge { target, recv, delay_ms: 0, nodelay: true, header };
    let received = Crossing { at: 7, what: Crossed::Received(b"hello".into()) };
    let json = bridge.json_head() + &received.to_json() + &json_tail("the client closed");
    Recording::from_json(&json).expect("it is a recording")
}

#[test]
fn reports_about_both_kinds_of_file_decode_to_what_was_encoded() {
    for file in [SavedFile::Trace(trace()), SavedFile::Recording(recording(5))] {
        let reports: Vec<FileReport> = FileReports::new(Ok(file)).collect();
        assert_eq!(reports.len(), 2, "a head and a part");
        for report in reports {
            assert_eq!(FileReport::decode(&report.encode()), Some(report));
        }
    }
}

#[test]
fn other_bytes_are_no_report() {
    let empty = Trace::new(Source::Measured, trace().experiment);
    let head = FileReports::new(Ok(SavedFile::Trace(empty))).next().expect("it has a head");
    let head = head.encode();
    for bytes in [&b""[..], b"\x03", &head[..head.len() - 1]] {
        assert_eq!(FileReport::decode(bytes), None);
    }
}

/// Files that other versions of Framescope saved. They are never written again.
#[test]
fn traces_of_version_1_are_read_and_written_as_they_were() {
    let pauses = include_str!("version_1/4b.json");
    let header = include_str!("version_1/7b.json");
    for saved in [pauses, header] {
        let trace = version1::Trace::from_json(saved).expect("it is a trace of version 1");
        assert_eq!(trace.to_json(), saved.trim_end());
    }
}

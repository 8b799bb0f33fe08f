//! A trace or a recording that was read from a file, encoded for the page. `web/trace-file` reads the
//! JSON of the file and hands this to the page, part by part.

use std::vec::IntoIter;

use framescope_record::{Crossing, Recording, RecordingError};
use serde::{Deserialize, Serialize};

use crate::encoding::{encode, encoded_length};
use crate::trace::{Event, Trace, TraceError};

/// The most bytes of encoded events in a part: 128 KiB. An event that is longer is a part by itself.
pub const MAX_PART: usize = 128 * 1024;
/// The most events in a part. Short events take as much time as long ones.
pub const MAX_PART_EVENTS: usize = 1024;

/// The content of a saved file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedFile {
    /// The trace of a run in the lab.
    Trace(Trace),
    /// The recording of a bridge session.
    Recording(Recording),
}

/// Some events of a saved file, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedEvents {
    /// Of a trace.
    Trace(Vec<Event>),
    /// Of a recording.
    Recording(Vec<Crossing>),
}

/// What the page gets of a file: its head and its events in parts, or why it cannot be shown. It was all checked when
/// its JSON was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileReport {
    /// The first report: the content without its events, and the number of events that follow.
    Head(Box<SavedFile>, usize),
    /// The next events.
    Part(SavedEvents),
    /// The only report about a file that cannot be shown.
    Refused(FileProblem),
}

impl FileReport {
    /// Encodes it with postcard, for a program from the same build. The file itself is JSON.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads what [`FileReport::encode`] wrote. `None` for other bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// The reports about one file, in order.
#[derive(Debug)]
pub struct FileReports {
    first: Option<FileReport>,
    rest: Rest,
}

/// The events that are in no report yet.
#[derive(Debug)]
enum Rest {
    Trace(IntoIter<Event>),
    Recording(IntoIter<Crossing>),
}

impl FileReports {
    /// The reports about a file with this content, or about one that cannot be shown.
    #[must_use]
    pub fn new(read: Result<SavedFile, FileProblem>) -> Self {
        let (first, rest) = match read {
            Ok(SavedFile::Trace(mut trace)) => {
                let events = std::mem::take(&mut trace.events);
                let head = SavedFile::Trace(trace);
                (FileReport::Head(Box::new(head), events.len()), Rest::Trace(events.into_iter()))
            }
            Ok(SavedFile::Recording(mut recording)) => {
                let events = std::mem::take(&mut recording.events);
                let head =
                    FileReport::Head(Box::new(SavedFile::Recording(recording)), events.len());
                (head, Rest::Recording(events.into_iter()))
            }
            Err(problem) => {
                (FileReport::Refused(problem.shortened()), Rest::Trace(Vec::new().into_iter()))
            }
        };
        Self { first: Some(first), rest }
    }
}

impl Iterator for FileReports {
    type Item = FileReport;

    fn next(&mut self) -> Option<FileReport> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let events = match &mut self.rest {
            Rest::Trace(events) => SavedEvents::Trace(take_part(events)?),
            Rest::Recording(events) => SavedEvents::Recording(take_part(events)?),
        };
        Some(FileReport::Part(events))
    }
}

/// The events of the next part. `None` if there are no more.
fn take_part<T: Serialize>(events: &mut IntoIter<T>) -> Option<Vec<T>> {
    let (mut part, mut length) = (Vec::new(), 0);
    while let Some(next) = events.as_slice().first() {
        length += encoded_length(next);
        if !part.is_empty() && (length > MAX_PART || part.len() == MAX_PART_EVENTS) {
            break;
        }
        part.extend(events.next());
    }
    Some(part).filter(|part| !part.is_empty())
}

/// Why a file cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileProblem {
    /// It is empty. That of a recording may be, until its session has ended.
    Empty,
    /// It is neither a trace nor a recording.
    Neither,
    /// What is wrong with a trace.
    Trace(TraceError),
    /// What is wrong with a recording.
    Recording(RecordingError),
}

/// The most bytes of an error that are passed on. It may quote the file.
const MAX_ERROR: usize = 2048;

impl FileProblem {
    /// The same with the beginning of its error, if that is long.
    fn shortened(mut self) -> Self {
        if let Self::Trace(TraceError::Json(error) | TraceError::Bytes(error))
        | Self::Recording(RecordingError::Json(error)) = &mut self
        {
            error.truncate(error.floor_char_boundary(MAX_ERROR));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use framescope_record::Source;

    use super::*;
    use crate::experiment::{Experiment, Program};
    use crate::trace::{EventKind, Output};

    fn printed(length: usize) -> Event {
        let output = Output { text: "x".repeat(length), to_stderr: false };
        Event { at: 0, program: 0, thread: 0, line: 1, kind: EventKind::Printed(output) }
    }

    fn trace(events: Vec<Event>) -> Trace {
        let experiment = Experiment { programs: vec![Program::default()], ..Experiment::default() };
        let mut trace = Trace::new(Source::Simulated, experiment);
        trace.events = events;
        trace
    }

    /// The sizes of the parts in which these events come. Together they are the events.
    fn parts(events: &[Event]) -> Vec<usize> {
        let file = SavedFile::Trace(trace(events.to_vec()));
        let mut reports = FileReports::new(Ok(file)).map(|report| {
            FileReport::decode(&report.encode()).expect("it was encoded by the same program")
        });
        let head = FileReport::Head(Box::new(SavedFile::Trace(trace(Vec::new()))), events.len());
        assert_eq!(reports.next(), Some(head));
        let (mut sizes, mut arrived) = (Vec::new(), Vec::new());
        for report in reports {
            let FileReport::Part(SavedEvents::Trace(part)) = report else { panic!("{report:?}") };
            sizes.push(part.len());
            arrived.extend(part);
        }
        assert_eq!(arrived, events);
        sizes
    }

    #[test]
    fn events_come_in_parts_that_are_bounded_in_bytes_and_in_number() {
        assert_eq!(parts(&[]), [0; 0]);
        assert_eq!(parts(&[printed(3)]), [1]);
        assert_eq!(parts(&vec![printed(0); MAX_PART_EVENTS + 1]), [MAX_PART_EVENTS, 1]);
        let halves = vec![printed(MAX_PART / 2); 3];
        assert_eq!(parts(&halves), [1, 1, 1], "two halves and their heads are over the bound");
        let third = printed(MAX_PART / 3);
        let mixed = [third.clone(), third.clone(), printed(2 * MAX_PART), third];
        assert_eq!(parts(&mixed), [2, 1, 1]);
    }

    #[test]
    fn a_file_that_cannot_be_shown_has_one_report() {
        let reports: Vec<_> = FileReports::new(Err(FileProblem::Neither)).collect();
        assert_eq!(reports, [FileReport::Refused(FileProblem::Neither)]);
    }

    #[test]
    fn an_error_that_quotes_a_long_file_is_shortened() {
        let quotes = FileProblem::Trace(TraceError::Json("é".repeat(MAX_ERROR)));
        let Some(FileReport::Refused(FileProblem::Trace(TraceError::Json(error)))) =
            FileReports::new(Err(quotes)).next()
        else {
            panic!("it is refused");
        };
        assert_eq!(error, "é".repeat(MAX_ERROR / 2));
    }
}

//! The lab: the lesson, the programs with the kernel between them, what they returned, the ladder,
//! and many runs at once.

mod buffers;
mod flows;
mod ladder;
mod lesson;
mod programs;
mod returned;
mod series;

use framescope_lab::{CallError, Data, Side, Value};

use self::buffers::Buffers;
use self::flows::Flows;
use self::ladder::Ladder;
use self::lesson::LessonBar;
use self::programs::Programs;
use self::returned::Returned;
use self::series::SeriesPanel;
use crate::bytes::{python_repr, text_or_repr};
use crate::locale::Locale;
use crate::model::Model;

pub(super) struct LabView {
    lesson: LessonBar,
    flows: Flows,
    programs: Programs,
    buffers: Buffers,
    returned: Returned,
    ladder: Ladder,
    series: SeriesPanel,
}

impl LabView {
    pub(super) fn new() -> Self {
        Self {
            lesson: LessonBar::new(),
            flows: Flows::new(),
            programs: Programs::new(),
            buffers: Buffers::new(),
            returned: Returned::new(),
            ladder: Ladder::new(),
            series: SeriesPanel::new(),
        }
    }

    pub(super) fn render(&mut self, model: &Model) {
        self.lesson.render(model);
        self.flows.render(model);
        self.programs.render(model);
        self.buffers.render(model);
        self.returned.render(model);
        self.ladder.render(model);
        self.series.render(model);
    }
}

/// What a side is called: with several clients, each has its number.
fn side_name(model: &Model, side: Side) -> String {
    let locale = &model.locale;
    match side {
        Side::SERVER => locale.text("server").to_owned(),
        _ if model.lab.experiment.clients.len() == 1 => locale.text("client").to_owned(),
        Side(number) => locale.fill("client-number", &[("number", &number)]),
    }
}

/// What a call returned; `None` where that is nothing.
fn value_text(locale: &Locale, value: &Value, limit: usize) -> Option<String> {
    match value {
        Value::Nothing => None,
        Value::Bytes(data) if data.0.is_empty() => Some(locale.text("value-end").to_owned()),
        Value::Bytes(data) => Some(bytes_text(locale, data, limit)),
        Value::Message(data) => Some(text_or_repr(&data.0, limit)),
        Value::EndOfStream => Some(locale.text("value-end").to_owned()),
        Value::Error(error) => Some(format!("✕ {}", error_text(locale, error))),
    }
}

/// Bytes, and where they break off in the middle of a character, that they do.
fn bytes_text(locale: &Locale, data: &Data, limit: usize) -> String {
    let repr = python_repr(&data.0, limit);
    let is_ascii = data.0.is_ascii();
    match std::str::from_utf8(&data.0) {
        Ok(text) if !is_ascii => format!("{repr}  {text}"),
        Err(_) if data.0.iter().any(|byte| *byte >= 0xc0) => {
            format!("{repr}  {}", locale.text("value-half"))
        }
        _ => repr,
    }
}

fn error_text(locale: &Locale, error: &CallError) -> String {
    match error {
        CallError::Errno(errno) => errno.to_string(),
        CallError::ShortHeader { got } => locale.fill("error-short-header", &[("got", got)]),
        CallError::Truncated { missing } => locale.fill("error-truncated", &[("missing", missing)]),
        CallError::Negative { declared } => {
            locale.fill("error-declared-negative", &[("number", declared)])
        }
        CallError::TooLong { declared, limit } => {
            locale.fill("error-declared-too-long", &[("number", declared), ("limit", limit)])
        }
    }
}

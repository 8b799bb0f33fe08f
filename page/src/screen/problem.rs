//! The text for what could not be done.

use framescope_lab::{
    FileProblem, MAX_ARGUMENTS, MAX_DELAY_US, MAX_EVENTS, MAX_INPUT, MAX_MTU, MAX_NAME, MAX_ORDER,
    MAX_PROGRAMS, MAX_TEXT, MAX_WIRE_RULES, MIN_MTU, OutOfBounds, TraceError,
};
use framescope_record::{MAX_RECORDED_EVENTS, RecordingError};

use crate::state::{Problem, State};
use crate::text::Locale;

/// The number of characters of a problem that are shown. A problem may quote the file, which may be
/// long.
const MAX_PROBLEM: usize = 300;

/// What could not be done, in a sentence. `None` if there is nothing to say.
#[must_use]
pub fn problem_text(state: &State) -> Option<String> {
    let locale = &state.locale;
    let text = match state.problem.as_ref()? {
        Problem::NoTexts => locale.text("texts-missing").to_owned(),
        Problem::NoLesson(name) => locale.fill("no-lesson", &[("name", name)]),
        Problem::Programs(problem) => bounds(locale, problem),
        Problem::Encoding(encoding) => locale.fill("program-unreadable", &[("encoding", encoding)]),
        Problem::Unreadable => locale.text("file-unreadable").to_owned(),
        Problem::File(FileProblem::Empty) => locale.text("file-empty").to_owned(),
        Problem::File(FileProblem::Neither) => locale.text("file-neither").to_owned(),
        Problem::File(FileProblem::Trace(problem)) => trace(locale, problem),
        Problem::File(FileProblem::Recording(problem)) => recording(locale, problem),
        Problem::Picture => locale.text("picture-problem").to_owned(),
        Problem::NoModule(error) => locale.fill("file-no-module", &[("error", error)]),
    };
    Some(text.chars().take(MAX_PROBLEM).collect())
}

fn trace(locale: &Locale, problem: &TraceError) -> String {
    match problem {
        TraceError::Json(error) | TraceError::Bytes(error) => {
            locale.fill("trace-json", &[("reason", &json(locale, error))])
        }
        TraceError::Version(version) => locale.fill("trace-version", &[("version", version)]),
        TraceError::System(length) => locale.fill("trace-system", &[("length", length)]),
        TraceError::OutOfBounds(problem) => bounds(locale, problem),
        TraceError::Events(count) => {
            locale.fill("trace-events", &[("count", count), ("limit", &MAX_EVENTS)])
        }
        TraceError::Event(number) => locale.fill("trace-event", &[("number", number)]),
        other => other.to_string(),
    }
}

/// What is wrong with a file's JSON, from `serde_json`'s message. That is English, so only the kind of the error is said, and
/// where it is.
fn json(locale: &Locale, error: &str) -> String {
    let place = error.rsplit_once(" at line ").and_then(|(what, place)| {
        let (line, column) = place.split_once(" column ")?;
        Some((what, line.parse::<u64>().ok()?, column.parse::<u64>().ok()?))
    });
    // An error of another kind, or the beginning of a long one.
    let Some((what, line, column)) = place else { return error.to_owned() };
    let is = |begins: &[&str]| begins.iter().any(|begin| what.starts_with(begin));
    let values: [(&str, &dyn std::fmt::Display); 2] = [("line", &line), ("column", &column)];
    if is(&["EOF"]) {
        locale.fill("json-end", &values)
    } else if is(&[
        "invalid type",
        "invalid value",
        "invalid length",
        "unknown",
        "missing field",
        "duplicate field",
    ]) {
        locale.fill("json-content", &values)
    } else {
        locale.fill("json-syntax", &values)
    }
}

fn recording(locale: &Locale, problem: &RecordingError) -> String {
    match problem {
        RecordingError::Json(error) => {
            locale.fill("recording-json", &[("reason", &json(locale, error))])
        }
        RecordingError::CutOff => locale.text("recording-cut-off").to_owned(),
        RecordingError::Version(version) => {
            locale.fill("recording-version", &[("version", version)])
        }
        RecordingError::Bridge => locale.text("recording-bridge").to_owned(),
        RecordingError::Events(count) => {
            locale.fill("recording-events", &[("count", count), ("limit", &MAX_RECORDED_EVENTS)])
        }
        RecordingError::Event(number) => locale.fill("recording-event", &[("number", number)]),
        other => other.to_string(),
    }
}

fn bounds(locale: &Locale, problem: &OutOfBounds) -> String {
    let number = |program: &usize| program + 1;
    match problem {
        OutOfBounds::Programs(_) => locale.fill("bounds-programs", &[("limit", &MAX_PROGRAMS)]),
        OutOfBounds::Name(program) => {
            locale.fill("bounds-name", &[("number", &number(program)), ("limit", &MAX_NAME)])
        }
        OutOfBounds::Text(_) => locale.fill("program-too-long", &[("limit", &(MAX_TEXT / 1024))]),
        OutOfBounds::Input(program) => {
            locale.fill("bounds-input", &[("number", &number(program)), ("limit", &MAX_INPUT)])
        }
        OutOfBounds::Arguments(program) => locale
            .fill("bounds-arguments", &[("number", &number(program)), ("limit", &MAX_ARGUMENTS)]),
        OutOfBounds::Starts => locale.text("bounds-starts").to_owned(),
        OutOfBounds::Order(_) => locale.fill("bounds-order", &[("limit", &MAX_ORDER)]),
        OutOfBounds::Turn(program) => locale.fill("bounds-turn", &[("number", &number(program))]),
        OutOfBounds::Wire => {
            let values: [(&str, &dyn std::fmt::Display); 4] = [
                ("least", &MIN_MTU),
                ("most", &MAX_MTU),
                ("seconds", &(MAX_DELAY_US / 1_000_000)),
                ("rules", &MAX_WIRE_RULES),
            ];
            locale.fill("bounds-wire", &values)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    /// The problem's text in each language.
    fn said(problem: &Problem) -> [String; 2] {
        let english = include_str!("../../../www/locales/en.json");
        let chinese = include_str!("../../../www/locales/zh-CN.json");
        [(Language::English, english), (Language::Chinese, chinese)].map(|(language, json)| {
            let texts: std::collections::BTreeMap<String, String> =
                serde_json::from_str(json).expect("it is JSON");
            let locale = Locale::new(language, texts.into_iter().collect());
            let preferences = crate::state::Preferences {
                theme: crate::state::Theme::Light,
                projector: false,
                notation: crate::text::Notation::Python,
                shortcuts: true,
            };
            let mut state = State::new(locale, preferences, crate::state::Link::default());
            state.problem = Some(problem.clone());
            problem_text(&state).expect("there is a problem")
        })
    }

    #[test]
    fn each_problem_is_said_in_the_users_language() {
        let files = [
            FileProblem::Empty,
            FileProblem::Neither,
            FileProblem::Trace(TraceError::Json("EOF".to_owned())),
            FileProblem::Trace(TraceError::Version(3)),
            FileProblem::Trace(TraceError::System(9)),
            FileProblem::Trace(TraceError::OutOfBounds(OutOfBounds::Wire)),
            FileProblem::Trace(TraceError::Events(9)),
            FileProblem::Trace(TraceError::Event(9)),
            FileProblem::Recording(RecordingError::Json("EOF".to_owned())),
            FileProblem::Recording(RecordingError::CutOff),
            FileProblem::Recording(RecordingError::Version(3)),
            FileProblem::Recording(RecordingError::Bridge),
            FileProblem::Recording(RecordingError::Events(9)),
            FileProblem::Recording(RecordingError::Event(9)),
        ];
        let programs = [
            OutOfBounds::Programs(0),
            OutOfBounds::Name(0),
            OutOfBounds::Text(0),
            OutOfBounds::Input(0),
            OutOfBounds::Arguments(0),
            OutOfBounds::Starts,
            OutOfBounds::Order(9),
            OutOfBounds::Turn(9),
            OutOfBounds::Wire,
        ];
        let others = [
            Problem::NoTexts,
            Problem::NoLesson("99".to_owned()),
            Problem::Encoding("gbk".to_owned()),
            Problem::Unreadable,
            Problem::NoModule("offline".to_owned()),
        ];
        let problems = files.map(Problem::File).into_iter();
        for problem in problems.chain(programs.map(Problem::Programs)).chain(others) {
            let [english, chinese] = said(&problem);
            assert!(english.is_ascii() && english.ends_with('.'), "{english}");
            assert!(!chinese.is_ascii() && chinese.ends_with('。'), "{chinese}");
        }
    }

    #[test]
    fn an_error_of_json_is_said_in_the_users_language_with_its_place() {
        let said = |json: &str| {
            let error = serde_json::from_str::<Vec<u8>>(json).expect_err("it is none").to_string();
            said(&Problem::File(FileProblem::Trace(TraceError::Json(error))))
        };
        for (json, english, chinese) in [
            ("[1,", "it ends in line 1 before it is whole", "第 1 行就结束了"),
            ("[1,\n-2]", "line 2, column 2 has something else", "第 2 行第 2 列"),
            ("[1 2]", "it is not JSON in line 1, column 4", "第 1 行第 4 列"),
        ] {
            let [in_english, in_chinese] = said(json);
            assert!(in_english.contains(english), "{in_english}");
            assert!(in_chinese.contains(chinese), "{in_chinese}");
            let has_words = in_chinese.split(|one: char| !one.is_ascii_alphabetic());
            assert!(
                has_words.into_iter().all(|word| word.is_empty() || word == "JSON"),
                "{in_chinese}"
            );
        }
    }

    #[test]
    fn a_long_problem_is_cut_to_300_characters() {
        let long = TraceError::Json("粘".repeat(1_000_000));
        for said in said(&Problem::File(FileProblem::Trace(long))) {
            assert_eq!(said.chars().count(), 300);
        }
    }
}

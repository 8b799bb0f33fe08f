//! Tests of files that arrive in parts.

use framescope_lab::{
    Event, EventKind, Experiment, FileProblem, FileReport, FileReports, MAX_PART_EVENTS, Output,
    Program, SavedFile, Trace,
};
use framescope_record::{Bridge, Crossed, Crossing, Recording, Source, json_tail};

use super::Page;
use crate::effect::{Effect, FileSource};
use crate::msg::{LabMsg, Msg};
use crate::state::{Opening, Problem, Tab};

/// The number of parts in which [`trace`] comes.
const PARTS: usize = 3;

/// A trace of programs that are of no lesson, each event of which prints its number.
fn trace() -> Trace {
    let program = Program { name: "a".into(), file: "a.py".into(), ..Program::default() };
    let experiment = Experiment { programs: vec![program], ..Experiment::default() };
    let mut trace = Trace::new(Source::Simulated, experiment);
    let printed = |at: usize| EventKind::Printed(Output { text: at.to_string(), to_stderr: false });
    let count = (PARTS - 1) * MAX_PART_EVENTS + 1;
    let event = |at| Event { at: at as u64, program: 0, thread: 0, line: 1, kind: printed(at) };
    trace.events = (0..count).map(event).collect();
    trace
}

fn reports() -> FileReports {
    FileReports::new(Ok(SavedFile::Trace(trace())))
}

fn choose(page: &mut Page) -> Vec<Effect> {
    page.tell(Msg::FileChosen(Tab::Lab, "long.json".to_owned()))
}

/// A page in which that trace is being opened, and some of its parts have arrived.
fn arriving(parts: usize) -> (Page, FileReports) {
    let mut page = Page::alone("lesson=4a");
    choose(&mut page);
    let mut reports = reports();
    for report in reports.by_ref().take(1 + parts) {
        assert_eq!(page.tell(Msg::FileReported(1, report)), [Effect::ReadOn]);
    }
    (page, reports)
}

fn is_idle(page: &Page) -> bool {
    matches!(page.state.opening, Opening::Nothing)
}

#[test]
fn the_screen_keeps_what_it_showed_until_the_file_is_whole() {
    let mut page = Page::alone("lesson=4a");
    let source = FileSource::Chosen(Tab::Lab);
    assert_eq!(choose(&mut page), [Effect::ReadFile { number: 1, source }]);
    assert!(matches!(&page.state.opening, Opening::Reading { name } if name == "long.json"));
    let mut effects = Vec::new();
    let mut seen = Vec::new();
    for report in reports() {
        assert_eq!(page.state.lab.name(), "4a");
        effects = page.tell(Msg::FileReported(1, report));
        if let Opening::Arriving { file, .. } = &page.state.opening {
            seen.push(file.progress());
            assert_eq!(effects, [Effect::ReadOn], "one part at a time");
        }
    }
    let all = trace().events.len();
    assert_eq!(seen, [(0, all), (MAX_PART_EVENTS, all), (2 * MAX_PART_EVENTS, all)]);
    assert!(effects.contains(&Effect::StopReading));
    assert!(is_idle(&page) && page.state.lab.is_imported);
    assert_eq!(page.state.lab.trace, trace());
    assert_eq!(page.state.lab.printed(0, None).len(), all, "and so does its timeline");
}

#[test]
fn a_file_can_be_given_up_while_it_is_read_and_while_it_arrives() {
    let mut page = Page::alone("lesson=4a");
    choose(&mut page);
    assert_eq!(page.tell(Msg::OpeningCancelled), [Effect::StopReading]);
    let (mut page, rest) = arriving(1);
    assert_eq!(page.tell(Msg::OpeningCancelled), [Effect::StopReading]);
    assert_eq!(page.tell(Msg::OpeningCancelled), [], "there is none");
    for report in rest {
        assert_eq!(page.tell(Msg::FileReported(1, report)), [], "it was on its way");
    }
    assert!(is_idle(&page) && !page.state.lab.is_imported);
    assert_eq!((page.state.lab.name(), &page.state.problem), ("4a", &None));
}

#[test]
fn who_goes_elsewhere_gives_the_file_up() {
    let elsewhere = [
        Msg::TabChosen(Tab::Live),
        Msg::LessonDigit(5),
        Msg::Lab(LabMsg::LessonChosen("4a".to_owned())),
        Msg::Lab(LabMsg::Reset),
        Msg::AddressChanged("lesson=7a".to_owned()),
    ];
    for msg in elsewhere {
        let (mut page, _) = arriving(1);
        let told = format!("{msg:?}");
        assert!(page.tell(msg).contains(&Effect::StopReading), "{told}");
        assert!(is_idle(&page), "{told}");
    }
    let (mut page, _) = arriving(1);
    page.tell(Msg::LanguageToggled);
    page.tell(Msg::RelayPolled(false));
    assert!(!is_idle(&page), "that leads nowhere");
}

#[test]
fn a_second_file_takes_the_place_of_the_first() {
    let (mut page, rest) = arriving(1);
    let source = FileSource::Chosen(Tab::Lab);
    assert_eq!(choose(&mut page), [Effect::ReadFile { number: 2, source }]);
    for report in rest {
        assert_eq!(page.tell(Msg::FileReported(1, report)), [], "it is of the first");
    }
    page.tell(Msg::FileUnread(1, Problem::Unreadable));
    assert_eq!(page.state.problem, None);
    for report in reports() {
        page.tell(Msg::FileReported(2, report));
    }
    assert_eq!(page.state.lab.trace, trace(), "each event once");
}

#[test]
fn a_file_that_fails_says_why_and_leaves_what_was_on_screen() {
    let refused = || FileReport::Refused(FileProblem::Neither);
    let mut page = Page::alone("lesson=4a");
    choose(&mut page);
    assert_eq!(page.tell(Msg::FileReported(1, refused())), [Effect::StopReading]);
    assert_eq!(page.state.problem, Some(Problem::File(FileProblem::Neither)));
    choose(&mut page);
    assert_eq!(page.state.problem, None, "it is about the file before");

    let (mut page, _) = arriving(2);
    let lost = Problem::NoModule("out of memory".to_owned());
    assert_eq!(page.tell(Msg::FileUnread(1, lost.clone())), [Effect::StopReading]);
    assert_eq!(page.state.problem, Some(lost));
    assert!(is_idle(&page) && !page.state.lab.is_imported);
    assert_eq!(page.tell(Msg::FileUnread(1, Problem::Unreadable)), []);
    assert_eq!(page.tell(Msg::FileReported(1, refused())), []);
}

#[test]
fn parts_without_a_head_and_of_another_kind_do_no_harm() {
    let mut page = Page::alone("lesson=4a");
    choose(&mut page);
    let part = reports().nth(1).expect("it has parts");
    assert_eq!(page.tell(Msg::FileReported(1, part.clone())), []);
    assert!(!is_idle(&page));
    let bridge = Bridge {
        target: "db".to_owned(),
        recv: 8,
        delay_ms: 0,
        nodelay: true,
        header: "!I".parse().expect("it is a header"),
    };
    let sent = Crossing { at: 0, what: Crossed::Sent(b"x".into()) };
    let json = bridge.json_head() + &sent.to_json() + &json_tail("over");
    let recording = Recording::from_json(&json).expect("it is a recording");
    let mut reports = FileReports::new(Ok(SavedFile::Recording(recording)));
    page.tell(Msg::FileReported(1, reports.next().expect("it has a head")));
    assert_eq!(page.tell(Msg::FileReported(1, part)), [Effect::ReadOn]);
    page.tell(Msg::FileReported(1, reports.next().expect("it has a part")));
    assert!(is_idle(&page) && page.state.shows_recording());
    assert_eq!(page.state.positions(), 0..=1);
}

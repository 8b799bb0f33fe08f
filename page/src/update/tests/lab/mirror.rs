//! Pages of a class: what the teacher's page shows, and a page that follows it.

use framescope_lab::{Command, FileReport, Report, RunEnd, SavedFile, Trace};
use framescope_record::Source;

use super::{NEXT_STEP, Page, events_of};
use crate::effect::{Effect, Mirrored};
use crate::msg::{Followed, LabMsg, Move, Msg};
use crate::state::Part;

fn mirrored(effects: Vec<Effect>) -> Vec<Mirrored> {
    let mirrored = |effect| match effect {
        Effect::Mirror(mirrored) => Some(mirrored),
        _ => None,
    };
    effects.into_iter().filter_map(mirrored).collect()
}

/// What a page that follows is told of it.
fn followed(mirrored: Mirrored) -> Followed {
    match mirrored {
        Mirrored::Run(source, load) => {
            let Ok(Command::Load(experiment)) = Command::decode(&load) else {
                panic!("a run begins with an experiment");
            };
            let trace = SavedFile::Trace(Trace::new(source, experiment));
            Followed::Run(FileReport::Head(Box::new(trace), 0).encode())
        }
        Mirrored::Report(report) => Followed::Report(report),
        Mirrored::Place(place) => Followed::Place(place),
    }
}

/// A teacher's page, and one that follows it.
struct Both {
    teacher: Page,
    student: Page,
}

impl Both {
    fn new() -> Self {
        let (mut teacher, mut student) = (Page::with_lab("lesson=4a"), Page::alone(""));
        teacher.state.part = Part::Shown(String::new());
        student.state.part = Part::Following;
        Self { teacher, student }
    }

    /// Something happens on the teacher's page. Returns what the other one is told.
    fn happens(&mut self, msg: Msg) -> Vec<Mirrored> {
        let told = mirrored(self.teacher.tell(msg));
        for one in told.clone() {
            self.student.lab(LabMsg::Followed(followed(one)));
        }
        told
    }

    fn report(&mut self, report: &Report) -> Vec<Mirrored> {
        let number = self.teacher.state.lab.number;
        self.happens(Msg::Lab(LabMsg::Reported(number, report.encode())))
    }

    fn are_the_same(&self) {
        let [teacher, student] = [&self.teacher, &self.student].map(|page| &page.state);
        assert_eq!(teacher.lab.trace, student.lab.trace);
        assert_eq!(teacher.event(), student.event());
        assert_eq!(teacher.lab.name(), student.lab.name());
    }
}

#[test]
fn who_follows_sees_the_run_and_its_moments() {
    let events = events_of("4a");
    let mut both = Both::new();
    both.happens(NEXT_STEP);
    both.happens(Msg::Lab(LabMsg::ChannelOpened(1)));
    both.report(&Report::Loaded(Vec::new()));
    let told = both.report(&Report::Events(events[..4].to_vec()));
    assert!(
        matches!(told[..], [Mirrored::Run(Source::Measured, _), Mirrored::Report(_)]),
        "{told:?}"
    );
    both.are_the_same();
    let told = both.report(&Report::Events(events[4..].to_vec()));
    assert!(matches!(told[..], [Mirrored::Report(_)]), "the run is the same");
    both.report(&Report::Over(RunEnd::Finished));
    both.are_the_same();
    for step in [Move::By(-1), Move::By(-3), Move::First, Move::By(2), Move::Last] {
        let told = both.happens(Msg::Stepped(step));
        assert!(matches!(told[..], [Mirrored::Place(_)]), "{step:?} {told:?}");
        both.are_the_same();
    }
}

#[test]
fn another_run_and_another_lesson_are_followed_too() {
    let events = events_of("4a");
    let mut both = Both::new();
    both.happens(NEXT_STEP);
    both.happens(Msg::Lab(LabMsg::ChannelOpened(1)));
    both.report(&Report::Loaded(Vec::new()));
    both.report(&Report::Events(events[..6].to_vec()));
    both.happens(Msg::Lab(LabMsg::Reset));
    both.happens(NEXT_STEP);
    both.report(&Report::Loaded(Vec::new()));
    both.report(&Report::Loaded(Vec::new()));
    let told = both.report(&Report::Events(events[..2].to_vec()));
    assert!(matches!(told[..], [Mirrored::Run(..), Mirrored::Report(_)]), "{told:?}");
    both.are_the_same();
    let told = both.happens(Msg::Lab(LabMsg::LessonChosen("5a".to_owned())));
    assert_eq!(told, [Mirrored::Place("5a".to_owned())]);
    assert_eq!(both.student.state.lab.name(), "5a");
    assert_eq!(both.student.state.lab.trace.events.len(), 0);
}

#[test]
fn who_follows_runs_nothing_and_stands_what_cannot_be_read() {
    let mut both = Both::new();
    let is_runner = |effect: &Effect| matches!(effect, Effect::LabOpen { .. } | Effect::LabSend(_));
    for msg in [NEXT_STEP, Msg::Lab(LabMsg::RunToggled), Msg::Lab(LabMsg::SeriesAsked)] {
        let effects = both.student.tell(msg);
        assert!(!effects.iter().any(is_runner), "{effects:?}");
    }
    for garbage in [Vec::new(), vec![0xff; 40], Command::Play.encode()] {
        both.student.lab(LabMsg::Followed(Followed::Run(garbage.clone())));
        both.student.lab(LabMsg::Followed(Followed::Report(garbage)));
    }
    both.student.lab(LabMsg::Followed(Followed::Place("99z 7 x".to_owned())));
    both.student.lab(LabMsg::Followed(Followed::Place(format!("4a {}", u64::MAX))));
    assert_eq!(both.student.state.lab.name(), "4a");
}

#[test]
fn a_page_of_no_class_tells_nobody() {
    let mut page = Page::with_lab("lesson=4a");
    page.tell(NEXT_STEP);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    let number = page.state.lab.number;
    let report = Report::Events(events_of("4a")).encode();
    assert_eq!(mirrored(page.lab(LabMsg::Reported(number, report))), []);
}

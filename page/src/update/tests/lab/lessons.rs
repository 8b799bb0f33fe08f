//! Lessons: their texts, which are fetched when a lesson is on screen.

use framescope_lab::{FileReports, SavedFile, Trace, find_variant};
use framescope_record::Source;

use super::{Bench, CLIENT, NEXT_STEP, Page, SERVER};
use crate::effect::{Effect, FileSource};
use crate::msg::{LabMsg, Msg};
use crate::state::{Asked, LessonTexts, Link, LinkedProgram, State, Tab};
use crate::text::Language;
use crate::update::tests::lesson_texts;

/// What the page tells the shell to fetch.
fn fetched(effects: &[Effect]) -> Vec<(&'static str, Language)> {
    let asked = |effect: &Effect| match effect {
        Effect::FetchLesson(variant, language) => Some((*variant, *language)),
        _ => None,
    };
    effects.iter().filter_map(asked).collect()
}

fn arrived(variant: &'static str, language: Language) -> Msg {
    let texts = Some(lesson_texts(variant, language));
    Msg::Lab(LabMsg::TextsArrived(variant, language, texts))
}

fn question(state: &State) -> Option<&str> {
    state.lab.texts(state.locale.language).map(LessonTexts::question)
}

#[test]
fn a_lesson_is_fetched_once_when_it_is_on_screen() {
    let mut page = Page::new();
    assert_eq!(fetched(&page.tell_alone(Msg::Started)), []);
    assert_eq!(fetched(&page.tell_alone(Msg::TabChosen(Tab::Lab))), [("4a", Language::English)]);
    assert_eq!(fetched(&page.tell_alone(Msg::HelpToggled)), [], "it has asked");
    assert_eq!(page.tell_alone(NEXT_STEP), [], "there is nothing to step");
    assert_eq!(page.tell_alone(Msg::Lab(LabMsg::RunToggled)), []);
    page.tell_alone(Msg::Lab(LabMsg::EditToggled));
    assert!(page.state.lab.editor.is_none());
    page.tell_alone(arrived("4a", Language::English));
    let own = find_variant("4a").expect("it is there");
    assert_eq!(page.state.lab.experiment, own.experiment());
    assert_eq!(question(&page.state), Some(own.texts("en").question));
    page.tell_alone(Msg::LessonDigit(0));
    assert_eq!(fetched(&page.tell_alone(Msg::LessonDigit(4))), [], "it is kept");
    assert_eq!(page.state.lab.experiment, own.experiment());
}

#[test]
fn a_language_is_fetched_and_then_the_lesson_in_it() {
    let mut page = Page::with_lab("lesson=4a");
    let experiment = page.state.lab.experiment.clone();
    let to_chinese = page.tell_alone(Msg::LanguageToggled);
    assert_eq!(to_chinese, [Effect::FetchTexts(Language::Chinese)]);
    assert_eq!(page.state.locale.language, Language::English, "until it is there");
    page.tell_alone(Msg::TextsArrived(Language::Chinese, None));
    assert!(page.state.problem.is_some(), "it could not be fetched");
    page.tell(Msg::LanguageToggled);
    let own = find_variant("4a").expect("it is there");
    assert_eq!(question(&page.state), Some(own.texts("zh-CN").question));
    assert_eq!(page.state.lab.experiment, experiment);
}

#[test]
fn texts_of_a_lesson_that_is_no_longer_on_screen_change_nothing() {
    let mut page = Page::new();
    page.tell_alone(Msg::LessonDigit(4));
    page.tell_alone(Msg::LessonDigit(5));
    page.tell_alone(arrived("4a", Language::English));
    assert!(!page.state.lab.has_programs());
    page.tell_alone(arrived("5a", Language::English));
    assert_eq!(page.state.lab.experiment, find_variant("5a").expect("it is there").experiment());
}

#[test]
fn a_lesson_that_could_not_be_fetched_is_asked_for_when_the_relay_answers() {
    let mut page = Page::new();
    page.tell_alone(Msg::LessonDigit(4));
    page.tell_alone(Msg::Lab(LabMsg::TextsArrived("4a", Language::English, None)));
    let failed = Asked { variant: "4a", language: Language::English, has_failed: true };
    assert_eq!(page.state.lab.asked, Some(failed));
    assert_eq!(fetched(&page.tell_alone(Msg::HelpToggled)), []);
    let polled = page.tell_alone(Msg::RelayPolled(true));
    assert_eq!(fetched(&polled), [("4a", Language::English)]);
}

#[test]
fn the_programs_of_a_link_stay_in_the_address_until_the_lesson_has_arrived() {
    let program = |file: &str, text: &str| LinkedProgram {
        file: file.to_owned(),
        text: Some(text.to_owned()),
    };
    let mut link = Link::parse("lesson=4a");
    link.lessons.programs = vec![program("server.py", SERVER), program("mine.py", CLIENT)];
    let fragment = link.to_fragment();
    let mut page = Page::with(Link::parse(&fragment));
    page.tell_alone(Msg::Started);
    assert_eq!(page.state.fragment(), fragment);
    page.tell_alone(arrived("4a", Language::English));
    assert_eq!(page.state.fragment(), fragment);
    assert_eq!(page.state.lab.experiment.programs[1].text, CLIENT);
    page.tell_alone(Msg::LessonDigit(5));
    assert_eq!(page.state.fragment(), "lesson=5a");
}

#[test]
fn a_trace_of_a_lesson_keeps_its_programs_when_the_texts_arrive() {
    let mut page = Page::new();
    let own = find_variant("4a").expect("it is there");
    let trace = Trace::new(Source::Measured, own.experiment());
    page.tell_alone(Msg::FileChosen(Tab::Lab, "4a.json".to_owned()));
    let mut effects = Vec::new();
    for report in FileReports::new(Ok(SavedFile::Trace(trace))) {
        effects.extend(page.tell_alone(Msg::FileReported(1, report)));
    }
    assert_eq!(fetched(&effects), [("4a", Language::English)]);
    assert!(page.state.lab.is_own && page.state.lab.is_imported);
    page.tell_alone(arrived("4a", Language::English));
    assert!(page.state.lab.is_own && page.state.lab.is_imported);
    assert_eq!(page.state.fragment(), "lesson=4a");
    assert_eq!(question(&page.state), Some(own.texts("en").question));
}

#[test]
fn without_a_wire_the_recorded_trace_of_the_lesson_is_offered() {
    let mut bench = Bench::new(Page::with_lab("lesson=16a"));
    assert_eq!(bench.lab(LabMsg::RecordedAsked), [], "real sockets have a wire");
    bench.lab(LabMsg::SourceChosen(Source::Simulated));
    let source = FileSource::Fetched("lessons/16a.recorded.json".to_owned());
    assert_eq!(bench.lab(LabMsg::RecordedAsked), [Effect::ReadFile { number: 1, source }]);
    let mut recorded = Trace::new(Source::Measured, find_variant("16a").unwrap().experiment());
    recorded.system = "Linux 6.18".to_owned();
    bench.page.open_file(SavedFile::Trace(recorded));
    assert!(bench.page.state.lab.is_imported);
    assert_eq!(bench.lab(LabMsg::RecordedAsked), [], "it is on screen");
}

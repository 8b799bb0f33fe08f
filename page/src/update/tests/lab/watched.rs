//! Programs that the relay watches: a run in the lab with other programs.

use framescope_lab::{
    Command, Event, EventKind, Experiment, FileReports, Program, Report, SavedFile, Trace,
};
use framescope_protocol::RelayInfo;
use framescope_record::Source;

use super::super::{Page, info};
use super::commands;
use crate::effect::{Bridge, Effect, FileSource, Runner};
use crate::msg::{LabMsg, Move, Msg};
use crate::screen::source::source;
use crate::state::{Link, Tab, WATCHED};

fn watching() -> RelayInfo {
    RelayInfo { lab: false, watched: true, targets: Vec::new(), tcp_address: None, ..info() }
}

fn programs() -> Experiment {
    let program = |name: &str, file: &str, text: &str| Program {
        name: name.to_owned(),
        file: file.to_owned(),
        text: text.to_owned(),
        ..Program::default()
    };
    let programs =
        vec![program("server", "server.py", "import socket\n"), program("client", "client", "")];
    Experiment { programs, watched: true, ..Experiment::default() }
}

fn reads(effects: &[Effect]) -> bool {
    let wanted = FileSource::Fetched("/watched.json".to_owned());
    let is_read =
        |effect: &Effect| matches!(effect, Effect::ReadFile { source, .. } if *source == wanted);
    effects.iter().any(is_read)
}

impl Page {
    /// The relay's answer about the programs that it watches has arrived.
    fn watched_arrived(&mut self) -> Vec<Effect> {
        let trace = Trace::new(Source::Measured, programs());
        let mut effects = Vec::new();
        for report in FileReports::new(Ok(SavedFile::Trace(trace))) {
            effects.extend(self.tell(Msg::FileReported(self.state.file_number, report)));
        }
        effects
    }

    /// A page at this address whose relay watches programs.
    fn watching(fragment: &str) -> Self {
        let mut page = Self::with(Link::parse(fragment));
        page.tell(Msg::Started);
        let effects = page.tell(Msg::RelayInfoArrived(Some(watching())));
        assert!(reads(&effects), "{effects:?}");
        page.watched_arrived();
        page
    }
}

#[test]
fn a_page_whose_relay_watches_shows_the_programs_and_steps_them_there() {
    let mut page = Page::watching("");
    assert_eq!(page.state.tab, Tab::Lab);
    assert_eq!(page.state.lab.experiment, programs());
    assert!(!page.state.lab.is_over(), "the first step begins the run");
    assert_eq!(source(&page.state).0, "open");

    let effects = page.tell(Msg::Stepped(Move::By(1)));
    let opened = effects.iter().any(|effect| {
        matches!(effect, Effect::LabOpen { to: Runner::Relay(path), .. } if path == "/lab")
    });
    assert!(opened, "{effects:?}");
    let number = page.state.lab.number;
    let sent = commands(&page.lab(LabMsg::ChannelOpened(number)));
    assert!(matches!(&sent[..], [Command::Load(loaded), Command::StepNext(_)] if loaded.watched));
}

#[test]
fn the_programs_cannot_be_edited_or_simulated() {
    let mut page = Page::watching("");
    page.lab(LabMsg::EditToggled);
    assert!(page.state.lab.editor.is_none());
    page.lab(LabMsg::SourceChosen(Source::Simulated));
    assert_eq!(page.state.lab.source, Source::Measured);
    page.lab(LabMsg::ProgramRemoved(0));
    page.lab(LabMsg::ProgramAdded);
    page.lab(LabMsg::ProgramOpened { program: 0, file: "a.py".to_owned(), text: "1".to_owned() });
    assert_eq!(page.state.lab.experiment, programs());
}

#[test]
fn a_link_leads_to_them_again_and_has_no_program_in_it() {
    let page = Page::watching("");
    let fragment = page.state.fragment();
    assert!(fragment.contains("lesson=watched") && !fragment.contains("program"), "{fragment}");
    assert!(page.state.linked_moment().is_none());
    let again = Page::watching(&fragment);
    assert_eq!((again.state.tab, again.state.lab.name()), (Tab::Lab, WATCHED));
    assert_eq!(again.banner(), "");
}

#[test]
fn lessons_run_simulated_and_the_menu_leads_back() {
    let mut page = Page::watching("");
    page.lab(LabMsg::LessonChosen("4a".to_owned()));
    assert_eq!(page.state.lab.source, Source::Simulated);
    let effects = page.tell(Msg::Stepped(Move::By(1)));
    let simulated = |effect: &Effect| matches!(effect, Effect::LabOpen { to: Runner::Engine, .. });
    assert!(effects.iter().any(simulated), "{effects:?}");

    assert!(reads(&page.lab(LabMsg::LessonChosen(WATCHED.to_owned()))));
    page.watched_arrived();
    assert_eq!(page.state.lab.experiment, programs());
    assert_eq!(page.state.lab.source, Source::Measured);
    assert!(page.state.lab.trace.events.is_empty());
}

#[test]
fn a_link_to_a_lesson_stays_there() {
    let mut page = Page::with(Link::parse("lesson=4a"));
    page.tell(Msg::Started);
    assert!(!reads(&page.tell(Msg::RelayInfoArrived(Some(watching())))));
    assert_eq!(page.state.lab.name(), "4a");
}

#[test]
fn live_is_simulated_beside_them() {
    let mut page = Page::with(Link::default());
    page.tell(Msg::Started);
    let effects = page.tell(Msg::RelayInfoArrived(Some(watching())));
    let simulated =
        |effect: &Effect| matches!(effect, Effect::Open { bridge: Bridge::Simulated(_), .. });
    assert!(effects.iter().any(simulated), "{effects:?}");
}

#[test]
fn a_reset_begins_another_run_of_the_same_programs() {
    let mut page = Page::watching("");
    page.tell(Msg::Stepped(Move::By(1)));
    let number = page.state.lab.number;
    page.lab(LabMsg::ChannelOpened(number));
    page.report(&Report::Loaded(Vec::new()));
    let began = Event { at: 1, program: 0, thread: 0, line: 0, kind: EventKind::Began };
    page.report(&Report::Events(vec![began]));
    assert_eq!(page.state.lab.trace.events.len(), 1);
    let effects = page.lab(LabMsg::Reset);
    assert_eq!(commands(&effects), [Command::Reset], "those that run are ended");
    assert!(reads(&effects), "their files may be others");
    page.watched_arrived();
    assert_eq!(page.state.lab.experiment, programs());
    let sent = commands(&page.tell(Msg::Stepped(Move::By(1))));
    assert!(matches!(&sent[..], [Command::Load(loaded), Command::StepNext(_)] if loaded.watched));
}

#[test]
fn a_trace_that_was_recorded_elsewhere_is_shown_and_its_python_runs_in_the_lab() {
    let mut page = Page::with_lab("lesson=1a");
    let mut trace = Trace::new(Source::Measured, programs());
    trace.events.push(Event { at: 1, program: 0, thread: 0, line: 0, kind: EventKind::Began });
    page.open_file(SavedFile::Trace(trace));
    assert!(page.state.lab.is_imported);
    page.lab(LabMsg::EditToggled);
    assert!(page.state.lab.editor.is_some(), "nobody watches them here");
}

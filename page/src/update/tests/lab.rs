//! Tests of the lab, in the steps of a user.

use framescope_engine::simulate;
use framescope_lab::{
    Call, ChunkSizes, Command, Report, RunEnd, SavedFile, Side, Trace, Value, find_variant,
};
use framescope_record::{Data, Direction, Source};

use super::{PREFERENCES, Page, info};
use crate::effect::Effect;
use crate::msg::{LabMsg, Move, Msg};
use crate::state::{LabSocket, Lessons, Link, State, Tab};
use crate::text::Language;

impl Page {
    /// A page with this fragment and no relay.
    fn alone(fragment: &str) -> Self {
        let state = State::new(Language::English, PREFERENCES, Link::parse(fragment));
        let mut page = Self { state, now: 0.0 };
        page.tell(Msg::Started);
        page.tell(Msg::RelayInfoArrived(None));
        page
    }

    /// A page with this fragment and a relay.
    fn with_lab(fragment: &str) -> Self {
        let state = State::new(Language::English, PREFERENCES, Link::parse(fragment));
        let mut page = Self { state, now: 0.0 };
        page.tell(Msg::Started);
        page.tell(Msg::RelayInfoArrived(Some(info())));
        page
    }

    fn lab(&mut self, msg: LabMsg) -> Vec<Effect> {
        self.tell(Msg::Lab(msg))
    }

    /// The relay sends this report.
    fn report(&mut self, report: &Report) {
        let number = self.state.lab.socket;
        self.lab(LabMsg::SocketReceived(number, report.encode()));
    }

    /// The numbers of bytes that were received and that wait, at the moment on screen.
    fn bytes(&self) -> (u64, u64) {
        let moment = self.state.moment();
        let received = moment.end(Direction::Received);
        (received, moment.end(Direction::Sent) - received)
    }

    fn returned(&self) -> Vec<Value> {
        self.state.lab.returned(self.state.event()).into_iter().cloned().collect()
    }
}

fn bytes(text: &str) -> Value {
    Value::Bytes(Data::from(text.as_bytes()))
}

/// The commands that the effects send, decoded.
fn commands(effects: &[Effect]) -> Vec<Command> {
    let read = |effect: &Effect| match effect {
        Effect::LabSend(command) => Some(Command::decode(command).expect("the relay can read it")),
        _ => None,
    };
    effects.iter().filter_map(read).collect()
}

#[test]
fn without_a_relay_the_page_opens_in_the_lab_and_the_source_is_simulated() {
    let page = Page::alone("");
    assert_eq!(page.state.tab, Tab::Lab);
    assert_eq!(page.state.lab.trace.source, Source::Simulated);
}

#[test]
fn lesson_4_can_be_stepped_call_by_call_and_stepped_back() {
    let mut page = Page::alone("lesson=4a");
    for _ in 0..6 {
        page.tell(Msg::Stepped(Move::By(1)));
    }
    assert_eq!(page.bytes(), (0, 15), "three sends wait in the kernel");
    assert_eq!(page.state.lab.next_side(), Some(Side::CLIENT));
    page.lab(LabMsg::Step(Side::SERVER));
    assert_eq!(page.bytes(), (15, 0));
    assert_eq!(page.returned(), [bytes("hellohellohello")]);
    page.tell(Msg::Stepped(Move::By(-1)));
    assert_eq!((page.bytes(), page.returned()), ((0, 15), vec![]), "stepping back is exact");
    page.tell(Msg::Stepped(Move::By(1)));
    assert_eq!(page.bytes(), (15, 0));
    page.lab(LabMsg::RunAll);
    assert_eq!(page.state.lab.trace.end, Some(RunEnd::Finished));
    assert_eq!(page.returned(), [bytes("hellohellohello"), bytes(""), bytes("")]);
    assert_eq!(page.state.lab.outcome(), Some(0));
    page.lab(LabMsg::Reset);
    assert_eq!((page.bytes(), page.state.lab.trace.events.len()), ((0, 0), 0));
}

#[test]
fn the_result_of_a_step_is_announced() {
    let mut page = Page::alone("lesson=4a");
    let said = |text: &str| [Effect::Announce(text.into())];
    assert_eq!(page.lab(LabMsg::Step(Side::SERVER)), said("server: listen(5)"));
    page.lab(LabMsg::Step(Side::CLIENT));
    assert_eq!(page.lab(LabMsg::Step(Side::SERVER)), said("server: accept() → client"));
    let waits = "server: ‖ recv(1024) · waits for bytes";
    assert_eq!(page.lab(LabMsg::Step(Side::SERVER)), said(waits));
    let got = "server: recv(1024) → 5 b'hello'";
    assert_eq!(page.lab(LabMsg::Step(Side::CLIENT)), said(got));
}

#[test]
fn when_all_calls_wait_for_ever_no_step_is_left() {
    let mut page = Page::alone("lesson=2b");
    for _ in 0..5 {
        page.lab(LabMsg::StepNext);
    }
    assert!(page.state.lab.is_at_rest() && page.state.lab.trace.end.is_none());
    assert_eq!(page.state.lab.outcome(), Some(3), "neither returns");
}

#[test]
fn a_syn_that_was_dropped_is_sent_again_when_time_passes() {
    let mut page = Page::alone("lesson=3a");
    let connected = |page: &Page| {
        let last = page.state.lab.trace.events.last().expect("something happened");
        last.tcp_info[1..]
            .iter()
            .filter(|f| f.state.is_some_and(|s| s.to_string() == "ESTABLISHED"))
            .count()
    };
    for _ in 0..7 {
        page.lab(LabMsg::StepNext);
    }
    assert_eq!(connected(&page), 2);
    for _ in 0..4 {
        page.lab(LabMsg::StepNext);
    }
    assert!(connected(&page) >= 3, "each accept lets one more in");
}

#[test]
fn playing_makes_one_step_at_each_tick() {
    let mut page = Page::alone("lesson=4a");
    assert_eq!(page.tell(Msg::PlayToggled), [Effect::Play(true)]);
    let ticks = (0..30).take_while(|_| page.tell(Msg::Ticked) != [Effect::Play(false)]).count();
    assert_eq!(ticks, 10, "one for each call");
    assert!(!page.state.playing);
}

#[test]
fn another_reader_reads_the_recorded_bytes() {
    let mut page = Page::alone("lesson=7a");
    page.lab(LabMsg::RunAll);
    assert!(matches!(page.returned()[..], [Value::Message(_), Value::Error(_)]));
    page.lab(LabMsg::ReaderChosen(Some(Call::RecvMessage)));
    let message = |text: &[u8]| Value::Message(Data::from(text));
    assert_eq!(page.returned(), [message(b"hello world!"), message(b"again"), Value::EndOfStream]);
    assert_eq!(page.bytes(), (25, 0));
    page.lab(LabMsg::ReaderChosen(None));
    assert!(matches!(page.returned()[..], [Value::Message(_), Value::Error(_)]));
}

#[test]
fn programs_can_be_changed_and_an_error_names_its_line_and_column() {
    let mut page = Page::alone("lesson=4a");
    page.lab(LabMsg::EditToggled);
    page.lab(LabMsg::ProgramTyped(
        Side::CLIENT,
        "client.connect(ADDRESS)\nclient.send all(b'x')".into(),
    ));
    page.lab(LabMsg::EditsApplied);
    let problem = page.state.lab.editor.as_ref().unwrap().problems[1].clone().unwrap();
    assert!(problem.starts_with("line 2, column 13"), "{problem}");
    assert_eq!(page.lab(LabMsg::StepNext), [], "nothing runs while the editor is open");
    let program = "client.connect(ADDRESS)\nclient.sendall(b'x')\n";
    page.lab(LabMsg::ProgramTyped(Side::CLIENT, program.into()));
    let effects = page.lab(LabMsg::EditsApplied);
    assert!(!page.state.lab.is_own && page.state.lab.editor.is_none());
    let [Effect::SetFragment(link)] = &effects[..] else { panic!("{effects:?}") };
    page.lab(LabMsg::RunAll);
    assert_eq!(page.returned()[0], bytes("x"));

    let mut other = Page::alone(link);
    assert_eq!(other.state.lab.experiment, page.state.lab.experiment, "the link has them");
    other.lab(LabMsg::LessonChosen("4a".into()));
    assert!(other.state.lab.is_own);
}

#[test]
fn a_link_with_an_error_in_a_program_opens_the_editor() {
    let lessons = Lessons { name: Some("4a".into()), programs: vec![(Side::CLIENT, "<b>".into())] };
    let page = Page::alone(&Link { lessons, ..Link::default() }.to_fragment());
    let editor = page.state.lab.editor.as_ref().expect("the editor is open");
    assert!(editor.problems[1].is_some());
    let unknown = Page::with_lab("lesson=99");
    assert_eq!(unknown.state.tab, Tab::Live);
}

#[test]
fn a_series_on_the_simulated_kernel_counts_its_outcomes() {
    let mut page = Page::alone("lesson=4a");
    page.lab(LabMsg::RunsTyped("60".into()));
    let mut effects = page.lab(LabMsg::SeriesAsked { seed: 7 });
    let mut frames = 0;
    while let Some(Effect::SeriesLater { seed }) = effects.last() {
        frames += 1;
        effects = page.lab(LabMsg::SeriesGoesOn { seed: *seed });
    }
    let series = page.state.lab.series.as_ref().unwrap();
    assert_eq!((series.done(), series.is_running, series.source), (60, false, Source::Simulated));
    assert!(frames > 5 && series.outcomes.len() > 1);
    assert!(series.outcomes.is_sorted_by(|(_, a), (_, b)| a >= b));
    for text in ["1", "501", "x"] {
        page.lab(LabMsg::RunsTyped(text.into()));
        assert_eq!(page.lab(LabMsg::SeriesAsked { seed: 7 }), [], "{text} runs");
    }
}

#[test]
fn a_series_leaves_the_stepped_trace_on_screen() {
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::StepNext);
    page.lab(LabMsg::SocketOpened(1));
    page.report(&Report::Loaded);
    let trace: Trace = simulate(&find_variant("4a").unwrap().experiment()).unwrap();
    page.report(&Report::Events(trace.events[..2].to_vec()));
    let load = Command::Load(find_variant("4a").unwrap().experiment());
    let effects = page.lab(LabMsg::SeriesAsked { seed: 0 });
    assert_eq!(commands(&effects), [load.clone(), Command::Series { runs: 100 }]);
    assert_eq!(page.state.lab.trace.events.len(), 2);
    assert_eq!(page.lab(LabMsg::StepNext), [], "its sockets are closed");
    page.lab(LabMsg::Reset);
    assert_eq!(commands(&page.lab(LabMsg::StepNext)), [load, Command::StepNext]);
}

#[test]
fn a_step_at_an_earlier_moment_only_moves_to_the_newest() {
    let mut page = Page::alone("lesson=4a");
    page.lab(LabMsg::StepNext);
    page.lab(LabMsg::StepNext);
    page.tell(Msg::Stepped(Move::By(-1)));
    let events = page.state.lab.trace.events.len();
    page.lab(LabMsg::Step(Side::SERVER));
    assert_eq!((page.state.cursor, page.state.lab.trace.events.len()), (None, events));
}

#[test]
fn the_next_and_the_previous_variant_can_be_chosen() {
    let mut page = Page::alone("lesson=4a");
    page.lab(LabMsg::AdjacentVariant(1));
    assert_eq!(page.state.lab.variant.name, "4b");
    page.lab(LabMsg::AdjacentVariant(-1));
    page.tell(Msg::LessonNumber(1));
    assert_eq!(page.lab(LabMsg::AdjacentVariant(-1)), [], "there is none before the first");
    assert_eq!(page.state.lab.variant.name, "1a");
}

#[test]
fn an_exported_trace_can_be_imported() {
    let mut page = Page::alone("lesson=5a");
    page.lab(LabMsg::RunAll);
    let effects = page.lab(LabMsg::ExportAsked);
    let [Effect::Download { name, trace }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((&name[..], &**trace), ("framescope-5a.json", &page.state.lab.trace));

    let mut other = Page::with_lab("");
    other.tell(Msg::FileOpened(Box::new(SavedFile::Trace((**trace).clone()))));
    assert_eq!((other.state.tab, &other.state.lab.trace), (Tab::Lab, &**trace));
    assert_eq!(other.state.lab.variant.name, "5a");
    assert_eq!(other.lab(LabMsg::StepNext), [], "an imported run is over");
    other.tell(Msg::FileFailed("this is not a trace".into()));
    assert!(other.state.file_problem.is_some());
    assert_eq!(other.state.lab.trace, **trace, "the trace on screen is kept");
}

#[test]
fn with_a_relay_the_first_step_loads_the_experiment_on_it() {
    let mut page = Page::with_lab("lesson=4a");
    assert_eq!(page.state.lab.trace.source, Source::Measured);
    assert_eq!(page.lab(LabMsg::StepNext), [Effect::LabOpen { number: 1, path: "/lab".into() }]);
    assert_eq!(page.lab(LabMsg::StepNext), [], "the command waits until the WebSocket is open");
    let effects = page.lab(LabMsg::SocketOpened(1));
    let load = Command::Load(find_variant("4a").unwrap().experiment());
    assert_eq!(commands(&effects), [load, Command::StepNext, Command::StepNext]);
    let effects = page.lab(LabMsg::Step(Side::CLIENT));
    assert_eq!(commands(&effects), [Command::Step(Side::CLIENT)]);
}

#[test]
fn reports_of_the_run_before_a_reset_are_ignored() {
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::StepNext);
    page.lab(LabMsg::SocketOpened(1));
    page.report(&Report::Loaded);
    let trace: Trace = simulate(&find_variant("4a").unwrap().experiment()).unwrap();
    page.report(&Report::Events(trace.events[..2].to_vec()));
    assert_eq!(page.state.lab.trace.events.len(), 2);
    assert_eq!(commands(&page.lab(LabMsg::Reset)), [Command::Reset]);
    page.report(&Report::Events(trace.events[2..4].to_vec()));
    page.report(&Report::Over(RunEnd::Finished));
    assert_eq!((page.state.lab.trace.events.len(), page.state.lab.trace.end), (0, None));
    page.report(&Report::Loaded);
    page.report(&Report::Events(trace.events.clone()));
    page.report(&Report::Over(RunEnd::Finished));
    assert_eq!(page.bytes(), (15, 0));
    assert_eq!(page.state.lab.trace.end, Some(RunEnd::Finished));
}

#[test]
fn after_the_websocket_is_lost_the_trace_is_kept_and_reset_begins_a_new_run() {
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::StepNext);
    page.lab(LabMsg::SocketOpened(1));
    page.report(&Report::Loaded);
    let trace: Trace = simulate(&find_variant("4a").unwrap().experiment()).unwrap();
    page.report(&Report::Events(trace.events[..2].to_vec()));
    let lost = LabMsg::SocketClosed { number: 1, code: 1001, reason: "shutting down".into() };
    page.lab(lost);
    assert_eq!(page.state.lab.websocket, LabSocket::Lost { reason: "shutting down".into() });
    assert_eq!(page.state.lab.trace.events.len(), 2);
    assert_eq!(page.lab(LabMsg::StepNext), [], "a run without its sockets cannot go on");
    page.lab(LabMsg::Reset);
    assert_eq!(page.state.lab.source, Source::Simulated, "the relay is gone");
    page.tell(Msg::RelayPolled(true));
    assert_eq!(page.state.lab.source, Source::Measured, "and is back");
    assert_eq!(page.lab(LabMsg::StepNext), [Effect::LabOpen { number: 2, path: "/lab".into() }]);
    page.lab(LabMsg::SocketReceived(1, Report::Events(trace.events.clone()).encode()));
    assert_eq!(page.state.lab.trace.events.len(), 0, "reports on the old WebSocket are ignored");
}

#[test]
fn the_outcomes_of_a_series_on_the_relay_are_counted_as_they_arrive() {
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::RunsTyped("2".into()));
    page.lab(LabMsg::SeriesAsked { seed: 0 });
    let effects = page.lab(LabMsg::SocketOpened(1));
    assert_eq!(commands(&effects).last(), Some(&Command::Series { runs: 2 }));
    page.report(&Report::Loaded);
    let trace = simulate(&find_variant("4a").unwrap().experiment()).unwrap();
    let sizes = ChunkSizes::of(&trace.experiment, &trace.events);
    page.report(&Report::ChunkSizes(sizes.clone()));
    page.report(&Report::ChunkSizes(sizes.clone()));
    assert!(page.state.lab.series.as_ref().unwrap().is_running);
    page.report(&Report::SeriesOver);
    let series = page.state.lab.series.as_ref().unwrap();
    assert_eq!((&series.outcomes[..], series.is_running), (&[(sizes, 2)][..], false));
}

#[test]
fn when_a_relay_appears_a_lesson_that_has_not_begun_becomes_measured() {
    let mut page = Page::alone("lesson=4a");
    page.tell(Msg::RelayInfoArrived(Some(info())));
    assert_eq!(page.state.lab.source, Source::Measured);
    let mut busy = Page::alone("lesson=4a");
    busy.lab(LabMsg::StepNext);
    busy.tell(Msg::RelayInfoArrived(Some(info())));
    assert_eq!(busy.state.lab.source, Source::Simulated, "a run that has begun keeps its source");
    busy.lab(LabMsg::SourceChosen(Source::Measured));
    assert_eq!((busy.state.lab.source, busy.state.lab.trace.events.len()), (Source::Measured, 0));
}

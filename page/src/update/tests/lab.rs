//! Tests of the lab, in the steps of a user. Programs run on the simulated kernel.

use framescope_engine::programs::{Session, settle};
use framescope_engine::sockets::SimulatedKernel;
use framescope_lab::find_variant;
use framescope_lab::{Command, Ended, Event, EventKind, Experiment, Program, Report, Trace, Until};
use framescope_lab::{Reader, RunEnd, SavedFile};
use framescope_record::{Direction, Source};

use super::{PREFERENCES, Page, info};
use crate::effect::{Effect, Runner};
use crate::msg::{LabMsg, Move, Msg};
use crate::screen::programs::{Mark, MarkKind, panel};
use crate::screen::wording::last_rung_text;
use crate::state::{Channel, Link, OWN, PrintedKind, State, Tab};
use crate::text::Language;

const SERVER: &str = "\
import socket
server = socket.socket()
server.bind(('127.0.0.1', 9527))
server.listen(5)
conn, addr = server.accept()
print('got', conn.recv(1024))
";

const CLIENT: &str = "\
import socket
client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send(b'hello')
client.close()
";

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

    /// What runs the programs sends this report.
    fn report(&mut self, report: &Report) {
        let number = self.state.lab.number;
        self.lab(LabMsg::Reported(number, report.encode()));
    }

    /// The numbers of bytes that were received and that wait, at the moment on screen.
    fn bytes(&self) -> (u64, u64) {
        let moment = self.state.moment();
        let received = moment.end(Direction::Received);
        (received, moment.end(Direction::Sent) - received)
    }

    fn printed(&self, program: usize) -> String {
        let printed = self.state.lab.printed(program, self.state.event()).into_iter();
        printed.map(|one| one.text).collect()
    }

    fn edit(&mut self, texts: &[&str]) {
        self.lab(LabMsg::EditToggled);
        for (program, text) in texts.iter().enumerate() {
            self.lab(LabMsg::ProgramTyped(program, (*text).to_owned()));
        }
    }
}

/// A page whose programs run.
struct Bench {
    page: Page,
    session: Session<SimulatedKernel>,
}

impl Bench {
    fn new(page: Page) -> Self {
        Self { page, session: Session::new(SimulatedKernel::new) }
    }

    /// A page in which the user has these programs.
    fn with(texts: &[&str]) -> Self {
        let mut bench = Self::new(Page::alone("lesson=own"));
        bench.page.edit(texts);
        bench.lab(LabMsg::EditToggled);
        bench
    }

    fn lab(&mut self, msg: LabMsg) -> Vec<Effect> {
        self.tell(Msg::Lab(msg))
    }

    /// Tells the page something, and carries out what it commands. Returns its other effects.
    fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects: std::collections::VecDeque<_> = self.page.tell(msg).into();
        let mut others = Vec::new();
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::LabOpen { number, .. } => {
                    self.session = Session::new(SimulatedKernel::new);
                    effects.extend(self.page.lab(LabMsg::ChannelOpened(number)));
                }
                Effect::LabSend(command) => {
                    self.session.command(Command::decode(&command).expect("it can be read"));
                    let settled: Result<(), std::convert::Infallible> =
                        settle(&mut self.session, |_| Ok(()));
                    settled.expect("nothing stops it");
                    let number = self.page.state.lab.number;
                    for report in self.session.take_reports() {
                        let reported = LabMsg::Reported(number, report.encode());
                        effects.extend(self.page.lab(reported));
                    }
                }
                other => others.push(other),
            }
        }
        others
    }

    fn next(&mut self) -> Vec<Effect> {
        self.tell(Msg::Stepped(Move::By(1)))
    }
}

/// The commands that the effects send, decoded.
fn commands(effects: &[Effect]) -> Vec<Command> {
    let read = |effect: &Effect| match effect {
        Effect::LabSend(command) => Some(Command::decode(command).expect("the relay can read it")),
        _ => None,
    };
    effects.iter().filter_map(read).collect()
}

/// The events of a run of a lesson.
fn events_of(name: &str) -> Vec<Event> {
    let mut bench = Bench::new(Page::alone(&format!("lesson={name}")));
    bench.lab(LabMsg::RunToggled);
    bench.page.state.lab.trace.events.clone()
}

/// The experiment of a lesson, in which the user types.
fn typed_by_hand(name: &str) -> Experiment {
    let mut experiment = find_variant(name).expect("the lesson is there").experiment();
    for program in &mut experiment.programs {
        program.stdin = None;
    }
    experiment
}

#[test]
fn without_a_relay_the_page_opens_in_the_lab_and_the_source_is_simulated() {
    let page = Page::alone("");
    assert_eq!(page.state.tab, Tab::Lab);
    assert_eq!(page.state.lab.trace.source, Source::Simulated);
}

#[test]
fn programs_are_stepped_call_by_call_and_stepped_back() {
    let mut bench = Bench::with(&[SERVER, CLIENT]);
    for _ in 0..7 {
        bench.next();
    }
    let texts = |page: &Page| (page.bytes(), page.printed(0));
    while bench.page.state.lab.goes_on() {
        bench.next();
    }
    assert_eq!(texts(&bench.page), ((5, 0), "got b'hello'\n".to_owned()));
    let moments = bench.page.state.lab.timeline.moments().len();
    let mut seen = Vec::new();
    for _ in 1..moments {
        seen.push(texts(&bench.page));
        bench.tell(Msg::Stepped(Move::By(-1)));
    }
    assert_eq!(texts(&bench.page), ((0, 0), String::new()), "stepping back is exact");
    for before in seen.into_iter().rev() {
        bench.tell(Msg::Stepped(Move::By(1)));
        assert_eq!(texts(&bench.page), before, "and so is stepping forward");
    }
    bench.lab(LabMsg::Reset);
    assert_eq!((bench.page.bytes(), bench.page.state.lab.trace.events.len()), ((0, 0), 0));
}

#[test]
fn a_step_by_lines_stops_at_the_next_line() {
    let mut bench = Bench::with(&["a = 1\nb = 2\nprint(a + b)\n"]);
    bench.lab(LabMsg::UntilChosen(Until::Line));
    let line = |bench: &Bench| panel(&bench.page.state, 0).expect("it is there").marks;
    let at = |line| vec![Mark { line, kind: MarkKind::Next }];
    bench.next();
    let first = line(&bench);
    bench.next();
    assert_ne!(line(&bench), first);
    bench.lab(LabMsg::Reset);
    bench.lab(LabMsg::UntilChosen(Until::Call));
    bench.lab(LabMsg::StepLine);
    bench.lab(LabMsg::StepLine);
    assert_eq!(line(&bench), at(2));
    assert_eq!(bench.page.state.lab.until, Until::Call, "the next step is as before");
}

#[test]
fn the_panel_of_a_program_has_its_lines_variables_and_output() {
    let mut bench = Bench::with(&[SERVER, CLIENT]);
    while bench.page.state.lab.goes_on() {
        bench.lab(LabMsg::Step { program: 0, thread: None });
        if panel(&bench.page.state, 0).is_some_and(|panel| panel.state.starts_with('‖')) {
            break;
        }
    }
    let waits = panel(&bench.page.state, 0).expect("it is there");
    assert_eq!(waits.state, "‖ accept() · waits for a client");
    assert_eq!(waits.marks, [Mark { line: 5, kind: MarkKind::Waits }]);
    assert_eq!(waits.variables, [("server", "<socket.socket fd=3>", true)], "without modules");
    bench.lab(LabMsg::RunToggled);
    let ended = panel(&bench.page.state, 0).expect("it is there");
    assert_eq!((ended.state.as_str(), ended.printed.len()), ("ended", 1));
    assert_eq!(ended.printed[0].kind, PrintedKind::Stdout);
    assert!(panel(&bench.page.state, 2).is_none());
}

#[test]
fn a_traceback_is_shown_with_a_sentence_of_help() {
    let client = CLIENT.replace("9527", "8080");
    let mut bench = Bench::with(&[SERVER, &client]);
    bench.lab(LabMsg::RunToggled);
    let failed = panel(&bench.page.state, 1).expect("it is there");
    assert_eq!(failed.marks, [Mark { line: 3, kind: MarkKind::Failed }]);
    assert!(failed.printed.iter().all(|one| one.kind == PrintedKind::Stderr));
    assert_eq!(
        failed.help.as_deref(),
        Some("Nobody listens at port 8080; the server is bound to 9527.")
    );
    let mut bench = Bench::with(&["import socket\nsocket.socket().send('x')\n"]);
    bench.lab(LabMsg::RunToggled);
    let help = panel(&bench.page.state, 0).expect("it is there").help;
    assert_eq!(help.as_deref(), Some("Sockets carry bytes: write b\"...\", or text.encode()."));
}

#[test]
fn input_asks_on_the_page_and_is_answered_there() {
    let mut bench = Bench::with(&["name = input('name: ')\nprint('hello', name)\n"]);
    bench.lab(LabMsg::RunToggled);
    assert!(panel(&bench.page.state, 0).is_some_and(|panel| panel.reads));
    assert_eq!(bench.page.printed(0), "name: ");
    bench.lab(LabMsg::Typed(0, Some("Ada".to_owned())));
    assert_eq!(bench.page.printed(0), "name: Adahello Ada\n");
    assert!(!panel(&bench.page.state, 0).is_some_and(|panel| panel.reads));
    assert_eq!(bench.lab(LabMsg::Typed(0, Some("late".to_owned()))), []);
}

#[test]
fn a_lesson_that_runs_reads_its_own_lines_and_one_that_is_stepped_asks() {
    let mut page = Page::alone("lesson=2a");
    page.lab(LabMsg::RunToggled);
    let played = commands(&page.lab(LabMsg::ChannelOpened(1)));
    let own = find_variant("2a").expect("it is there").experiment();
    assert_eq!(played, [Command::Load(own), Command::Play]);
    let mut page = Page::alone("lesson=2a");
    page.lab(LabMsg::StepNext);
    let stepped = commands(&page.lab(LabMsg::ChannelOpened(1)));
    assert_eq!(stepped, [Command::Load(typed_by_hand("2a")), Command::StepNext(Until::Call)]);
}

#[test]
fn a_program_that_never_ends_is_paused_and_interrupted() {
    let mut page = Page::with_lab("lesson=own");
    page.edit(&["while True: pass\n"]);
    page.lab(LabMsg::RunToggled);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    let began = Event { at: 0, program: 0, thread: 0, line: 0, kind: EventKind::Began };
    page.report(&Report::Events(vec![began]));
    assert!(page.state.lab.plays && page.state.lab.runs(0));
    assert_eq!(commands(&page.lab(LabMsg::RunToggled)), [Command::Hold]);
    assert!(!page.state.lab.plays);
    assert_eq!(commands(&page.lab(LabMsg::RunToggled)), [Command::Play]);
    assert_eq!(commands(&page.lab(LabMsg::Interrupted(0))), [Command::Interrupt(0)]);
    assert_eq!(page.lab(LabMsg::Interrupted(1)), [], "it does not run");
}

#[test]
fn what_is_typed_is_checked_after_a_pause_and_a_problem_has_its_line_and_column() {
    let mut bench = Bench::new(Page::alone("lesson=own"));
    bench.lab(LabMsg::EditToggled);
    let effects = bench.lab(LabMsg::ProgramTyped(0, "import socket\nprint（1)\n".to_owned()));
    assert_eq!(effects, [Effect::CheckLater]);
    assert!(panel(&bench.page.state, 0).is_some_and(|panel| panel.problem.is_none()));
    bench.lab(LabMsg::TypingPaused);
    let shown = panel(&bench.page.state, 0).expect("it is there");
    let problem = shown.problem.expect("the text has a problem");
    assert_eq!((problem.line, problem.column), (2, 6));
    assert_eq!(problem.message, "invalid character '（' (U+FF08)");
    assert!(shown.help.is_some_and(|help| help.starts_with("（ is not a character of Python")));
    bench.lab(LabMsg::ProgramTyped(0, "print(1)\n".to_owned()));
    bench.lab(LabMsg::TypingPaused);
    assert!(panel(&bench.page.state, 0).is_some_and(|panel| panel.problem.is_none()));
    assert!(bench.page.state.lab.editor.is_some(), "the editor stays open");
    bench.lab(LabMsg::RunToggled);
    assert_eq!(bench.page.printed(0), "1\n", "and a run uses what is typed");
}

#[test]
fn a_text_that_is_too_long_stays_in_the_editor() {
    let mut bench = Bench::new(Page::alone("lesson=own"));
    bench.lab(LabMsg::EditToggled);
    let long = "#".repeat(50_000);
    bench.lab(LabMsg::ProgramTyped(0, long.clone()));
    bench.lab(LabMsg::RunToggled);
    let editor = bench.page.state.lab.editor.as_ref().expect("it is open");
    assert_eq!(editor.programs[0].text, long);
    assert!(bench.page.state.lab.trace.events.is_empty());
    assert_eq!(
        bench.page.state.file_problem.as_deref(),
        Some("A program has at most 48 KiB of text.")
    );
}

#[test]
fn programs_are_added_removed_opened_and_saved() {
    let mut bench = Bench::new(Page::alone("lesson=own"));
    bench.lab(LabMsg::ProgramAdded);
    let files = |bench: &Bench| {
        let programs = bench.page.state.lab.experiment.programs.iter();
        programs.map(|program| program.file.clone()).collect::<Vec<_>>()
    };
    assert_eq!(files(&bench), ["server.py", "client.py", "client2.py"]);
    let (file, text) = ("mine.py".to_owned(), "print('mine')\n".to_owned());
    bench.lab(LabMsg::ProgramOpened { program: 2, file, text: text.clone() });
    assert_eq!(
        bench.lab(LabMsg::ProgramSaved(2)),
        [Effect::SaveProgram { name: "mine.py".to_owned(), text }]
    );
    bench.lab(LabMsg::ProgramRemoved(0));
    assert_eq!(files(&bench), ["client.py", "mine.py"]);
    bench.lab(LabMsg::ProgramRemoved(0));
    bench.lab(LabMsg::ProgramRemoved(0));
    assert_eq!(files(&bench), ["mine.py"], "one program is always left");
    bench.lab(LabMsg::ProgramsRestored);
    assert_eq!(files(&bench), ["server.py", "client.py"]);
}

#[test]
fn a_link_has_the_programs_that_were_edited() {
    let mut bench = Bench::new(Page::alone("lesson=4a"));
    bench.page.edit(&[SERVER, CLIENT]);
    let effects = bench.lab(LabMsg::EditToggled);
    assert!(!bench.page.state.lab.is_own && bench.page.state.lab.editor.is_none());
    let [Effect::SetFragment(link)] = &effects[..] else { panic!("{effects:?}") };
    let mut other = Bench::new(Page::alone(link));
    assert_eq!(other.page.state.lab.experiment.programs, bench.page.state.lab.experiment.programs);
    assert_eq!(other.page.state.lab.channel, Channel::Absent, "nothing runs before a step");
    other.lab(LabMsg::RunToggled);
    assert_eq!(other.page.printed(0), "got b'hello'\n");
    other.lab(LabMsg::LessonChosen("4a".into()));
    assert!(other.page.state.lab.is_own);
    let unknown = Page::with_lab("lesson=99");
    assert_eq!(unknown.state.tab, Tab::Live);
}

#[test]
fn the_programs_of_an_old_link_are_translated() {
    let state = State::new(
        Language::English,
        PREFERENCES,
        Link::parse("lesson=4a&program1=client.connect(ADDRESS)"),
    );
    let mut page = Page { state, now: 0.0 };
    let effects = page.tell(Msg::Started);
    let old = vec![None, Some("client.connect(ADDRESS)".to_owned())];
    assert_eq!(effects.first(), Some(&Effect::TranslateLink(old)));
    page.lab(LabMsg::LinkTranslated(vec![None, Some(CLIENT.to_owned())]));
    let programs = &page.state.lab.experiment.programs;
    let own = find_variant("4a").expect("it is there").experiment().programs;
    assert_eq!((&programs[0], programs[1].text.as_str()), (&own[0], CLIENT));
}

#[test]
fn another_reader_reads_the_recorded_bytes() {
    let mut bench = Bench::with(&[SERVER, &CLIENT.replace("b'hello'", "b'hello world'")]);
    bench.lab(LabMsg::RunToggled);
    let chunks = |bench: &Bench| {
        let stream = bench.page.state.record().expect("there is one").stream(Direction::Received);
        stream.chunk_numbers().len()
    };
    assert_eq!(chunks(&bench), 1);
    bench.lab(LabMsg::ReaderChosen(Some(Reader::Recv(5))));
    assert_eq!(chunks(&bench), 3);
    assert_eq!(bench.page.bytes(), (11, 0));
    bench.lab(LabMsg::ReaderChosen(None));
    assert_eq!(chunks(&bench), 1);
}

#[test]
fn the_result_of_a_step_is_announced() {
    let mut bench = Bench::with(&[SERVER, CLIENT]);
    bench.lab(LabMsg::RunToggled);
    let last = last_rung_text(&bench.page.state);
    assert_eq!(last.as_deref(), Some("server: recv(1024) → 5 b'hello'"));
}

#[test]
fn playing_makes_one_step_at_each_tick() {
    let mut bench = Bench::with(&[SERVER, CLIENT]);
    assert_eq!(bench.tell(Msg::PlayToggled), [Effect::Play(true)]);
    let ticks =
        (0..60).take_while(|_| !bench.tell(Msg::Ticked).contains(&Effect::Play(false))).count();
    assert!((5..20).contains(&ticks), "{ticks}");
    assert!(!bench.page.state.playing);
}

#[test]
fn a_series_counts_its_outcomes_and_leaves_the_stepped_trace_on_screen() {
    let mut bench = Bench::new(Page::with_lab("lesson=4a"));
    bench.lab(LabMsg::StepNext);
    let events = bench.page.state.lab.trace.events.len();
    assert!(events > 0);
    bench.lab(LabMsg::RunsTyped("7".into()));
    bench.lab(LabMsg::SeriesAsked);
    let series = bench.page.state.lab.series.as_ref().expect("it has run");
    assert_eq!((series.done(), series.is_running), (7, false));
    assert_eq!(series.outcomes, [(vec![(0, vec![15])], 7)]);
    assert_eq!(bench.page.state.lab.trace.events.len(), events);
    assert_eq!(bench.lab(LabMsg::StepNext), [], "its sockets are closed");
    bench.lab(LabMsg::Reset);
    bench.lab(LabMsg::StepNext);
    assert!(!bench.page.state.lab.trace.events.is_empty());
    for text in ["1", "1001", "x"] {
        bench.lab(LabMsg::RunsTyped(text.into()));
        assert_eq!(bench.lab(LabMsg::SeriesAsked), [], "{text} runs");
    }
}

#[test]
fn a_step_at_an_earlier_moment_only_moves_to_the_newest() {
    let mut bench = Bench::with(&[SERVER, CLIENT]);
    bench.next();
    bench.next();
    bench.tell(Msg::Stepped(Move::By(-1)));
    let events = bench.page.state.lab.trace.events.len();
    bench.lab(LabMsg::Step { program: 0, thread: None });
    let lab = &bench.page.state.lab;
    assert_eq!((bench.page.state.cursor, lab.trace.events.len()), (None, events));
}

#[test]
fn the_next_and_the_previous_variant_can_be_chosen() {
    let mut page = Page::alone("lesson=4a");
    page.lab(LabMsg::AdjacentVariant(1));
    assert_eq!(page.state.lab.name(), "4b");
    page.lab(LabMsg::AdjacentVariant(-1));
    assert_eq!(page.state.lab.name(), "4a");
    page.lab(LabMsg::LessonChosen(OWN.to_owned()));
    assert_eq!(page.lab(LabMsg::AdjacentVariant(1)), [], "it is of no lesson");
}

#[test]
fn an_exported_trace_can_be_imported() {
    let mut bench = Bench::new(Page::alone("lesson=5a"));
    bench.lab(LabMsg::RunToggled);
    let effects = bench.lab(LabMsg::ExportAsked);
    let [Effect::Download { name, trace }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((&name[..], &**trace), ("framescope-5a.json", &bench.page.state.lab.trace));

    let mut other = Page::with_lab("");
    other.tell(Msg::FileOpened(Box::new(SavedFile::Trace((**trace).clone()))));
    assert_eq!((other.state.tab, &other.state.lab.trace), (Tab::Lab, &**trace));
    assert_eq!(other.state.lab.name(), "5a");
    assert_eq!(other.bytes(), bench.page.bytes());
    assert_eq!(other.lab(LabMsg::StepNext), [], "an imported run is over");
    other.tell(Msg::FileFailed("this is not a trace".into()));
    assert!(other.state.file_problem.is_some());
    assert_eq!(other.state.lab.trace, **trace, "the trace on screen is kept");
    other.lab(LabMsg::Reset);
    assert!(
        !commands(&[other.lab(LabMsg::StepNext), other.lab(LabMsg::ChannelOpened(1))].concat())
            .is_empty()
    );
}

#[test]
fn a_trace_that_cannot_have_happened_is_shown_without_harm() {
    let program = Program { name: "a".into(), file: "a.py".into(), ..Program::default() };
    let experiment = Experiment { programs: vec![program], ..Experiment::default() };
    let mut trace = Trace::new(Source::Measured, experiment);
    let event = |thread, kind| Event { at: 0, program: 0, thread, line: 900, kind };
    trace.events = vec![
        event(77, EventKind::Reads),
        event(0, EventKind::Returned(framescope_syscall::Returned::Sent(5))),
        event(0, EventKind::Started(5)),
        event(1, EventKind::Line(Vec::new())),
        event(0, EventKind::Ended(Ended::Exit(0))),
        event(0, EventKind::Ended(Ended::NotStarted)),
    ];
    let mut page = Page::with_lab("");
    page.tell(Msg::FileOpened(Box::new(SavedFile::Trace(trace))));
    for _ in 0..7 {
        assert!(panel(&page.state, 0).is_some());
        page.tell(Msg::Stepped(Move::By(-1)));
    }
}

#[test]
fn with_a_relay_the_first_step_loads_the_experiment_on_it() {
    let mut page = Page::with_lab("lesson=4a");
    assert_eq!(page.state.lab.trace.source, Source::Measured);
    let open = |number| Effect::LabOpen { number, to: Runner::Relay("/lab".into()) };
    assert_eq!(page.lab(LabMsg::StepNext), [open(1)]);
    assert_eq!(page.lab(LabMsg::StepNext), [], "the command waits until the WebSocket is open");
    let next = || Command::StepNext(Until::Call);
    let load = Command::Load(typed_by_hand("4a"));
    assert_eq!(commands(&page.lab(LabMsg::ChannelOpened(1))), [load, next(), next()]);
    page.lab(LabMsg::SourceChosen(Source::Simulated));
    let engine = Effect::LabOpen { number: 2, to: Runner::Engine };
    assert_eq!(page.lab(LabMsg::StepNext), [engine], "the engine of the page has the same driver");
}

#[test]
fn reports_of_the_run_before_a_reset_are_ignored() {
    let events = events_of("4a");
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::StepNext);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Events(events[..2].to_vec()));
    assert_eq!(page.state.lab.trace.events.len(), 2);
    assert_eq!(commands(&page.lab(LabMsg::Reset)), [Command::Reset]);
    page.report(&Report::Events(events[2..4].to_vec()));
    page.report(&Report::Over(RunEnd::Finished));
    assert_eq!((page.state.lab.trace.events.len(), page.state.lab.trace.end), (0, None));
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Events(events));
    page.report(&Report::Over(RunEnd::Finished));
    assert_eq!(page.bytes(), (15, 0));
    assert_eq!(page.state.lab.trace.end, Some(RunEnd::Finished));
}

#[test]
fn after_the_channel_is_lost_the_trace_is_kept_and_reset_begins_a_new_run() {
    let events = events_of("4a");
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::StepNext);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Events(events[..2].to_vec()));
    let lost = LabMsg::ChannelClosed { number: 1, code: 1001, reason: "shutting down".into() };
    page.lab(lost);
    assert_eq!(page.state.lab.channel, Channel::Lost { reason: "shutting down".into() });
    assert_eq!(page.state.lab.trace.events.len(), 2);
    assert_eq!(page.lab(LabMsg::StepNext), [], "a run without its sockets cannot go on");
    page.lab(LabMsg::Reset);
    assert_eq!(page.state.lab.source, Source::Simulated, "the relay is gone");
    page.tell(Msg::RelayPolled(true));
    assert_eq!(page.state.lab.source, Source::Measured, "and is back");
    let open = Effect::LabOpen { number: 2, to: Runner::Relay("/lab".into()) };
    assert_eq!(page.lab(LabMsg::StepNext), [open]);
    page.lab(LabMsg::Reported(1, Report::Events(events).encode()));
    assert_eq!(page.state.lab.trace.events.len(), 0, "reports on the old channel are ignored");
}

#[test]
fn a_run_that_failed_says_why_and_another_one_can_begin() {
    let mut page = Page::with_lab("lesson=4a");
    page.lab(LabMsg::StepNext);
    page.lab(LabMsg::ChannelOpened(1));
    page.report(&Report::Loaded(Vec::new()));
    page.report(&Report::Failed("it needs too much memory".to_owned()));
    assert_eq!(page.state.lab.failure.as_deref(), Some("it needs too much memory"));
    assert_eq!(page.lab(LabMsg::StepNext), []);
    page.lab(LabMsg::Reset);
    assert_eq!(page.state.lab.failure, None);
    let sent = commands(&page.lab(LabMsg::StepNext));
    assert!(matches!(sent[..], [Command::Load(_), Command::StepNext(_)]), "{sent:?}");
}

#[test]
fn when_a_relay_appears_a_lesson_that_has_not_begun_becomes_measured() {
    let mut page = Page::alone("lesson=4a");
    page.tell(Msg::RelayInfoArrived(Some(info())));
    assert_eq!(page.state.lab.source, Source::Measured);
    let mut busy = Bench::new(Page::alone("lesson=4a"));
    busy.lab(LabMsg::StepNext);
    busy.tell(Msg::RelayInfoArrived(Some(info())));
    let lab = &busy.page.state.lab;
    assert_eq!(lab.source, Source::Simulated, "a run that has begun keeps its source");
    busy.lab(LabMsg::SourceChosen(Source::Measured));
    let lab = &busy.page.state.lab;
    assert_eq!((lab.source, lab.trace.events.len()), (Source::Measured, 0));
}

#[test]
fn a_thread_that_was_started_is_stepped_by_itself() {
    let text = "\
import threading
def work():
    print('one')
    print('two')
thread = threading.Thread(target=work)
thread.start()
thread.join()
";
    let mut bench = Bench::with(&[text]);
    bench.lab(LabMsg::UntilChosen(Until::Line));
    let threads = |bench: &Bench| panel(&bench.page.state, 0).expect("it is there").threads;
    while threads(&bench).is_empty() {
        assert!(bench.page.state.lab.goes_on());
        bench.lab(LabMsg::Step { program: 0, thread: Some(0) });
    }
    assert!(threads(&bench)[1].can_step);
    for printed in ["", "one\n", "one\ntwo\n"] {
        bench.lab(LabMsg::Step { program: 0, thread: Some(1) });
        if bench.page.printed(0) != printed {
            bench.lab(LabMsg::Step { program: 0, thread: Some(1) });
        }
        assert_eq!(bench.page.printed(0), printed, "{:?}", threads(&bench));
    }
}

#[test]
fn a_panel_stays_on_its_side_while_its_text_is_typed() {
    let mut bench = Bench::new(Page::alone("lesson=own"));
    bench.lab(LabMsg::EditToggled);
    bench.lab(LabMsg::ProgramTyped(0, String::new()));
    bench.lab(LabMsg::TypingPaused);
    assert!(bench.page.state.lab.is_server(0));
    bench.lab(LabMsg::EditToggled);
    assert!(!bench.page.state.lab.is_server(0), "an empty program is no server");
}

//! Runs: stepped, played, counted, exported and imported.

use framescope_lab::{
    Command, Ended, Event, EventKind, Experiment, FileProblem, Program, Report, SavedFile, Trace,
    Until,
};
use framescope_record::Source;

use super::{Bench, CLIENT, NEXT_STEP, Page, SERVER, commands};
use crate::effect::{Effect, TraceFormat};
use crate::msg::{LabMsg, Move, Msg};
use crate::screen::answer::explanation;
use crate::screen::ladder::last_rung_text;
use crate::screen::programs::{Mark, MarkKind, panel};
use crate::state::{OWN, Problem, Tab};
use crate::text::Language;
use crate::update::tests::lesson_texts;

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
    let at = |line| vec![Mark::of_line(line, MarkKind::Next)];
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
fn the_result_of_a_step_is_announced() {
    let mut bench = Bench::with(&[SERVER, CLIENT]);
    bench.lab(LabMsg::RunToggled);
    let last = last_rung_text(&bench.page.state, 0);
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
    let mut bench = Bench::new(Page::with_lab("lesson=4c"));
    bench.tell(NEXT_STEP);
    let events = bench.page.state.lab.trace.events.len();
    assert!(events > 0);
    bench.lab(LabMsg::RunsTyped("7".into()));
    bench.lab(LabMsg::SeriesAsked);
    let series = bench.page.state.lab.series.as_ref().expect("it has run");
    assert_eq!((series.done(), series.is_running), (7, false));
    assert_eq!(series.outcomes, [(vec![(0, vec![15])], 7)]);
    assert_eq!(bench.page.state.lab.trace.events.len(), events);
    assert_eq!(bench.tell(NEXT_STEP), [], "its sockets are closed");
    bench.lab(LabMsg::Reset);
    bench.tell(NEXT_STEP);
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
    let effects = bench.lab(LabMsg::ExportAsked(TraceFormat::Capture));
    let [Effect::Download { name, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(name, "framescope-5a.pcapng");
    let effects = bench.lab(LabMsg::ExportAsked(TraceFormat::Json));
    let [Effect::Download { name, trace, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((&name[..], &**trace), ("framescope-5a.json", &bench.page.state.lab.trace));

    let mut other = Page::with_lab("");
    other.open_file(SavedFile::Trace((**trace).clone()));
    assert_eq!((other.state.tab, &other.state.lab.trace), (Tab::Lab, &**trace));
    assert_eq!(other.state.lab.name(), "5a");
    assert_eq!(other.bytes(), bench.page.bytes());
    assert_eq!(other.tell(NEXT_STEP), [], "an imported run is over");
    other.tell(Msg::FileFailed(Problem::File(FileProblem::Neither)));
    assert!(other.state.problem.is_some());
    assert_eq!(other.state.lab.trace, **trace, "the trace on screen is kept");
    other.lab(LabMsg::Reset);
    assert!(
        !commands(&[other.tell(NEXT_STEP), other.lab(LabMsg::ChannelOpened(1))].concat())
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
    page.open_file(SavedFile::Trace(trace));
    for _ in 0..7 {
        assert!(panel(&page.state, 0).is_some());
        page.tell(Msg::Stepped(Move::By(-1)));
    }
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
fn next_alone_answers_the_question_of_each_lesson() {
    for variant in framescope_lab::variants() {
        let mut bench = Bench::new(Page::alone(&format!("lesson={}", variant.name)));
        let mut steps = 0;
        while bench.page.state.lab.outcome().is_none() {
            let reader = (0..2).find(|program| bench.page.state.lab.reads(*program));
            if let Some(program) = reader {
                bench.lab(LabMsg::Typed(program, Some("hello".to_owned())));
            }
            bench.next();
            steps += 1;
            assert!(steps < 2000, "lesson {}", variant.name);
        }
        assert_eq!(bench.page.state.place(), Some(variant.name));
    }
}

#[test]
fn a_run_that_was_stepped_in_vain_says_why() {
    let mut bench = Bench::new(Page::alone("lesson=12a"));
    while !bench.page.state.lab.is_decided() {
        bench.tell(Msg::WentOn);
    }
    let lab = &bench.page.state.lab;
    let (variant, texts) = lab.variant.zip(lab.texts(Language::English)).expect("it has arrived");
    let said = explanation(&bench.page.state, variant, texts, None);
    assert!(said.starts_with("Your pauses between the steps hide the answer"), "{said}");
    bench.tell(Msg::WentOn);
    assert_eq!(bench.page.state.lab.outcome(), Some(1), "without pauses");
    bench.tell(Msg::WentOn);
    assert_eq!(bench.page.state.place(), Some("12b"));
}

#[test]
fn another_order_of_steps_has_its_own_outcome() {
    let mut bench = Bench::new(Page::alone("lesson=4a"));
    bench.lab(LabMsg::Predicted(2));
    // The server receives after each send.
    for program in [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0] {
        bench.lab(LabMsg::Step { program, thread: None });
    }
    assert_eq!(bench.page.state.lab.outcome(), Some(2));
}

#[test]
fn many_runs_are_offered_if_they_may_have_several_outcomes() {
    let offers = |name: &str| Page::with_lab(&format!("lesson={name}")).state.has_series();
    let names = framescope_lab::variants().map(|variant| variant.name);
    assert_eq!(names.filter(|name| offers(name)).collect::<Vec<_>>(), ["4c"]);
    assert!(offers("own"), "the user's programs may do anything");
    assert!(!Page::alone("lesson=4c").state.has_series(), "every simulated run is the same");
}

#[test]
fn without_a_relay_the_page_shows_a_lesson_by_itself_until_it_is_touched() {
    let mut bench = Bench::new(Page::new());
    bench.tell(Msg::Started);
    let effects = bench.page.tell_alone(Msg::RelayInfoArrived(None));
    assert!(effects.contains(&Effect::Play(true)), "{effects:?}");
    assert!(effects.contains(&Effect::SetFragment("lesson=4a".to_owned())), "{effects:?}");
    assert_eq!(bench.tell(Msg::Ticked), [], "its texts have not arrived");
    assert!(bench.page.state.playing);
    let texts = Some(lesson_texts("4a", Language::English));
    bench.lab(LabMsg::TextsArrived("4a", Language::English, texts));
    for _ in 0..3 {
        let before = bench.page.state.lab.trace.events.len();
        bench.tell(Msg::Ticked);
        assert!(bench.page.state.lab.trace.events.len() > before);
    }
    assert_eq!(bench.tell(Msg::Touched), [Effect::Play(false)]);
    let events = bench.page.state.lab.trace.events.len();
    bench.tell(Msg::Ticked);
    assert_eq!(bench.page.state.lab.trace.events.len(), events);
}

#[test]
fn nothing_moves_by_itself_for_who_prefers_less_motion_or_has_a_lesson_or_a_relay() {
    let mut still = Page::new();
    still.state.reduced_motion = true;
    still.tell(Msg::RelayInfoArrived(None));
    assert_eq!((still.state.tab, still.state.playing), (Tab::Lab, false));
    assert!(!Page::alone("lesson=4a").state.playing);
    assert!(!Page::with_lab("").state.playing);
    let mut touched = Page::new();
    touched.tell(Msg::Touched);
    touched.tell(Msg::RelayInfoArrived(None));
    assert!(!touched.state.playing);
}

#[test]
fn a_step_of_playing_waits_for_the_engine() {
    let mut page = Page::alone("");
    page.tell(Msg::Ticked);
    let opened = page.lab(LabMsg::ChannelOpened(page.state.lab.number));
    assert_eq!(commands(&opened).len(), 2, "it loads the experiment, and takes a step");
    assert_eq!(page.tell(Msg::Ticked), [], "the engine is being fetched");
    page.report(&Report::Loaded(Vec::new()));
    assert_eq!(commands(&page.tell(Msg::Ticked)), [Command::StepNext(Until::Call)]);
}

//! The lessons of the course on the simulated kernel: each run confirms the choice that the lesson expects,
//! whether the programs run by themselves or are stepped.

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use framescope_engine::programs::{Session, settle, simulate};
use framescope_engine::sockets::SimulatedKernel;
use framescope_lab::{
    Command, Experiment, Network, Report, RunEnd, Trace, Turn, Until, Variant, find_variant,
    variants,
};
use framescope_record::Source;

/// The lessons that ask for the time of a round trip.
const TIMED: [&str; 3] = ["12a", "12b", "12c"];

/// The lessons about the order of calls: in another order they have another outcome, and the page says so.
const OF_ORDER: [&str; 2] = ["4a", "4b"];

/// The programs run by themselves, to their ends.
pub(crate) fn played(variant: &Variant) -> Trace {
    let experiment = variant.experiment();
    let mut trace = Trace::new(Source::Simulated, experiment.clone());
    let programs = simulate::<Infallible>(
        experiment,
        |programs| {
            trace.events.extend(programs.take_events());
            Ok(())
        },
        |_| Ok(None),
    );
    let Ok(mut programs) = programs;
    trace.events.extend(programs.take_events());
    trace.end = Some(RunEnd::Finished);
    trace
}

/// The steps of the experiment's order, and then the programs take turns, until none can take a step.
fn stepped(variant: &Variant) -> Trace {
    stepped_in(variant.experiment())
}

/// An experiment is stepped, as [`stepped`] does it.
fn stepped_in(experiment: Experiment) -> Trace {
    let mut trace = Trace::new(Source::Simulated, experiment.clone());
    let mut session = Session::new(SimulatedKernel::new);
    let idle_at_most = experiment.order.len() + 1;
    session.command(Command::Load(experiment));
    let mut idle = 0;
    while trace.end.is_none() && idle < idle_at_most {
        let before = trace.events.len();
        session.command(Command::StepNext(Until::Call));
        let Ok(()) = settle::<Infallible>(&mut session, |session| {
            for report in session.take_reports() {
                match report {
                    Report::Loaded(problems) => assert_eq!(problems, []),
                    Report::Events(events) => trace.events.extend(events),
                    Report::Over(end) => trace.end = Some(end),
                    Report::Network(network) => trace.network = network,
                    Report::Next(_) | Report::Rests => {}
                    Report::Failed(why) => panic!("{why}"),
                }
            }
            Ok(())
        });
        idle = if trace.events.len() == before { idle + 1 } else { 0 };
    }
    trace
}

/// Whether a trace of a variant shows what the lesson expects. If the outcome differs from run to run, a
/// trace shows one of the other choices.
fn is_expected(variant: &Variant, outcome: Option<usize>) -> bool {
    if variant.varies {
        outcome.is_some_and(|choice| choice != variant.expected)
    } else {
        outcome == Some(variant.expected)
    }
}

#[test]
fn each_run_confirms_the_expected_choice() {
    for variant in variants() {
        let trace = played(variant);
        let outcome = variant.outcome(&trace);
        assert!(is_expected(variant, outcome), "lesson {}: {outcome:?}", variant.name);
    }
}

#[test]
fn each_lesson_that_is_stepped_confirms_the_expected_choice() {
    for variant in variants() {
        let trace = stepped(variant);
        let outcome = variant.outcome(&trace);
        if variant.needs_no_pauses {
            assert_eq!(outcome, None, "lesson {}", variant.name);
            continue;
        }
        assert!(is_expected(variant, outcome), "lesson {}: {outcome:?}", variant.name);
    }
}

/// `cargo xtask record-lessons` writes them.
#[test]
fn each_lesson_has_a_recorded_trace_of_its_programs_that_shows_it() {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lab/lessons");
    let mut count = 0;
    for folder in fs::read_dir(folders).unwrap().map(|entry| entry.unwrap().path()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let Some((number, _)) = name.split_once('-') else { continue };
        let variant = find_variant(number.strip_prefix('0').unwrap_or(number)).unwrap();
        let trace = Trace::from_json(&fs::read_to_string(folder.join("recorded.json")).unwrap());
        let trace = trace.unwrap();
        let experiment = variant.experiment();
        assert_eq!(trace.experiment.programs, experiment.programs, "lesson {}", variant.name);
        assert_eq!(trace.experiment.wire, experiment.wire, "lesson {}", variant.name);
        assert_eq!((trace.source, &trace.network), (Source::Measured, &Network::Wire));
        assert!(trace.system.starts_with("Linux "), "{}", trace.system);
        let outcome = variant.outcome(&trace);
        assert!(is_expected(variant, outcome), "lesson {}: {outcome:?}", variant.name);
        count += 1;
    }
    assert_eq!(count, variants().count());
}

#[test]
fn no_outcome_is_known_before_the_run() {
    for variant in variants() {
        let trace = Trace::new(Source::Simulated, variant.experiment());
        assert_eq!(variant.outcome(&trace), None, "lesson {}", variant.name);
    }
}

#[test]
fn a_round_trip_is_measured_only_if_the_question_asks_for_it_and_no_program_is_stepped() {
    for variant in variants() {
        let round_trip = variant.round_trip(&played(variant));
        assert_eq!(round_trip.is_some(), TIMED.contains(&variant.name), "lesson {}", variant.name);
        assert_eq!(variant.round_trip(&stepped(variant)), None, "lesson {}", variant.name);
    }
    let round_trip =
        |name| find_variant(name).and_then(|variant| variant.round_trip(&played(variant)));
    assert!(round_trip("12a").is_some_and(|us| (40_000..60_000).contains(&us)));
    assert!(round_trip("12b").is_some_and(|us| us < 5_000));
    assert!(round_trip("12c").is_some_and(|us| us < 5_000));
}

#[test]
fn steps_in_any_order_confirm_the_expected_choice_or_none() {
    let mut random = fastrand::Rng::with_seed(1);
    for variant in variants().filter(|variant| !OF_ORDER.contains(&variant.name)) {
        for _ in 0..8 {
            let mut experiment = variant.experiment();
            let count = experiment.programs.len();
            let turn = || {
                let (program, thread) = (random.usize(..count), random.usize(..2));
                Turn { program, thread, until: Until::Call }
            };
            experiment.order = std::iter::repeat_with(turn).take(200).collect();
            let outcome = variant.outcome(&stepped_in(experiment));
            let is_right = outcome.is_none() || is_expected(variant, outcome);
            assert!(is_right, "lesson {}: {outcome:?}", variant.name);
        }
    }
}

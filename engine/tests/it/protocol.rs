//! The encoding of commands and reports on the lab's WebSocket.

use framescope_engine::simulate;
use framescope_lab::{
    Call, Command, CommandError, Event, MAX_COMMAND, OutOfBounds, Program, Report, Variant,
    lessons, variants,
};
use proptest::prelude::*;

#[test]
fn every_lesson_and_its_events_decode_to_what_was_encoded() {
    for variant in variants() {
        let experiment = variant.experiment();
        let trace = simulate(&experiment).unwrap();
        let events = Report::Events(trace.events.clone());
        let bound: usize = trace.events.iter().map(Event::encoded_bound).sum();
        assert!(events.encode().len() <= bound, "lesson {}", variant.name);
        assert_eq!(Report::decode(&events.encode()), Some(events));
        let load = Command::Load(experiment);
        assert_eq!(Command::decode(&load.encode()), Ok(load));
    }
}

#[test]
fn a_command_over_a_bound_is_refused_and_the_error_names_the_bound() {
    let mut experiment = lessons().next().unwrap().variants[0].experiment();
    experiment.server = Program(vec![Call::Recv(0)]);
    let load = Command::Load(experiment).encode();
    let error = CommandError::OutOfBounds(OutOfBounds::Recv { length: 0 });
    assert_eq!(Command::decode(&load), Err(error));
    for runs in [0, 1, 501, u16::MAX] {
        let series = Command::Series { runs }.encode();
        assert_eq!(Command::decode(&series), Err(CommandError::Runs(runs)));
    }
    let mut longer = Command::Play.encode();
    longer.push(0);
    assert_eq!(Command::decode(&longer), Err(CommandError::Malformed));
    let length = MAX_COMMAND + 1;
    assert_eq!(Command::decode(&vec![0; length]), Err(CommandError::TooLong(length)));
}

fn any_variant() -> impl Strategy<Value = &'static Variant> {
    let variants: Vec<_> = variants().collect();
    prop::sample::select(variants)
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_decode_to_a_command_within_bounds(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        if let Ok(command) = Command::decode(&bytes) {
            prop_assert_eq!(Command::decode(&command.encode()), Ok(command));
        }
    }

    #[test]
    fn a_changed_byte_gives_an_error_or_another_command_within_bounds(
        variant in any_variant(), at in any::<prop::sample::Index>(), to in any::<u8>(),
    ) {
        let mut bytes = Command::Load(variant.experiment()).encode();
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(command) = Command::decode(&bytes) {
            prop_assert_eq!(Command::decode(&command.encode()), Ok(command));
        }
    }
}

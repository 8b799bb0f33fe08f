//! The ladder diagram of the simulated kernel's traces.

use framescope_engine::simulate;
use framescope_lab::{Rung, RungCrossing, RungKind, Side, Trace, find_variant, has_rung, rung};

/// Every rung of a trace.
fn ladder(trace: &Trace) -> Vec<Rung<'_>> {
    let rungs = (0..trace.events.len()).map(|index| rung(&trace.experiment, &trace.events, index));
    let rungs: Vec<_> = rungs.flatten().collect();
    let count = trace.events.iter().filter(|event| has_rung(&trace.experiment, event)).count();
    assert_eq!(rungs.len(), count);
    rungs
}

fn crossings(name: &str) -> Vec<(Side, RungCrossing)> {
    let trace = simulate(&find_variant(name).expect("the lesson is there").experiment())
        .expect("lessons are within bounds");
    let rungs = ladder(&trace);
    rungs.iter().filter_map(|rung| Some((rung.side, rung.crossing?))).collect()
}

#[test]
fn the_ladder_shows_what_crosses_the_connection() {
    let client = |crossing| (Side::CLIENT, crossing);
    let five = client(RungCrossing::Bytes(5));
    assert_eq!(
        crossings("4a"),
        [client(RungCrossing::Handshake), five, five, five, client(RungCrossing::Fin)]
    );
    let server = |crossing| (Side::SERVER, crossing);
    assert_eq!(crossings("13b").last(), Some(&server(RungCrossing::Reset)));
}

#[test]
fn a_recv_and_a_return_of_the_same_bytes_are_one_rung() {
    let trace = simulate(&find_variant("4a").unwrap().experiment()).unwrap();
    let rungs = ladder(&trace);
    let server: Vec<_> = rungs.iter().filter(|rung| rung.side == Side::SERVER).collect();
    assert_eq!(server.len(), 5, "listen, accept and three recv");
    assert!(matches!(server[2].what, RungKind::Received(1024, data) if data.0.len() == 15));
}

//! Another reader of the bytes of a run, in the lanes, in the code and in the picture.

use framescope_lab::Reader;
use framescope_record::Direction;

use super::{Bench, CLIENT, SERVER};
use crate::msg::{LabMsg, Move, Msg};
use crate::screen::cuts::{Cut, asked, cuts};
use crate::screen::next::next_step;
use crate::screen::programs::panel;
use crate::state::State;

/// A run in which `hello world` was received at once.
fn run() -> Bench {
    let mut bench = Bench::with(&[SERVER, &CLIENT.replace("b'hello'", "b'hello world'")]);
    bench.lab(LabMsg::RunToggled);
    bench.tell(Msg::LanesResized(800));
    bench
}

fn chunks(state: &State) -> usize {
    state.record().expect("there is one").stream(Direction::Received).chunk_numbers().len()
}

#[test]
fn another_reader_reads_the_recorded_bytes() {
    let mut bench = run();
    assert_eq!(chunks(&bench.page.state), 1);
    bench.lab(LabMsg::ReaderChosen(Some(Reader::Recv(5))));
    assert_eq!(chunks(&bench.page.state), 3);
    assert_eq!(bench.page.bytes(), (11, 0));
    bench.lab(LabMsg::ReaderChosen(None));
    assert_eq!(chunks(&bench.page.state), 1);
}

#[test]
fn a_cut_that_is_moved_moves_the_others() {
    let mut bench = run();
    assert_eq!(cuts(&bench.page.state), [Cut { from: 0, at: 11 }]);
    bench.lab(LabMsg::ReaderChosen(Some(Cut::moved(0, 7))));
    let moved = [Cut { from: 0, at: 7 }, Cut { from: 7, at: 11 }];
    assert_eq!(cuts(&bench.page.state), moved);
    assert_eq!(Cut::moved(7, 3), Reader::Recv(1), "each recv asks for something");
}

#[test]
fn the_code_and_the_output_are_the_other_readers() {
    let mut bench = run();
    let text = |state: &State| panel(state, 0).expect("it is there").program.text.clone();
    let own = text(&bench.page.state);
    bench.lab(LabMsg::ReaderChosen(Some(Reader::Recv(7))));
    assert!(text(&bench.page.state).contains("conn.recv(7)"), "{}", text(&bench.page.state));
    assert_eq!(bench.page.printed(0), "b'hello w'\nb'orld'\n");
    let variables = panel(&bench.page.state, 0).expect("it is there").variables;
    assert!(variables.iter().any(|one| one.name == "data" && one.value == "b''"), "{variables:?}");
    bench.lab(LabMsg::ReaderChosen(None));
    assert_eq!(text(&bench.page.state), own);
    assert_eq!(bench.page.printed(0), "got b'hello world'\n");
}

#[test]
fn another_reader_is_shown_at_the_same_moment_of_the_run() {
    let mut bench = run();
    while bench.page.bytes().0 > 0 {
        bench.tell(Msg::Stepped(Move::By(-1)));
    }
    let (cursor, time) = (bench.page.state.cursor, bench.page.state.time());
    assert!(cursor.is_some());
    bench.lab(LabMsg::ReaderChosen(Some(Reader::Recv(5))));
    assert_eq!(bench.page.state.time(), time);
    bench.lab(LabMsg::ReaderChosen(None));
    assert_eq!(bench.page.state.cursor, cursor);
}

#[test]
fn the_next_step_is_of_the_programs_own_reader_again() {
    let mut bench = Bench::with(&[SERVER, CLIENT]);
    while bench.page.state.lab.flow().is_none_or(|(_, flow)| !flow.has_bytes()) {
        bench.tell(Msg::WentOn);
    }
    let events = bench.page.state.lab.trace.events.len();
    bench.lab(LabMsg::ReaderChosen(Some(Reader::Recv(2))));
    assert!(bench.page.state.lab.what_if.is_some());
    assert_eq!(next_step(&bench.page.state).what, "back to the program's own reader");
    bench.tell(Msg::WentOn);
    assert!(bench.page.state.lab.what_if.is_none());
    assert_eq!(bench.page.state.lab.trace.events.len(), events, "nothing was stepped");
    bench.tell(Msg::WentOn);
    assert!(bench.page.state.lab.trace.events.len() > events);
}

#[test]
fn what_a_recv_asks_for_is_known_while_it_waits() {
    let late =
        format!("import time\n{}", CLIENT.replace("client.send", "time.sleep(1)\nclient.send"));
    let mut bench = Bench::with(&[SERVER, &late]);
    bench.lab(LabMsg::RunToggled);
    let seen = (0..bench.page.state.lab.timeline.moments().len()).map(|moment| {
        bench.page.state.cursor = Some(moment);
        asked(&bench.page.state)
    });
    let seen: Vec<Option<u32>> = seen.collect();
    assert!(seen.iter().all(|asked| asked.is_none_or(|asked| asked == 1024)), "{seen:?}");
    assert!(seen.contains(&Some(1024)), "{seen:?}");
}

#[test]
fn a_long_stream_is_shown_smaller_until_the_user_chooses_a_size() {
    let long = CLIENT.replace("b'hello'", "b'y' * 900");
    let mut bench = Bench::with(&[SERVER, &long]);
    bench.tell(Msg::LanesResized(800));
    assert_eq!(bench.page.state.cell_width(), 34);
    bench.lab(LabMsg::RunToggled);
    assert_eq!(bench.page.state.cell_width(), 4);
    bench.tell(Msg::Zoomed(1));
    assert_eq!(bench.page.state.cell_width(), 10);
    let mut short = run();
    assert_eq!(short.page.state.cell_width(), 34);
    short.tell(Msg::LanesResized(230));
    assert_eq!(short.page.state.cell_width(), 20);
}

//! Experiments that are played.

use framescope::measure;
use framescope_lab::{BlockedOn, Command, Report, Side};

use super::client::{LabClient, blocks, flood, lesson, sleeper};
use crate::support::TestRelay;
use crate::support::told::calls_of;

#[tokio::test(flavor = "multi_thread")]
async fn a_played_lesson_reports_what_measure_records() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::open(relay.http).await;
    for name in ["1a", "2a", "4a", "5a", "6a", "7b", "8a", "10a", "13a"] {
        let experiment = lesson(name);
        client.load(experiment.clone()).await;
        client.command(&Command::Play).await;
        let (played, _) = client.events_to_the_end().await;
        let measured = measure(&experiment).expect("this machine has sockets");
        for side in experiment.sides() {
            let (mut played, mut measured) =
                (calls_of(&played, side), calls_of(&measured.events, side));
            // Whether a call had to wait depends on microseconds.
            played.iter_mut().chain(&mut measured).for_each(|call| call.waited_for = None);
            assert_eq!(played, measured, "lesson {name}, {side:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stepped_can_be_played_to_its_end() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, lesson("4b")).await;
    let mut events = client.step(Side::SERVER).await;
    events.extend(client.step(Side::SERVER).await);
    client.command(&Command::Play).await;
    events.extend(client.events_to_the_end().await.0);
    let got: Vec<_> =
        calls_of(&events, Side::SERVER).into_iter().map(|call| call.received).collect();
    assert_eq!(got[got.len() - 3..], [b"hello"; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_events_come_in_reports_of_bounded_size() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, flood()).await;
    client.command(&Command::Play).await;
    let (events, sizes) = client.events_to_the_end().await;
    let got: usize = calls_of(&events, Side::SERVER).iter().map(|call| call.received.len()).sum();
    assert_eq!(got, 15 * 65_536);
    assert!(sizes.iter().all(|size| *size <= 256 * 1024), "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_plays_a_step_is_ignored_and_a_load_or_a_reset_is_not() {
    let relay = TestRelay::start().await;
    let mut experiment = sleeper();
    experiment.order = vec![Side::SERVER];
    let mut client = LabClient::with(relay.http, experiment.clone()).await;
    for restart in [Command::Reset, Command::Load(experiment)] {
        client.command(&Command::Play).await;
        client.events_until(blocks(BlockedOn::Clock)).await;
        client.command(&Command::Step(Side::CLIENT)).await;
        client.command(&Command::StepNext).await;
        client.command(&restart).await;
        assert_eq!(client.report().await, Report::Loaded);
    }
}

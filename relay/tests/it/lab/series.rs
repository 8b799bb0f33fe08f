//! Many runs of one experiment, each program in its own thread.

use framescope_lab::{BlockedOn, Call, Command, Report, Side};
use framescope_record::Data;

use super::client::{LabClient, blocks, experiment, lesson, sleeper};
use crate::support::TestRelay;

#[tokio::test(flavor = "multi_thread")]
async fn every_run_of_a_series_loses_nothing_however_it_is_cut() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, lesson("4a")).await;
    client.command(&Command::Series { runs: 40 }).await;
    for run in 0..40 {
        let Report::ChunkSizes(chunk_sizes) = client.report().await else {
            panic!("run {run} has no chunk sizes")
        };
        let sides: Vec<_> = chunk_sizes.sides().collect();
        let [(Side::SERVER, pieces)] = sides[..] else { panic!("run {run}: {chunk_sizes}") };
        assert_eq!(pieces.iter().sum::<u32>(), 15, "run {run}: {chunk_sizes}");
    }
    assert_eq!(client.report().await, Report::SeriesOver);
    assert_eq!(client.report().await, Report::Loaded);
    let events = client.step(Side::SERVER).await;
    assert_eq!(events[0].call, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_all_wait_for_ever_end_a_run() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, lesson("2b")).await;
    client.command(&Command::Series { runs: 2 }).await;
    for _ in 0..2 {
        let Report::ChunkSizes(chunk_sizes) = client.report().await else {
            panic!("chunk sizes were expected")
        };
        assert_eq!(chunk_sizes.sides().count(), 0, "{chunk_sizes}");
    }
    assert_eq!(client.report().await, Report::SeriesOver);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_begin_when_the_server_listens_however_long_it_sleeps_before() {
    let relay = TestRelay::start().await;
    let late = experiment(
        vec![
            Call::Sleep { ms: 50 },
            Call::Listen { backlog: 5 },
            Call::Accept,
            Call::Sleep { ms: 500 },
            Call::RecvMessage,
        ],
        vec![Call::Connect, Call::SendMessage(Data(b"hi".to_vec())), Call::Recv(1)],
    );
    let mut client = LabClient::with(relay.http, late).await;
    client.command(&Command::Series { runs: 2 }).await;
    for _ in 0..2 {
        // A sleeping program is not one that waits for ever, and an ended one keeps its connection.
        let Report::ChunkSizes(chunk_sizes) = client.report().await else {
            panic!("chunk sizes were expected")
        };
        assert_eq!(chunk_sizes.to_string(), "6");
    }
    assert_eq!(client.report().await, Report::SeriesOver);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_command_ends_a_series_and_a_step_does_not() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, sleeper()).await;
    for restart in [Command::Reset, Command::Load(lesson("2b"))] {
        client.command(&Command::Series { runs: 500 }).await;
        client.command(&Command::StepNext).await;
        client.command(&restart).await;
        assert_eq!(client.report().await, Report::SeriesOver);
        assert_eq!(client.report().await, Report::Loaded);
    }
    client.command(&Command::Series { runs: 500 }).await;
    client.command(&Command::Series { runs: 2 }).await;
    let mut over = 0;
    while over < 2 {
        match client.report().await {
            Report::ChunkSizes(_) => {}
            Report::SeriesOver => over += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(client.report().await, Report::Loaded);
    client.step(Side::SERVER).await;
    let waits = client.step(Side::SERVER).await;
    assert!(waits.iter().any(blocks(BlockedOn::Client)), "{waits:?}");
}

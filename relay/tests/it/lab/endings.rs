//! How a session ends.

use framescope_lab::{BlockedOn, Command, Report, Side};

use super::client::{LabClient, blocks, lesson, sleeper};
use crate::support::TestRelay;

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stops_closes_with_1001_and_waits_for_no_program() {
    let relay = TestRelay::start().await;
    let mut clients = Vec::new();
    for command in [Command::Step(Side::SERVER), Command::Play] {
        let mut client = LabClient::with(relay.http, sleeper()).await;
        client.command(&command).await;
        client.events_until(blocks(BlockedOn::Clock)).await;
        clients.push(client);
    }
    let mut client = LabClient::with(relay.http, lesson("2b")).await;
    client.command(&Command::Series { runs: 500 }).await;
    assert!(matches!(client.report().await, Report::ChunkSizes(_)));
    clients.push(client);
    relay.stop.cancel();
    for client in &mut clients {
        assert_eq!(client.close().await, (1001, "the relay is shutting down".to_owned()));
    }
    drop(clients);
    relay.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_of_the_client_is_answered() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, lesson("4a")).await;
    client.step(Side::SERVER).await;
    client.0.0.close(None).await.unwrap();
    assert_eq!(client.close().await, (1005, String::new()));
}

//! What a client must not send, and the close code that it gets.

use framescope_lab::{Command, Experiment, MAX_COMMAND, MAX_TYPED, Turn, Until};
use futures_util::SinkExt as _;
use tokio_tungstenite::tungstenite::Message;

use super::client::{LabClient, experiment, pair};
use crate::support::TestRelay;
use crate::support::pattern::Random;
use crate::support::websocket::Received;

/// Sends these bytes as one command. Returns the close code and reason.
async fn refusal(bytes: Vec<u8>) -> (u16, String) {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, pair()).await;
    client.0.send(bytes).await;
    client.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_command_are_1007() {
    let mut longer = Command::Play.encode();
    longer.push(0);
    for bytes in [vec![], vec![0xff; 10], longer] {
        let (code, reason) = refusal(bytes).await;
        assert_eq!((code, &*reason), (1007, "this is not a command of framescope.lab.v2"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_out_of_bounds_is_1008_with_the_bound() {
    let long = "a".repeat(MAX_TYPED + 1);
    for (command, expected) in [
        (Command::Load(Experiment::default()), "an experiment has 1 to 16 programs, not 0"),
        (Command::Load(experiment(&[&" ".repeat(49_153)])), "program 1 is longer than 49152 bytes"),
        (Command::Type(0, Some(long)), "a typed line is one line of up to 4096 bytes"),
    ] {
        let (code, reason) = refusal(command.encode()).await;
        assert_eq!((code, &*reason), (1008, expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_needs_an_experiment_is_1008_before_one_is_loaded() {
    let relay = TestRelay::start().await;
    let turn = Turn { program: 0, thread: 0, until: Until::Line };
    for command in [
        Command::Step(turn),
        Command::StepNext(Until::Call),
        Command::Play,
        Command::Hold,
        Command::Type(0, None),
        Command::Interrupt(0),
        Command::Reset,
    ] {
        let mut client = LabClient::open(relay.http).await;
        client.command(&command).await;
        assert_eq!(client.close().await, (1008, "no experiment is loaded".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_for_a_program_that_does_not_exist_does_nothing() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, experiment(&["print('a')"])).await;
    let turn = |program, thread| Command::Step(Turn { program, thread, until: Until::Line });
    for command in [
        turn(1, 0),
        turn(0, 7),
        turn(usize::MAX, usize::MAX),
        Command::Type(9, Some("a".to_owned())),
        Command::Interrupt(usize::MAX),
    ] {
        client.command(&command).await;
    }
    assert!(!client.step(0).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_longer_than_any_command_is_1009() {
    let (code, reason) = refusal(vec![0; MAX_COMMAND + 1]).await;
    assert_eq!((code, &*reason), (1009, "a message over the limit of 1048576 bytes arrived"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_is_1003() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::open(relay.http).await;
    client.0.0.send(Message::text("load")).await.unwrap();
    let expected = "a text message arrived; messages here are binary".to_owned();
    assert_eq!(client.close().await, (1003, expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_leave_the_relay_serving_others() {
    let relay = TestRelay::start().await;
    let mut random = Random(1);
    let sound = Command::Load(pair()).encode();
    for round in 0..100 {
        let mut client = LabClient::open(relay.http).await;
        let mut bytes = sound.clone();
        if round % 2 == 0 {
            bytes = (0..random.size(400)).map(|_| random.next().to_le_bytes()[0]).collect();
        } else {
            for _ in 0..4 {
                let at = random.size(bytes.len() - 1);
                bytes[at] = random.next().to_le_bytes()[0];
            }
        }
        client.0.send(bytes.clone()).await;
        client.0.send(Vec::new()).await;
        // The first message may be a valid command. The second is not.
        loop {
            match client.0.receive().await {
                Received::Bytes(_) => {}
                Received::Close(1007 | 1008, _) => break,
                other => panic!("{other:?} after {bytes:?}"),
            }
        }
    }
    LabClient::with(relay.http, pair()).await.step(0).await;
}

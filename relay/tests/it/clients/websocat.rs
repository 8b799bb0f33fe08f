//! websocat, the netcat of WebSockets.

use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::client::{ClientSession, ended};
use crate::support::pattern::{expect_bytes, expect_eof};
use crate::support::skipped;

/// A session of websocat with these arguments, before the URL.
async fn session(arguments: &[&str]) -> Option<ClientSession> {
    let mut command = Command::new("websocat");
    let version = command.arg("--version").stderr(Stdio::null()).output().await;
    if !version.is_ok_and(|output| output.stdout.starts_with(b"websocat 1.")) {
        skipped("websocat is not here; install its version 1: cargo install websocat --version ^1");
        return None;
    }
    let session = ClientSession::open(|url| {
        let mut command = Command::new("websocat");
        command.arg("--binary").args(arguments).arg(url);
        command
    });
    Some(session.await)
}

#[tokio::test(flavor = "multi_thread")]
async fn websocat_carries_bytes_both_ways_with_the_binary_subprotocol_and_without() {
    for arguments in [&["--protocol", "binary"][..], &[]] {
        // Without this option, it also waits until its input has ended.
        let arguments = [&["--exit-on-eof"], arguments].concat();
        let Some(session) = session(&arguments).await else { return };
        assert_eq!(session.carry_until_the_target_ends().await, (Some(0), String::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_websocat_read_before_its_input_ended_arrives_then_the_end_of_the_stream() {
    let Some(session) = session(&[]).await else { return };
    assert_eq!(session.carry_until_the_input_ends().await, (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn websocat_whose_input_has_ended_gets_the_whole_answer_if_it_does_not_close() {
    let Some(session) = session(&["--no-close"]).await else { return };
    let ClientSession { mut stdin, mut stdout, mut target, child, .. } = session;
    stdin.write_all(b"a question").await.expect("the client reads");
    drop(stdin);
    expect_bytes(&mut target, b"a question").await;
    target.write_all(b"an answer").await.expect("the relay reads");
    drop(target);
    expect_bytes(&mut stdout, b"an answer").await;
    expect_eof(&mut stdout).await;
    assert_eq!(ended(child).await, (Some(0), String::new()));
}

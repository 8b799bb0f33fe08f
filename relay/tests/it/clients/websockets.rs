//! Python's `websockets`, in the program `websockets_client.py`.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::client::{ClientSession, ended};
use crate::support::pattern::expect_eof;
use crate::support::skipped;

/// The Python that has `websockets`: on many machines it is not the first on the `PATH`.
async fn python() -> Option<&'static str> {
    for python in ["python3", "/usr/bin/python3"] {
        let mut command = Command::new(python);
        command.args(["-c", "import websockets"]).stdout(Stdio::null()).stderr(Stdio::null());
        if command.status().await.is_ok_and(|status| status.success()) {
            return Some(python);
        }
    }
    skipped("no Python here has websockets; install the package python3-websockets");
    None
}

/// A session of the program with these arguments.
async fn session(arguments: &[&str]) -> Option<ClientSession> {
    let python = python().await?;
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients/websockets_client.py");
    let session = ClientSession::open(|url| {
        let mut command = Command::new(python);
        command.arg("-B").env("PYTHONUTF8", "1").arg(program).arg(url).args(arguments);
        command
    });
    Some(session.await)
}

#[tokio::test(flavor = "multi_thread")]
async fn websockets_carries_bytes_both_ways_with_each_subprotocol_and_without() {
    for (arguments, subprotocol) in [
        (&["--subprotocol", "binary"][..], "binary"),
        (&["--subprotocol", "framescope.reads.v1"], "framescope.reads.v1"),
        (&[], "None"),
    ] {
        let Some(session) = session(arguments).await else { return };
        let line = format!("{subprotocol}, closed 1000 the target closed its side\n");
        assert_eq!(session.carry_until_the_target_ends().await, (Some(0), line));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_websockets_sends_in_fragments_arrive_whole() {
    let Some(session) = session(&["--fragments", "5"]).await else { return };
    let line = "None, closed 1000 the target closed its side\n".to_owned();
    assert_eq!(session.carry_until_the_target_ends().await, (Some(0), line));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_websockets_sent_before_it_closed_arrives_then_the_end_of_the_stream() {
    let Some(session) = session(&[]).await else { return };
    assert_eq!(
        session.carry_until_the_input_ends().await,
        (Some(0), "None, closed 1000 \n".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn websockets_is_told_with_1003_that_text_is_not_carried() {
    let Some(session) = session(&["--text", "粘包"]).await else { return };
    let ClientSession { mut target, child, .. } = session;
    expect_eof(&mut target).await;
    let line = "None, closed 1003 a text message arrived; messages here are binary\n".to_owned();
    assert_eq!(ended(child).await, (Some(0), line));
}

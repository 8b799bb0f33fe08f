//! `--record` on the real binary: what is left of a recording when the relay is killed, or its disk is full.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use framescope_record::{Crossed, Recording};

use super::reload::Log;
use crate::support::process::{RelayProcess, framescope};
use crate::support::until;
use crate::support::websocket::Client;

const UNFINISHED: &str = "the recording was not finished";

/// A file for one test, in an empty folder.
fn file(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("service-recordings").join(test);
    // An earlier run of the test may have made it.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for tests can be written");
    folder.join("session.json")
}

/// What a reader makes of a file. `None`: it is not there yet, or a write is on its way.
fn read(file: &Path) -> Option<Recording> {
    Recording::from_json(&fs::read_to_string(file).ok()?).ok()
}

/// How many bytes a recording has of what the target sent.
fn received(recording: &Recording) -> usize {
    let received = recording.events.iter().map(|event| match &event.what {
        Crossed::Received(data) => data.0.len(),
        Crossed::Sent(_) => 0,
    });
    received.sum()
}

/// Sends a message of this length to the built-in server, and waits for its echo.
async fn echo(client: &mut Client, length: usize) {
    let mut message = u32::try_from(length).expect("it is short").to_le_bytes().to_vec();
    message.resize(4 + length, b'x');
    client.send(message).await;
    let mut left = 4 + length;
    while left > 0 {
        left -= client.receive_bytes().await.len();
    }
}

/// Three echoes of 104 bytes, each of which is in the file while the session goes on.
async fn echo_three(client: &mut Client, file: &Path) {
    for count in 1..=3 {
        echo(client, 100).await;
        until("the echo is recorded", async || {
            read(file).is_some_and(|recording| received(&recording) == count * 104)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_killed_leaves_what_was_recorded_until_then() {
    let file = file("killed");
    let arguments = ["--record", file.to_str().expect("the path is UTF-8")];
    let mut relay = RelayProcess::start(&arguments).await;
    let mut client = Client::open(relay.http, "/bridge/demo").await;
    echo_three(&mut client, &file).await;
    relay.running.signal("KILL");
    assert_eq!(relay.running.exit_code().await, None);
    let recording = read(&file).expect("a reader opens it");
    assert_eq!((received(&recording), recording.end.as_str()), (312, UNFINISHED));
}

/// No file of this relay may be longer than 32 KiB. To a program that is as a full disk: a write is cut short, and
/// the next one fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_what_was_recorded_until_then_and_the_session_goes_on() {
    let file = file("full");
    let mut command = Command::new("sh");
    // In units of 512 bytes.
    command.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""]);
    command.arg(framescope().get_program()).arg("--record").arg(&file).stderr(Stdio::piped());
    let mut relay = RelayProcess::start_as(command).await;
    let mut log = Log::of(&mut relay.running);
    let mut client = Client::open(relay.http, "/bridge/demo").await;
    echo_three(&mut client, &file).await;
    for _ in 0..100 {
        echo(&mut client, 1000).await;
    }
    let said = log.find("a recording broke off; the page opens what is in its file").await;
    assert!(said.contains("session.json") && said.contains("WARN"), "{said}");
    let recording = read(&file).expect("a reader opens it");
    assert!((312..16_384).contains(&received(&recording)), "{}", received(&recording));
    assert_eq!(recording.end, UNFINISHED);
    echo(&mut client, 1000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_space_for_any_event_there_is_no_file_and_the_session_goes_on() {
    let file = file("no-space");
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
    command.arg(framescope().get_program()).arg("--record").arg(&file).stderr(Stdio::piped());
    let mut relay = RelayProcess::start_as(command).await;
    let mut log = Log::of(&mut relay.running);
    let mut client = Client::open(relay.http, "/bridge/demo").await;
    log.find("a session is not recorded").await;
    assert!(!file.exists());
    echo(&mut client, 1000).await;
}

//! The program for Windows under Wine. `cargo xtask test --peers` builds it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use framescope_framing::HeaderFormat;
use framescope_lab::{Command as LabCommand, EventKind, RunEnd, find_variant};

use crate::lab::client::LabClient;
use crate::support::framed_client::FramedClient;
use crate::support::http::get;
use crate::support::process::{RelayProcess, run};
use crate::support::skipped;

/// A connection to a port at which nobody listens.
const REFUSED: &str = "import socket
client = socket.socket()
try:
    client.connect(('127.0.0.1', 9527))
except OSError as error:
    print(error)
";

/// The program under Wine. `None` where it was not built.
fn framescope() -> Option<Command> {
    let Some(program) = env::var_os("FRAMESCOPE_WINDOWS") else {
        skipped("the program for Windows is not built; cargo xtask test --peers builds it");
        return None;
    };
    let mut command = Command::new("wine");
    command.arg(PathBuf::from(program)).env("WINEPREFIX", prefix()).env("WINEDEBUG", "-all");
    Some(command)
}

/// Where Wine keeps its Windows.
fn prefix() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("wine")
}

/// One test, because Wine makes its Windows when it starts for the first time.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_for_windows_serves_bridges_and_runs_programs() {
    let Some(mut doctor) = framescope() else { return };
    doctor.arg("doctor");
    let found = run(doctor).await.stdout;
    assert!(found.contains("no segment is seen: this system is not Linux"), "{found}");
    assert!(found.contains("wsl --install"), "{found}");

    let Some(mut serve) = framescope() else { return };
    serve.args(["--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
    let relay = RelayProcess::of(serve).await;
    let page = get(relay.http, "/").await;
    assert!(page.body.contains("<title>Framescope"), "{}", page.body);
    let mut client = FramedClient::connect(relay.tcp, HeaderFormat::LITTLE_SIGNED).await;
    client.send("hello").await;
    assert_eq!(client.receive().await, b"hello");

    let lesson = find_variant("4a").expect("it is there").experiment();
    let mut lab = LabClient::with(relay.http, lesson).await;
    lab.command(&LabCommand::Play).await;
    let (events, end) = lab.events_to_the_end().await;
    let printed = events.iter().filter_map(|event| match &event.kind {
        EventKind::Printed(output) => Some(output.text.as_str()),
        _ => None,
    });
    let printed: String = printed.collect();
    assert!(printed.contains("hellohellohello"), "{printed}");
    assert_eq!(end, RunEnd::Finished);

    let Some(mut refused) = framescope() else { return };
    let script = prefix().join("refused.py");
    std::fs::write(&script, REFUSED).expect("the folder is there");
    refused.arg("run").arg(script.file_name().expect("it has one")).current_dir(prefix());
    let refused = run(refused).await;
    assert!(refused.stdout.contains("[WinError 10061] "), "{refused:?}");
    assert_eq!(refused.code, Some(0));
}

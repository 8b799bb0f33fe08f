//! Look-ups of names that are never answered: what they must not delay.
//!
//! The resolver of the C library is replaced in the relay's process: one name is never answered, and all
//! others are looked up as ever. Both need glibc and a C compiler, which building the relay needs too.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use framescope_lab::{Command as LabCommand, Report, SUBPROTOCOL, lessons};
use tokio::task::JoinSet;

use crate::support::descriptors;
use crate::support::http::{get, upgrade};
use crate::support::process::{RelayProcess, framescope};
use crate::support::target::TestTarget;
use crate::support::until;
use crate::support::websocket::Client;

/// `dead.test` is never answered. The file of `LOOKED_UP` is there once somebody asks for it.
const RESOLVER: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    if (node && strcmp(node, "dead.test") == 0) {
        close(open(getenv("LOOKED_UP"), O_CREAT | O_WRONLY, 0600));
        for (;;) pause();
    }
    return ((resolver *)dlsym(RTLD_NEXT, "getaddrinfo"))(node, service, hints, found);
}
"#;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The resolver as a library, compiled once.
fn resolver() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let (source, library) = (folder().join("resolver.c"), folder().join("resolver.so"));
        std::fs::write(&source, RESOLVER).expect("the source can be written");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl");
        assert!(compiler.status().expect("there is a C compiler").success());
        library
    })
}

/// A relay whose target `dead` has a name that is never answered, and the file that is there once it was
/// asked for.
async fn relay(name: &str, arguments: &[&str]) -> (RelayProcess, PathBuf) {
    let looked_up = folder().join(name);
    let _ = std::fs::remove_file(&looked_up);
    let mut command = framescope();
    command.args(["--target", "dead=dead.test:1"]).args(arguments);
    command.env("LD_PRELOAD", resolver()).env("LOOKED_UP", &looked_up);
    (RelayProcess::start_as(command).await, looked_up)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_look_up() {
    for signals in 1..=2 {
        let (mut relay, looked_up) = relay(&format!("stop-{signals}"), &[]).await;
        let http = relay.http;
        let asking = tokio::spawn(async move { get(http, "/bridge/dead").await });
        until("the name is looked up", || std::future::ready(looked_up.exists())).await;
        for _ in 0..signals {
            relay.running.signal("TERM");
        }
        assert_eq!(relay.running.exit_code().await, Some(0), "{signals}");
        asking.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_a_name_that_is_never_answered_disturb_neither_other_names_nor_the_lab() {
    // More than tokio has threads for blocking work.
    const CLIENTS: usize = 600;

    descriptors::raise_limit();
    let live = TestTarget::listen().await;
    let target = format!("live=localhost:{}", live.address().port());
    let arguments = ["--max-sessions-per-address", "1000", "--target", &target];
    let (relay, looked_up) = relay("crowd", &arguments).await;
    let mut asking = JoinSet::new();
    for _ in 0..CLIENTS {
        asking.spawn(get(relay.http, "/bridge/dead"));
    }
    until("the name is looked up", || std::future::ready(looked_up.exists())).await;

    disturbs_nobody(&relay).await;
    for answer in asking.join_all().await {
        assert_eq!(answer.status, 504, "{}", answer.body);
    }
    // The look-up goes on.
    disturbs_nobody(&relay).await;
}

/// Another name is looked up, and the lab has a worker for an experiment.
async fn disturbs_nobody(relay: &RelayProcess) {
    assert_eq!(get(relay.http, "/bridge/live").await.status, 426);
    let protocol = format!("Sec-WebSocket-Protocol: {SUBPROTOCOL}");
    let mut lab = Client::on(upgrade(relay.http, "/lab", &[&protocol]).await.1).await;
    let lesson = lessons().next().expect("there are lessons");
    let experiment = lesson.variants[0].experiment();
    lab.send(LabCommand::Load(experiment).encode()).await;
    assert_eq!(Report::decode(&lab.receive_bytes().await), Some(Report::Loaded(Vec::new())));
}

//! What befalls one session's process is told to that session, and no other notices.

use framescope_lab::{Command, Ended, EventKind, Report, RunEnd};

use super::client::{COMPUTES, LabClient, SPINS, experiment};
use crate::support::process::RelayProcess;
use crate::support::{TestRelay, until};

/// The processes that a relay has started.
#[cfg(target_os = "linux")]
pub(super) fn children(relay: &RelayProcess) -> Vec<i32> {
    let parent = relay.running.id().to_string();
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("there is /proc") {
        // A process may end while we look.
        let Ok(entry) = entry else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The fields after the name are the state and the parent, see `proc_pid_stat(5)`.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        if fields.split(' ').nth(1) == Some(&parent) {
            let id = entry.file_name().to_str().and_then(|id| id.parse().ok());
            children.push(id.expect("a process has a number"));
        }
    }
    children
}

/// Whether a process has ended. It may be a zombie, which nobody has reaped yet.
#[cfg(target_os = "linux")]
fn has_ended(id: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
    stat.map_or(true, |stat| stat.contains(") Z "))
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_ends_its_session_s_run_and_the_next_run_has_another() {
    use rustix::process::{Pid, Signal, kill_process};

    let relay = RelayProcess::start(&[]).await;
    let mut killed = LabClient::with(relay.http, experiment(&["input()"])).await;
    killed.command(&Command::Play).await;
    killed.events_until(|event| event.kind == EventKind::Reads).await;
    let workers = children(&relay);
    for id in &workers {
        kill_process(Pid::from_raw(*id).unwrap(), Signal::KILL).unwrap();
    }
    assert_eq!(killed.failure().await, "the worker was ended by signal 9");
    let have_ended = || std::future::ready(workers.iter().copied().all(has_ended));
    until("the spare worker has died too", have_ended).await;
    // A command that crosses the report does nothing.
    killed.command(&Command::Play).await;
    killed.load(experiment(&["print('again')"])).await;
    killed.command(&Command::Play).await;
    assert_eq!(killed.events_to_the_end().await.1, RunEnd::Finished);
    killed.command(&Command::Reset).await;
    assert!(matches!(killed.report().await, Report::Loaded(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_served_while_programs_compute() {
    let relay = TestRelay::start().await;
    let mut busy = Vec::new();
    for _ in 0..4 {
        let mut client = LabClient::with(relay.http, experiment(&[COMPUTES])).await;
        client.command(&Command::Play).await;
        busy.push(client);
    }
    let mut spins = LabClient::with(relay.http, experiment(&[SPINS])).await;
    spins.command(&Command::Play).await;
    let mut other = LabClient::with(relay.http, experiment(&["print('a')"])).await;
    assert!(!other.step(0).await.is_empty());
    let (events, _) = spins.events_to_the_end().await;
    let ended = events.last().map(|event| &event.kind);
    assert!(matches!(ended, Some(EventKind::Ended(Ended::Spins { line: 1, .. }))), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stops_closes_with_1001_and_waits_for_no_program() {
    let relay = TestRelay::start().await;
    let mut clients = Vec::new();
    for text in ["input()", "import time\ntime.sleep(60)", COMPUTES] {
        let mut client = LabClient::with(relay.http, experiment(&[text])).await;
        client.step(0).await;
        client.command(&Command::Play).await;
        clients.push(client);
    }
    relay.stop.cancel();
    for client in &mut clients {
        client.is_closed_by_a_stop().await;
    }
    drop(clients);
    relay.ended().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_killed_takes_its_workers_with_it() {
    let relay = RelayProcess::start(&[]).await;
    let mut client = LabClient::with(relay.http, experiment(&[COMPUTES])).await;
    client.command(&Command::Play).await;
    client.events_until(|event| matches!(event.kind, EventKind::Called(..))).await;
    let workers = children(&relay);
    assert!(!workers.is_empty());
    drop(relay);
    until("the workers have ended", || std::future::ready(workers.iter().copied().all(has_ended)))
        .await;
}

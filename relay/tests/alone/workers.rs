//! Nothing is left of workers, whenever the relay loses interest.

use std::fs;
use std::process;
use std::time::Duration;

use framescope::WireChoice;
use framescope::worker::{Limits, Work, Workers};
use framescope_lab::{Command, Experiment, Program, Start, When};
use tokio::time::timeout;

use crate::MACHINE;
use crate::support::{until, within};

/// The tests below count what their process has. So each runs in a process in which nothing else does.
#[tokio::test]
async fn nothing_is_left_of_workers() {
    let _alone = MACHINE.lock().await;
    for test in [
        "a_worker_that_is_dropped_at_any_moment_leaves_no_process_and_no_descriptor",
        "a_spare_worker_that_has_died_is_replaced",
    ] {
        let this = std::env::current_exe().expect("the system says what runs");
        let mut alone = process::Command::new(this);
        alone.args(["--ignored", "--exact", &format!("workers::{test}")]);
        let output = tokio::task::spawn_blocking(move || alone.output()).await.unwrap().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}

/// The children of this process, with zombies.
fn children() -> Vec<i32> {
    children_in_states().into_iter().map(|(id, _)| id).collect()
}

/// The same, with the letters of their states in `proc_pid_stat(5)`.
fn children_in_states() -> Vec<(i32, String)> {
    let own = process::id().to_string();
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc").expect("there is /proc") {
        // A process may end while we look.
        let Ok(entry) = entry else { continue };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let mut fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
        let (state, parent) = (fields.next().unwrap_or_default(), fields.next());
        if parent == Some(&own) {
            let id = entry.file_name().to_str().and_then(|id| id.parse::<i32>().ok());
            children.push((id.expect("a process has a number"), state.to_owned()));
        }
    }
    children
}

/// What each descriptor of this process is, without those of the folder that is being read.
fn descriptors() -> Vec<String> {
    let open = fs::read_dir("/proc/self/fd").expect("there is /proc");
    let links = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let mut links: Vec<_> = links.map(|link| link.display().to_string()).collect();
    links.retain(|link| !link.starts_with("/proc/"));
    links.sort();
    links
}

fn workers() -> Workers {
    Workers::new(
        Some(env!("CARGO_BIN_EXE_framescope").into()),
        Work::Lab(Limits::default()),
        WireChoice::Auto,
    )
    .expect("the system starts a thread")
}

/// Two programs that talk for a while.
fn talk() -> Command {
    const SERVER: &str = "import socket
listener = socket.socket()
listener.bind(('127.0.0.1', 9527))
listener.listen()
conn, peer = listener.accept()
while conn.recv(1000): print('got')
";
    const CLIENT: &str = "import socket, time
client = socket.socket()
client.connect(('127.0.0.1', 9527))
for number in range(1000):
    client.sendall(b'hello')
    time.sleep(0.001)
";
    let program = |name: &str, text: &str| Program {
        name: name.to_owned(),
        file: format!("{name}.py"),
        text: text.to_owned(),
        ..Program::default()
    };
    let starts = [(0, When::AtOnce), (1, When::Listening(9527))];
    Command::Load(Experiment {
        programs: vec![program("server", SERVER), program("client", CLIENT)],
        starts: starts.map(|(program, when)| Start { program, when }).into(),
        ..Experiment::default()
    })
}

#[tokio::test]
#[ignore = "nothing_is_left_of_workers runs it"]
async fn a_worker_that_is_dropped_at_any_moment_leaves_no_process_and_no_descriptor() {
    let before = descriptors();
    let mut random: u64 = 1;
    for _ in 0..5 {
        let workers = workers();
        for _ in 0..10 {
            // Knuth's MMIX generator. A worker starts in some milliseconds, and the run takes a second.
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let moment = Duration::from_micros((random >> 33) % 30_000);
            let life = async {
                let mut worker = workers.start().await.expect("a worker starts");
                worker.send(&talk()).expect("the message is short");
                worker.send(&Command::Play).expect("the message is short");
                loop {
                    worker.recv().await.expect("a worker does not die");
                }
            };
            let _ = timeout(moment, life).await;
        }
        within("all workers have ended", workers.close()).await;
        assert_eq!(children(), Vec::<i32>::new());
    }
    assert_eq!(descriptors(), before);
}

#[tokio::test]
#[ignore = "nothing_is_left_of_workers runs it"]
async fn a_spare_worker_that_has_died_is_replaced() {
    let workers = workers();
    let first = workers.start().await.expect("a worker starts");
    let own = i32::try_from(first.id()).expect("a process id is small");
    let spare = || children().into_iter().find(|id| *id != own);
    until("there is a spare worker", || std::future::ready(spare().is_some())).await;
    let id = spare().and_then(rustix::process::Pid::from_raw).expect("it was there");
    rustix::process::kill_process(id, rustix::process::Signal::KILL).expect("it is a child");
    let dead = (id.as_raw_pid(), "Z".to_owned());
    until("it is dead", || std::future::ready(children_in_states().contains(&dead))).await;
    let second = workers.start().await.expect("another one starts");
    assert_ne!(second.id(), u32::try_from(id.as_raw_pid()).expect("an id is positive"));
    first.end().await;
    second.end().await;
    within("all workers have ended", workers.close()).await;
    assert_eq!(children(), Vec::<i32>::new());
}

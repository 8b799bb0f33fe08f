//! `framescope watch --step`: a page steps programs as they are.

use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use framescope_lab::{
    Command as LabCommand, Event, EventKind, Experiment, Flow, Network, Report, RunEnd, Timeline,
    Trace, Turn, Until, WireCommand,
};
use framescope_record::{Direction, Source};

use super::{Folder, calls, printed};
use crate::lab::client::LabClient;
use crate::support::http::get;
use crate::support::process::{Running, run};
use crate::support::skipped;

const SERVER: &str = "\
import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, peer = server.accept()
print('server:', conn.recv(1024))
conn.sendall(b'bye')
conn.close()
";
const CLIENT: &str = "\
import socket
client = socket.create_connection(('127.0.0.1', 9527))
client.sendall(b'hello')
print('client:', client.recv(1024))
";

fn with_few_descriptors(program: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -n 512; exec \"$@\"", "sh", program]);
    command
}

/// A relay that watches programs, and the address of its page.
pub(super) async fn watching(folder: &Folder, arguments: &[&str]) -> (Running, SocketAddr) {
    // A relay would raise this limit, for its many sessions.
    let mut command = with_few_descriptors(env!("CARGO_BIN_EXE_framescope"));
    command.current_dir(folder.path()).args(["watch", "--step", "--port", "0"]).args(arguments);
    command.env("OWN", "kept").stderr(Stdio::null());
    let mut running = Running::start(command);
    let line = running.line().await;
    let page = line.strip_prefix("page        http://").unwrap_or_else(|| panic!("{line}"));
    (running, page.trim_end_matches('/').parse().expect("it is an address"))
}

/// The programs that it watches.
pub(super) async fn watched(relay: SocketAddr) -> Experiment {
    let answer = get(relay, "/watched.json").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let trace = Trace::from_json(&answer.body).expect("it is a trace");
    assert_eq!((trace.events.len(), trace.source), (0, Source::Measured));
    trace.experiment
}

/// A thread takes a step. Returns what happened until nothing happens by itself.
async fn step(client: &mut LabClient, program: usize) -> Vec<Event> {
    let turn = Turn { program, thread: 0, until: Until::Call };
    client.command(&LabCommand::Step(turn)).await;
    client.until_rests().await
}

fn lines(events: &[Event]) -> Vec<u32> {
    let stands = |event: &&Event| matches!(event.kind, EventKind::Line(_));
    events.iter().filter(stands).map(|event| event.line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_waits_for_its_step_and_shows_its_line() {
    let folder = Folder::new("steps", &[("server.py", SERVER), ("client.py", CLIENT)]);
    let (_running, relay) = watching(&folder, &["server.py", "client.py"]).await;
    let experiment = watched(relay).await;
    assert!(experiment.watched);
    let names: Vec<_> = experiment.programs.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["server", "client"]);
    assert_eq!(experiment.programs[0].text, SERVER);
    fs::write(folder.path().join("client.py"), format!("# now\n{CLIENT}")).expect("it is written");
    assert!(watched(relay).await.programs[1].text.starts_with("# now"), "it is read again");
    fs::write(folder.path().join("client.py"), CLIENT).expect("it is written");

    let mut client = LabClient::with(relay, experiment.clone()).await;
    let first = step(&mut client, 0).await;
    assert_eq!(calls(&first, 0), ["socket()"]);
    assert_eq!(lines(&first), [2], "it stands before its next call");
    let mut server = Vec::new();
    while !server.iter().any(|event: &Event| matches!(event.kind, EventKind::Blocked(_))) {
        server.extend(step(&mut client, 0).await);
    }
    assert_eq!(calls(&server, 0).last().map(String::as_str), Some("accept(3)"));
    assert_eq!(calls(&server, 1), [""; 0], "the client has not started");
    let mut all = Vec::new();
    while !calls(&all, 1).iter().any(|call| call.starts_with("connect")) {
        all.extend(step(&mut client, 1).await);
    }
    // Its handshake is on the wire, the server's accept has returned, and the server stands before its next call.
    let flags = all.iter().filter(|event| matches!(event.kind, EventKind::Segment(_))).count();
    assert_eq!(flags, 3, "{all:?}");
    assert_eq!(calls(&all, 0), ["getsockname(4)"], "what only asks is not held");
    assert_eq!(lines(&all).iter().filter(|line| **line == 4).count(), 1, "{all:?}");

    client.command(&LabCommand::Play).await;
    let (rest, end) = client.events_to_the_end().await;
    assert_eq!(end, RunEnd::Finished);
    assert_eq!(printed(&rest, 0), "server: b'hello'\n");
    assert_eq!(printed(&rest, 1), "client: b'bye'\n");

    let mut timeline = Timeline::new(&experiment);
    timeline.extend(&[first, server, all, rest].concat());
    let [connection] = timeline.connections() else { panic!("{:?}", timeline.connections()) };
    assert_eq!((connection.client, connection.server), (Some(1), Some(0)));
    let received = |flow: &Flow| flow.record.moment(None).end(Direction::Received);
    let bytes: Vec<_> = timeline.flows().iter().map(received).collect();
    assert_eq!(bytes, [5, 3], "both ends of the connection are known");
}

/// As in the lab. What the program itself would have to say is not asked for.
#[tokio::test(flavor = "multi_thread")]
async fn the_variables_of_a_python_are_shown_before_each_call() {
    let text = "\
import socket
class Own:
    def __repr__(self):
        print('asked')
        return 'own'
class Lazy:
    @property
    def __class__(self):
        print('asked')
        return dict
class Kind(type):
    def __eq__(self, other):
        print('asked')
        return True
    __hash__ = type.__hash__
class Kinds(metaclass=Kind):
    pass
own = Own()
lazy = Lazy()
kinds = Kinds()
many = [own, lazy, kinds]
table = {1: own}
def talk(name, count):
    one, other = socket.socketpair()
    size = count * 2
    server = socket.create_server(('127.0.0.1', 0))
    name += '世'
    server.listen(1)
numbers = (1, 'two', None)
talk('x' * 200, 21)
";
    let folder = Folder::new("variables", &[("shows.py", text)]);
    let (_running, relay) = watching(&folder, &["shows.py"]).await;
    let mut client = LabClient::with(relay, watched(relay).await).await;
    client.command(&LabCommand::Play).await;
    let (events, end) = client.events_to_the_end().await;
    assert_eq!((end, &*printed(&events, 0)), (RunEnd::Finished, ""));
    let shown = |event: &Event| match &event.kind {
        EventKind::Variables(variables) => Some((event.line, variables.clone())),
        _ => None,
    };
    let shown: Vec<_> = events.iter().filter_map(shown).collect();
    let before_listen = shown.iter().rfind(|(line, _)| *line == 28);
    let (_, before_listen) = before_listen.unwrap_or_else(|| panic!("{events:?}"));
    let variable = |name: &str| {
        let variable = before_listen.iter().find(|one| one.name == name)?;
        Some((variable.value.as_str(), variable.is_global))
    };
    assert_eq!(variable("size"), Some(("42", false)));
    assert_eq!(variable("numbers"), Some(("(1, 'two', None)", true)));
    assert_eq!(variable("many"), Some(("<list of 3>", true)));
    assert_eq!(variable("table"), Some(("<dict of 1>", true)));
    let name = format!("'{}", "x".repeat(79));
    assert_eq!(variable("name"), Some((name.as_str(), false)), "its beginning");
    let server = variable("server").unwrap_or_default().0;
    assert!(server.starts_with("<socket.socket fd="), "{server}");
    assert_eq!((variable("own"), variable("Own"), variable("socket")), (None, None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_have_the_folder_the_environment_and_the_limits_of_the_command() {
    let text = "\
import os, resource, signal
print(os.getcwd(), os.environ['OWN'], resource.getrlimit(resource.RLIMIT_NOFILE))
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), os.sched_getscheduler(0), os.nice(0))
";
    let folder = Folder::new("surroundings", &[("looks.py", text)]);
    let mut alone = with_few_descriptors("python3");
    alone.current_dir(folder.path()).arg("looks.py").env("OWN", "kept");
    let alone = run(alone).await;
    let (_running, relay) = watching(&folder, &["looks.py"]).await;
    let mut client = LabClient::with(relay, watched(relay).await).await;
    client.command(&LabCommand::Play).await;
    let (events, _) = client.events_to_the_end().await;
    assert_eq!(printed(&events, 0), alone.stdout);
}

/// A program may take long until its first call.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_step_begins_no_program_before_its_time_while_another_goes_on() {
    let server = format!("for _ in range(10_000_000): pass\n{SERVER}");
    let folder = Folder::new("early", &[("server.py", &server), ("client.py", CLIENT)]);
    let (_running, relay) = watching(&folder, &["server.py", "client.py"]).await;
    let mut client = LabClient::with(relay, watched(relay).await).await;
    for _ in 0..3 {
        client.command(&LabCommand::StepNext(Until::Call)).await;
    }
    let events = client.until_rests().await;
    assert!(!calls(&events, 0).is_empty(), "{events:?}");
    assert!(events.iter().all(|event| event.program == 0), "{events:?}");
}

/// The runtime of Go has threads that look around.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_in_go_comes_to_rest_between_its_steps() {
    let text = "package main
import \"net\"
func main() {
    listener, _ := net.Listen(\"tcp\", \"127.0.0.1:9527\")
    listener.Accept()
}
";
    let folder = Folder::new("go-steps", &[("main.go", text)]);
    let mut go = Command::new("go");
    go.current_dir(folder.path()).env("HOME", folder.path());
    go.args(["build", "-o", "listens", "main.go"]);
    if !go.status().is_ok_and(|status| status.success()) {
        return skipped("no go is here; install the package golang-go");
    }
    let (_running, relay) = watching(&folder, &["./listens"]).await;
    let mut client = LabClient::with(relay, watched(relay).await).await;
    assert_eq!(calls(&step(&mut client, 0).await, 0), ["socket()"]);
    let mut all = Vec::new();
    while !calls(&all, 0).contains(&"listen(3, 4096)".to_owned()) {
        all.extend(step(&mut client, 0).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_plays_can_be_held_and_begun_again() {
    let text = "\
import socket, time
one, other = socket.socketpair(socket.AF_UNIX)
for number in range(100000):
    listener = socket.socket()
    listener.close()
";
    let folder = Folder::new("held", &[("many.py", text)]);
    let (_running, relay) = watching(&folder, &["many.py"]).await;
    let experiment = watched(relay).await;
    let mut client = LabClient::with(relay, experiment.clone()).await;
    client.command(&LabCommand::Play).await;
    client.events_until(|event| matches!(event.kind, EventKind::Called(..))).await;
    client.command(&LabCommand::Hold).await;
    client.until_rests().await;
    assert_eq!(calls(&step(&mut client, 0).await, 0).len(), 1, "it stands still again");

    client.command(&LabCommand::Reset).await;
    loop {
        if let Report::Loaded(problems) = client.next_report().await {
            assert_eq!(problems, []);
            break;
        }
    }
    assert_eq!(client.next_report().await, Report::Network(Network::Wire));
    client.until_rests().await;
    let again = step(&mut client, 0).await;
    assert!(matches!(again[0].kind, EventKind::Began), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_are_stepped_one_by_one() {
    let text = "\
import socket, threading
def work():
    socket.socket().close()
thread = threading.Thread(target=work)
thread.start()
thread.join()
";
    let folder = Folder::new("threads-stepped", &[("threads.py", text)]);
    let (_running, relay) = watching(&folder, &["threads.py"]).await;
    let mut client = LabClient::with(relay, watched(relay).await).await;
    let events = step(&mut client, 0).await;
    let started = events.iter().find(|event| matches!(event.kind, EventKind::Started(1)));
    assert!(started.is_some(), "{events:?}");
    let stands = events.last().map(|event| (event.thread, event.line));
    assert_eq!(stands, Some((1, 3)), "{events:?}");
    let turn = Turn { program: 0, thread: 1, until: Until::Call };
    client.command(&LabCommand::Step(turn)).await;
    assert_eq!(calls(&client.until_rests().await, 0), ["socket()"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_of_a_watched_program_is_dropped_by_hand() {
    let folder = Folder::new("dropped", &[("server.py", SERVER), ("client.py", CLIENT)]);
    let (_running, relay) = watching(&folder, &["server.py", "client.py"]).await;
    let mut experiment = watched(relay).await;
    experiment.wire = "hold syn 1".parse().expect("these are rules");
    let mut client = LabClient::with(relay, experiment).await;
    client.command(&LabCommand::Play).await;
    let events = client.events_until(|event| matches!(event.kind, EventKind::Segment(_))).await;
    let number = events.iter().find_map(|event| match &event.kind {
        EventKind::Segment(segment) => Some(segment.number),
        _ => None,
    });
    let number = number.expect("there is one");
    client.command(&LabCommand::Wire(WireCommand::Drop(number))).await;
    let (rest, end) = client.events_to_the_end().await;
    assert_eq!(end, RunEnd::Finished);
    let again = rest.iter().any(|event| {
        matches!(&event.kind, EventKind::Segment(segment) if segment.repeats == Some(number))
    });
    assert!(again, "the SYN is sent again");
    assert_eq!(printed(&rest, 1), "client: b'bye'\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_watches_runs_nothing_else() {
    let folder = Folder::new("else", &[("server.py", SERVER)]);
    let (_running, relay) = watching(&folder, &["server.py"]).await;
    let own = watched(relay).await;
    let mut others = vec![own.clone(), own.clone(), own.clone()];
    others[0].watched = false;
    others[1].programs[0].argv.push("more".to_owned());
    others[2].programs.push(own.programs[0].clone());
    for other in others {
        let mut client = LabClient::open(relay).await;
        client.command(&LabCommand::Load(other)).await;
        client.command(&LabCommand::Play).await;
        assert_eq!(client.next_report().await, Report::Loaded(Vec::new()));
        let Report::Failed(why) = client.next_report().await else { panic!("it is refused") };
        assert_eq!(why, "this relay runs the programs that it watches, and no others");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_relay_watches_nothing() {
    let relay = crate::support::TestRelay::start().await;
    assert_eq!(get(relay.http, "/watched.json").await.status, 404);
    let mut programs = crate::lab::client::experiment(&["print('here')\n", ""]);
    programs.watched = true;
    "client".clone_into(&mut programs.programs[1].file);
    let mut client = LabClient::open(relay.http).await;
    client.command(&LabCommand::Load(programs)).await;
    let Report::Loaded(problems) = client.next_report().await else { panic!("it is loaded") };
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].program, 1);
    assert!(problems[0].message.contains("framescope watch"), "{problems:?}");
}

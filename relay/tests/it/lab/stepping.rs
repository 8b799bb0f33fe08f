//! What happens is reported, step by step and played.

use framescope::WireChoice;
use framescope_lab::{
    Command, Ended, Event, EventKind, Experiment, MAX_TRACE, Report, RunEnd, Socket, TcpState,
    Turn, Until, Variable, When, WireAction, WireRule,
};

use super::client::{COMPUTES, LabClient, experiment, pair, printed};
use crate::support::TestRelay;

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_played_and_a_line_is_typed_for_it() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, pair()).await;
    client.command(&Command::Play).await;
    let mut events = client.events_until(|event| event.kind == EventKind::Reads).await;
    client.command(&Command::Type(0, Some("收到".to_owned()))).await;
    let (more, end) = client.events_to_the_end().await;
    events.extend(more);
    assert_eq!(end, RunEnd::Finished);
    assert_eq!(printed(&events, 0), "你好\nreply: ");
    assert_eq!(printed(&events, 1), "收到\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_stepped_and_variables_shown() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, experiment(&["a = 1\nb = a + 1\n"])).await;
    for line in 1..=2 {
        let events = client.step(0).await;
        let stops = events.iter().filter(|event| matches!(event.kind, EventKind::Line(_)));
        assert_eq!(stops.map(|event| event.line).collect::<Vec<_>>(), [line]);
    }
    client.command(&Command::Hold).await;
    let events = client.step(0).await;
    assert!(events.iter().any(|event| event.kind == EventKind::Ended(Ended::Exit(0))));
    assert_eq!(client.report().await, Report::Over(RunEnd::Finished));
    // The same again, now by turns.
    client.command(&Command::Reset).await;
    assert_eq!(client.report().await, Report::Loaded(Vec::new()));
    client.command(&Command::StepNext(Until::Line)).await;
    client.command(&Command::StepNext(Until::Line)).await;
    let a = Variable { name: "a".to_owned(), value: "1".to_owned(), is_global: true };
    let a = EventKind::Variables(vec![a]);
    client.events_until(|event| event.kind == a).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_nothing_happens_by_itself_is_said_after_each_step() {
    let accepts = "import socket
server = socket.create_server(('127.0.0.1', 9527))
server.accept()
";
    let lock = "import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()
";
    let connects = "import socket
server = socket.create_server(('127.0.0.1', 9527))
client = socket.create_connection(('127.0.0.1', 9527))
";
    for wire in [WireChoice::Auto, WireChoice::Off] {
        let relay = TestRelay::start_with(|config| config.wire = wire).await;
        for (text, steps) in [(accepts, 4), ("input()\n", 2), (lock, 5), (connects, 4)] {
            let mut experiment = experiment(&[text]);
            experiment.wire.rules = vec![WireRule::for_all(WireAction::Hold)];
            let mut client = LabClient::open(relay.http).await;
            client.command(&Command::Load(experiment)).await;
            client.until_rests().await;
            let mut events = Vec::new();
            for _ in 0..steps {
                client.command(&Command::StepNext(Until::Line)).await;
                events = client.until_rests().await;
                assert!(!events.is_empty(), "a step is taken: {text}");
            }
            let waits = |event: &Event| {
                matches!(event.kind, EventKind::Blocked(_) | EventKind::Reads | EventKind::Waits)
            };
            // Without a wire the connection is made.
            let is_made = wire == WireChoice::Off && text == connects;
            assert!(is_made || events.iter().any(waits), "{text}: {events:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_sleeps_keeps_its_turn() {
    let relay = TestRelay::start().await;
    let turn = Turn { program: 0, thread: 0, until: Until::Line };
    let text = "import time\ntime.sleep(1)\na = 1\nprint('slept')\n";
    let experiment = Experiment { order: vec![turn; 4], ..experiment(&[text]) };
    let mut client = LabClient::with(relay.http, experiment).await;
    // To its first line, to the second, and into the sleep. The last one comes too early.
    for _ in 0..4 {
        client.command(&Command::StepNext(Until::Call)).await;
    }
    let stops_at = |line: u32| {
        move |event: &Event| event.line == line && matches!(event.kind, EventKind::Line(_))
    };
    client.events_until(stops_at(3)).await;
    client.command(&Command::StepNext(Until::Call)).await;
    client.events_until(stops_at(4)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_of_the_texts_are_told_when_they_are_loaded() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::open(relay.http).await;
    client.command(&Command::Load(experiment(&["print('a')", "print('a'"]))).await;
    let Report::Loaded(problems) = client.report().await else { panic!("it is loaded") };
    let problem = &problems[..][0];
    assert_eq!((problem.program, problem.class.as_deref()), (1, Some("SyntaxError")));
    assert_eq!((&*problem.message, problem.line, problem.column), ("'(' was never closed", 1, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_computes_is_held_stepped_and_interrupted() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, experiment(&[COMPUTES])).await;
    client.command(&Command::Play).await;
    client.events_until(|event| matches!(event.kind, EventKind::Called(..))).await;
    client.command(&Command::Hold).await;
    client.events_until(|event| matches!(event.kind, EventKind::Line(_))).await;
    let turn = Turn { program: 0, thread: 0, until: Until::Call };
    client.command(&Command::Step(turn)).await;
    client.events_until(|event| matches!(event.kind, EventKind::Called(..))).await;
    client.command(&Command::Play).await;
    client.command(&Command::Interrupt(0)).await;
    let (events, _) = client.events_to_the_end().await;
    let Some(EventKind::Ended(Ended::Exception(exception))) = events.last().map(|one| &one.kind)
    else {
        panic!("it ends with an exception: {:?}", events.last())
    };
    assert_eq!(exception.class, "KeyboardInterrupt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_before_its_record_is_too_long() {
    // Each call sends what is left of 24 MiB, and takes a part of it.
    const SENDS: &str = "import socket
listener = socket.socket()
listener.bind(('127.0.0.1', 9527))
listener.listen()
client = socket.socket()
client.connect(('127.0.0.1', 9527))
conn, peer = listener.accept()
client.setblocking(False)
data = b'a' * (24 * 1024 * 1024)
while True:
    try:
        client.send(data)
    except BlockingIOError:
        conn.recv(65536)
";
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, experiment(&[SENDS])).await;
    client.command(&Command::Play).await;
    let (events, end) = client.events_to_the_end().await;
    assert_eq!(end, RunEnd::RecordFull);
    let recorded: usize = events.iter().map(Event::encoded_length).sum();
    assert!((MAX_TRACE / 2..=MAX_TRACE).contains(&recorded), "{recorded}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn the_kernel_s_reports_show_what_waits_for_accept_and_what_was_closed() {
    let relay = TestRelay::start().await;
    let server = "import socket\nserver = socket.create_server(('127.0.0.1', 9527))\ninput()\n";
    let client = "import socket\nclient = socket.create_connection(('127.0.0.1', 9527))\nclient.sendall(b'hello')\nclient.close()\ninput()\n";
    let mut pair = experiment(&[server, client]);
    pair.starts[1].when = When::Listening(9527);
    let mut client = LabClient::with(relay.http, pair).await;
    client.command(&Command::Play).await;

    let shown = |program: usize, is_shown: fn(&[Socket]) -> bool| {
        move |event: &Event| {
            event.program == program
                && matches!(&event.kind, EventKind::Sockets(sockets) if is_shown(sockets))
        }
    };
    let waits: fn(&[Socket]) -> bool = |sockets| {
        let [listener, waiting] = sockets else { return false };
        listener.backlog.is_some_and(|backlog| backlog.waiting == 1)
            && listener.local.port == 9527
            && waiting.fd.is_none()
            && waiting.state == Some(TcpState::CloseWait)
            && waiting.unread == Some(5)
    };
    let closed: fn(&[Socket]) -> bool = |sockets| {
        let [closed] = sockets else { return false };
        closed.fd.is_none()
            && matches!(closed.state, Some(TcpState::FinWait1 | TcpState::FinWait2))
            && closed.peer.is_some_and(|peer| peer.port == 9527)
    };
    let events = client.events_until(shown(0, waits)).await;
    if !events.iter().any(shown(1, closed)) {
        client.events_until(shown(1, closed)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_numbers_differ_from_program_to_program_and_from_run_to_run() {
    const DRAWS: &str = "import random\nprint(random.getrandbits(64))\n";
    let relay = TestRelay::start().await;
    let mut drawn = Vec::new();
    let mut client = LabClient::with(relay.http, experiment(&[DRAWS, DRAWS])).await;
    for _ in 0..2 {
        client.command(&Command::Play).await;
        let (events, _) = client.events_to_the_end().await;
        drawn.extend([printed(&events, 0), printed(&events, 1)]);
        client.command(&Command::Reset).await;
        assert_eq!(client.report().await, Report::Loaded(Vec::new()));
    }
    let different: std::collections::BTreeSet<_> = drawn.iter().collect();
    assert_eq!(different.len(), 4, "{drawn:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_reset_at_once_was_a_connection() {
    let server = "import socket, struct
server = socket.create_server(('127.0.0.1', 9527))
conn, addr = server.accept()
conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
conn.close()
";
    let client = "import socket
client = socket.create_connection(('127.0.0.1', 9527))
try:
    client.recv(1)
except ConnectionResetError as error:
    print(error.errno)
";
    let relay = TestRelay::start().await;
    let mut pair = experiment(&[server, client]);
    pair.starts[1].when = When::Listening(9527);
    let mut lab = LabClient::with(relay.http, pair).await;
    for _ in 0..20 {
        lab.command(&Command::Play).await;
        let (events, _) = lab.events_to_the_end().await;
        assert_eq!(printed(&events, 1), "104\n");
        lab.command(&Command::Reset).await;
        assert_eq!(lab.report().await, Report::Loaded(Vec::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_load_is_answered_also_one_that_another_one_follows_at_once() {
    let relay = TestRelay::start().await;
    let mut client = LabClient::with(relay.http, experiment(&["print(1)"])).await;
    for _ in 0..3 {
        client.command(&Command::Load(experiment(&["print(2)"]))).await;
        client.command(&Command::Reset).await;
    }
    client.command(&Command::Play).await;
    let mut answers = 0;
    let events = loop {
        match client.report().await {
            Report::Loaded(problems) => answers += usize::from(problems.is_empty()),
            Report::Events(events) => break events,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(answers, 6, "before anything happens");
    let (more, end) = client.events_to_the_end().await;
    assert_eq!(printed(&[events, more].concat(), 0), "2\n");
    assert_eq!(end, RunEnd::Finished);
}

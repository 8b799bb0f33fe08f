//! A client of the lab, and programs for it.

use std::net::SocketAddr;

use framescope_lab::{
    Command, Event, EventKind, Experiment, Program, Report, RunEnd, Start, Turn, Until, When,
};
use tokio::net::TcpStream;

use crate::support::http::{Response, upgrade};
use crate::support::websocket::{Client, Received};
use crate::support::within;

/// The header line that every client of this lab sends.
pub(crate) const PROTOCOL: &str = "Sec-WebSocket-Protocol: framescope.lab.v2";

pub(crate) struct LabClient(pub(crate) Client);

impl LabClient {
    /// Opens a session. Fails unless the relay answers with 101.
    pub(crate) async fn open(relay: SocketAddr) -> Self {
        Self::on(upgrade(relay, "/lab", &[PROTOCOL]).await).await
    }

    /// A session with an experiment in it.
    pub(crate) async fn with(relay: SocketAddr, experiment: Experiment) -> Self {
        let mut client = Self::open(relay).await;
        client.load(experiment).await;
        client
    }

    /// A session on an upgraded connection. Fails unless the response is a 101.
    pub(crate) async fn on((response, stream): (Response, TcpStream)) -> Self {
        assert_eq!(response.status, 101, "{}", response.body);
        stream.set_nodelay(true).expect("TCP_NODELAY can be set");
        Self(Client::on(stream).await)
    }

    pub(crate) async fn load(&mut self, experiment: Experiment) {
        self.command(&Command::Load(experiment)).await;
        assert_eq!(self.report().await, Report::Loaded(Vec::new()));
        let network = self.next_report().await;
        assert!(matches!(network, Report::Network(_)), "{network:?}");
        assert_eq!(self.next_report().await, Report::Rests);
    }

    pub(crate) async fn command(&mut self, command: &Command) {
        self.0.send(command.encode()).await;
    }

    /// The next report that is about what happens.
    pub(crate) async fn report(&mut self) -> Report {
        loop {
            match self.next_report().await {
                Report::Network(_) | Report::Next(_) | Report::Rests => {}
                report => return report,
            }
        }
    }

    /// All events until nothing happens by itself any more.
    pub(crate) async fn until_rests(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            match self.next_report().await {
                Report::Events(more) => events.extend(more),
                Report::Rests | Report::Over(_) => return events,
                Report::Loaded(_) | Report::Network(_) | Report::Next(_) => {}
                Report::Failed(why) => panic!("{why}"),
            }
        }
    }

    pub(crate) async fn next_report(&mut self) -> Report {
        let bytes = within("the lab reports", self.0.receive_bytes()).await;
        Report::decode(&bytes).expect("the relay sends reports")
    }

    /// The main thread of a program takes a step. Returns all events until it stands still or waits.
    pub(crate) async fn step(&mut self, program: usize) -> Vec<Event> {
        self.command(&Command::Step(Turn { program, thread: 0, until: Until::Line })).await;
        self.events_until(|event| event.program == program && comes_to_rest(&event.kind)).await
    }

    /// All events up to the report that holds one like this.
    pub(crate) async fn events_until(&mut self, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        while !events.iter().any(&is_last) {
            match self.report().await {
                Report::Events(more) => events.extend(more),
                other => {
                    panic!("an event was expected, and after {events:?} this came: {other:?}")
                }
            }
        }
        events
    }

    /// All events up to the end of the run.
    pub(crate) async fn events_to_the_end(&mut self) -> (Vec<Event>, RunEnd) {
        let mut events = Vec::new();
        loop {
            match self.report().await {
                Report::Events(more) => events.extend(more),
                Report::Over(end) => return (events, end),
                other => panic!("the run was expected to go on, and this came: {other:?}"),
            }
        }
    }

    /// Why the run failed. Events before that are passed over.
    pub(crate) async fn failure(&mut self) -> String {
        loop {
            match self.report().await {
                Report::Events(_) => {}
                Report::Failed(why) => return why,
                other => panic!("a failure was expected, and this came: {other:?}"),
            }
        }
    }

    /// The relay closes with 1001. Reports before that are passed over.
    pub(crate) async fn is_closed_by_a_stop(&mut self) {
        let close = self.0.receive_to_close().await;
        assert_eq!((close.1, &*close.2), (1001, "the relay is shutting down"));
    }

    /// The close code and reason. Fails if anything happens first.
    pub(crate) async fn close(&mut self) -> (u16, String) {
        loop {
            match self.0.receive().await {
                Received::Close(code, reason) => return (code, reason),
                Received::Bytes(bytes)
                    if matches!(Report::decode(&bytes), Some(Report::Next(_) | Report::Rests)) => {}
                other => panic!("a close was expected, and this came: {other:?}"),
            }
        }
    }
}

fn comes_to_rest(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Line(_) | EventKind::Blocked(_) | EventKind::Reads | EventKind::Ended(_)
    )
}

/// What a program has printed.
pub(crate) fn printed(events: &[Event], program: usize) -> String {
    let texts =
        events.iter().filter(|event| event.program == program).map(|event| match &event.kind {
            EventKind::Printed(output) => output.text.as_str(),
            _ => "",
        });
    texts.collect()
}

/// Programs that all start at once.
pub(crate) fn experiment(texts: &[&str]) -> Experiment {
    let programs = texts.iter().enumerate().map(|(number, text)| Program {
        name: format!("program{number}"),
        file: format!("program{number}.py"),
        text: (*text).to_owned(),
        ..Program::default()
    });
    let starts = (0..texts.len()).map(|program| Start { program, when: When::AtOnce });
    Experiment { programs: programs.collect(), starts: starts.collect(), ..Experiment::default() }
}

/// A server and a client that start one after the other.
pub(crate) fn pair() -> Experiment {
    let mut pair = experiment(&[SERVER, CLIENT]);
    pair.starts[1].when = When::Listening(9527);
    pair
}

pub(crate) const SERVER: &str = "import socket

server = socket.socket()
server.bind(('127.0.0.1', 9527))
server.listen()
conn, peer = server.accept()
print(conn.recv(1024).decode())
conn.send(input('reply: ').encode())
conn.close()
";

const CLIENT: &str = "import socket

client = socket.socket()
client.connect(('127.0.0.1', 9527))
client.send('你好'.encode())
print(client.recv(1024).decode())
client.close()
";

/// A program that computes until its budget ends it.
pub(crate) const SPINS: &str = "while True: pass";

/// A program that computes, and makes a call from time to time. So no budget ends it soon.
pub(crate) const COMPUTES: &str = "import time
while True:
    for number in range(10_000): pass
    time.time()
";

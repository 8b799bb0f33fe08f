//! A client of the lab, and experiments for it.

use std::net::SocketAddr;

use framescope_lab::{
    BlockedOn, Call, Command, Event, EventKind, Experiment, MAX_COMMAND, MAX_SEND, Program, Report,
    Side, find_variant,
};
use framescope_record::Data;
use tokio::net::TcpStream;

use crate::support::http::{Response, upgrade};
use crate::support::websocket::{Client, Received};

/// The header line that every client of the lab sends.
pub(crate) const PROTOCOL: &str = "Sec-WebSocket-Protocol: framescope.lab.v1";

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
        assert_eq!(self.report().await, Report::Loaded);
    }

    pub(crate) async fn command(&mut self, command: &Command) {
        self.0.send(command.encode()).await;
    }

    pub(crate) async fn report(&mut self) -> Report {
        let bytes = self.0.receive_bytes().await;
        Report::decode(&bytes).expect("the relay sends reports")
    }

    /// Steps a side. Returns all events until its call has returned or waits.
    pub(crate) async fn step(&mut self, side: Side) -> Vec<Event> {
        self.command(&Command::Step(side)).await;
        self.events_until(|event| event.side == side && comes_to_rest(&event.kind)).await
    }

    /// All events up to the report that holds one like this.
    pub(crate) async fn events_until(&mut self, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        while !events.iter().any(&is_last) {
            match self.report().await {
                Report::Events(more) => events.extend(more),
                other => panic!("an event was expected, and this came: {other:?}"),
            }
        }
        events
    }

    /// All events up to the end of the run, and the sizes of the reports.
    pub(crate) async fn events_to_the_end(&mut self) -> (Vec<Event>, Vec<usize>) {
        let (mut events, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let bytes = self.0.receive_bytes().await;
            match Report::decode(&bytes).expect("the relay sends reports") {
                Report::Events(more) => {
                    events.extend(more);
                    sizes.push(bytes.len());
                }
                Report::Over(_) => return (events, sizes),
                other => panic!("the run was expected to go on, and this came: {other:?}"),
            }
        }
    }

    /// The close code and reason. Fails if something else comes first.
    pub(crate) async fn close(&mut self) -> (u16, String) {
        match self.0.receive().await {
            Received::Close(code, reason) => (code, reason),
            other => panic!("a close was expected, and this came: {other:?}"),
        }
    }
}

fn comes_to_rest(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Returned(_) | EventKind::Blocked(_))
}

/// Did a call begin to wait for this?
pub(crate) fn blocks(on: BlockedOn) -> impl Fn(&Event) -> bool {
    move |event| event.kind == EventKind::Blocked(on)
}

pub(crate) fn lesson(name: &str) -> Experiment {
    find_variant(name).expect("the lesson is there").experiment()
}

/// A server and one client, in no order.
pub(crate) fn experiment(server: Vec<Call>, client: Vec<Call>) -> Experiment {
    Experiment {
        header: "<i".parse().expect("it is a format"),
        server: Program(server),
        clients: vec![Program(client)],
        order: Vec::new(),
    }
}

/// A server that sleeps for a minute.
pub(crate) fn sleeper() -> Experiment {
    experiment(vec![Call::Sleep { ms: 60_000 }], vec![Call::Connect])
}

/// A client that sends almost a mebibyte, and a server that receives it.
pub(crate) fn flood() -> Experiment {
    // As many as fit in a command.
    let sends = MAX_COMMAND / MAX_SEND - 1;
    let mut client = vec![Call::Connect];
    client.extend(vec![Call::Send(Data(vec![b'x'; MAX_SEND])); sends]);
    let mut server = vec![Call::Listen { backlog: 1 }, Call::Accept];
    server.extend(vec![Call::RecvExact(65_536); sends]);
    experiment(server, client)
}

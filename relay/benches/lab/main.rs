//! Measures the lab's first event, and what experiments that play cost a session of the bridge.
//!
//! `cargo xtask bench lab` runs it. The relay runs in a separate process, and this process is its clients. The
//! output is the time from a click on "Step" to the first event, and the round trips of a bridge session alone and
//! beside experiments that compute, with their ratio. Then what a wire costs.

#[path = "../support/relay.rs"]
mod relay;
mod wire;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use framescope_lab::{
    self, Command as LabCommand, Experiment, Program, Report, SUBPROTOCOL, Start, Turn, Until, When,
};
use futures_util::future::join_all;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::Message;

use crate::relay::Relay;

/// How many experiments play.
const PLAYING: usize = 32;
/// How many first events are timed.
const CLICKS: usize = 50;
/// How long round trips are timed.
const ECHOES: Duration = Duration::from_secs(5);
/// A message of the demo server: a header of 4 bytes, and 64 bytes.
const ECHO: usize = 4 + 64;

/// A program that computes, and makes a call from time to time.
const COMPUTES: &str = "import time
while True:
    for number in range(10_000): pass
    time.time()
";

type Client = WebSocketStream<TcpStream>;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(bench());
    wire::bench();
}

async fn bench() {
    let relay = Relay::start();
    let mut warm = Vec::new();
    for _ in 0..CLICKS {
        let mut client = connect(&relay.address, "/lab", Some(SUBPROTOCOL)).await;
        // Nobody clicks at once, and by then the worker is there.
        tokio::time::sleep(Duration::from_millis(50)).await;
        warm.push(first_event(&mut client).await);
    }
    println!("{:<44} {:>9} {:>9}", "ms", "median", "99 %");
    print("click to first event", &mut warm);

    let mut alone = echoes(&relay).await;
    print("echo of the bridge, alone", &mut alone);
    let (playing, wait) = mpsc::channel();
    let address = relay.address.clone();
    thread::spawn(move || read_playing(&address, &playing));
    wait.recv().expect("the experiments play");
    let mut beside = echoes(&relay).await;
    print(&format!("echo of the bridge, {PLAYING} experiments play"), &mut beside);
    println!("{:<44} {:>9.2}", "ratio of the medians", median(&mut beside) / median(&mut alone));
}

/// Plays experiments and reads their reports, until the relay ends. It lets others go first: pages are on other
/// machines.
fn read_playing(address: &str, playing: &mpsc::Sender<()>) {
    rustix::process::setpriority_process(None, 19).expect("it can be raised");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(async {
        let mut clients = Vec::new();
        for _ in 0..PLAYING {
            let mut client = connect(address, "/lab", Some(SUBPROTOCOL)).await;
            send(&mut client, &LabCommand::Load(experiment())).await;
            send(&mut client, &LabCommand::Play).await;
            assert!(matches!(report(&mut client).await, Report::Loaded(_)), "it is loaded");
            clients.push(client);
        }
        for client in &mut clients {
            assert!(matches!(report(client).await, Report::Events(_)), "it plays");
        }
        playing.send(()).expect("it is waited for");
        let read = async |mut client: Client| while client.next().await.is_some() {};
        join_all(clients.into_iter().map(read)).await;
    });
}

/// The time from a click on "Step" to the first event, in milliseconds.
async fn first_event(client: &mut Client) -> f64 {
    let began = Instant::now();
    send(client, &LabCommand::Load(experiment())).await;
    send(client, &LabCommand::Step(Turn { program: 0, thread: 0, until: Until::Line })).await;
    while !matches!(report(client).await, Report::Events(_)) {}
    began.elapsed().as_secs_f64() * 1000.0
}

/// The round trips of one session of the bridge, in milliseconds.
async fn echoes(relay: &Relay) -> Vec<f64> {
    let mut client = connect(&relay.address, "/bridge/demo", None).await;
    let mut message = vec![b'e'; ECHO];
    message[..4].copy_from_slice(&64_i32.to_le_bytes());
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < ECHOES {
        let sent = Instant::now();
        client.send(Message::Binary(message.clone().into())).await.expect("it is sent");
        let mut received = 0;
        while received < ECHO {
            let message = client.next().await.expect("it comes back").expect("it comes back");
            received += message.into_data().len();
        }
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
        // A class types; it does not send without pause.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    times
}

async fn send(client: &mut Client, command: &LabCommand) {
    client.send(Message::Binary(command.encode().into())).await.expect("it is sent");
}

/// The next report that is neither about the network nor about the next turn.
async fn report(client: &mut Client) -> Report {
    loop {
        let message = client.next().await.expect("a report comes").expect("a report comes");
        let Message::Binary(bytes) = message else { continue };
        let report = Report::decode(&bytes).expect("it is a report");
        if !matches!(report, Report::Network(_) | Report::Next(_) | Report::Rests) {
            return report;
        }
    }
}

fn experiment() -> Experiment {
    let program = Program {
        name: "computes".to_owned(),
        file: "computes.py".to_owned(),
        text: COMPUTES.to_owned(),
        ..Program::default()
    };
    let start = Start { program: 0, when: When::AtOnce };
    Experiment { programs: vec![program], starts: vec![start], ..Experiment::default() }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn print(name: &str, times: &mut [f64]) {
    let median = median(times);
    println!("{name:<44} {median:>9.3} {:>9.3}", times[times.len() * 99 / 100]);
}

async fn connect(address: &str, path: &str, subprotocol: Option<&str>) -> Client {
    let stream = TcpStream::connect(address).await.expect("the relay listens");
    stream.set_nodelay(true).expect("TCP_NODELAY can be set");
    let url = format!("ws://{address}{path}");
    let mut request = url.into_client_request().expect("it is a URL");
    if let Some(subprotocol) = subprotocol {
        let value = subprotocol.parse().expect("it is a header's value");
        request.headers_mut().insert("Sec-WebSocket-Protocol", value);
    }
    tokio_tungstenite::client_async(request, stream).await.expect("the relay upgrades").0
}
